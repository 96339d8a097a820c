import type { StageName } from "../../pipeline/stages";
import { messageOf } from "../messages/user-error";
import { RunFolder } from "../stage/run-folder";
import { executionVariable } from "../stage/settings";
import type { Stage, StageMain } from "../stage/stage";
import { withoutDetails } from "./details";

/**
 * What a container does. Returns the job's exit message, if it ends well and yet has something to say.
 *
 * A step gets the same folders and variables as its stages (see `Stage`).
 */
export type StepMain = (step: Stage) => Promise<string | undefined>;

/** A stage that has nothing new to say says so this often, in seconds. */
const signOfLife = 10;

/**
 * Runs a stage of a step, with the stage's name before its lines. What it wrote goes to the bucket at once,
 * also when it fails: nothing after it can lose that.
 */
export async function runStage(name: StageName, main: StageMain, step: Stage): Promise<void> {
  const upload = () => new RunFolder(executionVariable(step, "RUN_URI")).upload(step, name);
  try {
    await withSignsOfLife({ ...step, say: (line) => step.say(`${name}: ${line}`) }, main);
  } catch (reason) {
    await upload().catch((error: unknown) => step.say(messageOf(error)));
    throw await withoutDetails(reason, name, step);
  }
  await upload();
}

/** Repeats the last line, with the time since then, for as long as the stage says nothing else. */
async function withSignsOfLife(stage: Stage, main: StageMain): Promise<void> {
  let last = "Begun.";
  let waited = 0;
  const ended = new AbortController();
  const repeating = (async () => {
    for (;;) {
      await stage.sleep(signOfLife * 1_000, ended.signal);
      if (ended.signal.aborted) {
        return;
      }
      waited += signOfLife;
      stage.say(`${last} (${waited} s ago)`);
    }
  })();
  try {
    await main({
      ...stage,
      say: (line) => {
        [last, waited] = [line, 0];
        stage.say(line);
      },
    });
  } finally {
    ended.abort();
    await repeating;
  }
}
