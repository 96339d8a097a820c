import { expect } from "chai";
import * as fc from "fast-check";
import { cleanText, comparisonKey } from "../../../scripts/utterances/comparison-key";
import { rejectionOf } from "../../../scripts/utterances/rejection";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(...Array.from(" .,;¿?\"'()[]…5-aÑñΣİ\u0301\u00A0\u200B\u00AD\n{}")) }),
);

describe("comparisonKey", () => {
  for (const [a, b] of [
    ["no", "No."],
    ["¿Dónde está?", "dónde está"],
    ["dónde", "do\u0301nde"],
    ["hola   que\ttal\n", "Hola que\u00A0tal"],
    ["«hola»", "“(hola)”…"],
    ["re\u00ADnovar", "renovar"],
    ["5.", "5"],
    ["はい。", "はい"],
  ] as const) {
    it(`gives ${JSON.stringify(a)} and ${JSON.stringify(b)} the same key`, () => {
      expect(comparisonKey(a)).to.equal(comparisonKey(b));
    });
  }

  for (const group of [
    ["1", "2"],
    ["C", "C#", "C++"],
    ["100", "100%", "$100"],
    ["5", "-5", ".5", ",5", "a.5"],
    ["año", "ano"],
    ["?", "!", ""],
    ["no va", "nova"],
  ]) {
    it(`keeps ${group.map((text) => JSON.stringify(text)).join(", ")} apart`, () => {
      expect(new Set(group.map(comparisonKey))).to.have.lengthOf(group.length);
    });
  }

  it("is the key of itself", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(comparisonKey(comparisonKey(text))).to.equal(comparisonKey(text));
      }),
    );
  });

  it("is the same for a text and for its clean form", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(comparisonKey(cleanText(text))).to.equal(comparisonKey(text));
      }),
    );
  });

  it("never gives a usable utterance and a rejected one the same key", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(rejectionOf(comparisonKey(text))).to.equal(rejectionOf(cleanText(text)));
      }),
    );
  });

  it("takes linear time for a long run of punctuation", () => {
    const text = `a${"...a".repeat(100_000)}`;
    expect(comparisonKey(`${text}${".".repeat(100_000)}`)).to.equal(text);
  });
});

describe("cleanText", () => {
  it("collapses white space, composes accents and drops what cannot be seen", () => {
    expect(cleanText(" \uFEFF¿Que\u0301\u00A0 \r\n\t pa\u00ADsa\u200B?\u2060 ")).to.equal("¿Qué pasa?");
  });

  it("keeps the user's capitals, punctuation and joined emoji", () => {
    expect(cleanText("¡HOLA, Ñandú! 👨\u200D👩\u200D👧")).to.equal("¡HOLA, Ñandú! 👨\u200D👩\u200D👧");
  });

  it("composes an accent that a hidden character kept apart", () => {
    expect(cleanText("e\u200B\u0301")).to.equal("é");
  });

  it("leaves a clean text as it is", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(cleanText(cleanText(text))).to.equal(cleanText(text));
      }),
    );
  });
});
