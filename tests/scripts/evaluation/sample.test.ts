import { expect } from "chai";
import * as fc from "fast-check";
import { maxPerIntent, maxSample, sampleOf } from "../../../scripts/evaluation/sample";
import { testLocale } from "../../support/bots";

describe("a sample of the bot's own utterances", () => {
  it("leaves out built-in intents, utterances with slots and intents that need a context", () => {
    const locale = testLocale({
      Pagar: { utterances: ["quiero pagar", "pagar {Importe}"], slots: { Importe: [] } },
      Ayuda: { parent: "AMAZON.HelpIntent", utterances: ["ayuda"] },
      Sala: { utterances: ["una sala"], inputContexts: ["socio"] },
    });
    expect(sampleOf(locale)).to.deep.equal([{ text: "quiero pagar", set: "golden", expected: "Pagar" }]);
  });

  it("is the same in any order of intents and utterances, with at most `maxPerIntent` of each intent", () => {
    const bot = fc.uniqueArray(
      fc.tuple(
        fc.stringMatching(/^[A-Z][a-z]{1,6}$/),
        fc.uniqueArray(fc.stringMatching(/^[a-z ñ]{1,8}$/), { maxLength: 12 }),
      ),
      { selector: ([name]) => name, maxLength: 6 },
    );
    const localeOf = (intents: readonly [string, string[]][]) =>
      testLocale(Object.fromEntries(intents.map(([name, utterances]) => [name, { utterances }])));
    fc.assert(
      fc.property(bot, (intents) => {
        const sample = sampleOf(localeOf(intents));
        const turned = intents
          .map(([name, utterances]): [string, string[]] => [name, [...utterances].reverse()])
          .reverse();
        expect(sampleOf(localeOf(turned))).to.deep.equal(sample);
        for (const [name, utterances] of intents) {
          const ofIntent = sample.filter(({ expected }) => expected === name);
          expect(ofIntent).to.have.length(Math.min(maxPerIntent, utterances.length));
          expect(utterances).to.include.members(ofIntent.map(({ text }) => text));
        }
      }),
    );
  });

  it("has at most `maxSample` phrases", () => {
    const names = Array.from({ length: 70 }, (_, index) => `Intent${index}`);
    const utterances = ["uno", "dos", "tres", "cuatro", "cinco", "seis"];
    const sample = sampleOf(testLocale(Object.fromEntries(names.map((name) => [name, { utterances }]))));
    expect(sample).to.have.length(maxSample);
  });
});
