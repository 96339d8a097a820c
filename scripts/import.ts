import { readChanges } from "./artifacts/changes";
import { importFile, type ImportReport } from "./artifacts/import";
import { lexModels } from "./lex/calls";
import { Changeover, firstFew, isSame } from "./lex/changeover";
import { differences } from "./lex/differences";
import { DraftLocale, type Snapshot } from "./lex/draft-locale";
import { UserError } from "./messages/user-error";
import { withLease, type Lease } from "./stage/lease";
import { runStage, type Stage, type StageMain } from "./stage/stage";

/**
 * Imports the packed locale, makes sure that Lex holds what was meant, and builds it.
 *
 * Reads `package/` and `backup/`; writes `report/import.json`. When anything fails after Lex was asked to change the bot, the backup is
 * imported and built before the stage fails.
 */
export const importStage: StageMain = async (stage) => {
  const changes = readChanges(stage);
  if (changes.intents.length === 0) {
    stage.say("Nothing to import: the bot stays as it is.");
    importFile.write(stage, { outcome: "unchanged", gained: [], changes });
    return;
  }
  const draft = new DraftLocale(lexModels(), changes.botId, changes.localeId, stage.say);
  const retrained = await withLease(stage, (lease) => retrain(Changeover.of(stage, draft), lease, stage));
  importFile.write(stage, { ...retrained, changes });
};

/** Safe to run again after it was killed at any point: it goes on from what it finds in Lex. */
async function retrain(
  changeover: Changeover,
  lease: Lease,
  stage: Stage,
): Promise<Omit<ImportReport, "changes">> {
  const { draft, meant } = changeover;
  const { status } = await draft.settled();
  const found = await draft.export();
  const imported = isSame(meant, found);
  if (imported && status === "Built") {
    stage.say("The bot has these utterances already and is built.");
    return { outcome: "unchanged", gained: [] };
  }
  const importId = imported ? undefined : await prepare(changeover, found);
  await lease.check();
  try {
    const gained = importId === undefined ? [] : await changeover.import(importId, meant);
    await changeover.build();
    return { outcome: "retrained", gained };
  } catch (reason) {
    throw await changeover.undone(reason, { whatever: true });
  }
}

/**
 * Uploads the package. Overwriting an edit that somebody made since the package stage read the DRAFT would lose it, so that stops the run,
 * up to the last moment before Lex is asked to change anything.
 */
async function prepare({ draft, backup, meant }: Changeover, found: Snapshot): Promise<string> {
  const { lost, gained } = differences(backup.locale, found.locale);
  const changed = [...lost, ...gained];
  if (changed.length > 0) {
    throw somebodyChangedIt(firstFew(changed));
  }
  const importId = await draft.upload(meant.zip);
  if ((await draft.describe()).lastUpdated !== found.lastUpdated) {
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
