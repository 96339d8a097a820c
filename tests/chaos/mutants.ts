import { eachStep, type StepName } from "../../pipeline/stages";

/** Safeties by name, each with what takes it out of the bundles' text. */
export const mutants: Readonly<Record<string, readonly [RegExp, string]>> = {
  /** What fails is not rolled back. */
  rollback: [/async carryOut\(\) \{/, 'async carryOut() { return "";'],
  /** An execution goes on although another has taken over the bot. */
  "lease-check": [/check:\(\)=>claim\.renew\(\)/, "check:()=>Promise.resolve()"],
  /** What Lex holds after the import is not compared with what was sent. */
  comparison: [
    /lost\.length>0\)throw new UserError\(`After the import/,
    "false)throw new UserError(`After the import",
  ],
  /** The backup is not the locale as it was. */
  backup: [/backupArchive\.outputPath\(stage\),zip/, "backupArchive.outputPath(stage),importArchive"],
};

/** The bundles' text without a safety. */
export function mutated(
  name: string,
  texts: Readonly<Record<StepName, string>>,
): Readonly<Record<StepName, string>> {
  const [pattern, replacement] = mutants[name] ?? [];
  if (pattern === undefined || replacement === undefined) {
    throw new Error(`There is no mutant ${name}: use ${Object.keys(mutants).join(", ")}.`);
  }
  const changed = eachStep((step) => texts[step].replace(pattern, replacement));
  if (JSON.stringify(changed) === JSON.stringify(texts)) {
    throw new Error(`The mutant ${name} does not apply: its text is no longer in the bundles.`);
  }
  return changed;
}
