import { outcome } from "../../pipeline/stages";
import { summaryFile } from "../artifacts/summary";
import { baseline } from "../baseline";
import { packageStage } from "../package";
import { preprocess } from "../preprocess";
import { withLease } from "../stage/lease";
import { checkSettings } from "../stage/settings";
import { runAsProcess } from "../stage/stage";
import { BotInChange } from "./bot-in-change";
import { runStage, type StepMain } from "./step";

/**
 * For how many minutes a run waits for another run on the same bot. That is longer than two builds of a large
 * bot, and much shorter than the time that SageMaker gives the step.
 */
const leaseWait = 120;

/**
 * Reads the files of misses and the bot, and asks the bot as it is. It changes nothing, but for a change of
 * an execution that was cut off, which it rolls back first.
 */
export const prepare: StepMain = async (step) => {
  checkSettings(step);
  await withLease(
    step,
    async (lease) => {
      await new BotInChange(step, lease).settle();
      await runStage("preprocess", preprocess, step);
      await runStage("package", packageStage, step);
      if (summaryFile.read(step).outcome === outcome.changes) {
        await runStage("baseline", baseline, step);
        lease.handOn();
      }
    },
    { wait: leaseWait },
  );
  return undefined;
};

if (require.main === module) {
  void runAsProcess(prepare);
}
