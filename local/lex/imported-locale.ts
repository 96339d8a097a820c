import { z } from "zod";
import { type Archive, readArchive } from "../../scripts/lex/archive";
import { type Intent, type Locale, localesOf } from "../../scripts/lex/locale";
import {
  isLexName,
  maxIntentsPerLocale,
  maxUtteranceCharactersPerLocale,
  maxUtteranceLength,
  maxUtterancesPerIntent,
} from "../../scripts/lex/quotas";
import { bracesProblem, isFallback, takesSampleUtterances } from "../../scripts/lex/sample-utterances";
import { UserError } from "../../scripts/messages/user-error";
import { alone } from "./load-bot";

/** Why an import ends as Failed: one sentence for each reason. */
export class ImportRefused extends Error {
  constructor(readonly reasons: readonly string[]) {
    super(reasons.join(" "));
  }
}

/**
 * The locale in an uploaded ZIP, with its own files only.
 *
 * `quotas.ts` and `sample-utterances.ts` say what Lex refuses and where it documents that. Lex does not
 * document the layout of the archive, so this refuses a layout that a real archive never has.
 *
 * @throws ImportRefused when Lex would refuse it
 */
export function importedLocale(zip: Buffer, localeId: string): Locale {
  try {
    const archive = readArchive(zip, "The archive");
    refuseIf(manifestProblems(archive));
    const [locale, ...others] = localesOf(archive);
    if (!locale || others.length > 0) {
      throw new ImportRefused([
        `The archive holds ${others.length + (locale ? 1 : 0)} BotLocale.json, where an import of a locale needs one.`,
      ]);
    }
    refuseIf(layoutProblems(locale, localeId));
    refuseIf([
      ...localeProblems(locale),
      ...[...locale.intents.values()].flatMap((intent) => intentProblems(intent, locale)),
    ]);
    return alone(locale);
  } catch (error) {
    if (error instanceof UserError) {
      throw new ImportRefused([error.message]);
    }
    throw error;
  }
}

const manifestFile = z.looseObject({
  metaData: z.looseObject({
    schemaVersion: z.literal("1"),
    fileFormat: z.literal("LexJson"),
    resourceType: z.literal("BOT_LOCALE"),
  }),
});

function manifestProblems(archive: Archive): string[] {
  if (!archive.has("Manifest.json")) {
    return ["The archive has no Manifest.json at its top."];
  }
  const parsed = manifestFile.safeParse(archive.json("Manifest.json"));
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => `Manifest.json: ${issue.path.join(".")}: ${issue.message}.`);
}

function layoutProblems(locale: Locale, localeId: string): string[] {
  const path = `${locale.root}BotLocale.json`;
  if (locale.id !== localeId) {
    return [`${path} is of the locale ${locale.id}, and the import is into ${localeId}.`];
  }
  const roots = [`${localeId}/`, ""];
  const isLexRoot =
    roots.includes(locale.root) || /^[^/]+\/BotLocales\/([^/]+)\/$/.exec(locale.root)?.[1] === localeId;
  if (!isLexRoot) {
    return [`${path} is in a folder where Lex does not put a locale.`];
  }
  return [...locale.archive.keys()]
    .filter((file) => file !== "Manifest.json" && !file.startsWith(locale.root))
    .map((file) => `${file} is not a part of the locale in ${locale.root}.`);
}

function localeProblems(locale: Locale): string[] {
  const intents = [...locale.intents.values()];
  const characters = intents
    .flatMap((intent) => [intent, ...intent.slots.values()])
    .flatMap(({ sampleUtterances }) => sampleUtterances)
    .reduce((sum, utterance) => sum + utterance.length, 0);
  const problems: string[] = [];
  if (!intents.some(isFallback)) {
    problems.push(`${locale.root}Intents holds no FallbackIntent.`);
  }
  if (intents.length > maxIntentsPerLocale(locale.id)) {
    problems.push(
      `${locale.root}Intents holds ${intents.length} intents, above the limit of ${maxIntentsPerLocale(locale.id)}.`,
    );
  }
  if (characters > maxUtteranceCharactersPerLocale(locale.id)) {
    problems.push(
      `The sample utterances in ${locale.root}Intents have ${characters} characters together, above the limit of ` +
        `${maxUtteranceCharactersPerLocale(locale.id)}.`,
    );
  }
  for (const name of locale.slotTypes) {
    if (!isLexName(name)) {
      problems.push(`${locale.root}SlotTypes: ${JSON.stringify(name)} is not a name for a slot type.`);
    }
  }
  return problems;
}

function intentProblems(intent: Intent, locale: Locale): string[] {
  const { name, path, sampleUtterances, slots } = intent;
  const problems: string[] = [];
  if (!isLexName(name)) {
    problems.push(`${path}: ${JSON.stringify(name)} is not a name for an intent.`);
  }
  if (!takesSampleUtterances(intent) && sampleUtterances.length > 0) {
    problems.push(`${path}: the built-in intent ${name} does not take sample utterances.`);
  }
  if (sampleUtterances.length > maxUtterancesPerIntent) {
    problems.push(
      `${path}: ${sampleUtterances.length} sample utterances are above the limit of ${maxUtterancesPerIntent}.`,
    );
  }
  for (const utterance of sampleUtterances) {
    const braces = bracesProblem(utterance, slots);
    if (braces !== undefined) {
      problems.push(`${path}: ${JSON.stringify(utterance)} ${braces}.`);
    }
    if (utterance.trim() === "") {
      problems.push(`${path}: a sample utterance is empty.`);
    }
    if (utterance.length > maxUtteranceLength) {
      problems.push(
        `${path}: a sample utterance has ${utterance.length} characters, above the limit of ${maxUtteranceLength}.`,
      );
    }
  }
  for (const slot of intent.slotPriorities) {
    if (!slots.has(slot)) {
      problems.push(`${path}: slotPriorities names the slot ${slot}, which the intent does not have.`);
    }
  }
  for (const [slotName, slot] of slots) {
    if (!isLexName(slotName)) {
      problems.push(`${slot.path}: ${JSON.stringify(slotName)} is not a name for a slot.`);
    }
    const type = slot.slotTypeName;
    if (type !== undefined && !type.startsWith("AMAZON.") && !locale.slotTypes.has(type)) {
      problems.push(`${slot.path}: the slot type ${type} is neither in the archive nor one of Lex's own.`);
    }
  }
  return problems;
}

function refuseIf(reasons: readonly string[]): void {
  if (reasons.length > 0) {
    throw new ImportRefused(reasons);
  }
}
