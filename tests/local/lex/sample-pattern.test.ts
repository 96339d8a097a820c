import { expect } from "chai";
import fc from "fast-check";
import { exactKey, patternOf, slotValuesIn } from "../../../local/lex/sample-pattern";

describe("a sample utterance's pattern", () => {
  const values = (utterance: string, text: string) => {
    const pattern = patternOf(utterance);
    const match = pattern && slotValuesIn(text, pattern);
    return match && [Object.fromEntries(match.slotValues), match.score];
  };

  it("finds each slot's words, in the text's own spelling", () => {
    expect(values("vuelo de {Origen} a {Destino}", "¡VUELO de A Coruña a Las  Palmas!")).to.deep.equal([
      { Origen: "A Coruña", Destino: "Las  Palmas" },
      0.5 + 0.5 * (3 / 7),
    ]);
    expect(values("{Nombre} quiere {Cosa}", "Ana quiere pan")).to.deep.equal([
      { Nombre: "Ana", Cosa: "pan" },
      0.5 + 0.5 * (1 / 3),
    ]);
    expect(values("pon {A} {B} ya", "pon uno dos tres ya")).to.deep.equal([{ A: "uno", B: "dos tres" }, 0.7]);
  });

  it("is not fitted by other words, or by no words for a slot", () => {
    for (const text of ["vuelo a", "vuelos a Roma", "vuelo a Roma ya no", "quiero vuelo a Roma"]) {
      expect(values("vuelo a {Destino} ya", text), text).to.equal(undefined);
    }
    expect(values("{A} y {B}", "y")).to.equal(undefined);
  });

  it("is none without slots, or with nothing but slots", () => {
    expect([patternOf("hola"), patternOf("{A}"), patternOf("{A} {B}!")]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is fitted by the utterance with any words in its slots", () => {
    const word = fc.stringMatching(/^[a-z]{1,3}$/);
    const words = fc.array(word, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        words,
        fc.array(fc.tuple(words, fc.array(word, { maxLength: 2 })), { minLength: 1, maxLength: 3 }),
        (head, runs) => {
          const utterance = [...head, ...runs.flatMap(([, literals], i) => [`{S${i}}`, ...literals])].join(
            " ",
          );
          const text = [...head, ...runs.flatMap(([filling, literals]) => [...filling, ...literals])].join(
            " ",
          );
          const found = values(utterance, text);
          expect(found).not.to.equal(undefined);
        },
      ),
    );
  });

  it("takes time in proportion to the text, whatever the slots", () => {
    const many = Array.from({ length: 20 }, (_, i) => `{S${i}} a`).join(" ");
    expect(values(`${many} b`, "a ".repeat(512))).to.equal(undefined);
  });
});

describe("exactKey", () => {
  it("is the same for texts that differ in case, spacing, punctuation and Unicode form", () => {
    expect(exactKey(" ¿Qué  tal? ")).to.equal("qué tal").and.equal(exactKey("QUE\u0301 TAL"));
  });

  it("tells texts without words apart", () => {
    expect([exactKey("👍"), exactKey(" ? ")]).to.deep.equal(["👍", "?"]);
  });
});
