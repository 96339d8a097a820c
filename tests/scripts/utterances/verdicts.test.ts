import { expect } from "chai";
import fc from "fast-check";
import type { UnlabelledMode } from "../../../pipeline/settings";
import type { Utterance } from "../../../scripts/artifacts/utterances";
import type { Locale } from "../../../scripts/lex/locale";
import { UserError } from "../../../scripts/messages/user-error";
import { comparisonKey } from "../../../scripts/utterances/comparison-key";
import { decide } from "../../../scripts/utterances/verdicts";
import { testLocale } from "../../support/bots";

const library = testLocale({
  RenovarPrestamo: { utterances: ["quiero renovar mi préstamo"], slots: { Titulo: [] } },
  PagarMulta: { utterances: ["Pagar la multa."] },
  Preguntas: { parent: "AMAZON.QnAIntent" },
  Ayuda: { parent: "AMAZON.HelpIntent" },
});

describe("verdicts", () => {
  it("adds a labelled utterance that no intent has", () => {
    expect(one(miss("dame una prórroga", "RenovarPrestamo"))).to.deep.equal([
      "add",
      "labelled",
      "RenovarPrestamo",
      "Added to RenovarPrestamo.",
    ]);
  });

  it("knows an utterance that its intent has in another spelling", () => {
    const known = ["known", "already-there", "PagarMulta", "PagarMulta has it already."];
    expect(one(miss("¿PAGAR  la multa?", "PagarMulta"))).to.deep.equal(known);
  });

  it("knows an unlabelled utterance that some intent has", () => {
    const known = ["known", "already-there", "PagarMulta", "PagarMulta has it already."];
    expect(one(miss("pagar la multa"))).to.deep.equal(known);
  });

  it("sees the conflict with another intent that has the utterance", () => {
    expect(one(miss("pagar la multa", "RenovarPrestamo"))).to.deep.equal([
      "conflict",
      "in-another-intent",
      "PagarMulta",
      "PagarMulta has it already, so Lex could not tell the two apart. Remove it there, or label it PagarMulta.",
    ]);
  });

  it("sees the conflict of two rows, and names both", () => {
    const utterance = miss("me he retrasado", "PagarMulta");
    utterance.labels.push({ intent: "RenovarPrestamo", file: "b.csv", line: 9 });
    expect(one(utterance)).to.deep.equal([
      "conflict",
      "two-labels",
      "PagarMulta",
      "The rows disagree: PagarMulta (a.csv, line 2) and RenovarPrestamo (b.csv, line 9). Keep only one of them.",
    ]);
  });

  it("suggests intents for an unlabelled utterance, best first", () => {
    const [verdict] = decide([miss("renovar el préstamo otra vez")], library, "review");
    expect(verdict).to.include({ verdict: "review", reason: "unlabelled", intent: undefined });
    expect(verdict?.suggestions[0]).to.include({
      intent: "RenovarPrestamo",
      nearest: "quiero renovar mi préstamo",
    });
    expect(verdict?.explanation).to.equal(
      "No row says which intent it belongs to; it looks most like “quiero renovar mi préstamo” of RenovarPrestamo. " +
        "Write the intent beside it and drop the file in again.",
    );
  });

  it("suggests nothing when nothing is similar", () => {
    const [verdict] = decide([miss("xyz")], library, "review");
    expect(verdict?.suggestions).to.deep.equal([]);
    expect(verdict?.explanation).to.match(/^No row says .* does not look like anything that the bot knows\./);
  });

  it("does not take the FallbackIntent as a label, whatever its name", () => {
    const locale = testLocale({
      NoEntiendo: { parent: "AMAZON.FallbackIntent" },
      Saludo: { utterances: ["hola"] },
    });
    expect(one(miss("qué tal", "NoEntiendo"), { locale })[0]).to.equal("review");
  });

  it("adds unlabelled utterances to the fallback's companion in that mode", () => {
    const locale = testLocale({
      NoEntiendo: { parent: "AMAZON.FallbackIntent" },
      Saludo: { utterances: ["hola"] },
    });
    expect(one(miss("qué tal"), { locale, unlabelled: "companion" })).to.deep.equal([
      "add",
      "companion",
      "NoEntiendoCompanion",
      "Added to NoEntiendoCompanion, which answers as NoEntiendo does.",
    ]);
  });

  it("knows an utterance that the companion has from an earlier run", () => {
    const locale = testLocale({ FallbackIntentCompanion: { utterances: ["qué tal"] } });
    expect(one(miss("qué tal"), { locale, unlabelled: "companion" })[0]).to.equal("known");
  });

  it("refuses an intent that the bot does not have, and finds the one that was meant", () => {
    expect(one(miss("dame una prórroga", "renovar préstamo"))).to.deep.equal([
      "reject",
      "unknown-intent",
      "renovar préstamo",
      "The bot has no intent renovar préstamo in es_ES. Did you mean RenovarPrestamo?",
    ]);
    expect(one(miss("dame una prórroga", "Otro"))[3]).to.equal("The bot has no intent Otro in es_ES.");
  });

  it("refuses Lex's own intents by their parent, except QnAIntent", () => {
    expect(one(miss("socorro", "Ayuda"))).to.deep.equal([
      "reject",
      "built-in-intent",
      "Ayuda",
      "Ayuda is Lex's own intent (AMAZON.HelpIntent) and takes no utterances.",
    ]);
    expect(one(miss("tengo una pregunta", "Preguntas"))[0]).to.equal("add");
  });

  for (const [text, problem] of [
    ["renovar {Autor}", "names the slot {Autor}, which the intent does not have"],
    ["{Titulo} y {Titulo}", "names a slot twice"],
    ["renovar {Titulo}?", "has no space between a slot and the word next to it"],
  ] as const) {
    it(`refuses an utterance that ${problem}`, () => {
      const refused = ["reject", "unknown-slot", "RenovarPrestamo", `It ${problem}: RenovarPrestamo.`];
      expect(one(miss(text, "RenovarPrestamo"))).to.deep.equal(refused);
    });
  }

  it("takes a slot of the target intent", () => {
    expect(one(miss("prórroga de {Titulo}", "RenovarPrestamo"))[0]).to.equal("add");
  });

  for (const rejection of [
    "empty",
    "too-long",
    "invalid-characters",
    "no-letter-or-digit",
    "braces",
  ] as const) {
    it(`passes on the rejection ${rejection}`, () => {
      const verdict = one({ ...miss("x", "PagarMulta"), rejection });
      expect(verdict.slice(0, 3)).to.deep.equal(["reject", rejection, "PagarMulta"]);
    });
  }

  it("fills an intent up to 1,500 utterances, with those that were missed most", () => {
    const utterances = Array.from({ length: 1_498 }, (_, index) => `frase ${index}`);
    const misses = [
      miss("una vez", "Lleno", 1),
      miss("diez veces", "Lleno", 10),
      miss("dos veces", "Lleno", 2),
    ];
    const verdicts = decide(misses, testLocale({ Lleno: { utterances } }), "review");
    expect(verdicts.map(({ verdict, reason }) => [verdict, reason])).to.deep.equal([
      ["reject", "intent-full"],
      ["add", "labelled"],
      ["add", "labelled"],
    ]);
    expect(verdicts[0]?.explanation).to.equal(
      "Lleno would have more than 1500 utterances, the most that Lex takes.",
    );
  });

  it("fills a locale up to 200,000 UTF-16 units, slots' utterances among them, and ten times that in English", () => {
    // 399 times 500 characters, and 400 of a slot, leave 100.
    const utterances = Array.from({ length: 399 }, (_, index) => String(index).padEnd(500, "x"));
    const intents = { Largo: { utterances, slots: { Dato: ["y".repeat(400)] } } };
    const fits = `${"😀".repeat(49)}ab`;
    const locale = testLocale(intents);
    expect(one(miss(fits, "Largo"), { locale })[0]).to.equal("add");
    expect(one(miss(`${fits}c`, "Largo"), { locale }).slice(0, 2)).to.deep.equal(["reject", "locale-full"]);
    const english = testLocale(intents, { localeId: "en_US" });
    expect(one(miss(`${fits}c`, "Largo"), { locale: english })[0]).to.equal("add");
  });

  it("makes no companion in a locale that is full of intents", () => {
    const locale = testLocale(
      Object.fromEntries(Array.from({ length: 249 }, (_, index) => [`Intent${index}`, {}])),
    );
    expect(one(miss("hola"), { locale, unlabelled: "companion" }).slice(0, 2)).to.deep.equal([
      "reject",
      "locale-full",
    ]);
  });

  it("refuses a locale without a FallbackIntent", () => {
    const locale: Locale = { ...library, intents: new Map() };
    expect(() => decide([], locale, "review")).to.throw(UserError, "Locale es_ES has no FallbackIntent");
  });

  it("gives each utterance one verdict, and adds none that an intent already has", () => {
    const word = fc.constantFrom(
      "pagar",
      "la",
      "multa",
      "renovar",
      "préstamo",
      "¿",
      "?",
      "MULTA",
      "{Titulo}",
    );
    const label = fc.option(fc.constantFrom("PagarMulta", "RenovarPrestamo", "Otro"), { nil: undefined });
    const utterances = fc.uniqueArray(
      fc
        .tuple(fc.array(word, { minLength: 1, maxLength: 4 }), label)
        .map(([words, intent]) => miss(words.join(" "), intent)),
      { selector: ({ key }) => key, maxLength: 30 },
    );
    const present = new Set(["quiero renovar mi préstamo", "pagar la multa"]);
    fc.assert(
      fc.property(utterances, fc.constantFrom<UnlabelledMode>("review", "companion"), (list, unlabelled) => {
        const verdicts = decide(list, library, unlabelled);
        expect(verdicts.map(({ utterance }) => utterance)).to.deep.equal(list);
        for (const { verdict, utterance } of verdicts) {
          if (verdict === "add") {
            expect(present.has(utterance.key)).to.equal(false);
          }
        }
      }),
    );
  });
});

function miss(text: string, label?: string, count = 1): Utterance {
  const place = { file: "a.csv", line: 2 };
  const labels = label === undefined ? [] : [{ intent: label, ...place }];
  return { key: comparisonKey(text), text, count, ...place, labels };
}

function one(
  utterance: Utterance,
  { locale = library, unlabelled = "review" }: { locale?: Locale; unlabelled?: UnlabelledMode } = {},
): unknown[] {
  const [verdict] = decide([utterance], locale, unlabelled);
  return [verdict?.verdict, verdict?.reason, verdict?.intent, verdict?.explanation];
}
