import { readChanges } from "./artifacts/changes";
import { evaluationFile } from "./artifacts/evaluation";
import { rollbackFile } from "./artifacts/rollback";
import { Bot } from "./lex/bot";
import { LocaleChange } from "./lex/locale-change";
import { UserError } from "./messages/user-error";
import { withLease } from "./stage/lease";
import { runStage, type StageMain } from "./stage/stage";

/**
 * Rolls back a retraining that the gate refused, and then fails with the gate's reasons, so that the
 * execution fails too.
 *
 * Reads `package/`, `backup/` and `evaluation/`; writes `report/restore.json`.
 */
export const restore: StageMain = async (stage) => {
  // Nothing is needed of the changes but that they are for this bot.
  readChanges(stage);
  const { message } = evaluationFile.read(stage);
  await withLease(stage, async () => {
    const failure = await LocaleChange.of(stage, Bot.of(stage)).failureAfterRollback(new UserError(message), {
      overwriteDrift: false,
    });
    rollbackFile.write(stage, { message: failure.message });
    throw failure;
  });
};

if (require.main === module) {
  void runStage(restore);
}
