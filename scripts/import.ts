import { readChanges } from "./artifacts/changes";
import { importFile, type ImportReport } from "./artifacts/import";
import { Bot } from "./lex/bot";
import { differences } from "./lex/differences";
import type { Snapshot } from "./lex/draft-locale";
import { firstFew, holds, LocaleChange } from "./lex/locale-change";
import { UserError } from "./messages/user-error";
import { withLease, type Lease } from "./stage/lease";
import { runStage, type Stage, type StageMain } from "./stage/stage";

/**
 * Imports the packed locale, makes sure that Lex holds what was expected, and builds it.
 *
 * Reads `package/` and `backup/`; writes `report/import.json`. When anything fails after Lex was asked to
 * change the bot, it rolls back before it fails.
 */
export const importStage: StageMain = async (stage) => {
  const changes = readChanges(stage);
  if (changes.intents.length === 0) {
    stage.say("Nothing to import: the bot stays as it is.");
    importFile.write(stage, { outcome: "unchanged", gained: [], changes });
    return;
  }
  const bot = Bot.of(stage);
  const retrained = await withLease(stage, (lease) => retrain(LocaleChange.of(stage, bot), lease, stage));
  importFile.write(stage, { ...retrained, changes });
};

/** It may be killed at any point and run again: it goes on from what it finds in Lex. */
async function retrain(
  change: LocaleChange,
  lease: Lease,
  stage: Stage,
): Promise<Omit<ImportReport, "changes">> {
  const { draft, expected } = change;
  const { status } = await draft.settled();
  const actual = await draft.export();
  const imported = holds(actual, expected);
  if (imported && status === "Built") {
    stage.say("The bot has these utterances already and is built.");
    return { outcome: "unchanged", gained: [] };
  }
  const importId = imported ? undefined : await prepare(change, actual);
  await lease.check();
  try {
    const gained = importId === undefined ? [] : await change.import(importId, expected);
    await change.build();
    return { outcome: "retrained", gained };
  } catch (reason) {
    throw await change.failureAfterRollback(reason, { overwriteDrift: true });
  }
}

/**
 * Uploads the package. Somebody may have edited the DRAFT since the package stage read it, and the import
 * would overwrite that. So it looks for drift up to the last moment before Lex is asked to change anything.
 */
async function prepare({ draft, backup, expected }: LocaleChange, actual: Snapshot): Promise<string> {
  const { lost, gained } = differences(backup.locale, actual.locale);
  const changed = [...lost, ...gained];
  if (changed.length > 0) {
    throw somebodyChangedIt(firstFew(changed));
  }
  const importId = await draft.upload(expected.zip);
  if ((await draft.describe()).lastUpdated !== actual.lastUpdated) {
    throw somebodyChangedIt("It was edited this very moment.");
  }
  return importId;
}

function somebodyChangedIt(how: string): UserError {
  return new UserError(
    `Somebody changed the bot since this run read it, so nothing was sent. ${how} Start the run again: it will take up their change.`,
  );
}

if (require.main === module) {
  void runStage(importStage);
}
