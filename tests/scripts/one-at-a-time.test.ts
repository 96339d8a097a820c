import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import type { FaultSettings } from "../../local/lex/faults";
import { botOf } from "../../local/lex/load-bot";
import { startLocalLex, type LocalLex } from "../../local/lex/server";
import { startLocalS3, type LocalS3 } from "../../local/s3";
import { readArchive } from "../../scripts/lex/archive";
import { onlyLocaleOf } from "../../scripts/lex/locale";
import { testArchive } from "../support/bots";
import { temporaryFolder, writeFiles } from "../support/folder";
import { StageRun } from "../support/stages";

const bot = botOf(testArchive({ RenovarPrestamo: { utterances: ["quiero renovar"] } }));
const BOT_URI = `s3://data/bots/${bot.id}`;

/** Executions of which each has its containers, all in one process. */
describe("two executions on one bot", () => {
  const folder = temporaryFolder();
  let lex: LocalLex;
  let s3: LocalS3;
  let requests: string[] = [];
  /** What happens when Lex has carried out an operation. */
  let after: Readonly<Record<string, () => void>> = {};

  async function start(faults: FaultSettings = {}): Promise<void> {
    [requests, after] = [[], {}];
    mkdirSync(folder("data"));
    s3 = await startLocalS3({ data: folder("data") });
    process.env["AWS_ENDPOINT_URL_S3"] = s3.url;
    lex = await startLocalLex({
      bots: [bot],
      faults,
      delays: { export: 0, import: 0, build: 0 },
      onRequest: ({ operation }) => {
        requests.push(operation);
        after[operation]?.();
      },
    });
  }
  afterEach(async () => {
    delete process.env["AWS_ENDPOINT_URL_S3"];
    await Promise.all([s3.close(), lex.close()]);
  });

  function runOf(EXECUTION_ID: string): StageRun {
    return new StageRun(folder(EXECUTION_ID), lex.url, {
      BOT_ID: bot.id,
      BOT_LOCALE_ID: "es_ES",
      UNLABELLED_UTTERANCES: "review",
      BUILD_TIMEOUT_MINUTES: "5",
      EXECUTION_ID,
      RUN_URI: `s3://data/runs/${EXECUTION_ID}`,
      BOT_URI,
    });
  }

  function missesOf(id: string, miss: string): string {
    writeFiles(folder(`${id}-misses`), { "misses.csv": `Frase;Intención\n${miss};RenovarPrestamo\n` });
    return folder(`${id}-misses`, "misses.csv");
  }

  /** A whole execution. When it has to wait, a minute lasts until `other` has ended. */
  async function execution(id: string, miss: string, other?: () => Promise<unknown>): Promise<StageRun> {
    const run = runOf(id);
    const { sleep } = run;
    if (other) {
      run.sleep = async (time, end) => {
        await (end ? sleep(time, end) : other());
      };
    }
    await run.execution(missesOf(id, miss));
    return run;
  }

  /** Two at once, each of which waits for the other where it must: the one that was first, and the second. */
  async function both(misses: readonly [string, string]): Promise<readonly [StageRun, StageRun]> {
    const one: Promise<StageRun> = execution("one", misses[0], () => two);
    const two: Promise<StageRun> = execution("two", misses[1], () => one);
    const runs = await Promise.all([one, two]);
    return waits(runs[0]) === 0 ? runs : [runs[1], runs[0]];
  }

  function utterances(zip = lex.localeZip(bot.id, "es_ES")): readonly string[] {
    const { intents } = onlyLocaleOf(readArchive(zip, "the bot"));
    return intents.get("RenovarPrestamo")?.sampleUtterances ?? [];
  }

  const changes = () => requests.filter((name) => /StartImport|BuildBotLocale/.test(name));
  const waits = ({ lines }: StageRun) => lines.filter((line) => line.startsWith("Another run")).length;
  const leaseFile = () => folder("data", "bots", bot.id, "lease.json");
  const lease = (): unknown => JSON.parse(readFileSync(leaseFile(), "utf8"));
  const takenOver = (execution: string) =>
    `Another run (execution ${execution}) took this bot over, so this one stops and sends nothing more. Start it again when the other has ended.`;

  it("end in one after the other, the second upon what the first made", async () => {
    await start();
    const [first, second] = await both(["una prórroga", "otro plazo"]);
    expect([waits(first), waits(second)]).to.deep.equal([0, 1]);
    expect(changes()).to.deep.equal(["StartImport", "BuildBotLocale", "StartImport", "BuildBotLocale"]);
    expect(utterances()).to.have.members(["quiero renovar", "una prórroga", "otro plazo"]);
    const backup = readFileSync(second.root("output", "package", "backup", "locale-export.zip"));
    expect(utterances(backup)).to.deep.equal(utterances().slice(0, 2));
  });

  it("end in one retraining when one event came twice", async () => {
    await start();
    const [, second] = await both(["una prórroga", "una prórroga"]);
    expect(changes()).to.deep.equal(["StartImport", "BuildBotLocale"]);
    expect(utterances()).to.deep.equal(["quiero renovar", "una prórroga"]);
    expect(second.lines.at(-1)).to.equal("package: Nothing to add: the bot stays as it is.");
    expect(lease()).to.include({ released: true });
  });

  it("do not hinder each other when the first fails", async () => {
    await start({ "build-fails": 1 });
    const failed = await execution("one", "una prórroga").catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(Error);
    expect(lease()).to.include({ holder: "one", released: true });
    expect(waits(await execution("two", "otro plazo"))).to.equal(0);
    expect(utterances()).to.deep.equal(["quiero renovar", "otro plazo"]);
  });

  it("do not mix when the second began and ended between two steps of the first", async () => {
    await start();
    const first = runOf("first");
    first.bringFiles(missesOf("first", "una prórroga"));
    await first.step("prepare");
    writeFileSync(
      leaseFile(),
      readFileSync(leaseFile(), "utf8").replace('"released":false', '"released":true'),
    );
    await execution("second", "otro plazo");
    requests = [];
    const refused = await first.step("retrain").catch((error: unknown) => error);
    expect(refused).to.deep.include({ message: takenOver("second") });
    expect(requests).to.deep.equal([]);
    expect(utterances()).to.deep.equal(["quiero renovar", "otro plazo"]);
  });

  it("do not mix when the second takes over while the first is about to import", async () => {
    await start();
    after = { Upload: takeOver };
    const refused = await execution("first", "una prórroga").catch((error: unknown) => error);
    expect(refused).to.deep.include({ message: takenOver("second") });
    expect(changes()).to.deep.equal([]);
    expect(lease()).to.include({ holder: "second", released: false });
  });

  it("do not mix when the second takes over while the first is in its change: it leaves the rollback to it", async () => {
    await start();
    after = { StartImport: takeOver };
    const refused = await execution("first", "una prórroga").catch((error: unknown) => error);
    expect(refused).to.deep.include({ message: takenOver("second") });
    expect(changes()).to.deep.equal(["StartImport"]);
    expect(lease()).to.include({ holder: "second", released: false });

    await execution("second", "otro plazo");
    expect(utterances()).to.deep.equal(["quiero renovar", "otro plazo"]);
    expect(lex.localeStatus(bot.id, "es_ES")).to.equal("Built");
  });

  function takeOver(): void {
    after = {};
    const theirs = readFileSync(leaseFile(), "utf8").replace('"holder":"first"', '"holder":"second"');
    writeFileSync(leaseFile(), theirs);
  }
});
