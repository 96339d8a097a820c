import { readChanges } from "./artifacts/changes";
import { evaluationFile } from "./artifacts/evaluation";
import { rollbackFile } from "./artifacts/rollback";
import { lexModels } from "./lex/calls";
import { Changeover } from "./lex/changeover";
import { DraftLocale } from "./lex/draft-locale";
import { UserError } from "./messages/user-error";
import { withLease } from "./stage/lease";
import { runStage, type StageMain } from "./stage/stage";

/**
 * Takes back a retraining that the gate refused, and then fails with its reasons, so that the execution does too.
 *
 * Reads `package/`, `backup/` and `evaluation/`; writes `report/restore.json`.
 */
export const restore: StageMain = async (stage) => {
  const { botId, localeId } = readChanges(stage);
  const { message } = evaluationFile.read(stage);
  await withLease(stage, async () => {
    const draft = new DraftLocale(lexModels(), botId, localeId, stage.say);
    const undone = await Changeover.of(stage, draft).undone(new UserError(message), { whatever: false });
    rollbackFile.write(stage, { message: undone.message });
    throw undone;
  });
};

if (require.main === module) {
  void runStage(restore);
}
