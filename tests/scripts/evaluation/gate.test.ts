import { expect } from "chai";
import { comparisonOf, type TwiceAsked } from "../../../scripts/evaluation/comparison";
import { judge } from "../../../scripts/evaluation/gate";
import { additions, asked } from "./asks";

const changes = additions({ Pagar: ["cuánto debo", "debo dinero hoy"] });
const recovered = asked("added", "cuánto debo", "Pagar", "FallbackIntent", "Pagar");
const golden = (text: string, after: string) => asked("golden", text, "Horario", "Horario", after);
const leak = (text: string) => asked("outOfScope", text, "FallbackIntent", "FallbackIntent", "Pagar");

function judgement(phrases: readonly TwiceAsked[], { maxRegressions = 0, maxLeakage = 0 } = {}) {
  return judge(comparisonOf(phrases, changes), { maxRegressions, maxLeakage });
}

describe("the gate", () => {
  it("passes a retraining that recovers a miss and breaks nothing", () => {
    const phrases = [
      recovered,
      asked("added", "debo dinero hoy", "Pagar", "FallbackIntent", "FallbackIntent"),
      golden("a qué hora abren", "Horario"),
      asked("golden", "hasta qué hora", "Horario", "Pagar", "Horario"),
      asked("outOfScope", "un chiste", "FallbackIntent", "Pagar", "FallbackIntent"),
    ];
    const summary =
      "Passed: 1 of 2 added utterances recovered. Right of 2 golden phrases: 1 before, 2 now. " +
      "Right of 1 out-of-scope phrase: 0 before, 1 now.";
    expect(judgement(phrases)).to.deep.equal({ gate: "passed", summary, message: summary });
  });

  it("says nothing of sets that hold no phrase", () => {
    expect(judgement([recovered]).message).to.equal("Passed: 1 of 1 added utterance recovered.");
  });

  it("refuses more golden phrases that turn wrong than are allowed, and names their rows and those of what caused them", () => {
    const row = { file: "golden.csv", line: 7 };
    const phrases = [
      recovered,
      golden("cuánto debo esperar", "Pagar"),
      { ...golden("abren", "FallbackIntent"), row },
    ];
    expect(judgement(phrases)).to.deep.equal({
      gate: "refused",
      summary: "Refused: 2 golden phrases turned from right to wrong (maxRegressions is 0).",
      message:
        "Refused: 2 golden phrases turned from right to wrong (maxRegressions is 0). " +
        "A phrase for Horario now goes to Pagar, near what misses.csv, line 2, added. " +
        "A phrase for Horario (golden.csv, line 7) now goes to FallbackIntent.",
    });
    expect(judgement(phrases, { maxRegressions: 1 }).gate).to.equal("refused");
    expect(judgement(phrases, { maxRegressions: 2 }).gate).to.equal("passed");
  });

  it("refuses when one golden phrase turns wrong though another turns right", () => {
    const corrected = asked("golden", "hasta qué hora", "Horario", "Pagar", "Horario");
    expect(judgement([recovered, golden("abren", "Pagar"), corrected]).summary).to.equal(
      "Refused: 1 golden phrase turned from right to wrong (maxRegressions is 0).",
    );
  });

  it("refuses when more out-of-scope phrases are answered by an intent than are allowed", () => {
    const phrases = [recovered, leak("cuánto debo dormir"), leak("otro chiste")];
    expect(judgement(phrases).message).to.equal(
      "Refused: An intent answers 2 more out-of-scope phrases than before (maxLeakage is 0). " +
        "A phrase for FallbackIntent now goes to Pagar, near what misses.csv, line 2, added. " +
        "A phrase for FallbackIntent now goes to Pagar.",
    );
    expect(judgement(phrases, { maxLeakage: 1 }).summary).to.equal(
      "Refused: An intent answers 2 more out-of-scope phrases than before (maxLeakage is 1).",
    );
    expect(judgement(phrases, { maxLeakage: 2 }).gate).to.equal("passed");
  });

  it("passes when the number of leaked out-of-scope phrases stays the same", () => {
    const stopped = asked("outOfScope", "una pizza", "FallbackIntent", "Horario", "FallbackIntent");
    expect(judgement([recovered, leak("un chiste"), stopped]).gate).to.equal("passed");
  });

  it("refuses when no miss is recovered, and says what was asked", () => {
    const missed = asked("added", "cuánto debo", "Pagar", "FallbackIntent", "FallbackIntent");
    const right = asked("added", "debo dinero hoy", "Pagar", "Pagar", "Pagar");
    expect(judgement([missed, right]).message).to.equal(
      "Refused: No miss is recovered: the bot answered 1 added utterance wrong before, and none is right now.",
    );
    expect(judgement([right]).message).to.equal(
      "Refused: No miss is recovered: the bot already answered the only added utterance right.",
    );
    expect(judgement([right, right]).message).to.equal(
      "Refused: No miss is recovered: the bot already answered all 2 added utterances right.",
    );
    expect(judgement([golden("abren", "Horario")]).message).to.equal(
      "Refused: No added utterance could be asked, so nothing shows that any is recovered.",
    );
  });

  it("names all reasons and the first three of many flips, golden ones first", () => {
    const phrases = [
      leak("un chiste"),
      ...["uno", "dos", "tres"].map((text) => golden(text, "FallbackIntent")),
    ];
    expect(judgement(phrases).message).to.equal(
      "Refused: 3 golden phrases turned from right to wrong (maxRegressions is 0). " +
        "An intent answers 1 more out-of-scope phrase than before (maxLeakage is 0). " +
        "No added utterance could be asked, so nothing shows that any is recovered. " +
        "A phrase for Horario now goes to FallbackIntent. ".repeat(3) +
        "And 1 more.",
    );
  });
});
