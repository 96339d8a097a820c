import { expect } from "chai";
import { differences } from "../../../scripts/lex/differences";
import { localesOf } from "../../../scripts/lex/locale";
import { testArchive, testLocale } from "../../support/bots";

const same = { lost: [], gained: [] };
const saludo = { utterances: ["hola", "buenas"] };

describe("differences", () => {
  it("finds none between two layouts, identifiers, versions, orders of utterances, and null or nothing", () => {
    const one = testLocale({
      Saludo: {
        ...saludo,
        extra: { identifier: "AAAAAAAAAA", version: "7", description: null, kendraConfiguration: null },
      },
    });
    const other = testLocale(
      { Saludo: { utterances: ["buenas", "hola"], extra: { identifier: "BBBBBBBBBB" } } },
      { root: "" },
    );
    expect(differences(one, other)).to.deep.equal(same);
  });

  it("names an intent that is missing and one that is new", () => {
    const [before, after] = [testLocale({ Saludo: saludo }), testLocale({ Adios: saludo })];
    expect(differences(before, after)).to.deep.equal({
      lost: ["Intents/Saludo/Intent.json is missing.", "Intents/Adios/Intent.json was not there before."],
      gained: [],
    });
  });

  it("names an utterance that is missing, and one in another spelling", () => {
    expect(
      differences(testLocale({ Saludo: saludo }), testLocale({ Saludo: { utterances: ["hola"] } })).lost,
    ).to.deep.equal(["Intents/Saludo/Intent.json.sampleUtterances is a list of 1 instead of a list of 2."]);
    expect(
      differences(testLocale({ Saludo: saludo }), testLocale({ Saludo: { utterances: ["Hola", "buenas"] } }))
        .lost,
    ).to.have.length(2);
  });

  it("names a setting that was lost, also within an intent's responses, and one that came", () => {
    const closing = { intentClosingSetting: { isActive: true, messages: [{ value: "Adiós." }] } };
    const meant = testLocale({ Saludo: { ...saludo, extra: closing } });
    const changed = testLocale({
      Saludo: {
        ...saludo,
        extra: { intentClosingSetting: { isActive: true, messages: [{ value: "Hasta luego." }] } },
      },
    });
    expect(differences(meant, changed).lost).to.deep.equal([
      "Intents/Saludo/Intent.json.intentClosingSetting.messages[0].value is a text of 12 characters instead of a text of 6 characters.",
    ]);
    expect(differences(meant, testLocale({ Saludo: saludo })).lost).to.have.length(1);
    expect(differences(testLocale({ Saludo: saludo }), meant)).to.deep.equal({
      lost: [],
      gained: ["Intents/Saludo/Intent.json.intentClosingSetting is an object."],
    });
  });

  it("compares files of no known kind byte by byte", () => {
    const path = "TestBot/BotLocales/es_ES/Future.bin";
    const locale = (content: string) =>
      localesOf(testArchive({}).with([path, Buffer.from(content)]))[0] ?? testLocale({});
    expect(differences(locale("a"), locale("a"))).to.deep.equal(same);
    expect(differences(locale("a"), locale("b")).lost).to.deep.equal(["Future.bin has another content."]);
  });
});
