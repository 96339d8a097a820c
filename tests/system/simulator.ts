import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** A request to AWS, and all policies that decide about it, as the simulator takes them. */
export interface Simulation {
  readonly request: {
    readonly principal: string;
    readonly action: string;
    readonly resource: { readonly resource: string; readonly accountId: string };
    readonly contextVariables: Readonly<Record<string, string>>;
  };
  readonly identityPolicies: readonly NamedPolicy[];
  readonly permissionBoundaryPolicies?: readonly NamedPolicy[];
  readonly resourcePolicy?: unknown;
  readonly serviceControlPolicies: readonly never[];
  readonly resourceControlPolicies: readonly never[];
}

export interface NamedPolicy {
  readonly name: string;
  readonly policy: unknown;
}

/**
 * An IAM simulator that is a program of its own, in a temporary folder: its library has another licence than
 * this project.
 */
export class Simulator {
  private readonly folder = mkdtempSync(join(tmpdir(), "lex-retraining-simulator-"));

  constructor() {
    cpSync(join(__dirname, "simulator"), this.folder, { recursive: true });
    // A shell, because npm is a script on Windows.
    execFileSync("npm ci --ignore-scripts --no-audit --no-fund", {
      cwd: this.folder,
      shell: true,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }

  /** What IAM decides about each: "Allowed", "ImplicitlyDenied", "ExplicitlyDenied", or an error. */
  decide(simulations: readonly Simulation[]): readonly string[] {
    const printed = execFileSync(process.execPath, ["simulate.mjs"], {
      cwd: this.folder,
      input: JSON.stringify(simulations),
      encoding: "utf8",
    });
    return z.array(z.string()).length(simulations.length).parse(JSON.parse(printed));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
