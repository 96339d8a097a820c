import type { StageName } from "../../pipeline/stages";
import { messageOf } from "../messages/user-error";
import { RunFolder } from "../stage/run-folder";
import { executionVariable } from "../stage/settings";
import type { Stage, StageMain } from "../stage/stage";

/**
 * What a container does. Returns the job's exit message, if it ends well and yet has something to say.
 *
 * A step gets the same folders and variables as its stages (see `Stage`).
 */
export type StepMain = (step: Stage) => Promise<string | undefined>;

/**
 * Runs a stage of a step, with the stage's name before its lines. What it wrote goes to the bucket at once,
 * also when it fails: nothing after it can lose that.
 */
export async function runStage(name: StageName, main: StageMain, step: Stage): Promise<void> {
  const upload = () => new RunFolder(executionVariable(step, "RUN_URI")).upload(step, name);
  try {
    await main({
      ...step,
      say: (line) => {
        step.say(`${name}: ${line}`);
      },
    });
  } catch (reason) {
    await upload().catch((error: unknown) => {
      step.say(messageOf(error));
    });
    throw reason;
  }
  await upload();
}
