import { publish as publishStage } from "../publish";
import { withLease } from "../stage/lease";
import { executionVariable } from "../stage/settings";
import { runAsProcess, type StageMain } from "../stage/stage";
import { BotInChange } from "./bot-in-change";
import { runStage, type StepMain } from "./step";

/**
 * Publishes a retraining that the gate passed. When that fails, the alias and the bot are put back, and the
 * step fails.
 */
export const publish: StepMain = (step) => publishBy(publishStage, step);

/** The same with another stage that publishes. */
export async function publishBy(stage: StageMain, step: Parameters<StepMain>[0]): Promise<undefined> {
  await withLease(step, async (lease) => {
    const bot = new BotInChange(step, lease);
    await bot.goOn(executionVariable(step, "EXECUTION_ID"));
    await bot.changing(async (changing) => {
      await runStage("publish", stage, changing);
      await bot.keep();
    });
  });
  return undefined;
}

if (require.main === module) {
  void runAsProcess(publish);
}
