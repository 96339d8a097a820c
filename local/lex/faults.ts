import { UsageError } from "../../scripts/messages/user-error";

/** What can go wrong: what happens, what the value counts, and the default value. */
export const faults = {
  throttling: { counts: "calls", byDefault: 2, description: "answers 429 with Retry-After" },
  "server-error": { counts: "calls", byDefault: 2, description: "answers 500" },
  conflict: {
    counts: "calls",
    byDefault: 1,
    description: "answers 409 to StartImport and BuildBotLocale",
  },
  "export-fails": { counts: "exports", byDefault: 1, description: "ends an export as Failed" },
  "upload-url-expired": {
    counts: "uploads",
    byDefault: 1,
    description: "refuses an upload with 403, as after five minutes",
  },
  "import-fails": {
    counts: "imports",
    byDefault: 1,
    description: "ends an import as Failed and leaves the locale as it was",
  },
  "import-loses-intent": {
    counts: "imports",
    byDefault: 1,
    description: "ends an import as Completed with an intent missing",
  },
  "build-fails": { counts: "builds", byDefault: 1, description: "ends a build as Failed" },
  "version-fails": {
    counts: "versions",
    byDefault: 1,
    description: "ends the creation of a version as Failed",
  },
  "alias-fails": {
    counts: "updates",
    byDefault: 1,
    description: "ends the update of an alias as Failed, so that it answers as before",
  },
  "slow-build": { counts: "milliseconds", byDefault: 5_000, description: "makes a build last this long" },
  "draft-changed": {
    counts: "upload URLs",
    byDefault: 1,
    description:
      "lets somebody else add an utterance to the DRAFT and build it, when an upload URL is asked for",
  },
  "draft-changed-in-export": {
    counts: "exports",
    byDefault: 1,
    description: "lets somebody else do so while an export is downloaded",
  },
  "draft-changed-in-version": {
    counts: "versions",
    byDefault: 1,
    description: "lets somebody else do so right before a version is made",
  },
} as const satisfies Record<string, { counts: string; byDefault: number; description: string }>;

export type FaultName = keyof typeof faults;

/**
 * Faults by name, with how many of the first calls, exports and so on fail (Infinity for all), or
 * milliseconds.
 */
export type FaultSettings = Partial<Record<FaultName, number>>;

/** A line for every fault, for a command's help. */
export function describeFaults(): string[] {
  return Object.entries(faults).map(([name, { counts, byDefault, description }]) =>
    counts === "milliseconds"
      ? `${name}[=${counts}]: ${description} (${byDefault})`
      : `${name}[=N]: ${description}, for the first N ${counts} (${byDefault}; "always" for all)`,
  );
}

/**
 * Faults written `NAME` or `NAME=VALUE`, as on a command line.
 *
 * @throws UsageError when a name or a value is not known.
 */
export function parseFaults(texts: readonly string[]): FaultSettings {
  const settings: FaultSettings = {};
  for (const text of texts) {
    const [name = "", value] = text.split("=", 2);
    if (!isFaultName(name)) {
      throw new UsageError(
        `There is no fault ${JSON.stringify(name)}: use ${Object.keys(faults).join(", ")}.`,
      );
    }
    settings[name] = value === undefined ? faults[name].byDefault : valueOf(name, value);
  }
  return settings;
}

/** The faults still to come. */
export class Faults {
  private readonly left: Map<string, number>;

  constructor(settings: FaultSettings) {
    this.left = new Map(Object.entries(settings));
  }

  /** Adds faults, and replaces those with the same name. */
  inject(settings: FaultSettings): void {
    for (const [name, value] of Object.entries(settings)) {
      this.left.set(name, value);
    }
  }

  /** Whether this one fails; each failure uses up one of those left. */
  strikes(name: Exclude<FaultName, "slow-build">): boolean {
    const left = this.left.get(name) ?? 0;
    if (left < 1) {
      return false;
    }
    this.left.set(name, left - 1);
    return true;
  }

  /** How long a build lasts, if the fault "slow-build" is set. */
  get buildMilliseconds(): number | undefined {
    return this.left.get("slow-build");
  }
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faults, name);
}

function valueOf(name: FaultName, value: string): number {
  if (value === "always" && faults[name].counts !== "milliseconds") {
    return Infinity;
  }
  if (/^\d{1,7}$/.test(value)) {
    return Number(value);
  }
  throw new UsageError(`The fault ${name} takes a whole number of ${faults[name].counts}, not "${value}".`);
}
