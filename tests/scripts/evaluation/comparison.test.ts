import { expect } from "chai";
import { comparisonOf } from "../../../scripts/evaluation/comparison";
import { additions, asked, understood } from "./asks";

describe("comparing the answers before and after", () => {
  const none = additions({});

  it("counts what was and is right, by set", () => {
    const { sets } = comparisonOf(
      [
        asked("golden", "a", "Horario", "Horario", "Pagar"),
        asked("golden", "b", "Horario", "FallbackIntent", "Horario"),
        asked("golden", "c", "Horario", "Horario", "Horario"),
        asked("added", "d", "Pagar", "FallbackIntent", "Pagar"),
        asked("outOfScope", "e", "FallbackIntent", "FallbackIntent", "Pagar"),
      ],
      none,
    );
    expect(sets).to.deep.equal({
      golden: { asked: 3, before: 2, after: 2 },
      added: { asked: 1, before: 0, after: 1 },
      outOfScope: { asked: 1, before: 1, after: 0 },
    });
  });

  it("lists what turned wrong, and not what was wrong before", () => {
    const { flips } = comparisonOf(
      [
        asked("added", "a", "Pagar", "Pagar", "Horario"),
        asked("outOfScope", "b", "FallbackIntent", "FallbackIntent", "Pagar"),
        asked("golden", "c", "Horario", "FallbackIntent", "Pagar"),
        { ...asked("golden", "d", "Horario", "Horario", "Pagar"), row: { file: "golden.csv", line: 7 } },
      ],
      none,
    );
    expect(flips.map(({ set, phrase, row }) => [set, phrase, row])).to.deep.equal([
      ["golden", "d", { file: "golden.csv", line: 7 }],
      ["outOfScope", "b", undefined],
      ["added", "a", undefined],
    ]);
  });

  it("finds the added utterance nearest to a flip, among those of the intent that answers now", () => {
    const changes = additions({
      Horario: ["necesito reservar una sala"],
      BuscarLibro: ["un libro de poemas", "necesito reservar una sala grande"],
    });
    const { flips } = comparisonOf(
      [asked("golden", "necesito reservar una sala", "Reservar", "Reservar", "BuscarLibro")],
      changes,
    );
    expect(flips[0]?.nearest).to.include({
      utterance: "necesito reservar una sala grande",
      intent: "BuscarLibro",
      file: "misses.csv",
      line: 4,
    });
    expect(flips[0]?.nearest?.score).to.be.within(0.7, 0.99);
  });

  it("names no addition when nothing similar was added to the intent that answers now", () => {
    const changes = additions({ Pagar: ["cuánto debo"] });
    const { flips } = comparisonOf(
      [
        asked("golden", "cuánto debo leer", "Leer", "Leer", "FallbackIntent"),
        asked("golden", "hola", "Saludar", "Saludar", "Pagar"),
      ],
      changes,
    );
    expect(flips.map(({ nearest }) => nearest)).to.deep.equal([undefined, undefined]);
  });

  it("lists the added utterances that were wrong and are right, those of a companion among them", () => {
    const { recovered } = comparisonOf(
      [
        asked("added", "a", "Pagar", "Pagar", "Pagar"),
        asked("added", "b", "Pagar", "Horario", "Pagar"),
        asked("added", "hay wifi", "FallbackIntentCompanion", "FallbackIntent", "FallbackIntentCompanion"),
        asked("golden", "d", "Pagar", "Horario", "Pagar"),
      ],
      none,
    );
    expect(recovered).to.deep.equal([
      { phrase: "b", intent: "Pagar" },
      { phrase: "hay wifi", intent: "FallbackIntentCompanion" },
    ]);
  });

  it("counts execution errors and answers of a language model apart, and errors as neither right nor wrong", () => {
    const { sets, flips, executionErrors, answeredByBedrock } = comparisonOf(
      [
        asked("golden", "a", "Horario", "Horario", { error: "no Lambda" }),
        asked("golden", "b", "Horario", { error: "no Lambda" }, "Pagar"),
        asked("golden", "c", "Horario", understood("Horario", true), understood("Horario", false)),
      ],
      none,
    );
    expect(sets.golden).to.deep.equal({ asked: 1, before: 1, after: 1 });
    expect(flips).to.deep.equal([]);
    expect(executionErrors).to.deep.equal([
      { phrase: "a", set: "golden", before: undefined, after: "no Lambda" },
      { phrase: "b", set: "golden", before: "no Lambda", after: undefined },
    ]);
    expect(answeredByBedrock).to.deep.equal({ before: 1, after: 0 });
  });
});
