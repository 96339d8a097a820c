import { expect } from "chai";
import { phrasesFor } from "../../../scripts/evaluation/phrases";
import { stageIn } from "../../../scripts/stage/stage";
import { testLocale } from "../../support/bots";
import { temporaryFolder, writeFiles } from "../../support/folder";
import { additions } from "./asks";

const locale = testLocale({ Pagar: { utterances: ["pagar"] } });

describe("the phrases of an evaluation", () => {
  const folder = temporaryFolder();
  const phrases = (added: readonly string[]) =>
    phrasesFor(stageIn({ PROCESSING_ROOT: folder() }), additions({ Pagar: added }), locale);

  it("are a sample of the bot's own utterances, and what is added", async () => {
    expect(await phrases(["cuánto debo"])).to.deep.equal({
      phrases: [
        { text: "pagar", set: "golden", expected: "Pagar" },
        { text: "cuánto debo", set: "added", expected: "Pagar", row: { file: "misses.csv", line: 2 } },
      ],
      goldenFile: null,
      leftOut: 0,
    });
  });

  it("are the golden set where there is one, without phrases that are too long and utterances with slots", async () => {
    const long = "a".repeat(1_024);
    writeFiles(folder(), { "input/golden/set.csv": `utterance,intent\n${long},Pagar\n${long}a,Pagar\n` });
    const asked = await phrases(["pagar {Importe}", "cuánto debo"]);
    expect(asked.phrases.map(({ text }) => text)).to.deep.equal([long, "cuánto debo"]);
    expect([asked.goldenFile, asked.leftOut]).to.deep.equal(["set.csv", 2]);
  });
});
