import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { FaultSettings } from "../../local/lex/faults";
import { botOf } from "../../local/lex/load-bot";
import { startLocalLex, type LocalLex, type LocalLexOptions } from "../../local/lex/server";
import { startLocalS3, type LocalS3 } from "../../local/s3";
import { readArchive, writeArchive } from "../../scripts/lex/archive";
import { lexModels } from "../../scripts/lex/calls";
import { DraftLocale } from "../../scripts/lex/draft-locale";
import { onlyLocaleOf, withUtterances, type Locale } from "../../scripts/lex/locale";
import { UserError } from "../../scripts/messages/user-error";
import { testArchive } from "../support/bots";
import { withFastTimers } from "../support/fast-timers";
import { temporaryFolder, writeFiles } from "../support/folder";
import { StageRun } from "../support/stages";

const bot = botOf(
  testArchive({
    RenovarPrestamo: { utterances: ["quiero renovar mi préstamo"] },
    PagarMulta: { utterances: ["pagar la multa"] },
  }),
);
const misses =
  "Frase;Intención;Veces\ndame una prórroga;RenovarPrestamo;3\n¿Cuánto debo?;PagarMulta;2\n=1+1 hola;;9\n";

/** What becomes of the bot, whatever Lex does: retrained and built, or as it was and built. */
describe("retraining a bot", () => {
  const folder = temporaryFolder();
  let lex: LocalLex;
  let s3: LocalS3;
  let requests: string[] = [];

  beforeEach(async () => {
    s3 = await startLocalS3({ data: folder("data") });
    process.env["AWS_ENDPOINT_URL_S3"] = s3.url;
  });

  async function start(
    faults: FaultSettings = {},
    options: Partial<LocalLexOptions> = {},
  ): Promise<StageRun> {
    requests = [];
    lex = await startLocalLex({
      bots: [bot],
      faults,
      delays: { export: 0, import: 0, build: 0 },
      onRequest: ({ operation }) => requests.push(operation),
      ...options,
    });
    writeFiles(folder(), { "misses.csv": misses });
    return run();
  }

  function run(name = "run", settings: Record<string, string> = {}): StageRun {
    return new StageRun(folder(name), lex.url, {
      BOT_ID: bot.id,
      BOT_LOCALE_ID: "es_ES",
      UNLABELLED_UTTERANCES: "review",
      BUILD_TIMEOUT_MINUTES: "5",
      ...settings,
    });
  }

  afterEach(async () => {
    delete process.env["AWS_ENDPOINT_URL_S3"];
    await Promise.all([lex.close(), s3.close()]);
  });

  function live(): Locale {
    return onlyLocaleOf(readArchive(lex.localeZip(bot.id, "es_ES"), "live"));
  }

  function expectRetrained(): void {
    expect(live().intents.get("RenovarPrestamo")?.sampleUtterances).to.deep.equal([
      "quiero renovar mi préstamo",
      "dame una prórroga",
    ]);
    expect(live().intents.get("PagarMulta")?.sampleUtterances).to.deep.equal([
      "pagar la multa",
      "¿Cuánto debo?",
    ]);
    expect(lex.localeStatus(bot.id, "es_ES")).to.equal("Built");
  }

  async function expectRefused(running: Promise<void>, message: string | RegExp): Promise<void> {
    const refused = await running.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(UserError);
    if (refused instanceof UserError) {
      expect(refused.message).to.match(typeof message === "string" ? new RegExp(message) : message);
    }
  }

  it("adds the labelled utterances and nothing else, and builds", async () => {
    const stages = await start();
    const before = live();
    await stages.all(folder("misses.csv"));
    expectRetrained();
    const changed = [...live().archive]
      .filter(([path, content]) => !before.archive.get(path)?.equals(content))
      .map(([path]) => path);
    expect(changed).to.deep.equal(
      ["RenovarPrestamo", "PagarMulta"].map((intent) => `${before.root}Intents/${intent}/Intent.json`),
    );
  });

  it("leaves reports that say what became of each utterance", async () => {
    const stages = await start();
    await stages.all(folder("misses.csv"));
    const report = (stage: "package" | "import", file: string) =>
      readFileSync(stages.root("output", stage, "report", file), "utf8");
    expect(report("package", "verdicts.csv").split("\r\n")).to.deep.equal([
      "\uFEFFverdict;reason;intent;utterance;count;file;line;explanation",
      "add;labelled;RenovarPrestamo;dame una prórroga;3;misses.csv;2;Added to RenovarPrestamo.",
      "add;labelled;PagarMulta;¿Cuánto debo?;2;misses.csv;3;Added to PagarMulta.",
      "review;unlabelled;;'=1+1 hola;9;misses.csv;4;No row says which intent it belongs to, and it does not look like anything that the bot knows. " +
        "Write the intent beside it and drop the file in again.",
      "",
    ]);
    expect(report("package", "review.csv").split("\r\n")).to.deep.equal([
      "\uFEFFutterance;intent;count;suggestion;score;suggestion 2;suggestion 3;looks like",
      "'=1+1 hola;;9;;;;;",
      "",
    ]);
    expect(JSON.parse(report("package", "summary.json"))).to.deep.equal({
      outcome: "changes",
      botId: bot.id,
      localeId: "es_ES",
      utterances: 3,
      verdicts: { add: 2, known: 0, conflict: 0, review: 1, reject: 0 },
      reasons: { labelled: 2, unlabelled: 1 },
      additions: { RenovarPrestamo: 1, PagarMulta: 1 },
    });
    expect(JSON.parse(report("import", "import.json"))).to.include.keys("gained", "changes");
  });

  it("keeps the export that it took before as the backup", async () => {
    const stages = await start();
    const before = live();
    await stages.all(folder("misses.csv"));
    const backup = readArchive(
      readFileSync(stages.root("output", "package", "backup", "locale-export.zip")),
      "backup",
    );
    expect(backup).to.deep.equal(before.archive);
  });

  it("changes nothing the second time: no import, no build, success", async () => {
    await (await start()).all(folder("misses.csv"));
    const after = lex.localeZip(bot.id, "es_ES");
    requests = [];
    await run("second").execution(folder("misses.csv"));
    expect(requests.filter((name) => /Import|Build|Upload/.test(name))).to.deep.equal([]);
    expect(lex.localeZip(bot.id, "es_ES").equals(after)).to.equal(true);
  });

  it("takes up a labelled review.csv", async () => {
    const stages = await start();
    await stages.all(folder("misses.csv"));
    const review = readFileSync(stages.root("output", "package", "report", "review.csv"), "utf8").replace(
      "hola;;",
      "hola;PagarMulta;",
    );
    writeFiles(folder(), { "review.csv": review });
    await run("second").all(folder("review.csv"));
    expect(live().intents.get("PagarMulta")?.sampleUtterances).to.deep.equal([
      "pagar la multa",
      "¿Cuánto debo?",
      "=1+1 hola",
    ]);
  });

  it("makes a companion of the FallbackIntent where that is wanted", async () => {
    await start();
    await run("companion", { UNLABELLED_UTTERANCES: "companion" }).all(folder("misses.csv"));
    const companion = live().intents.get("FallbackIntentCompanion");
    expect(companion?.sampleUtterances).to.deep.equal(["=1+1 hola"]);
    expect(companion?.parentIntentSignature).to.equal(undefined);
    expect(lex.localeStatus(bot.id, "es_ES")).to.equal("Built");
  });

  for (const layout of ["bot", "locale", "top"] as const) {
    it(`copes with an export in the layout "${layout}"`, async () => {
      await (await start({}, { layout })).all(folder("misses.csv"));
      expectRetrained();
    });
  }

  const retried: readonly [string, FaultSettings][] = [
    ["throttling", { throttling: 3 }],
    ["outages", { "server-error": 3 }],
  ];
  for (const [what, faults] of retried) {
    it(`gets over ${what}`, async () => {
      const stages = await start(faults);
      await withFastTimers(() => stages.all(folder("misses.csv")));
      expectRetrained();
    });
  }

  const survived: readonly [string, FaultSettings][] = [
    ["a busy locale", { conflict: 2 }],
    ["an upload URL that has expired", { "upload-url-expired": 1 }],
    ["a slow build", { "slow-build": 700 }],
  ];
  for (const [what, faults] of survived) {
    it(`gets over ${what}`, async () => {
      await (await start(faults)).all(folder("misses.csv"));
      expectRetrained();
    });
  }

  const putBack: readonly [string, FaultSettings, RegExp][] = [
    [
      "an export fails",
      { "export-fails": 1 },
      /^Lex could not export the locale\. More is in package\/details\.txt of this run\.$/,
    ],
    [
      "every upload URL is refused",
      { "upload-url-expired": 3 },
      /^Lex refused 3 upload URLs .* Nothing was imported; start again\.$/,
    ],
    [
      "the import fails",
      { "import-fails": 1 },
      /^Lex refused the import\. More is in import\/details\.txt of this run\. The bot is as it was before this run, and built\.$/,
    ],
    [
      "the import loses an intent",
      { "import-loses-intent": 1 },
      /^After the import Lex does not hold what was sent\. .* The bot is as it was before this run, and built\.$/,
    ],
    [
      "the build fails",
      { "build-fails": 1 },
      /^The build failed\. More is in import\/details\.txt of this run\. The bot is as it was before this run, and built\.$/,
    ],
  ];
  for (const [when, faults, message] of putBack) {
    it(`leaves the bot byte for byte as it was, and built, when ${when}`, async () => {
      const stages = await start(faults);
      const before = lex.localeZip(bot.id, "es_ES");
      await expectRefused(stages.execution(folder("misses.csv")), message);
      expect(lex.localeZip(bot.id, "es_ES").equals(before)).to.equal(true);
      expect(lex.localeStatus(bot.id, "es_ES")).to.equal("Built");
    });
  }

  it("gives up a build that takes too long, and puts the bot back", async () => {
    const { setTimeout } = globalThis;
    let isOver = false;
    // The five minutes are over at once when the first build has begun.
    globalThis.setTimeout = new Proxy(setTimeout, {
      apply: (target, self, [callback, milliseconds, ...rest]: Parameters<typeof setTimeout>) => {
        const ends = milliseconds === 5 * 60_000 && requests.at(-1) === "BuildBotLocale" && !isOver;
        isOver ||= ends;
        return Reflect.apply(target, self, [callback, ends ? 0 : milliseconds, ...rest]);
      },
    });
    try {
      const stages = await start(
        { "slow-build": 300 },
        { onRequest: ({ operation }) => requests.push(operation) },
      );
      const before = lex.localeZip(bot.id, "es_ES");
      await expectRefused(
        stages.execution(folder("misses.csv")),
        /^Waited in vain for the build, for 5 minutes\. The bot is as it was before this run, and built\./,
      );
      expect(lex.localeZip(bot.id, "es_ES").equals(before)).to.equal(true);
    } finally {
      globalThis.setTimeout = setTimeout;
    }
  });

  it("names both reasons and the backup when putting back fails too", async () => {
    const hopeless = await start({ "build-fails": 4 });
    await expectRefused(
      hopeless.execution(folder("misses.csv")),
      /^The build failed\. More is in import\/details\.txt of this run\. Putting the bot back failed too: The build failed\. More is in rollback\/details\.txt of this run\. The next run tries again\. The bot's last good state is package\/backup\/locale-export\.zip of this run/,
    );
  });

  it("sends nothing when somebody changed the bot meanwhile, and keeps their change", async () => {
    const stages = await start();
    await stages.all(folder("misses.csv"), "baseline");
    const edited = withUtterances(live(), new Map([["PagarMulta", ["debo dinero"]]]));
    const editor = new DraftLocale(lexModels(), bot.id, "es_ES", () => undefined);
    await editor.import(await editor.upload(writeArchive(edited.archive)));
    await editor.build(60_000);
    requests = [];

    await expectRefused(
      stages.one("import"),
      "^Somebody changed the bot since this run read it, so nothing was sent. " +
        "Intents/PagarMulta/Intent.json.sampleUtterances is a list of 2 instead of a list of 1. " +
        "Start the run again: it will take up their change.$",
    );
    expect(requests.filter((name) => /StartImport|Build|Upload/.test(name))).to.deep.equal([]);
    expect(live().archive).to.deep.equal(edited.archive);
  });

  it("sends nothing when somebody changes the bot at the last moment, either", async () => {
    const stages = await start({ "draft-changed": 1 });
    await expectRefused(
      stages.all(folder("misses.csv")),
      /^Somebody changed .* nothing was sent\. It was edited this very moment\. /,
    );
    expect(requests.filter((name) => /StartImport|Build/.test(name))).to.deep.equal([]);
    expect(live().intents.get("RenovarPrestamo")?.sampleUtterances).to.include("added by somebody else");
    expect(lex.localeStatus(bot.id, "es_ES")).to.equal("Built");
  });

  it("takes up a change that somebody makes during the export", async () => {
    await (await start({ "draft-changed-in-export": 1 })).all(folder("misses.csv"));
    const theirs = ["quiero renovar mi préstamo", "added by somebody else", "dame una prórroga"];
    expect(live().intents.get("RenovarPrestamo")?.sampleUtterances).to.deep.equal(theirs);
  });

  it("refuses a package that was made for another bot", async () => {
    const stages = await start();
    await stages.all(folder("misses.csv"));
    await expectRefused(
      run("run", { BOT_ID: "OTHERBOT00" }).one("import"),
      /^The package is for bot .*, locale es_ES, not for OTHERBOT00, es_ES\.$/,
    );
  });

  it("says what is wrong when the bot or its locale does not exist", async () => {
    await start();
    await expectRefused(
      run("a", { BOT_ID: "NOSUCHBOT0" }).all(folder("misses.csv")),
      /NOSUCHBOT0.*Check the bot's id, its locale and the region/,
    );
    await expectRefused(
      run("b", { BOT_LOCALE_ID: "fr_FR" }).all(folder("misses.csv")),
      /fr_FR.*Check the bot's id, its locale and the region/,
    );
  });

  it("says what is wrong when Lex cannot be reached", async () => {
    const stages = await start();
    await lex.close();
    await expectRefused(
      withFastTimers(() => stages.all(folder("misses.csv"))),
      /^Could not describe locale es_ES of bot .*: .*ECONNREFUSED/,
    );
  });
});
