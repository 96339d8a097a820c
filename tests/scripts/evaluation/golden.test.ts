import { expect } from "chai";
import { goldenFileOf, readGolden } from "../../../scripts/evaluation/golden";
import { UserError } from "../../../scripts/messages/user-error";
import { stageIn } from "../../../scripts/stage/stage";
import { testLocale } from "../../support/bots";
import { temporaryFolder, writeFiles } from "../../support/folder";

const locale = testLocale({ Pagar: { utterances: ["pagar"] }, Horario: { utterances: ["horario"] } });

describe("a golden set", () => {
  const folder = temporaryFolder();

  function read(content: string, of = locale) {
    writeFiles(folder(), { "golden.csv": content });
    return readGolden({ path: folder("golden.csv"), name: "golden.csv" }, of);
  }

  async function refusal(reading: Promise<unknown>): Promise<string> {
    const error: unknown = await reading.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(UserError);
    return error instanceof UserError ? error.message : "";
  }

  it("holds phrases for intents, and some that are out of scope", async () => {
    expect(
      await read(
        "Frase;Intención\n quiero  pagar ;Pagar\nun chiste;FallbackIntent\nuna pizza;AMAZON.FallbackIntent\n",
      ),
    ).to.deep.equal([
      { text: "quiero pagar", set: "golden", expected: "Pagar", row: { file: "golden.csv", line: 2 } },
      {
        text: "un chiste",
        set: "outOfScope",
        expected: "FallbackIntent",
        row: { file: "golden.csv", line: 3 },
      },
      {
        text: "una pizza",
        set: "outOfScope",
        expected: "FallbackIntent",
        row: { file: "golden.csv", line: 4 },
      },
    ]);
  });

  it("knows the FallbackIntent by the name that the locale gives it, too", async () => {
    const renamed = testLocale({ Reserva: { parent: "AMAZON.FallbackIntent" } });
    const phrases = await read("utterance,intent\nun chiste,Reserva\nuna pizza,FallbackIntent\n", renamed);
    expect(phrases.map(({ set, expected }) => [set, expected])).to.deep.equal([
      ["outOfScope", "Reserva"],
      ["outOfScope", "Reserva"],
    ]);
  });

  it("has a repeated phrase only once", async () => {
    expect(await read("utterance,intent\npagar,Pagar\nPagar.,Pagar\n")).to.have.length(1);
  });

  const refused: readonly [string, string, string][] = [
    [
      "a file without intents",
      "utterance\npagar\n",
      "golden.csv has no column of intents: a golden set is a CSV with the columns utterance and intent.",
    ],
    [
      "a row without an intent",
      "utterance,intent\npagar,Pagar\nhola,\n",
      "golden.csv, line 3: there is no intent. Write the one that should answer, or FallbackIntent where none should.",
    ],
    [
      "an intent that the locale lacks",
      "utterance,intent\npagar,Cobrar\n",
      "golden.csv, line 2: The bot has no intent of that name in es_ES. FallbackIntent says that none should answer.",
    ],
    [
      "an intent that is spelt otherwise",
      "utterance,intent\npagar,pagar\n",
      "golden.csv, line 2: The bot has no intent of that name in es_ES. Did you mean Pagar? FallbackIntent says that none should answer.",
    ],
    [
      "a row without a phrase",
      "utterance,intent\n,Pagar\n",
      "golden.csv, line 2: there is no phrase. Write one, or delete the row.",
    ],
    [
      "two rows that disagree",
      "utterance,intent\nhola,Pagar\n¡Hola!,Horario\n",
      "golden.csv, line 3: Horario is the intent here, and Pagar for the same phrase in line 2. Keep only one of them.",
    ],
    [
      "a file without rows",
      "utterance,intent\n",
      "golden.csv has no phrase: a golden set needs at least one.",
    ],
  ];
  for (const [what, content, message] of refused) {
    it(`is refused for ${what}`, async () => {
      expect(await refusal(read(content))).to.equal(message);
    });
  }

  it("is refused for more phrases than can be asked in good time", async () => {
    const rows = Array.from({ length: 10_001 }, (_, index) => `phrase ${index},Pagar`);
    expect(await refusal(read(["utterance,intent", ...rows].join("\n")))).to.equal(
      "golden.csv has more than 10,000 phrases, each of which is asked twice: keep only the most useful ones.",
    );
  });

  describe("in the input", () => {
    const stage = () => stageIn({ PROCESSING_ROOT: folder() });
    const config = (key: string) =>
      JSON.stringify({
        ProcessingInputs: [{ InputName: "golden", S3Input: { S3Uri: `s3://bucket/${key}` } }],
      });

    it("is missing in a pipeline without one", async () => {
      expect(await goldenFileOf(stage())).to.equal(undefined);
    });

    it("is the only file", async () => {
      writeFiles(folder(), { "input/golden/mine.csv": "x" });
      expect((await goldenFileOf(stage()))?.name).to.equal("mine.csv");
    });

    it("is the object that the input names, and not another with the same beginning", async () => {
      writeFiles(folder(), {
        "input/golden/golden.csv": "x",
        "input/golden/golden.csv.bak": "x",
        "processingjobconfig.json": config("sets/golden.csv"),
      });
      expect((await goldenFileOf(stage()))?.name).to.equal("golden.csv");
    });

    it("must be one", async () => {
      writeFiles(folder(), {
        "input/golden/a.csv": "x",
        "input/golden/b.csv": "x",
        "processingjobconfig.json": config("sets/"),
      });
      expect(await refusal(goldenFileOf(stage()))).to.equal(
        "goldenSetKey names 2 files: it must be the key of one CSV.",
      );
    });
  });
});
