import {
  type BotAliasLocaleSettings,
  CreateBotAliasCommand,
  DescribeBotAliasCommand,
} from "@aws-sdk/client-lex-models-v2";
import { RecognizeTextCommand } from "@aws-sdk/client-lex-runtime-v2";
import { botOf } from "../../local/lex/load-bot";
import { startLocalLex, type LocalLex, type LocalLexOptions } from "../../local/lex/server";
import type { Changes } from "../../scripts/artifacts/changes";
import type { Evaluation } from "../../scripts/artifacts/evaluation";
import { Archive, readArchive, writeArchive } from "../../scripts/lex/archive";
import { BotAlias } from "../../scripts/lex/bot-alias";
import { BotVersions } from "../../scripts/lex/bot-versions";
import { lexModels, lexRuntime } from "../../scripts/lex/calls";
import { DraftLocale } from "../../scripts/lex/draft-locale";
import { onlyLocaleOf, withUtterances, type Locale } from "../../scripts/lex/locale";
import { testArchive } from "./bots";
import { writeFiles } from "./folder";
import { sdkEnvironment } from "./stages";

const bot = botOf(
  new Archive("the test's bot", [
    ...testArchive({
      RenovarPrestamo: { utterances: ["quiero renovar mi préstamo"] },
      PagarMulta: { utterances: ["pagar la multa"] },
    }),
    ...testArchive({ PayFine: { utterances: ["pay the fine"] } }, { localeId: "en_US" }),
  ]),
);

/** An evaluation that passed, without the misses that it recovers. */
const evaluation: Omit<Evaluation, "recovered"> = {
  gate: "passed",
  summary: "Passed.",
  message: "Passed.",
  goldenFile: null,
  leftOut: 0,
  sets: {
    golden: { asked: 0, before: 0, after: 0 },
    added: { asked: 1, before: 0, after: 1 },
    outOfScope: { asked: 0, before: 0, after: 0 },
  },
  flips: [],
  executionErrors: [],
  answeredByBedrock: { before: 0, after: 0 },
};

const quick = { export: 0, import: 0, build: 0, recognize: 0, version: 0, alias: 0, propagation: 0 };

/**
 * A bot with two locales in a local Lex. Version 1 has both, and an alias with every possible setting points
 * to it for the customers.
 */
export class AliasedBot {
  static readonly bot = bot;
  static readonly id = bot.id;
  static readonly localeSettings: Record<string, BotAliasLocaleSettings> = {
    es_ES: {
      enabled: true,
      codeHookSpecification: {
        lambdaCodeHook: {
          lambdaARN: "arn:aws:lambda:eu-west-1:000000000000:function:hook",
          codeHookInterfaceVersion: "1.0",
        },
      },
    },
    en_US: { enabled: true },
  };
  static readonly settings = {
    description: "for customers",
    botAliasLocaleSettings: AliasedBot.localeSettings,
    conversationLogSettings: {
      textLogSettings: [
        {
          enabled: true,
          destination: {
            cloudWatch: {
              cloudWatchLogGroupArn: "arn:aws:logs:eu-west-1:000000000000:log-group:bot",
              logPrefix: "live/",
            },
          },
        },
      ],
    },
    sentimentAnalysisSettings: { detectSentiment: true },
  };

  static readonly recovered = { phrase: "dame una prórroga", intent: "RenovarPrestamo" };

  readonly lines: string[] = [];
  readonly models = lexModels();
  readonly runtime = lexRuntime();
  aliasId = "";

  private constructor(
    readonly lex: LocalLex,
    readonly requests: string[],
  ) {}

  /** @param settings the alias's settings besides its name and version */
  static async start(
    { delays, onRequest, ...options }: Partial<LocalLexOptions> = {},
    settings: AliasSettings = AliasedBot.settings,
  ): Promise<AliasedBot> {
    const requests: string[] = [];
    const lex = await startLocalLex({
      bots: [bot],
      delays: { ...quick, ...delays },
      onRequest: (request) => {
        requests.push(request.operation);
        onRequest?.(request);
      },
      ...options,
    });
    Object.assign(process.env, sdkEnvironment(lex.url));
    const aliased = new AliasedBot(lex, requests);
    await aliased.versions().create({
      description: "the first",
      locales: new Map([
        ["es_ES", "DRAFT"],
        ["en_US", "DRAFT"],
      ]),
    });
    aliased.aliasId = await aliased.newAlias("live", "1", settings);
    requests.length = 0;
    return aliased;
  }

  close(): Promise<void> {
    return this.lex.close();
  }

  versions(client = this.models): BotVersions {
    return new BotVersions(client, bot.id, this.say);
  }

  alias(): BotAlias {
    return new BotAlias(this.models, bot.id, this.aliasId, this.say);
  }

  async newAlias(botAliasName: string, botVersion: string, settings: AliasSettings = {}): Promise<string> {
    const { botAliasId = "" } = await this.models.send(
      new CreateBotAliasCommand({ botId: bot.id, botAliasName, botVersion, ...settings }),
    );
    await new BotAlias(this.models, bot.id, botAliasId, this.say).describe();
    return botAliasId;
  }

  /** The alias's name, version, status and settings. */
  async aliasSettings(): Promise<Record<string, unknown>> {
    const { botAliasName, botVersion, botAliasStatus, ...described } = await this.models.send(
      new DescribeBotAliasCommand({ botId: bot.id, botAliasId: this.aliasId }),
    );
    const { description, botAliasLocaleSettings, conversationLogSettings, sentimentAnalysisSettings } =
      described;
    return {
      botAliasName,
      botVersion,
      botAliasStatus,
      description,
      botAliasLocaleSettings,
      conversationLogSettings,
      sentimentAnalysisSettings,
    };
  }

  /** The intent that a customer's words reach. */
  async ask(text: string, localeId = "es_ES"): Promise<string | undefined> {
    const { interpretations } = await this.runtime.send(
      new RecognizeTextCommand({
        botId: bot.id,
        botAliasId: this.aliasId,
        localeId,
        sessionId: "a-customer",
        text,
      }),
    );
    return interpretations?.[0]?.intent?.name;
  }

  live(localeId = "es_ES"): Locale {
    return onlyLocaleOf(readArchive(this.lex.localeZip(bot.id, localeId), "live"));
  }

  /** The DRAFT's locale with one more utterance, as an archive. */
  withUtterance(intent: string, utterance: string, localeId = "es_ES"): Buffer {
    return writeArchive(withUtterances(this.live(localeId), new Map([[intent, [utterance]]])).archive);
  }

  /** Imports an archive into the DRAFT and builds it. */
  async edit(zip: Buffer, localeId = "es_ES"): Promise<void> {
    const draft = new DraftLocale(this.models, bot.id, localeId, this.say);
    await draft.import(await draft.upload(zip));
    await draft.build(60_000);
  }

  /**
   * Does what the stages before publish do: retrains es_ES with one utterance, and writes the run's artifacts
   * to a folder.
   *
   * @param recovered the recovered phrases in the evaluation
   */
  async retrain(runFolder: string, recovered: readonly Recovered[] = [AliasedBot.recovered]): Promise<void> {
    const backup = this.lex.localeZip(bot.id, "es_ES");
    const expected = this.withUtterance(AliasedBot.recovered.intent, AliasedBot.recovered.phrase);
    await this.edit(expected);
    const added = [{ utterance: AliasedBot.recovered.phrase, count: 3, file: "misses.csv", line: 2 }];
    writeFiles(runFolder, {
      "package/package/changes.json": changesOf([{ name: "RenovarPrestamo", isNew: false, added }]),
      "package/package/lex-import.zip": expected,
      "package/backup/locale-export.zip": backup,
      "evaluate/evaluation/evaluation.json": JSON.stringify({ ...evaluation, recovered }),
    });
    this.requests.length = 0;
  }

  private readonly say = (line: string) => {
    this.lines.push(line);
  };
}

type AliasSettings = Partial<typeof AliasedBot.settings>;

interface Recovered {
  readonly phrase: string;
  readonly intent: string;
}

export function changesOf(intents: Changes["intents"]): string {
  const changes: Changes = {
    botId: bot.id,
    localeId: "es_ES",
    lastUpdatedDateTime: "2026-01-01T00:00:00.000Z",
    intents,
  };
  return JSON.stringify(changes);
}
