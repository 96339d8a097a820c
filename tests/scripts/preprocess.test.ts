import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { utteranceSchema } from "../../scripts/artifacts/utterances";
import { UserError } from "../../scripts/messages/user-error";
import { preprocess } from "../../scripts/preprocess";
import { stageIn } from "../../scripts/stage/stage";

describe("preprocess", () => {
  let root: string;
  let said: string[];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "preprocess-"));
    said = [];
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function put(name: string, content: string | Uint8Array): void {
    const path = join(root, "input", "data", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  function configure(uri: string): void {
    const inputs = [
      {
        InputName: "code",
        S3Input: { S3Uri: "s3://bucket/code/preprocess.js", LocalPath: "/opt/ml/processing/input/code" },
      },
      { InputName: "data", S3Input: { S3Uri: uri, LocalPath: "/opt/ml/processing/input/data" } },
    ];
    writeFileSync(
      join(root, "processingjobconfig.json"),
      JSON.stringify({ ProcessingInputs: inputs, RoleArn: "x" }),
    );
  }

  async function run() {
    await preprocess({ ...stageIn({ PROCESSING_ROOT: root }), say: (line) => said.push(line) });
    const lines = readFileSync(join(root, "output", "preprocess", "utterances", "utterances.jsonl"), "utf8");
    return {
      utterances: lines
        .split("\n")
        .slice(0, -1)
        .map((line) => utteranceSchema.parse(JSON.parse(line))),
      report: JSON.parse(
        readFileSync(join(root, "output", "preprocess", "report", "preprocess.json"), "utf8"),
      ) as unknown,
    };
  }

  it("writes each distinct utterance of all files once, and reports what it read", async () => {
    put(
      "b/marzo.csv",
      Buffer.from("Enunciado;Intención;Veces\r\nadiós;FallbackIntent;4\r\n{x;Saludar;1\r\n", "latin1"),
    );
    put("a.txt", "Hola.\nadiós\n?\n");
    put("c.JSONL.gz", gzipSync('{"utterance":"hola","intent":"Saludar"}\n'));
    put("notas.docx", "PK");

    const { utterances, report } = await run();

    expect(utterances).to.deep.equal([
      {
        key: "hola",
        text: "Hola.",
        count: 2,
        file: "a.txt",
        line: 1,
        labels: [{ intent: "Saludar", file: "c.JSONL.gz", line: 1 }],
      },
      { key: "adiós", text: "adiós", count: 5, file: "a.txt", line: 2, labels: [] },
      { key: "?", text: "?", count: 1, file: "a.txt", line: 3, labels: [], rejection: "no-letter-or-digit" },
      {
        key: "{x",
        text: "{x",
        count: 1,
        file: "b/marzo.csv",
        line: 3,
        labels: [{ intent: "Saludar", file: "b/marzo.csv", line: 3 }],
        rejection: "braces",
      },
    ]);
    expect(report).to.deep.equal({
      files: [
        {
          file: "a.txt",
          encoding: "UTF-8",
          delimiter: null,
          columns: { utterance: "1", intent: null, count: null },
          rows: 3,
        },
        {
          file: "b/marzo.csv",
          encoding: "Windows-1252",
          delimiter: ";",
          columns: { utterance: "Enunciado", intent: "Intención", count: "Veces" },
          rows: 2,
        },
        {
          file: "c.JSONL.gz",
          encoding: "UTF-8",
          delimiter: null,
          columns: { utterance: "utterance", intent: "intent", count: "count" },
          rows: 1,
        },
      ],
      ignored: ["notas.docx"],
      rows: 6,
      utterances: 4,
      rejected: { "no-letter-or-digit": 1, braces: 1 },
      unlabelled: 1,
    });
    expect(said).to.deep.equal([
      "a.txt: 3 rows, UTF-8",
      "b/marzo.csv: 2 rows, Windows-1252",
      "c.JSONL.gz: 1 row, UTF-8",
      "Not read: notas.docx",
      "4 distinct utterances in 6 rows: 2 cannot be used, 1 without an intent.",
    ]);
  });

  it("succeeds with a file that has no row", async () => {
    put("misses.csv", "utterance;intent\n");
    expect((await run()).utterances).to.deep.equal([]);
    expect(said.at(-1)).to.equal("0 distinct utterances in 0 rows: 0 cannot be used, 0 without an intent.");
  });

  it("reads the one object that the job's input names, and not those whose keys begin alike", async () => {
    put("misses.csv", "hola\n");
    put("misses.csv.gz", gzipSync("adiós\n"));
    put("misses.csv.txt", "nada\n");
    configure("s3://bucket/inbox/misses.csv");
    expect((await run()).utterances.map(({ text }) => text)).to.deep.equal(["hola"]);
    expect(said).to.include("Not read: misses.csv.gz, misses.csv.txt");
  });

  it("reads the one object that the job's input names, whatever its ending", async () => {
    put("misses.xlsx", "PK\x03\x04");
    configure("s3://bucket/inbox/misses.xlsx");
    await expectUserError(/^misses\.xlsx is an Excel workbook or a ZIP archive/);
  });

  for (const uri of ["s3://bucket/inbox/", "s3://bucket/inbox/2026"]) {
    it(`reads every file below ${uri}`, async () => {
      put("a.csv", "hola\n");
      put("marzo/b.csv", "adiós\n");
      configure(uri);
      expect((await run()).utterances.map(({ text }) => text)).to.deep.equal(["hola", "adiós"]);
    });
  }

  it("says so if there is no file to read", async () => {
    const message =
      /^There is no file of missed utterances to read: none of the 1 files of the input ends in \.csv, \.tsv, \.txt, \.jsonl or one of these and \.gz\.$/;
    put("notas.docx", "PK");
    await expectUserError(message);
  });

  it("says so if there is no input at all", async () => {
    await expectUserError(/none of the 0 files/);
  });

  it("shows no control character of a file's name", async () => {
    put("a\u001B[31m.csv", "hola\n");
    expect((await run()).utterances[0]?.file).to.equal("a?[31m.csv");
    expect(said[0]).to.equal("a?[31m.csv: 1 row, UTF-8");
  });

  async function expectUserError(message: RegExp): Promise<void> {
    const error = await run().then(
      () => undefined,
      (failure: unknown) => failure,
    );
    expect(error).to.be.instanceOf(UserError);
    expect(error).to.have.property("message").that.matches(message);
  }
});
