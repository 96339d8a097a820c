import { expect } from "chai";
import { nearest } from "../../components/nearest";

describe("the word that was likely meant", () => {
  const words = ["botId", "botLocaleId", "schedule", "startOnUpload"];
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["botId", "botId"],
    ["botid", "botId"],
    ["botLocale", "botLocaleId"],
    ["shedule", "schedule"],
    ["startOnUploads", "startOnUpload"],
    ["bucket", undefined],
    ["", undefined],
  ];
  for (const [word, meant] of cases) {
    it(`is ${meant ?? "none"} for ${JSON.stringify(word)}`, () => {
      expect(nearest(word, words)).to.equal(meant);
    });
  }
});
