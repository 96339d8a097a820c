import { messageOf, UserError } from "../messages/user-error";
import { RunFolder } from "../stage/run-folder";
import { executionVariable } from "../stage/settings";
import type { Stage } from "../stage/stage";

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
    const run = new RunFolder(executionVariable(step, "RUN_URI"));
    await run.write(path, Buffer.from(`${failure.inFull}\n`));
  } catch (error) {
    step.say(messageOf(error));
    return new UserError(failure.message, { cause: failure });
  }
  return new UserError(`${failure.message} More is in ${path} of this run.`, { cause: failure });
}
