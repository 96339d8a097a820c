import { isSystemError, reasonOf } from "../local/system-error";
import { printable } from "../scripts/messages/printable";
import { exitCodes } from "../scripts/messages/user-error";

/** Prints lines that are safe in a terminal, whatever of a bot or a file stands in them. */
export function say(text: string): void {
  process.stdout.write(`${safe(text)}\n`);
}

/** The same on the error output. */
export function complain(text: string): void {
  process.stderr.write(`${safe(text)}\n`);
}

/** Prints an object for programs, on one line. What could steer a terminal is escaped, so nothing is lost. */
export function sayJson(value: object): void {
  process.stdout.write(`${safeJson(value)}\n`);
}

/**
 * Lets the command end as it would when nobody reads its output any more, as `head` does: the work goes on
 * and its exit code is true. Any other failure, such as a full disk, fails the command.
 */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    let isLost = false;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE" || isLost) {
        return;
      }
      isLost = true;
      process.once("exit", () => {
        process.exitCode ||= exitCodes.failure;
      });
      complain(`The output could not be written: ${isSystemError(error) ? reasonOf(error) : error.message}.`);
    });
  }
}

/** The text with its lines, and no other control character. */
export function safe(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

export function safeJson(value: object): string {
  return JSON.stringify(value).replace(/[\p{C}\u2028\u2029]/gu, (character) =>
    character.split("").map(escaped).join(""),
  );
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
