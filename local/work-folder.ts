import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

const start = `.work-${hostname()}-`;

/**
 * Makes a folder for what a run needs only while it lasts. It is beside the files of the runs, so that
 * utterances lie nowhere else, and goes away with the process at the latest. Those that killed processes of
 * this machine left behind are removed first.
 */
export function workFolderIn(out: string): { readonly path: string; readonly remove: () => void } {
  for (const name of readdirSync(out)) {
    const owner = name.startsWith(start) ? /^\d+/.exec(name.slice(start.length))?.[0] : undefined;
    if (owner !== undefined && !runs(Number(owner))) {
      rmSync(join(out, name), { recursive: true, force: true });
    }
  }
  const path = mkdtempSync(join(out, `${start}${process.pid}-`));
  const remove = () => {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once("exit", remove);
  return {
    path,
    remove: () => {
      process.removeListener("exit", remove);
      remove();
    },
  };
}

/** Whether there is a process with this id, of this user or another. */
function runs(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
