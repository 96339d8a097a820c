import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { isLexName, maxUtteranceLength } from "../scripts/lex/quotas";

const samples = join(__dirname, "../samples");

const bots = {
  es_ES: {
    bot: "BibliotecaBarrio",
    voice: "Lucia",
    intents: [
      "BuscarLibro",
      "ConsultarHorario",
      "ConsultarUbicacion",
      "HacerseSocio",
      "PagarMulta",
      "RecomendarLectura",
      "RenovarPrestamo",
      "ReservarSala",
    ],
    builtIns: ["FallbackIntent", "HelpIntent"],
    eliciting: 7,
    outOfScope: 5,
    withCodeHooks: "ReservarSala",
    misses: { encoding: "windows-1252", delimiter: ";" },
  },
  en_US: {
    bot: "CornerCafe",
    voice: "Joanna",
    intents: ["BookTable", "CheckOpeningHours", "OrderCake"],
    builtIns: ["FallbackIntent"],
    eliciting: 2,
    outOfScope: 2,
    withCodeHooks: "OrderCake",
    misses: { encoding: "utf-8", delimiter: "," },
  },
};

const intentKeys = [
  "name",
  "identifier",
  "description",
  "parentIntentSignature",
  "sampleUtterances",
  "intentConfirmationSetting",
  "intentClosingSetting",
  "initialResponseSetting",
  "inputContexts",
  "outputContexts",
  "kendraConfiguration",
  "qnAIntentConfiguration",
  "bedrockAgentIntentConfiguration",
  "qInConnectIntentConfiguration",
  "dialogCodeHook",
  "fulfillmentCodeHook",
  "slotPriorities",
];

const named = { name: z.string(), identifier: z.string() };
const response = z.object({ messageGroupsList: z.array(z.unknown()) });
const codeHook = z.object({ enabled: z.boolean() }).nullable();

const localeSchema = z.object({
  identifier: z.string(),
  voiceSettings: z.object({ engine: z.string(), voiceId: z.string() }),
  nluConfidenceThreshold: z.number(),
});
const intentSchema = z.object({
  ...named,
  parentIntentSignature: z.string().nullable(),
  sampleUtterances: z.array(z.object({ utterance: z.string() })).nullable(),
  intentClosingSetting: z.object({ isActive: z.literal(true), closingResponse: response }),
  initialResponseSetting: z.object({ initialResponse: response.nullable() }),
  dialogCodeHook: codeHook,
  fulfillmentCodeHook: codeHook,
  slotPriorities: z.array(z.object({ priority: z.number(), slotName: z.string() })),
});
const slotSchema = z.object({ ...named, slotTypeName: z.string() });
const slotTypeSchema = z.object({
  ...named,
  slotTypeValues: z.array(
    z.object({
      sampleValue: z.object({ value: z.string() }),
      synonyms: z.array(z.object({ value: z.string() })).nullable(),
    }),
  ),
});

for (const localeId of ["es_ES", "en_US"] as const) {
  const expected = bots[localeId];
  const { manifest, bot, locale, intents, slotTypes } = readBot(localeId, expected.bot);
  const custom = intents.filter(({ parentIntentSignature }) => parentIntentSignature === null);
  const builtIn = intents.filter(({ parentIntentSignature }) => parentIntentSignature !== null);

  describe(`the sample bot of ${localeId}`, () => {
    it("is a full-bot export", () => {
      expect(manifest).to.deep.equal({
        metaData: { schemaVersion: "1", fileFormat: "LexJson", resourceType: "BOT" },
      });
      expect(bot).to.include({ name: expected.bot, version: "DRAFT", idleSessionTTLInSeconds: 300 });
      expect(locale.identifier).to.equal(localeId);
      expect(locale.voiceSettings).to.deep.equal({ engine: "neural", voiceId: expected.voice });
      expect(locale.nluConfidenceThreshold).to.equal(0.4);
    });

    it("has the intents that the CSVs speak of, most of which elicit slots", () => {
      expect(custom.map(({ name }) => name)).to.deep.equal(expected.intents);
      expect(builtIn.map(({ name }) => name)).to.deep.equal(expected.builtIns);
      expect(custom.filter(({ slots }) => slots.length > 0)).to.have.length(expected.eliciting);
    });

    it("has the keys of a current export in every intent", () => {
      for (const { keys } of intents) {
        expect(keys).to.deep.equal(intentKeys);
      }
    });

    it("has names and identifiers that Lex accepts, each identifier once", () => {
      const resources = [bot, ...intents, ...intents.flatMap(({ slots }) => slots), ...slotTypes];
      for (const { name, identifier } of resources) {
        expect(isLexName(name), name).to.equal(true);
        expect(identifier, name).to.match(/^[A-Z0-9]{10}$/);
      }
      expect(new Set(resources.map(({ identifier }) => identifier)).size).to.equal(resources.length);
    });

    it("names every resource like its folder", () => {
      for (const { name, folder, slots } of intents) {
        expect(name).to.equal(folder);
        for (const slot of slots) {
          expect(slot.name).to.equal(slot.folder);
        }
      }
      for (const { name, folder } of slotTypes) {
        expect(name).to.equal(folder);
      }
    });

    it("gives every custom intent eight to fifteen utterances within Lex's limit, and built-ins none", () => {
      for (const { name, utterances } of custom) {
        expect(utterances.length, name).to.be.within(8, 15);
        for (const utterance of utterances) {
          expect(utterance.length, utterance).to.be.within(1, maxUtteranceLength);
        }
      }
      for (const { sampleUtterances } of builtIn) {
        expect(sampleUtterances).to.equal(null);
      }
    });

    it("has no utterance twice, whatever its case and punctuation", () => {
      const keys = custom.flatMap(({ utterances }) => utterances.map(comparisonKey));
      expect(keys.filter((key, index) => keys.indexOf(key) !== index)).to.deep.equal([]);
    });

    it("refers in utterances to slots of the intent, once each, between white space and other words", () => {
      for (const { utterances, slots } of custom) {
        for (const utterance of utterances) {
          const references = slotReferences(utterance);
          const words = utterance.split(" ");
          expect(words, utterance).to.include.members(references.map((name) => `{${name}}`));
          expect(new Set(references).size, utterance).to.equal(references.length);
          expect(words.length, utterance).to.be.greaterThan(references.length);
          expect(
            slots.map(({ name }) => name),
            utterance,
          ).to.include.members(references);
        }
      }
    });

    it("lists every slot in the intent's priorities, with a type that exists", () => {
      const types = new Set(slotTypes.map(({ name }) => name));
      for (const { name, slots, slotPriorities } of intents) {
        expect(slotPriorities.map(({ slotName }) => slotName)).to.have.members(
          slots.map((slot) => slot.name),
        );
        expect(
          slotPriorities.map(({ priority }) => priority),
          name,
        ).to.deep.equal(slots.map((_, index) => index + 1));
        for (const { slotTypeName } of slots) {
          expect(types.has(slotTypeName) || slotTypeName.startsWith("AMAZON."), slotTypeName).to.equal(true);
        }
      }
    });

    it("uses every slot type, each with values and some with synonyms", () => {
      const used = custom.flatMap(({ slots }) => slots.map(({ slotTypeName }) => slotTypeName));
      for (const { name, slotTypeValues } of slotTypes) {
        expect(used).to.include(name);
        expect(slotTypeValues.length, name).to.be.greaterThan(2);
        expect(
          slotTypeValues.some(({ synonyms }) => synonyms !== null),
          name,
        ).to.equal(true);
      }
    });

    it("has one intent with code hooks, a closing response in every one, and a fallback worth copying", () => {
      const withCodeHooks = custom.filter(
        ({ dialogCodeHook, fulfillmentCodeHook }) => dialogCodeHook?.enabled && fulfillmentCodeHook?.enabled,
      );
      expect(withCodeHooks.map(({ name }) => name)).to.deep.equal([expected.withCodeHooks]);
      for (const { name, intentClosingSetting } of intents) {
        expect(intentClosingSetting.closingResponse.messageGroupsList, name).to.have.length(1);
      }

      const fallback = intents.find(({ name }) => name === "FallbackIntent");
      expect(fallback?.identifier).to.equal("FALLBCKINT");
      expect(fallback?.parentIntentSignature).to.equal("AMAZON.FallbackIntent");
      expect(fallback?.fulfillmentCodeHook?.enabled).to.equal(true);
      expect(fallback?.initialResponseSetting.initialResponse?.messageGroupsList).to.have.length(1);
    });
  });

  describe(`the golden set of ${localeId}`, () => {
    const golden = readCsv(`${localeId}/golden.csv`, { encoding: "utf-8", delimiter: "," });

    it("asks for every custom intent, and for FallbackIntent where the bot must not answer", () => {
      expect(golden.header).to.deep.equal(["utterance", "intent"]);
      for (const intent of expected.intents) {
        expect(golden.rows.filter((row) => row.intent === intent).length, intent).to.be.within(2, 4);
      }
      expect(golden.rows.filter((row) => row.intent === "FallbackIntent")).to.have.length(
        expected.outOfScope,
      );
      expect(expected.intents.concat("FallbackIntent")).to.include.members(
        golden.rows.map(({ intent }) => intent),
      );
    });

    it("asks for nothing that the bot or the misses hold word for word", () => {
      const { rows: misses } = readCsv(`${localeId}/misses.csv`, expected.misses);
      const held = new Set(
        [...custom.flatMap(({ utterances }) => utterances), ...misses.map(({ utterance }) => utterance)].map(
          comparisonKey,
        ),
      );
      expect(golden.rows.filter(({ utterance }) => held.has(comparisonKey(utterance)))).to.deep.equal([]);
    });
  });
}

describe("the Spanish misses", () => {
  const file = readFileSync(join(samples, "es_ES/misses.csv"));
  const { header, rows } = readCsv("es_ES/misses.csv", bots.es_ES.misses);
  const { intents } = readBot("es_ES", bots.es_ES.bot);
  const custom = intents.filter(({ parentIntentSignature }) => parentIntentSignature === null);
  const labelled = rows.filter(({ intent }) => bots.es_ES.intents.includes(intent));
  const unlabelled = rows.filter(({ intent }) => ["", "FallbackIntent"].includes(intent));
  const holder = (utterance: string) =>
    custom.find(({ utterances }) =>
      utterances.some((held) => comparisonKey(held) === comparisonKey(utterance)),
    )?.name;
  const slotsOf = (intent: string) =>
    custom.find(({ name }) => name === intent)?.slots.map(({ name }) => name) ?? [];
  const isConflict = ({ utterance, intent }: { utterance: string; intent: string }) =>
    (holder(utterance) ?? intent) !== intent ||
    labelled.some(
      (other) => other.intent !== intent && comparisonKey(other.utterance) === comparisonKey(utterance),
    );

  it("are a CSV as Spanish Excel writes it", () => {
    expect(() => new TextDecoder("utf-8", { fatal: true }).decode(file)).to.throw();
    const text = decode(file, "windows-1252");
    expect(text).to.match(/^Frase;Intención;Veces\r\n/);
    expect(text.replaceAll("\r\n", "").match(/[\r\n]/g)).to.deep.equal(["\n"]);
    expect(text).to.include("ñ").and.to.include("€");
    expect(header).to.deep.equal(["Frase", "Intención", "Veces"]);
    expect(rows).to.have.length(40);
    for (const { count } of rows) {
      expect(count).to.match(/^[1-9]\d*$/);
    }
  });

  it("quote a semicolon, a quote and a line break, and hold a formula", () => {
    const utterances = rows.map(({ utterance }) => utterance);
    expect(utterances.filter((utterance) => /[;"\n]/.test(utterance))).to.deep.equal([
      "ando detrás de un tebeo antiguo; creo que es de Ibáñez",
      'algo parecido a "Cien años de soledad"',
      "mándame la localización\npor favor",
    ]);
    expect(unlabelled.filter(({ utterance }) => utterance.startsWith("="))).to.have.length(1);
  });

  it("hold utterances to add to every custom intent", () => {
    const added = labelled.filter(
      (row) =>
        holder(row.utterance) === undefined &&
        !isConflict(row) &&
        isUsable(row.utterance, slotsOf(row.intent)),
    );
    expect(added).to.have.length(20);
    expect(new Set(added.map(({ intent }) => intent))).to.deep.equal(new Set(bots.es_ES.intents));
  });

  it("hold one utterance in three spellings", () => {
    const key = comparisonKey("me he retrasado con la devolución");
    expect(rows.filter(({ utterance }) => comparisonKey(utterance) === key)).to.deep.equal([
      { utterance: "me he retrasado con la devolución", intent: "PagarMulta", count: "9" },
      { utterance: "Me he retrasado con la devolución.", intent: "PagarMulta", count: "4" },
      { utterance: "¡ME HE RETRASADO CON LA DEVOLUCIÓN!", intent: "PagarMulta", count: "1" },
    ]);
  });

  it("hold utterances that are known", () => {
    const known = labelled.filter(({ utterance, intent }) => holder(utterance) === intent);
    expect(known.map(({ utterance }) => utterance)).to.deep.equal([
      "¿A qué hora abre la biblioteca?",
      "QUIERO RENOVAR UN PRÉSTAMO",
      "reservar una sala de estudio...",
    ]);
  });

  it("hold conflicts with another intent and between two rows", () => {
    const conflicts = labelled.filter(isConflict);
    expect(conflicts.map(({ utterance, intent }) => [utterance, intent])).to.deep.equal([
      ["tengo una sanción pendiente", "RenovarPrestamo"],
      ["puedo llevarme un portátil", "BuscarLibro"],
      ["Puedo llevarme un portátil", "ReservarSala"],
      ["¿Abrís los domingos?", "ConsultarUbicacion"],
    ]);
  });

  it("hold utterances to review", () => {
    const review = unlabelled.filter(({ utterance }) => isUsable(utterance, []));
    expect(review.map(({ utterance, intent }) => [utterance, intent])).to.deep.equal([
      ["hay wifi", ""],
      ["ponme un taxi al aeropuerto", "FallbackIntent"],
      ["qué me recomiendas para mi abuela", ""],
      ["¿se puede comer dentro?", ""],
      ["cuándo es el cuentacuentos", "FallbackIntent"],
      ["=1+1 hola", ""],
      ["quiero hablar con una persona", ""],
    ]);
  });

  it("hold a row to reject for each reason", () => {
    const rejected = rows.filter(
      ({ utterance, intent }) =>
        !["", "FallbackIntent", ...bots.es_ES.intents].includes(intent) ||
        !isUsable(utterance, slotsOf(intent)),
    );
    expect(rejected.map(({ utterance, intent }) => [utterance.slice(0, 28), intent])).to.deep.equal([
      ["mañana está cerrado o qué", "ConsultarHorarios"],
      ["no me aclaro con las opcione", "HelpIntent"],
      ["Buenas tardes, os escribo po", "RenovarPrestamo"],
      ["guardadme algo en {Planta}", "ReservarSala"],
      ["¿¿??", ""],
      ["", "ConsultarHorario"],
    ]);
    expect(rows.filter(({ utterance }) => utterance.length > maxUtteranceLength)).to.have.length(1);
  });
});

describe("the Spanish poison", () => {
  const { header, rows } = readCsv("es_ES/poison.csv", { encoding: "utf-8", delimiter: "," });
  const { rows: golden } = readCsv("es_ES/golden.csv", { encoding: "utf-8", delimiter: "," });
  const { rows: misses } = readCsv("es_ES/misses.csv", bots.es_ES.misses);
  const held = readBot("es_ES", bots.es_ES.bot).intents.flatMap(({ utterances }) => utterances);
  const [good, ...poison] = rows;

  it("recovers one miss", () => {
    expect(header).to.deep.equal(["utterance", "intent"]);
    const { utterance, intent } = z.object({ utterance: z.string(), intent: z.string() }).parse(good);
    expect(misses.filter((miss) => miss.utterance === utterance && miss.intent === intent)).to.have.length(1);
  });

  it("is not in any intent, so that it does not show up as a conflict", () => {
    const keys = held.map(comparisonKey);
    expect(rows.filter(({ utterance }) => keys.includes(comparisonKey(utterance)))).to.deep.equal([]);
  });

  it("is nearer to a golden phrase of another intent than the bot's own utterances are", () => {
    const flips = poison.map(({ utterance, intent }) => {
      const flipped = nearest(
        utterance,
        golden.map((row) => row.utterance),
      );
      expect(sharedWords(flipped, utterance)).to.be.greaterThan(sharedWords(flipped, nearest(flipped, held)));
      return [flipped, golden.find((row) => row.utterance === flipped)?.intent, intent];
    });
    expect(flips).to.deep.equal([
      ["a qué hora abre la biblioteca los lunes por la mañana", "ConsultarHorario", "PagarMulta"],
      ["necesito reservar una sala", "ReservarSala", "BuscarLibro"],
      ["qué tiempo hace mañana en Sevilla", "FallbackIntent", "ConsultarHorario"],
    ]);
  });
});

describe("the English misses", () => {
  it("are a CSV with the column names of Lex's own lists", () => {
    const { header, rows } = readCsv("en_US/misses.csv", bots.en_US.misses);
    expect(header).to.deep.equal(["utterance", "intent", "missedCount"]);
    expect(rows).to.have.length(13);
    for (const intent of bots.en_US.intents) {
      expect(rows.filter((row) => row.intent === intent).length, intent).to.be.greaterThan(1);
    }
  });
});

/** An unpacked full-bot export. Its intents and slot types are sorted by name. */
function readBot(localeId: string, name: string) {
  const root = join(samples, localeId, "bot");
  const locale = join(root, name, "BotLocales", localeId);
  return {
    manifest: readJson(join(root, "Manifest.json")),
    bot: z.looseObject(named).parse(readJson(join(root, name, "Bot.json"))),
    locale: localeSchema.parse(readJson(join(locale, "BotLocale.json"))),
    intents: foldersIn(join(locale, "Intents")).map(readIntent),
    slotTypes: foldersIn(join(locale, "SlotTypes")).map(({ folder, path }) => ({
      folder,
      ...slotTypeSchema.parse(readJson(join(path, "SlotType.json"))),
    })),
  };
}

function readIntent({ folder, path }: { folder: string; path: string }) {
  const json = z.record(z.string(), z.unknown()).parse(readJson(join(path, "Intent.json")));
  const intent = intentSchema.parse(json);
  return {
    folder,
    ...intent,
    keys: Object.keys(json),
    utterances: (intent.sampleUtterances ?? []).map(({ utterance }) => utterance),
    slots: foldersIn(join(path, "Slots")).map((slot) => ({
      folder: slot.folder,
      ...slotSchema.parse(readJson(join(slot.path, "Slot.json"))),
    })),
  };
}

function foldersIn(parent: string) {
  const folders = existsSync(parent) ? readdirSync(parent).sort() : [];
  return folders.map((folder) => ({ folder, path: join(parent, folder) }));
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf-8"));
}

function readCsv(file: string, { encoding, delimiter }: { encoding: string; delimiter: string }) {
  const text = decode(readFileSync(join(samples, file)), encoding);
  const [header, ...rows] = z.array(z.array(z.string())).parse(parse(text, { delimiter }));
  return {
    header,
    rows: rows.map(([utterance = "", intent = "", count = ""]) => ({ utterance, intent, count })),
  };
}

/**
 * As a stream, because Node.js since 20.18.3 otherwise reads Windows-1252 as Latin-1 and loses the euro sign.
 */
function decode(bytes: Buffer, encoding: string): string {
  return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
}

/** Equal for two utterances that differ only in case, white space or surrounding punctuation. */
function comparisonKey(utterance: string): string {
  return utterance
    .normalize("NFC")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/^[^\p{L}\p{N}{]+|[^\p{L}\p{N}}]+$/gu, "");
}

function slotReferences(utterance: string): string[] {
  return [...utterance.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);
}

function isUsable(utterance: string, slots: string[]): boolean {
  return (
    /[\p{L}\p{N}]/u.test(utterance) &&
    utterance.length <= maxUtteranceLength &&
    slotReferences(utterance).every((name) => slots.includes(name))
  );
}

function nearest(utterance: string, candidates: string[]): string {
  return candidates.reduce((best, candidate) =>
    sharedWords(utterance, candidate) > sharedWords(utterance, best) ? candidate : best,
  );
}

/** The number of words that both utterances have, divided by the number of all their words. */
function sharedWords(one: string, other: string): number {
  const words = new Set(one.split(" "));
  const others = new Set(other.split(" "));
  const shared = [...words].filter((word) => others.has(word)).length;
  return shared / (words.size + others.size - shared);
}
