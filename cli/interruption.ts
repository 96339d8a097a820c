import { constants } from "node:os";
import { UserError } from "../scripts/messages/user-error";

/** Why a run was stopped: the reason of its abort signal. */
export class Interrupted extends UserError {
  /** As a shell gives it: 130 after Ctrl+C, 143 after SIGTERM, 129 when the terminal was closed. */
  readonly exitCode: number;

  constructor(name: keyof typeof constants.signals) {
    super("Stopped. Your export of the bot is as it was.");
    this.exitCode = 128 + constants.signals[name];
  }
}

/** How long one Ctrl+C may arrive again, in milliseconds: the terminal sends it, and so does npm. */
const echo = 500;

interface Told {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): unknown;
}

/** Is aborted when the run is told to stop. Told again, the process ends at once. */
export function interruption(told: Told = process, now = () => performance.now()): AbortSignal {
  const stop = new AbortController();
  let first = 0;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    told.on(name, () => {
      const interrupted = new Interrupted(name);
      if (!stop.signal.aborted) {
        first = now();
        stop.abort(interrupted);
      } else if (now() - first > echo) {
        told.exit(interrupted.exitCode);
      }
    });
  }
  return stop.signal;
}
