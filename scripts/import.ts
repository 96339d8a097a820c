import { readChanges } from "./artifacts/changes";
import { importFile } from "./artifacts/import";
import { Bot } from "./lex/bot";
import { differences } from "./lex/differences";
import { firstFew, LocaleChange, SomebodyEdited } from "./lex/locale-change";
import type { StageMain } from "./stage/stage";

/**
 * Imports the packed locale, makes sure that Lex holds what was expected, and builds it.
 *
 * Reads `package/` and `backup/`; writes `report/import.json`. When it fails after Lex was asked to change
 * the bot, its step rolls back.
 */
export const importStage: StageMain = async (stage) => {
  const changes = readChanges(stage);
  const change = LocaleChange.of(stage, Bot.of(stage));
  const actual = await change.draft.export();
  const { lost, gained } = differences(change.backup.locale, actual.locale);
  if (lost.length + gained.length > 0) {
    throw new SomebodyEdited(firstFew([...lost, ...gained]));
  }
  importFile.write(stage, { gained: await change.bring(change.expected, actual), changes });
};
