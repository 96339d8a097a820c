import type { LexRuntimeV2Client } from "@aws-sdk/client-lex-runtime-v2";
import { expect } from "chai";
import { botOf } from "../../../local/lex/load-bot";
import { startLocalLex, type LocalLex, type LocalLexOptions } from "../../../local/lex/server";
import { askBot } from "../../../scripts/evaluation/evaluation-alias";
import { writeArchive } from "../../../scripts/lex/archive";
import { Bot } from "../../../scripts/lex/bot";
import { lexModels, lexRuntime } from "../../../scripts/lex/calls";
import { DraftLocale } from "../../../scripts/lex/draft-locale";
import { withUtterances } from "../../../scripts/lex/locale";
import { UserError } from "../../../scripts/messages/user-error";
import { stageIn } from "../../../scripts/stage/stage";
import { AliasedBot } from "../../support/aliased-bot";
import { testArchive } from "../../support/bots";
import { withFastTimers } from "../../support/fast-timers";
import { pointSdkTo, setCodeHook } from "../../support/stages";
import { startServer } from "../../support/test-server";

const bot = botOf(testArchive({ Pagar: { utterances: ["quiero pagar"] } }));
const lambda = "arn:aws:lambda:eu-west-1:111122223333:function:library";

describe("asking the bot through its evaluation alias", () => {
  let lex: LocalLex;
  let asked: { readonly session: string; readonly status: number }[];

  async function start(options: Partial<LocalLexOptions> = {}): Promise<void> {
    asked = [];
    lex = await startLocalLex({
      bots: [bot],
      onRequest: ({ operation, path, status }) => {
        const session = /\/sessions\/([^/]+)\//.exec(path)?.[1];
        if (operation === "RecognizeText" && session !== undefined) {
          asked.push({ session: decodeURIComponent(session), status });
        }
      },
      ...options,
    });
    pointSdkTo(lex.url);
  }
  afterEach(() => lex.close());

  function ask(
    texts: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    runtime?: LexRuntimeV2Client,
  ) {
    const stage = stageIn({
      BOT_ID: bot.id,
      BOT_LOCALE_ID: "es_ES",
      EVALUATION_ALIAS_ID: "TSTALIASID",
      EVALUATE_WITH_CODE_HOOK: "false",
      ...environment,
    });
    return askBot(
      new Bot(bot.id, environment["BOT_LOCALE_ID"] ?? "es_ES", () => undefined, runtime),
      { ...stage, say: () => undefined },
      texts.map((text) => ({ text })),
      "before",
    );
  }

  async function refusal(asking: Promise<unknown>): Promise<string> {
    const error: unknown = await asking.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(UserError);
    return error instanceof UserError ? error.message : "";
  }

  it("takes the intent of the first interpretation", async () => {
    await start();
    expect(await ask(["Quiero pagar.", "xyz"])).to.deep.equal([
      { text: "Quiero pagar.", answer: { intent: "Pagar", byBedrock: false } },
      { text: "xyz", answer: { intent: "FallbackIntent", byBedrock: false } },
    ]);
  });

  it("never asks more of the test alias at once than it holds, each in a session of its own", async () => {
    await start({ delays: { recognize: 5 } });
    await ask(
      Array.from({ length: 30 }, (_, index) => `phrase ${index}`),
      { EXECUTION_ID: "abc/123" },
    );
    expect(asked.map(({ status }) => status)).to.deep.equal(Array.from({ length: 30 }, () => 200));
    expect(new Set(asked.map(({ session }) => session)).size).to.equal(30);
    for (const { session } of asked) {
      expect(session).to.match(/^abc-123:[0-9a-f-]{36}$/);
    }
  });

  it("names its sessions without an execution's id too, and never longer than Lex allows", async () => {
    await start();
    await ask(["hola"]);
    await ask(["hola"], { EXECUTION_ID: "x".repeat(200) });
    expect(asked.map(({ session }) => session.slice(0, -36))).to.deep.equal([
      "evaluation:",
      `${"x".repeat(60)}:`,
    ]);
  });

  it("gets over throttling", async () => {
    await start({ faults: { throttling: 2 } });
    const [answered] = await withFastTimers(() => ask(["quiero pagar"], { EVALUATE_WITH_CODE_HOOK: "true" }));
    expect(answered?.answer).to.deep.equal({ intent: "Pagar", byBedrock: false });
    expect(asked.map(({ status }) => status)).to.deep.equal([429, 429, 200]);
  });

  it("gets over a connection that breaks, and goes on with the other phrases", async () => {
    const sessions: string[] = [];
    await start({
      onRequest: ({ operation, path }) => {
        if (operation === "RecognizeText" && sessions.push(path) === 3) {
          throw new Error("the connection breaks");
        }
      },
    });
    const texts = ["quiero pagar", "xyz", "quiero pagar", "abc", "quiero pagar"];
    expect(await ask(texts)).to.deep.equal(
      texts.map((text) => ({
        text,
        answer: { intent: text === "quiero pagar" ? "Pagar" : "FallbackIntent", byBedrock: false },
      })),
    );
    // The question whose answer got lost has left a context in its session.
    expect(new Set(sessions).size).to.equal(texts.length + 1);
  });

  it("gives up, with a sentence, when no answer comes in time", async () => {
    await start();
    const silent = await startServer();
    pointSdkTo(silent.url);
    const asking = () => refusal(ask(["hola"], { EVALUATE_WITH_CODE_HOOK: "true" }, lexRuntime(2_000)));
    expect(await withFastTimers(asking)).to.equal(
      "Could not ask the bot: Lex gave no answer, however often it was asked. Look at the network and start again. (TimeoutError)",
    );
    expect(silent.requests()).to.equal(10);
    silent.close();
  });

  it("takes what Lex says of one phrase for that phrase's error", async () => {
    await start();
    const [right, wrong] = await ask(["quiero pagar", "a".repeat(1_025)]);
    expect(right?.answer).to.deep.equal({ intent: "Pagar", byBedrock: false });
    expect(wrong?.answer)
      .to.have.property("error")
      .that.matches(/^Could not ask the bot: .*text: Too big/);
  });

  it("fails at once where the bot cannot be asked at all", async () => {
    await start();
    expect(await refusal(ask(["hola", "adiós", "gracias"], { BOT_LOCALE_ID: "fr_FR" }))).to.match(
      /^Could not ask the bot: .*fr_FR.*Check the bot's id, its locale and the region\./,
    );
    expect(asked.length).to.be.lessThan(3);
  });

  it("runs no Lambda function that was not allowed", async () => {
    await start();
    await setCodeHook(bot.id, lambda);
    expect(await refusal(ask(["hola"]))).to.equal(
      `Alias TSTALIASID runs the Lambda function ${lambda} for es_ES, and every phrase of the evaluation would run it. ` +
        "Set evaluationAliasId to an alias without one, or evaluateWithCodeHook to true if that does no harm.",
    );
    expect(asked).to.deep.equal([]);
  });

  it("runs one that was allowed", async () => {
    await start();
    await setCodeHook(bot.id, lambda);
    expect(await ask(["quiero pagar"], { EVALUATE_WITH_CODE_HOOK: "true" })).to.have.length(1);
  });
});

describe("asking the bot through an evaluation alias of its own", () => {
  let aliased: AliasedBot;
  let slept: number[];
  /** The time, which stands still until a test moves it. */
  let now: number;
  const { now: systemNow } = Date;
  beforeEach(() => {
    slept = [];
    now = systemNow();
    Date.now = () => now;
  });
  afterEach(() => {
    Date.now = systemNow;
    return aliased.close();
  });

  const settings = { botAliasLocaleSettings: { es_ES: { enabled: true }, en_US: { enabled: true } } };

  async function ask(botAliasId: string, when: "before" | "after"): Promise<unknown> {
    const stage = stageIn({
      BOT_ID: AliasedBot.id,
      BOT_LOCALE_ID: "es_ES",
      EXECUTION_ID: "execution1",
      EVALUATION_ALIAS_ID: botAliasId,
      EVALUATE_WITH_CODE_HOOK: "false",
      EVALUATION_CONCURRENCY: "5",
      KEEP_VERSIONS: "20",
    });
    const sleep = (milliseconds: number) => {
      slept.push(milliseconds);
      return Promise.resolve();
    };
    const quiet = { ...stage, say: () => undefined, sleep };
    const [answered] = await askBot(Bot.of(quiet), quiet, [{ text: "dame una prórroga" }], when);
    return answered?.answer;
  }

  it("points it to a version of the DRAFT as it is before and after, and lets customers' alias be", async () => {
    aliased = await AliasedBot.start();
    const live = await aliased.aliasSettings();
    const evaluation = await aliased.newAlias("evaluation", "1", settings);
    expect(await ask(evaluation, "before")).to.deep.equal({ intent: "FallbackIntent", byBedrock: false });

    const draft = new DraftLocale(lexModels(), AliasedBot.id, "es_ES", () => undefined);
    const retrained = withUtterances(
      (await draft.export()).locale,
      new Map([["RenovarPrestamo", ["dame una prórroga"]]]),
    );
    await draft.import(await draft.upload(writeArchive(retrained.archive)));
    await draft.build(60_000);
    expect(await ask(evaluation, "after")).to.deep.equal({ intent: "RenovarPrestamo", byBedrock: false });

    now += 600_000;
    expect(await ask(evaluation, "after")).to.deep.equal({ intent: "RenovarPrestamo", byBedrock: false });
    expect(
      (await aliased.versions().list()).map(({ number, description }) => [number, description]),
    ).to.deep.equal([
      ["1", "the first"],
      ["2", "lex-retraining execution1, to be asked before the import"],
      ["3", "lex-retraining execution1, to be asked after the import"],
    ]);
    expect(await aliased.versions().localesOf("3")).to.have.members(["es_ES", "en_US"]);
    expect(await aliased.aliasSettings()).to.deep.equal(live);
    expect(slept).to.deep.equal([300_000, 300_000]);
  });

  it("waits for what is left of the time, when a stage that was killed has pointed it", async () => {
    aliased = await AliasedBot.start();
    const evaluation = await aliased.newAlias("evaluation", "1", settings);
    await ask(evaluation, "before");
    const pointed = now;
    for (const seconds of [0, 60, 299, 301]) {
      now = pointed + seconds * 1_000;
      await ask(evaluation, "before");
    }
    // The local Lex lets the time of an alias grow by one millisecond.
    expect(slept).to.deep.equal([300_000, 300_000, 240_001, 1_001]);
    expect(aliased.requests.filter((name) => name === "UpdateBotAlias")).to.have.length(1);
  });
});
