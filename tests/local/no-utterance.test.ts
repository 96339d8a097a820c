import { expect } from "chai";
import type { FaultSettings } from "../../local/lex/faults";
import { botOf } from "../../local/lex/load-bot";
import { retrainLocally, type Outcome } from "../../local/retraining";
import { testArchive } from "../support/bots";
import { filesIn, temporaryFolder, writeFiles } from "../support/folder";

/** Stands in every utterance and phrase, and in nothing else. */
const mark = "Xochitl";

const bot = botOf(
  testArchive({
    RenovarPrestamo: { utterances: [`quiero renovar mi préstamo ${mark}`] },
    PagarMulta: { utterances: [`pagar la multa ${mark}`] },
  }),
);

const good = `utterance,intent\n${mark} dame una prórroga,RenovarPrestamo\n${mark} sin intent,\n`;
const poison = `utterance,intent\n${mark} quiero renovar mi préstamo mañana ya,PagarMulta\n`;
const golden = `utterance,intent\n${mark} quiero renovar mi préstamo mañana,RenovarPrestamo\n`;

interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly faults?: FaultSettings;
  /** Succeeded, or how the failure reason begins. */
  readonly end: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  "is kept": { files: { "misses.csv": good, "golden.csv": golden }, end: /^Succeeded$/ },
  "is refused": {
    files: { "misses.csv": poison, "golden.csv": golden },
    end: /^Refused: 1 golden phrase turned .* A phrase for RenovarPrestamo \(golden\.csv, line 2\) now goes to PagarMulta, near what misses\.csv, line 2, added\./,
  },
  "cannot be imported": { files: { "misses.csv": good }, faults: { "import-fails": 1 }, end: /^Lex refused/ },
  "comes back otherwise from the import": {
    files: { "misses.csv": good },
    faults: { "import-loses-intent": 1 },
    end: /^After the import Lex does not hold what was sent\./,
  },
  "cannot be built": {
    files: { "misses.csv": good },
    faults: { "build-fails": 1 },
    end: /^The build failed\./,
  },
  "has a golden set with its columns changed over": {
    files: { "misses.csv": good, "golden.csv": `utterance,intent\nPagarMulta,${mark}\n` },
    end: /^golden\.csv, line 2: The bot has no intent of that name in es_ES\./,
  },
  "has a golden set that contradicts itself": {
    files: {
      "misses.csv": good,
      "golden.csv": `utterance,intent\n${mark} hola,PagarMulta\n${mark} hola,RenovarPrestamo\n`,
    },
    end: /^golden\.csv, line 3: RenovarPrestamo is the intent here, and PagarMulta/,
  },
  "has a quote that is never closed": {
    files: { "misses.csv": `${good}"${mark} cuánto debo,PagarMulta\n` },
    end: /^misses\.csv, line 4: the row that starts here opens a quote/,
  },
  "has columns that nobody knows": {
    files: { "misses.csv": `1,${mark} hola,${mark}\n2,${mark} adiós,${mark}\n` },
    end: /^misses\.csv has no column that is known to hold utterances; its first line has 3 columns\./,
  },
  "has a line that is no JSON": {
    files: { "misses.jsonl": `{"utterance": "${mark}"\n` },
    end: /^misses\.jsonl, line 1: a line of JSON Lines must be one JSON object/,
  },
};

/** Utterances may hold what people told of themselves, and logs and e-mails are read by many. */
describe("what a retraining prints quotes no utterance when it", () => {
  const folder = temporaryFolder();

  async function run({ files, faults = {} }: Case): Promise<{ outcome: Outcome; lines: string[] }> {
    writeFiles(folder(), files);
    const lines: string[] = [];
    const outcome = await retrainLocally({
      input: folder("misses.jsonl" in files ? "misses.jsonl" : "misses.csv"),
      golden: "golden.csv" in files ? folder("golden.csv") : undefined,
      bot,
      localeId: "es_ES",
      out: folder("runs"),
      unlabelled: "review",
      faults,
      signal: new AbortController().signal,
      onEvent: (event) => {
        if (event.kind === "line") {
          lines.push(event.line);
        }
      },
    });
    return { outcome, lines };
  }

  for (const [what, running] of Object.entries(cases)) {
    it(what, async () => {
      const { outcome, lines } = await run(running);
      const { status, failureReason } = outcome.execution;
      expect(failureReason ?? status).to.match(running.end);
      expect(lines).not.to.deep.equal([]);
      expect([...lines, failureReason ?? ""].filter((line) => line.includes(mark))).to.deep.equal([]);
    }).timeout(120_000);
  }

  it("is refused, and yet its report has the phrases", async () => {
    const { outcome } = await run(cases["is refused"] ?? { files: {}, end: /^/ });
    expect(filesIn(outcome.runFolder)["evaluate/report/report.html"]).to.include(mark);
  });
});
