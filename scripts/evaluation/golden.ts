import type { Phrase } from "../artifacts/phrases";
import type { Locale } from "../lex/locale";
import { isFallbackLabel } from "../lex/sample-utterances";
import { counted } from "../messages/printable";
import { UserError } from "../messages/user-error";
import { inputFiles } from "../reading/input-files";
import type { Row } from "../reading/row";
import type { SourceFile } from "../reading/source-file";
import { readTable } from "../reading/table";
import type { Stage } from "../stage/stage";
import { cleanText, comparisonKey } from "../utterances/comparison-key";
import { fallbackOf, noSuchIntent } from "../utterances/verdicts";

/** The evaluation asks each phrase twice, and Lex bills it. More phrases take hours and do not show more. */
const maxGoldenPhrases = 10_000;

/** The golden set, if the pipeline has one. */
export async function goldenFileOf(stage: Stage): Promise<SourceFile | undefined> {
  const { all, named } = await inputFiles(stage, "golden");
  if (named || all.length <= 1) {
    return named ?? all[0];
  }
  throw new UserError(`goldenSetKey names ${counted(all.length, "file")}: it must be the key of one CSV.`);
}

/**
 * Reads a golden set: a CSV `utterance,intent` of phrases that the bot must get right. The intent
 * FallbackIntent means that a phrase is out of scope.
 *
 * @throws UserError, with file and line, when a row has no phrase, when the locale does not have its intent,
 * or when two rows disagree
 */
export async function readGolden(file: SourceFile, locale: Locale): Promise<Phrase[]> {
  const table = await readTable(file);
  if (table.columns.intent === null) {
    throw new UserError(
      `${file.name} has no column of intents: a golden set is a CSV with the columns utterance and intent.`,
    );
  }
  const phrases = new Map<string, Phrase & { row: { line: number } }>();
  for await (const row of table.rows) {
    const phrase = phraseIn(row, file.name, locale);
    const known = phrases.get(comparisonKey(phrase.text));
    if (known && known.expected !== phrase.expected) {
      throw new UserError(
        `${file.name}, line ${row.line}: ${phrase.expected} is the intent here, and ${known.expected} for the same phrase in line ${known.row.line}. Keep only one of them.`,
      );
    }
    if (!known) {
      phrases.set(comparisonKey(phrase.text), phrase);
    }
    if (phrases.size > maxGoldenPhrases) {
      throw new UserError(
        `${file.name} has more than ${maxGoldenPhrases.toLocaleString("en")} phrases, each of which is asked twice: keep only the most useful ones.`,
      );
    }
  }
  if (phrases.size === 0) {
    throw new UserError(`${file.name} has no phrase: a golden set needs at least one.`);
  }
  return [...phrases.values()];
}

function phraseIn({ utterance, intent, line }: Row, file: string, locale: Locale) {
  const [text, label] = [cleanText(utterance), cleanText(intent ?? "")];
  const here = `${file}, line ${line}`;
  if (text === "") {
    throw new UserError(`${here}: there is no phrase. Write one, or delete the row.`);
  }
  if (label === "") {
    throw new UserError(
      `${here}: there is no intent. Write the one that should answer, or FallbackIntent where none should.`,
    );
  }
  const fallback = fallbackOf(locale).name;
  if (label === fallback || (isFallbackLabel(label) && !locale.intents.has(label))) {
    return { text, set: "outOfScope" as const, expected: fallback, row: { file, line } };
  }
  if (!locale.intents.has(label)) {
    throw new UserError(
      // In a file with its columns changed over, this cell is a phrase: the message does not quote it.
      `${here}: ${noSuchIntent(label, locale, "of that name")} FallbackIntent says that none should answer.`,
    );
  }
  return { text, set: "golden" as const, expected: label, row: { file, line } };
}
