import { type LocalBot, botOf } from "../../../local/lex/load-bot";
import { Archive } from "../../../scripts/lex/archive";

/** A small library's bot in Spanish: two intents, one with a slot, a built-in and a FallbackIntent. */
export function libraryBot(changes: Readonly<Record<string, unknown>> = {}): LocalBot {
  return botOf(files({ ...libraryFiles(), ...changes }));
}

/** The bot's files as objects, by path. */
export function libraryFiles(): Record<string, unknown> {
  return {
    "Biblioteca/Bot.json": {
      name: "Biblioteca",
      version: "DRAFT",
      description: "La biblioteca del barrio",
      identifier: "BIBLIOTECA",
      dataPrivacy: { childDirected: false },
      idleSessionTTLInSeconds: 600,
    },
    ...localeFiles("Biblioteca/BotLocales/es_ES/"),
  };
}

/** The files of its only locale, below a folder, with the manifest of a locale's export. */
export function localeExport(
  root = "Biblioteca/BotLocales/es_ES/",
  changes: Readonly<Record<string, unknown>> = {},
): Archive {
  const manifest = { metaData: { schemaVersion: "1", fileFormat: "LexJson", resourceType: "BOT_LOCALE" } };
  return files({ "Manifest.json": manifest, ...localeFiles(root), ...changes });
}

function localeFiles(root: string): Record<string, unknown> {
  return {
    [`${root}BotLocale.json`]: {
      name: "Spanish (Spain)",
      identifier: "es_ES",
      version: null,
      description: null,
      voiceSettings: { engine: "neural", voiceId: "Lucia" },
      nluConfidenceThreshold: 0.4,
    },
    [`${root}Intents/Horario/Intent.json`]: intent("Horario", {
      identifier: "HORARIO001",
      sampleUtterances: utterances("a qué hora abre la biblioteca", "cuál es el horario de los sábados"),
      intentClosingSetting: {
        isActive: true,
        closingResponse: response("Abrimos de 9 a 20 horas."),
        nextStep: null,
      },
    }),
    [`${root}Intents/Renovar/Slots/Titulo/Slot.json`]: {
      name: "Titulo",
      identifier: "TITULO0001",
      slotTypeName: "Libro",
      valueElicitationSetting: {
        slotConstraint: "Required",
        promptSpecification: { ...response("¿Qué libro?"), maxRetries: 2 },
        sampleUtterances: utterances("el libro {Titulo}"),
      },
    },
    [`${root}Intents/Renovar/Intent.json`]: intent("Renovar", {
      identifier: "RENOVAR001",
      sampleUtterances: utterances("quiero renovar un préstamo", "renueva {Titulo} por favor"),
      slotPriorities: [{ priority: 1, slotName: "Titulo" }],
    }),
    [`${root}Intents/Ayuda/Intent.json`]: intent("Ayuda", { parentIntentSignature: "AMAZON.HelpIntent" }),
    [`${root}Intents/FallbackIntent/Intent.json`]: intent("FallbackIntent", {
      identifier: "FALLBCKINT",
      parentIntentSignature: "AMAZON.FallbackIntent",
      intentClosingSetting: {
        isActive: true,
        closingResponse: response("No te he entendido."),
        nextStep: null,
      },
    }),
    [`${root}SlotTypes/Libro/SlotType.json`]: {
      name: "Libro",
      identifier: "LIBRO00001",
      slotTypeValues: [{ sampleValue: { value: "Don Quijote" }, synonyms: null }],
    },
  };
}

export function intent(name: string, members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    name,
    identifier: null,
    description: null,
    parentIntentSignature: null,
    sampleUtterances: null,
    inputContexts: null,
    slotPriorities: [],
    ...members,
  };
}

export function utterances(...texts: readonly string[]): { utterance: string }[] {
  return texts.map((utterance) => ({ utterance }));
}

/** Files of JSON; what is undefined is no file. */
export function files(contents: Readonly<Record<string, unknown>>): Archive {
  return new Archive(
    "the library's bot",
    Object.entries(contents)
      .filter(([, content]) => content !== undefined)
      .map(([path, content]) => [path, Buffer.from(JSON.stringify(content))]),
  );
}

function response(text: string) {
  const message = {
    plainTextMessage: { value: text },
    customPayload: null,
    ssmlMessage: null,
    imageResponseCard: null,
  };
  return { allowInterrupt: true, messageGroupsList: [{ message, variations: null }] };
}
