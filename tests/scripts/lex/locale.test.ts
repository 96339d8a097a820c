import { expect } from "chai";
import { Archive, readArchive, writeArchive } from "../../../scripts/lex/archive";
import { localesOf, onlyLocaleOf, withUtterances } from "../../../scripts/lex/locale";
import { UserError } from "../../../scripts/messages/user-error";
import { testArchive, testLocale } from "../../support/bots";

const intents = {
  BuscarVuelo: {
    utterances: ["vuelos a {Ciudad}", "quiero volar"],
    slots: { Ciudad: ["a {Ciudad}"] },
    inputContexts: ["viaje"],
  },
  Ayuda: { parent: "AMAZON.HelpIntent" },
};

describe("locale", () => {
  for (const root of ["TestBot/BotLocales/es_ES/", "es_ES/", ""]) {
    it(`reads a locale that lies at "${root}"`, () => {
      const locale = testLocale(intents, { root });
      expect({ id: locale.id, root: locale.root, threshold: locale.nluConfidenceThreshold }).to.deep.equal({
        id: "es_ES",
        root,
        threshold: 0.4,
      });
      expect([...locale.intents.keys()]).to.deep.equal(["FallbackIntent", "BuscarVuelo", "Ayuda"]);
      expect(locale.intents.get("BuscarVuelo")).to.deep.equal({
        name: "BuscarVuelo",
        path: `${root}Intents/BuscarVuelo/Intent.json`,
        parentIntentSignature: undefined,
        sampleUtterances: ["vuelos a {Ciudad}", "quiero volar"],
        slots: new Map([
          [
            "Ciudad",
            {
              path: `${root}Intents/BuscarVuelo/Slots/Ciudad/Slot.json`,
              slotTypeName: "AMAZON.City",
              sampleUtterances: ["a {Ciudad}"],
            },
          ],
        ]),
        slotPriorities: ["Ciudad"],
        inputContexts: ["viaje"],
      });
      expect(locale.intents.get("Ayuda")?.parentIntentSignature).to.equal("AMAZON.HelpIntent");
    });
  }

  it("finds an intent's slots also where the archive lists them before it", () => {
    const backwards = new Archive("x", [...testArchive(intents)].reverse());
    expect(onlyLocaleOf(backwards).intents.get("BuscarVuelo")?.slots.size).to.equal(1);
  });

  it("reads every locale of a whole bot", () => {
    const spanish = testArchive(intents);
    const english = testArchive({}, { localeId: "en_US" });
    const both = new Archive("x", [...spanish, ...english]);
    expect(localesOf(both).map(({ id }) => id)).to.deep.equal(["es_ES", "en_US"]);
    expect(() => onlyLocaleOf(both)).to.throw(UserError, "x holds 2 locales");
  });

  it("adds utterances to one array of one file, and keeps what it does not know", () => {
    const before = testArchive(intents).with([
      "TestBot/BotLocales/es_ES/Future.bin",
      Buffer.from([0, 255, 1]),
    ]);
    const locale = onlyLocaleOf(before);
    const { archive } = withUtterances(locale, new Map([["BuscarVuelo", ["me voy de viaje"]]]));
    const path = "TestBot/BotLocales/es_ES/Intents/BuscarVuelo/Intent.json";
    expect([...archive.keys()]).to.deep.equal([...before.keys()]);
    for (const [file, content] of before) {
      if (file !== path) {
        expect(archive.get(file)).to.equal(content);
      }
    }
    const expected = JSON.parse(before.get(path)?.toString() ?? "") as { sampleUtterances: unknown[] };
    expected.sampleUtterances.push({ utterance: "me voy de viaje" });
    expect(archive.get(path)?.toString()).to.equal(JSON.stringify(expected));
  });

  it("adds to an intent that has none yet", () => {
    const locale = withUtterances(testLocale({ Nuevo: {} }), new Map([["Nuevo", ["hola"]]]));
    expect(locale.intents.get("Nuevo")?.sampleUtterances).to.deep.equal(["hola"]);
  });

  it("packs nothing into an archive without changing it", () => {
    const locale = testLocale(intents);
    expect(readArchive(writeArchive(withUtterances(locale, new Map()).archive), "x")).to.deep.equal(
      locale.archive,
    );
  });

  it("names the file that is not what Lex exports", () => {
    const path = "TestBot/BotLocales/es_ES/Intents/BuscarVuelo/Intent.json";
    const broken = (content: string) => () =>
      localesOf(new Archive("bot.zip", testArchive(intents)).with([path, Buffer.from(content)]));
    expect(broken("{")).to.throw(UserError, `bot.zip: ${path} is not JSON: export the bot from Lex again.`);
    expect(broken('{"name":7}')).to.throw(UserError, `bot.zip: ${path} is not what Lex exports (name: `);
    expect(broken('{"name":"FallbackIntent"}')).to.throw(
      UserError,
      "bot.zip holds the intent FallbackIntent twice.",
    );
  });
});
