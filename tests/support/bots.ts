import { Archive, writeArchive } from "../../scripts/lex/archive";
import { localesOf, type Locale } from "../../scripts/lex/locale";

/** What a test sets of an intent. The rest is what Lex writes for a new intent. */
export interface TestIntent {
  readonly utterances?: readonly string[];
  readonly parent?: string;
  readonly slots?: Readonly<Record<string, readonly string[]>>;
  readonly inputContexts?: readonly string[];
  readonly extra?: Readonly<Record<string, unknown>>;
}

interface TestLayout {
  readonly localeId?: string;
  readonly root?: string;
  readonly resourceType?: string;
}

const fallback: Readonly<Record<string, TestIntent>> = {
  FallbackIntent: { parent: "AMAZON.FallbackIntent" },
};

/**
 * An export of one locale. It has a FallbackIntent unless one of `intents` is a fallback. `root` is the
 * folder of the locale with its slash, or "".
 */
export function testArchive(
  intents: Readonly<Record<string, TestIntent>>,
  {
    localeId = "es_ES",
    root = `TestBot/BotLocales/${localeId}/`,
    resourceType = "BOT_LOCALE",
  }: TestLayout = {},
): Archive {
  const files = new Map<string, unknown>([
    ["Manifest.json", { metaData: { schemaVersion: "1", fileFormat: "LexJson", resourceType } }],
    [
      `${root}BotLocale.json`,
      {
        name: localeId,
        identifier: localeId,
        version: null,
        description: null,
        voiceSettings: null,
        nluConfidenceThreshold: 0.4,
      },
    ],
  ]);
  const complete = Object.values(intents).some(({ parent }) => parent === "AMAZON.FallbackIntent")
    ? intents
    : { ...fallback, ...intents };
  for (const [name, { utterances = [], parent, slots = {}, inputContexts, extra }] of Object.entries(
    complete,
  )) {
    files.set(`${root}Intents/${name}/Intent.json`, {
      name,
      identifier: "TESTINTENT",
      description: null,
      parentIntentSignature: parent ?? null,
      sampleUtterances: utterances.length > 0 ? utterances.map((utterance) => ({ utterance })) : null,
      inputContexts: inputContexts?.map((context) => ({ name: context })) ?? null,
      slotPriorities: Object.keys(slots).map((slotName, index) => ({ priority: index + 1, slotName })),
      ...extra,
    });
    for (const [slot, sampleUtterances] of Object.entries(slots)) {
      files.set(`${root}Intents/${name}/Slots/${slot}/Slot.json`, {
        name: slot,
        identifier: "TESTSLOT00",
        slotTypeName: "AMAZON.City",
        valueElicitationSetting: {
          slotConstraint: "Required",
          sampleUtterances: sampleUtterances.map((utterance) => ({ utterance })),
        },
      });
    }
  }
  return new Archive(
    "the test's archive",
    [...files].map(([path, content]) => [path, Buffer.from(JSON.stringify(content))]),
  );
}

export function testLocale(...args: Parameters<typeof testArchive>): Locale {
  const [locale] = localesOf(testArchive(...args));
  if (!locale) {
    throw new Error("The test's archive does not have a locale.");
  }
  return locale;
}

export function testZip(...args: Parameters<typeof testArchive>): Buffer {
  return writeArchive(testArchive(...args));
}
