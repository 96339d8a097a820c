import type { StageName } from "../../pipeline/stages";
import { messageOf, UserError } from "../messages/user-error";
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
  const upload = () => runFolderOf(step).upload(step, name);
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
    throw await withoutDetails(reason, name, step);
  }
  await upload();
}

/**
 * A failure without its details, which may quote utterances. They are kept in a file of the run instead,
 * under the name of what failed, and the message says where.
 */
export async function withoutDetails(failure: unknown, name: string, step: Stage): Promise<unknown> {
  if (!(failure instanceof UserError) || failure.details === undefined) {
    return failure;
  }
  const path = `${name}/details.txt`;
  try {
    await runFolderOf(step).write(path, Buffer.from(`${failure.inFull}\n`));
  } catch (error) {
    step.say(messageOf(error));
    return new UserError(failure.message, { cause: failure });
  }
  return new UserError(`${failure.message} More is in ${path} of this run.`, { cause: failure });
}

function runFolderOf(step: Stage): RunFolder {
  return new RunFolder(executionVariable(step, "RUN_URI"));
}
