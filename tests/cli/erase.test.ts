import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { S3Client, GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { eraseFrom } from "../../cli/erase";
import { Eraser } from "../../cli/erasure";
import { filesBelow, objectsUnder } from "../../cli/stored-files";
import { botOf } from "../../local/lex/load-bot";
import { retrainLocally } from "../../local/retraining";
import { startLocalS3, type LocalS3 } from "../../local/s3";
import { testArchive, testZip } from "../support/bots";
import { filesIn, temporaryFolder, writeFiles } from "../support/folder";
import { refusalOf } from "../support/refusal";

const utterance = "soy Ana y quiero una prórroga";

describe("erase", () => {
  const folder = temporaryFolder();
  const lines: string[] = [];

  async function erase(files: Awaited<ReturnType<typeof objectsUnder>>, answer = true): Promise<string> {
    lines.length = 0;
    const say = (line: string) => lines.push(line);
    await eraseFrom({
      eraser: new Eraser([utterance]),
      files,
      say,
      confirm: (text) => {
        say(text);
        return Promise.resolve(answer);
      },
    });
    return lines.join("\n");
  }

  describe("in the files of a run", () => {
    async function run(): Promise<string> {
      writeFiles(folder(), {
        "misses.csv": `utterance,intent\n${utterance},Renovar\ncuánto debo,Pagar\nsoy Ana y quiero dos prórrogas,\n`,
      });
      const bot = botOf(
        testArchive({
          Renovar: { utterances: ["renovar mi préstamo"] },
          Pagar: { utterances: ["pagar la multa"] },
        }),
      );
      const { execution, runFolder } = await retrainLocally({
        input: folder("misses.csv"),
        bot,
        golden: undefined,
        localeId: "es_ES",
        out: folder("runs"),
        unlabelled: "review",
        faults: {},
        signal: new AbortController().signal,
        onEvent: () => undefined,
      });
      expect(execution.status).to.equal("Succeeded");
      return runFolder;
    }

    it("takes an utterance out of every one of them, asks first, and finds nothing the second time", async () => {
      const runFolder = await run();
      const before = filesIn(runFolder);
      expect(await erase(filesBelow(folder("runs")), false)).to.include("Nothing was changed.");
      expect(filesIn(runFolder)).to.deep.equal(before);

      const said = await erase(filesBelow(folder("runs")));
      for (const file of [
        "package/report/verdicts.csv",
        "package/package/changes.json",
        "package/package/lex-import.zip",
        "baseline/answers/answers.json",
        "import/report/import.json",
        "evaluate/evaluation/evaluation.json",
        "evaluate/report/report.html",
      ]) {
        expect(said).to.include(`\n  ${join(runFolder, file)}\n`);
      }
      expect(said)
        .to.match(/\nDone\.\n/)
        .and.include("the bot's DRAFT: look at Renovar, which had it");
      const after = filesIn(runFolder);
      expect(Object.keys(after)).to.deep.equal(Object.keys(before));
      expect(Object.entries(after).filter(([, text]) => /soy Ana y quiero una/i.test(text))).to.deep.equal(
        [],
      );
      expect(after["package/report/review.csv"]).to.include("soy Ana y quiero dos prórrogas");
      expect(said).not.to.include(utterance);

      expect(await erase(filesBelow(folder("runs")))).to.match(/^None of \d+ files holds it\.\n/);
      expect(filesIn(runFolder)).to.deep.equal(after);
    });

    it("says that a backup is among them", async () => {
      const zip = testZip({ Renovar: { utterances: [utterance, "renovar"] } });
      writeFiles(folder("runs/a/package/backup"), { "locale-export.zip": zip });
      const said = await erase(filesBelow(folder("runs")));
      expect(said).to.include(
        `Backups are among them. Whoever restores one gets the bot without it:\n  ${folder("runs/a/package/backup/locale-export.zip")}`,
      );
    });

    it("erases from the others when one cannot be read, and fails with its name", async () => {
      writeFiles(folder("runs"), {
        "a.csv": 'utterance\n"open\n',
        "b.csv": `utterance\n${utterance}\nhola\n`,
      });
      expect(await refusalOf(erase(filesBelow(folder("runs"))))).to.match(
        /^Not looked into or not changed, so these may still hold it:\n.*a\.csv: .*a\.csv, line 2: /,
      );
      expect(filesIn(folder("runs"))["b.csv"]).to.equal("\uFEFFutterance\r\nhola\r\n");
    });
  });

  describe("in a bucket", () => {
    let local: LocalS3;
    let s3: S3Client;

    async function start(isVersioned: boolean): Promise<void> {
      writeFiles(folder("bucket"), {
        "inbox/misses.csv": `utterance\n${utterance}\nhola\n`,
        "runtime/node": utterance,
      });
      local = await startLocalS3({ data: folder("bucket") }, { isVersioned });
      Object.assign(process.env, {
        AWS_ENDPOINT_URL_S3: local.url,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "local",
        AWS_SECRET_ACCESS_KEY: "local",
      });
      s3 = new S3Client({});
    }
    afterEach(async () => {
      delete process.env["AWS_ENDPOINT_URL_S3"];
      s3.destroy();
      await local.close();
    });

    const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: "data", Key, Body }));

    /** The content of every version, the latest of each object first. */
    async function versions(): Promise<string[]> {
      const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: "data" }));
      return Promise.all(
        Versions.map(async ({ Key, VersionId }) => {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket: "data", Key, VersionId }));
          return `${Key ?? ""}: ${(await Body?.transformToString()) ?? ""}`;
        }),
      );
    }

    it("rewrites the objects that hold an utterance, and deletes their older versions", async () => {
      await start(true);
      await put("inbox/other.csv", `utterance\n${utterance}\n`);
      await put("inbox/other.csv", "utterance\nhola\n");
      await put("inbox/other.csv", "utterance\nadiós\n");
      const said = await erase(await objectsUnder("s3://data"));
      expect(said).to.include("It is taken out of:\n  s3://data/inbox/misses.csv\n");
      expect(said).to.include(
        "These older versions are deleted:\n  s3://data/inbox/other.csv (older version version1)\n",
      );
      expect(said).to.include("\n  1 file of a kind that is not read, such as s3://data/runtime/node");
      expect(await versions()).to.deep.equal([
        "inbox/misses.csv: \uFEFFutterance\r\nhola\r\n",
        "inbox/other.csv: utterance\nadiós\n",
        "inbox/other.csv: utterance\nhola\n",
        `runtime/node: ${utterance}`,
      ]);
      expect(await erase(await objectsUnder("s3://data/inbox"))).to.match(/^None of 3 files holds it\./);
    });

    it("rewrites them where the bucket keeps no versions", async () => {
      await start(false);
      await erase(await objectsUnder("s3://data/"));
      expect(await versions()).to.deep.equal([
        "inbox/misses.csv: \uFEFFutterance\r\nhola\r\n",
        `runtime/node: ${utterance}`,
      ]);
    });

    it("keeps what somebody puts there meanwhile, and fails with its name", async () => {
      await start(true);
      const [found] = await objectsUnder("s3://data/inbox");
      await found?.read();
      await put("inbox/misses.csv", "utterance\nadiós\n");
      expect(await refusalOf(found?.replace(Buffer.from("")) ?? Promise.resolve())).to.match(
        /^Could not write s3:\/\/data\/inbox\/misses\.csv: /,
      );
      expect(filesIn(folder("bucket"))["inbox/misses.csv"]).to.equal("utterance\nadiós\n");
    });

    it("says what S3 refuses", async () => {
      await start(false);
      expect(await refusalOf(objectsUnder("s3://none"))).to.match(/^Could not list s3:\/\/none: /);
    });
  });

  describe("as a command", () => {
    function command(...options: string[]): { code: number | null; text: string } {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["--import", "tsx", "cli/retrain.ts", "erase", "--runs", folder("runs"), ...options],
        { cwd: resolve(__dirname, "..", ".."), encoding: "utf8" },
      );
      return { code: status, text: stdout + stderr };
    }

    it("ends with 0 when it has erased what a list names", () => {
      writeFiles(folder(), {
        "list.csv": `utterance\n${utterance}\nadiós\n`,
        "runs/a.csv": `utterance\nAdiós.\n${utterance}!\nhola\n`,
      });
      expect(command("--list", folder("list.csv"), "--yes")).to.have.property("code", 0);
      expect(filesIn(folder("runs"))).to.deep.equal({ "a.csv": "\uFEFFutterance\r\nhola\r\n" });
    });

    it("needs no folder of runs where there is a bucket", () => {
      const { code, text } = command("--utterance", "hola", "--bucket", "s3://");
      expect([code, text.split("\n").length]).to.deep.equal([2, 3]);
      expect(text).to.include(
        `${folder("runs")} is not a folder on this machine, so only the bucket is looked into.\n`,
      );
    });

    it("ends with 1 when a file cannot be looked into", () => {
      writeFiles(folder("runs"), { "a.json": "{" });
      expect(command("--utterance", "hola").code).to.equal(1);
    });

    it("ends with 2 when it is called wrongly", () => {
      writeFiles(folder("runs"), { "a.csv": "utterance\nhola\n" });
      for (const [options, text] of [
        [[], "Name either one --utterance, or a CSV of them with --list.\n"],
        [["--utterance", " "], "There is no utterance to erase: it is empty.\n"],
        [["--list", "none.csv"], "none.csv is not a file: name a CSV of utterances with --list.\n"],
        [
          ["--utterance", "x", "--runs", "none"],
          "none is not a folder: name the one that keeps the runs with --runs.\n",
        ],
        [
          ["--utterance", "x", "--bucket", "data"],
          "--bucket is data; it must be an S3 URI such as s3://bucket or s3://bucket/runs.\n",
        ],
      ] as const) {
        expect(command(...options)).to.deep.equal({ code: 2, text });
      }
      const { code, text } = command("--utterance", "hola");
      expect([code, text.endsWith("There is nobody to ask: add --yes to go on.\n")]).to.deep.equal([2, true]);
    });
  });
});
