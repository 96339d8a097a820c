import type { Command } from "commander";
import { UsageError } from "../scripts/messages/user-error";

/** Options of ours that are npm's too: whether they were meant for it, nobody knows. */
const npmsOwn = ["json", "yes"];

/**
 * Refuses a call such as `npm start --bot=my.zip`. npm keeps an option that has no `--` before it to itself,
 * and leaves it in the environment as `npm_config_bot`; the command would work on the sample instead.
 *
 * @throws UsageError that says how to write it
 */
export function refuseLostOptions(program: Command, environment: NodeJS.ProcessEnv): void {
  const names = new Set(program.commands.flatMap(({ options }) => options.map((option) => option.name())));
  const lost = [...names]
    .filter((name) => !npmsOwn.includes(name))
    .filter((name) => environment[`npm_config_${name.replaceAll("-", "_")}`] !== undefined)
    .map((name) => `--${name}`);
  if (lost.length > 0) {
    const script = environment["npm_lifecycle_event"] ?? "start";
    const command = script === "start" ? "npm start" : `npm run ${script}`;
    throw new UsageError(
      `npm took ${lost.join(" and ")} for itself: put -- before the options, as in ${command} -- ${lost.map((name) => `${name} …`).join(" ")}`,
    );
  }
}
