import { gate } from "../../pipeline/stages";
import { evaluationFile } from "../artifacts/evaluation";
import { evaluate } from "../evaluate";
import { importStage } from "../import";
import { withLease } from "../stage/lease";
import { publishFollows } from "../stage/settings";
import { runAsProcess } from "../stage/stage";
import { BotInChange, Refused } from "./bot-in-change";
import { runStage, type StepMain } from "./step";

/**
 * Changes the bot and judges it. It ends with the bot better or as it was, and well in both cases: the gate
 * of the pipeline goes by the evaluation. It fails when that cannot be decided.
 */
export const retrain: StepMain = (step) =>
  withLease(step, async (lease) => {
    const bot = new BotInChange(step, lease);
    await bot.settle();
    return bot.changing(async (stage) => {
      await runStage("import", importStage, stage);
      await runStage("evaluate", evaluate, stage);
      const evaluation = evaluationFile.read(step);
      if (evaluation.gate !== gate.passed) {
        throw new Refused(evaluation.message);
      }
      if (publishFollows(step)) {
        lease.handOn();
      } else {
        await bot.keep();
      }
    });
  });

if (require.main === module) {
  void runAsProcess(retrain);
}
