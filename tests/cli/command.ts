import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

interface Ended {
  /** As a shell gives it: 130 for a process that SIGINT ended. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of the project as a process, which nobody types for. */
export class Command {
  readonly child;
  readonly ended: Promise<Ended>;

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const retrain = join(__dirname, "..", "..", "cli", "retrain.ts");
    this.child = spawn(process.execPath, ["--import", "tsx", retrain, ...args], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.ended = this.end();
  }

  /** Signals it and every process that it started, as a terminal does. */
  signal(name: NodeJS.Signals): void {
    if (this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null) {
      process.kill(-this.child.pid, name);
    }
  }

  /** Until it has printed something. */
  async prints(): Promise<string> {
    const [text] = (await once(this.child.stdout, "data")) as [string];
    return text;
  }

  private async end(): Promise<Ended> {
    const [stdout, stderr] = [collected(this.child.stdout), collected(this.child.stderr)];
    const [code, signal] = (await once(this.child, "close")) as [number | null, NodeJS.Signals | null];
    return {
      code: code ?? 128 + (signal ? constants.signals[signal] : 0),
      stdout: stdout.join(""),
      stderr: stderr.join(""),
    };
  }
}

function collected(stream: Readable): readonly string[] {
  const parts: string[] = [];
  stream.setEncoding("utf8").on("data", (part: string) => parts.push(part));
  return parts;
}
