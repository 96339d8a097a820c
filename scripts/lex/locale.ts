import { posix } from "node:path";
import { z } from "zod";
import { UserError } from "../messages/user-error";
import { Archive } from "./archive";

/**
 * One bot locale within an archive.
 *
 * Lex puts a locale under `<Bot>/BotLocales/<locale>/`, under `<locale>/` or at the top of the archive.
 * `root` is that folder with its slash, or "".
 */
export interface Locale {
  readonly archive: Archive;
  readonly root: string;
  /** Such as `es_ES`. */
  readonly id: string;
  /** Confidence under which Lex answers with the FallbackIntent, 0 to 1. */
  readonly nluConfidenceThreshold: number;
  readonly intents: ReadonlyMap<string, Intent>;
  /** The names of the custom slot types. */
  readonly slotTypes: ReadonlySet<string>;
}

export interface Intent {
  readonly name: string;
  readonly path: string;
  /** Set on built-in intents, such as `AMAZON.FallbackIntent`: names may be anything. */
  readonly parentIntentSignature: string | undefined;
  readonly sampleUtterances: readonly string[];
  readonly slots: ReadonlyMap<string, Slot>;
  /** Names of the slots in the order in which Lex asks for them. */
  readonly slotPriorities: readonly string[];
  /** Names of the contexts that must be active for Lex to consider the intent. */
  readonly inputContexts: readonly string[];
}

export interface Slot {
  readonly path: string;
  /** A custom slot type of the locale, or one of Lex's own, such as `AMAZON.Date`. */
  readonly slotTypeName: string | undefined;
  readonly sampleUtterances: readonly string[];
}

const sampleUtterances = z
  .array(z.looseObject({ utterance: z.string() }))
  .nullish()
  .transform((items) => (items ?? []).map((item) => item.utterance));

const localeFile = z.looseObject({
  identifier: z.string(),
  nluConfidenceThreshold: z.number().min(0).max(1),
});

const intentFile = z.looseObject({
  name: z.string(),
  parentIntentSignature: z.string().nullish(),
  sampleUtterances,
  slotPriorities: z
    .array(z.looseObject({ priority: z.number(), slotName: z.string() }))
    .nullish()
    .transform((items) => (items ?? []).sort((a, b) => a.priority - b.priority).map((item) => item.slotName)),
  inputContexts: z
    .array(z.looseObject({ name: z.string() }))
    .nullish()
    .transform((items) => (items ?? []).map((item) => item.name)),
});

const slotFile = z.looseObject({
  name: z.string(),
  slotTypeName: z.string().nullish(),
  valueElicitationSetting: z.looseObject({ sampleUtterances: sampleUtterances.optional() }).nullish(),
});

const slotTypeFile = z.looseObject({ name: z.string() });

/**
 * The locales of an archive, whichever of Lex's layouts it has.
 *
 * @throws UserError when a file that Lex would read is not what Lex writes, or two intents have one name.
 */
export function localesOf(archive: Archive): Locale[] {
  return [...archive.keys()]
    .filter((path) => posix.basename(path) === "BotLocale.json")
    .map((path) => localeAt(archive, path.slice(0, -"BotLocale.json".length)));
}

/** The only locale of a locale's export. */
export function onlyLocaleOf(archive: Archive): Locale {
  const [locale, ...others] = localesOf(archive);
  if (!locale || others.length > 0) {
    throw new UserError(
      `${archive.name} holds ${others.length + (locale ? 1 : 0)} locales where an export of one locale holds one.`,
    );
  }
  return locale;
}

/**
 * The locale with more sample utterances: `additions` has them by intent, and they come after the intent's
 * own. No other file changes.
 */
export function withUtterances(locale: Locale, additions: ReadonlyMap<string, readonly string[]>): Locale {
  const changed = [...additions].map(([intentName, utterances]) => {
    const intent = locale.intents.get(intentName);
    if (!intent) {
      throw new Error(`No intent ${intentName} in locale ${locale.id}.`);
    }
    const content = objectAt(locale.archive, intent.path);
    const present = z.array(z.unknown()).nullish().parse(content["sampleUtterances"]) ?? [];
    // Assigning keeps the key's place, so that the file differs in this one array only.
    content["sampleUtterances"] = [...present, ...utterances.map((utterance) => ({ utterance }))];
    return [intent.path, Buffer.from(JSON.stringify(content))] as const;
  });
  return localeAt(locale.archive.with(...changed), locale.root);
}

/**
 * The locale without the sample utterances and intents that `after` has and `before` has not. Undefined when
 * it holds none of them.
 */
export function withoutAdditions(
  locale: Locale,
  { before, after }: { readonly before: Locale; readonly after: Locale },
): Locale | undefined {
  const newFolders = [...after.intents]
    .filter(([name]) => !before.intents.has(name))
    .flatMap(([name]) => locale.intents.get(name) ?? [])
    .map(({ path }) => `${posix.dirname(path)}/`);
  const changed = [...before.intents].flatMap(([name, { sampleUtterances: known }]) => {
    const intent = locale.intents.get(name);
    const added = (after.intents.get(name)?.sampleUtterances ?? []).filter((text) => !known.includes(text));
    return intent?.sampleUtterances.some((text) => added.includes(text))
      ? [[intent.path, withoutUtterances(locale, intent, new Set(added))] as const]
      : [];
  });
  if (newFolders.length === 0 && changed.length === 0) {
    return undefined;
  }
  const files = [...locale.archive.with(...changed)].filter(
    ([path]) => !newFolders.some((folder) => path.startsWith(folder)),
  );
  return localeAt(new Archive(locale.archive.name, files), locale.root);
}

function withoutUtterances({ archive }: Locale, { path }: Intent, gone: ReadonlySet<string>): Buffer {
  const content = objectAt(archive, path);
  const items = z.array(z.looseObject({ utterance: z.string() })).parse(content["sampleUtterances"]);
  content["sampleUtterances"] = items.filter(({ utterance }) => !gone.has(utterance));
  return Buffer.from(JSON.stringify(content));
}

/** A JSON file of the archive that holds an object. */
export function objectAt(archive: Archive, path: string): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(archive.json(path));
}

/** The locale with one more intent. `content` is its Intent.json. */
export function withIntent(
  locale: Locale,
  content: Readonly<Record<string, unknown>> & { readonly name: string },
): Locale {
  const path = `${locale.root}Intents/${content.name}/Intent.json`;
  return localeAt(locale.archive.with([path, Buffer.from(JSON.stringify(content))]), locale.root);
}

function localeAt(archive: Archive, root: string): Locale {
  const { name } = archive;
  const read = <T>(path: string, schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(archive.json(path));
    if (parsed.success) {
      return parsed.data;
    }
    const [issue] = parsed.error.issues;
    throw new UserError(
      `${name}: ${path} is not what Lex exports (${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}).`,
    );
  };
  const intents = new Map<string, Intent>();
  const slotTypes = new Set<string>();
  // An archive's order is random: an intent's slots may come before the intent.
  const slots = new Map<string, Map<string, Slot>>();
  const slotsIn = (folder: string) => getOrAdd(slots, folder, () => new Map<string, Slot>());

  for (const path of archive.keys()) {
    if (!path.startsWith(root)) {
      continue;
    }
    const [kind, folder = "", file, , slotFileName] = path.slice(root.length).split("/");
    if (kind === "Intents" && file === "Intent.json") {
      const { parentIntentSignature, ...intent } = read(path, intentFile);
      if (intents.has(intent.name)) {
        throw new UserError(`${name} holds the intent ${intent.name} twice.`);
      }
      intents.set(intent.name, {
        path,
        name: intent.name,
        parentIntentSignature: parentIntentSignature ?? undefined,
        sampleUtterances: intent.sampleUtterances,
        slots: slotsIn(folder),
        slotPriorities: intent.slotPriorities,
        inputContexts: intent.inputContexts,
      });
    } else if (kind === "Intents" && file === "Slots" && slotFileName === "Slot.json") {
      const slot = read(path, slotFile);
      slotsIn(folder).set(slot.name, {
        path,
        slotTypeName: slot.slotTypeName ?? undefined,
        sampleUtterances: slot.valueElicitationSetting?.sampleUtterances ?? [],
      });
    } else if (kind === "SlotTypes" && file === "SlotType.json") {
      slotTypes.add(read(path, slotTypeFile).name);
    }
  }
  const { identifier, nluConfidenceThreshold } = read(`${root}BotLocale.json`, localeFile);
  return { archive, root, id: identifier, nluConfidenceThreshold, intents, slotTypes };
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const present = map.get(key);
  if (present !== undefined) {
    return present;
  }
  const made = make();
  map.set(key, made);
  return made;
}
