import { expect } from "chai";
import * as fc from "fast-check";
import { utteranceSchema, type Utterance } from "../../../scripts/artifacts/utterances";
import type { Row } from "../../../scripts/reading/row";
import { UtteranceCollection } from "../../../scripts/utterances/collection";

function collected(...files: Partial<Row>[][]): Utterance[] {
  const collection = new UtteranceCollection();
  files.forEach((rows, file) => {
    rows.forEach((row, index) => {
      collection.add({ utterance: "", intent: null, count: 1, line: index + 1, ...row }, `${file}.csv`);
    });
  });
  return [...collection.utterances()];
}

describe("UtteranceCollection", () => {
  it("keeps the first spelling and place of an utterance, and sums its misses", () => {
    expect(
      collected(
        [{ utterance: " ¿Qué  tal? ", count: 2 }, { utterance: "adiós" }],
        [{ utterance: "qué tal", count: 3 }],
      ),
    ).to.deep.equal([
      { key: "qué tal", text: "¿Qué tal?", count: 5, file: "0.csv", line: 1, labels: [] },
      { key: "adiós", text: "adiós", count: 1, file: "0.csv", line: 2, labels: [] },
    ]);
  });

  it("keeps the distinct labels in the order they were first seen, each with its place", () => {
    const [utterance] = collected(
      [
        { utterance: "hola", intent: " Saludar " },
        { utterance: "Hola.", intent: "Saludar" },
      ],
      [{ utterance: "hola" }, { utterance: "hola", intent: "Despedir" }],
    );
    expect(utterance?.labels).to.deep.equal([
      { intent: "Saludar", file: "0.csv", line: 1 },
      { intent: "Despedir", file: "1.csv", line: 2 },
    ]);
  });

  it("does not take the FallbackIntent as a label", () => {
    for (const intent of ["FallbackIntent", "AMAZON.FallbackIntent", " fallbackintent ", "", " "]) {
      expect(collected([{ utterance: "hola", intent }])[0]?.labels).to.deep.equal([]);
    }
    expect(collected([{ utterance: "hola", intent: "FallbackIntentCompanion" }])[0]?.labels).to.have.lengthOf(
      1,
    );
  });

  it("keeps what no bot can take, with the reason", () => {
    const rejected = collected([
      { utterance: "?" },
      { utterance: " " },
      { utterance: "a\u0007" },
      { utterance: "{" },
    ]);
    expect(rejected.map(({ text, rejection }) => [text, rejection])).to.deep.equal([
      ["?", "no-letter-or-digit"],
      ["", "empty"],
      ["a\u0007", "invalid-characters"],
      ["{", "no-letter-or-digit"],
    ]);
  });

  it("keeps 500 characters of a text that is too long, apart from the utterance of those 500", () => {
    const usable = "a".repeat(500);
    const kept = collected([{ utterance: `${usable}.` }, { utterance: usable }, { utterance: `${usable}b` }]);
    expect(kept.map(({ text, count, rejection }) => [text, count, rejection])).to.deep.equal([
      [`${usable}…`, 2, "too-long"],
      [usable, 1, undefined],
    ]);
  });

  it("does not cut a character in half", () => {
    expect(collected([{ utterance: `${"a".repeat(499)}😀` }])[0]?.text).to.equal(`${"a".repeat(499)}…`);
  });

  it("does not let labels or counts grow without bound", () => {
    const rows = Array.from({ length: 30 }, (_, index) => ({
      utterance: "hola",
      intent: `Intent${index}${"x".repeat(1_000)}`,
      count: 999_999_999_999_999,
    }));
    const [utterance] = collected(rows);
    expect(utterance?.labels).to.have.lengthOf(10);
    expect(utterance?.labels[9]?.intent).to.equal(`Intent9${"x".repeat(193)}`);
    expect(utterance?.count).to.equal(Number.MAX_SAFE_INTEGER);
  });

  it("gives the same result, except for the places, however the rows are split into files", () => {
    const row = fc.record({
      utterance: fc.oneof(
        fc.constantFrom(
          "no",
          "No.",
          "¿Sí?",
          "sí",
          "1",
          "2",
          ".5",
          "5",
          "",
          "?",
          "{x",
          "a\uFFFD",
          "a".repeat(501),
        ),
        fc.string({ unit: "binary" }),
      ),
      intent: fc.constantFrom("A", "B", "FallbackIntent", null),
      count: fc.integer({ min: 1, max: 100 }),
    });
    const withoutPlaces = (utterances: Utterance[]) =>
      utterances.map(({ key, text, count, labels, rejection }) => ({
        key,
        text,
        count,
        rejection,
        intents: labels.map(({ intent }) => intent),
      }));
    fc.assert(
      fc.property(fc.array(row), fc.nat(20), (rows, cut) => {
        const whole = collected(rows);
        expect(withoutPlaces(collected(rows.slice(0, cut), rows.slice(cut)))).to.deep.equal(
          withoutPlaces(whole),
        );
        expect(whole.reduce((sum, { count }) => sum + count, 0)).to.equal(
          rows.reduce((sum, { count }) => sum + count, 0),
        );
        for (const utterance of whole) {
          expect(utteranceSchema.parse(JSON.parse(JSON.stringify(utterance)))).to.deep.equal(utterance);
        }
      }),
    );
  });
});
