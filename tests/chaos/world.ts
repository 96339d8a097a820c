import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import {
  CreateBotAliasCommand,
  CreateBotVersionCommand,
  DescribeBotVersionCommand,
  LexModelsV2Client,
} from "@aws-sdk/client-lex-models-v2";
import { botOf } from "../../local/lex/load-bot";
import { startLocalLex, type LocalLex } from "../../local/lex/server";
import { execute, type Execution } from "../../local/runner";
import { startLocalS3, type LocalS3 } from "../../local/s3";
import type { Bundle } from "../../pipeline/bundle";
import { pipelineDefinition } from "../../pipeline/definition";
import { settingDefaults, stageSettingsOf } from "../../pipeline/settings";
import { eachStep, type StepName } from "../../pipeline/stages";
import { Archive } from "../../scripts/lex/archive";
import { testArchive } from "../support/bots";
import { Proxy, type Fault } from "./proxy";

/** The bot before anything happens. */
export const base = {
  es_ES: {
    RenovarPrestamo: ["quiero renovar mi préstamo"],
    PagarMulta: ["pagar la multa"],
  },
  en_US: { PayFine: ["pay the fine"] },
} as const;

/** A phrase that the bot must get right, and the row that makes it get it wrong. */
const golden = "quiero renovar mi préstamo ya mismo";
export const poison = { intent: "PagarMulta", utterance: "quiero renovar mi préstamo ya" };

const bot = botOf(
  new Archive("the bot", [
    ...testArchive({
      RenovarPrestamo: { utterances: base.es_ES.RenovarPrestamo },
      PagarMulta: { utterances: base.es_ES.PagarMulta },
    }),
    ...testArchive({ PayFine: { utterances: base.en_US.PayFine } }, { localeId: "en_US" }),
  ]),
);

export interface Row {
  readonly intent: string;
  readonly utterance: string;
}

export interface ExecutionRequest {
  readonly name: string;
  /** The labelled rows of its file. Without any, the file holds nothing to add. */
  readonly rows: readonly Row[];
  readonly faults: readonly Fault[];
  readonly edit: () => void;
  readonly log: (line: string) => void;
}

/** A bot in a local Lex, a bucket in a local S3, and executions on them. */
export class World {
  static readonly botId = bot.id;
  /** The alias to publish to, where there is one. */
  aliasId: string | undefined;

  private constructor(
    private readonly folder: string,
    readonly lex: LocalLex,
    private readonly s3: LocalS3,
    private readonly clock: { minutesLater: number },
    readonly models: LexModelsV2Client,
    private readonly scripts: Readonly<Record<StepName, Bundle>>,
    private readonly hook: string,
  ) {}

  static async start(
    folder: string,
    scripts: Readonly<Record<StepName, Bundle>>,
    { hook, publishes }: { hook: string; publishes: boolean },
  ): Promise<World> {
    const lex = await startLocalLex({
      bots: [bot],
      delays: { export: 0, import: 5, build: 5, recognize: 0, version: 5, alias: 5, propagation: 0 },
    });
    for (const bucket of ["runs", "bots", "artifacts"]) {
      mkdirSync(join(folder, bucket), { recursive: true });
    }
    const clock = { minutesLater: 0 };
    const s3 = await startLocalS3(
      { runs: join(folder, "runs"), bots: join(folder, "bots") },
      { now: () => Date.now() + clock.minutesLater * 60_000 },
    );
    const models = new LexModelsV2Client({
      endpoint: lex.url,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    const world = new World(folder, lex, s3, clock, models, scripts, hook);
    if (publishes) {
      world.aliasId = await world.newAlias();
    }
    return world;
  }

  async close(): Promise<void> {
    this.models.destroy();
    await Promise.all([this.lex.close(), this.s3.close()]);
  }

  /** The lease of whoever was killed is free then. */
  waitUntilLeasesAreStale(): void {
    this.clock.minutesLater += 46;
  }

  /** What lies in the bucket of the bot. Undefined when it does not. */
  ofBot(file: string): unknown {
    const path = join(this.folder, "bots", bot.id, file);
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as unknown) : undefined;
  }

  async execution({ name, rows, faults, edit, log }: ExecutionRequest): Promise<Execution> {
    const folder = join(this.folder, name);
    mkdirSync(join(folder, "inbox"), { recursive: true });
    mkdirSync(join(folder, "golden"), { recursive: true });
    const lines = rows.map(({ intent, utterance }) => `${utterance};${intent}\n`);
    writeFileSync(join(folder, "inbox", "misses.csv"), `Frase;Intención\n${lines.join("")}hay wifi;\n`);
    writeFileSync(join(folder, "golden", "golden.csv"), `utterance,intent\n${golden},RenovarPrestamo\n`);
    const stop = new AbortController();
    const proxy = await Proxy.start({
      lexUrl: this.lex.url,
      s3Url: this.s3.url,
      faults,
      edit,
      log,
      kill: () => {
        stop.abort();
      },
    });
    try {
      return await execute({
        definition: this.definition(),
        parameters: {},
        buckets: {
          input: join(folder, "inbox"),
          golden: join(folder, "golden"),
          runs: join(this.folder, "runs"),
          code: this.codeFolder(),
        },
        workFolder: join(folder, "work"),
        environment: {
          AWS_ACCESS_KEY_ID: "local",
          AWS_SECRET_ACCESS_KEY: "local",
          AWS_ENDPOINT_URL_LEX_MODELS_V2: proxy.lexUrl,
          AWS_ENDPOINT_URL_LEX_RUNTIME_V2: proxy.lexUrl,
          AWS_ENDPOINT_URL_S3: proxy.s3Url,
          AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
          NODE_OPTIONS: `--require ${this.hook}`,
        },
        signal: stop.signal,
        onEvent: (event) => {
          if (event.kind === "line") {
            log(`  ${event.line}`);
          }
        },
      });
    } finally {
      await proxy.close();
    }
  }

  private definition() {
    return pipelineDefinition({
      settings: stageSettingsOf({
        ...settingDefaults,
        botId: bot.id,
        botLocaleId: "es_ES",
        ...(this.aliasId === undefined ? {} : { botAliasId: this.aliasId }),
      }),
      places: {
        InputBucket: "input",
        InputKey: "misses.csv",
        OutputDataUri: "s3://runs",
        GoldenSetUri: "s3://golden/golden.csv",
      },
      botsUri: "s3://bots",
      region: "us-east-1",
      roleArn: "arn:aws:iam::000000000000:role/chaos",
      imageUri: "local",
      nodeUri: undefined,
      scriptUris: eachStep((step) => `s3://code/${this.scripts[step].fileName}`),
      instanceType: "ml.t3.medium",
      volumeSizeInGb: 10,
    });
  }

  private codeFolder(): string {
    return join(this.scripts.prepare.path, "..");
  }

  private async newAlias(): Promise<string> {
    const locales = { es_ES: { sourceBotVersion: "DRAFT" }, en_US: { sourceBotVersion: "DRAFT" } };
    const { botVersion } = await this.models.send(
      new CreateBotVersionCommand({ botId: bot.id, botVersionLocaleSpecification: locales }),
    );
    for (;;) {
      const { botStatus } = await this.models
        .send(new DescribeBotVersionCommand({ botId: bot.id, botVersion }))
        .catch(() => ({ botStatus: undefined }));
      if (botStatus === "Available") {
        break;
      }
      await new Promise((done) => setTimeout(done, 10));
    }
    const { botAliasId } = await this.models.send(
      new CreateBotAliasCommand({
        botId: bot.id,
        botAliasName: "live",
        botVersion,
        botAliasLocaleSettings: { es_ES: { enabled: true }, en_US: { enabled: true } },
      }),
    );
    if (botAliasId === undefined) {
      throw new Error("The local Lex made no alias.");
    }
    return botAliasId;
  }
}
