import {
  BuildBotLocaleCommand,
  CreateExportCommand,
  CreateUploadUrlCommand,
  DescribeBotLocaleCommand,
  DescribeExportCommand,
  DescribeImportCommand,
  type LexModelsV2Client,
  StartImportCommand,
} from "@aws-sdk/client-lex-models-v2";
import { UserError } from "../messages/user-error";
import { readArchive } from "./archive";
import { callLex, poll, transferred } from "./calls";
import { onlyLocaleOf, type Locale } from "./locale";

const minute = 60_000;

/** How long an export, an import or somebody else's change may take before it counts as stuck. */
const settlingTime = 15 * minute;

/** How often to ask for another upload URL when Lex refuses its own. */
const uploadAttempts = 3;

/** The locale is what an editor of the bot sees: version DRAFT. */
const botVersion = "DRAFT";

export interface LocaleState {
  readonly status: string;
  /** Milliseconds since 1970; changes with every edit of the locale. */
  readonly lastUpdated: number;
  readonly failureReasons: readonly string[];
}

/** An export of the locale, whole and as it stood at `lastUpdated`. */
export interface Snapshot {
  readonly zip: Buffer;
  readonly locale: Locale;
  readonly lastUpdated: number;
}

/**
 * The DRAFT of one locale of a bot, by Lex's model-building API.
 *
 * Every method throws a UserError with a sentence that says what Lex refused. They wait through throttling,
 * outages and a busy locale.
 */
export class DraftLocale {
  constructor(
    private readonly lex: LexModelsV2Client,
    private readonly botId: string,
    private readonly localeId: string,
    private readonly say: (line: string) => void,
  ) {}

  async describe(): Promise<LocaleState> {
    const { botLocaleStatus, lastUpdatedDateTime, failureReasons } = await callLex(
      `describe locale ${this.localeId} of bot ${this.botId}`,
      () =>
        this.lex.send(
          new DescribeBotLocaleCommand({ botId: this.botId, botVersion, localeId: this.localeId }),
        ),
    );
    return {
      status: botLocaleStatus ?? "",
      lastUpdated: lastUpdatedDateTime?.getTime() ?? 0,
      failureReasons: failureReasons ?? [],
    };
  }

  /** The locale's state once no build or import runs on it. */
  async settled(): Promise<LocaleState> {
    const busy = new Set(["Creating", "Building", "ReadyExpressTesting", "Importing", "Processing"]);
    return poll(
      `locale ${this.localeId} to be free: somebody else builds or imports it`,
      settlingTime,
      async () => {
        const state = await this.describe();
        return busy.has(state.status) ? undefined : state;
      },
    );
  }

  /**
   * Exports the locale, and does so again when somebody edits it meanwhile: such an export can be
   * inconsistent.
   */
  async export(): Promise<Snapshot> {
    for (let attempt = 1; attempt <= 3; attempt++) {
      const before = await this.settled();
      const zip = await this.exportOnce();
      const after = await this.describe();
      if (after.lastUpdated === before.lastUpdated) {
        return { zip, locale: localeIn(zip), lastUpdated: before.lastUpdated };
      }
      this.say(`Locale ${this.localeId} was edited during the export: exporting again.`);
    }
    throw new UserError(
      `Locale ${this.localeId} of bot ${this.botId} is being edited: start again when its editors are done.`,
    );
  }

  /** Uploads an archive for an import, whose id it returns. The bot is not touched yet. */
  async upload(zip: Buffer): Promise<string> {
    for (let attempt = 1; attempt <= uploadAttempts; attempt++) {
      // A URL lives five minutes and belongs to one import id, so each attempt asks for both.
      const { importId, uploadUrl } = await callLex("get an upload URL", () =>
        this.lex.send(new CreateUploadUrlCommand({})),
      );
      if (importId === undefined || uploadUrl === undefined) {
        throw new UserError("Lex gave no upload URL: start again.");
      }
      const response = await transferred("upload the archive", () =>
        fetch(uploadUrl, { method: "PUT", body: new Uint8Array(zip) }),
      );
      if (response.ok) {
        return importId;
      }
      if (response.status !== 403) {
        throw new UserError(`The archive could not be uploaded: the URL answered ${response.status}.`);
      }
      this.say("The upload URL was refused: asking for a new one.");
    }
    throw new UserError(
      `Lex refused ${uploadAttempts} upload URLs that it gave itself. Nothing was imported; start again.`,
    );
  }

  /**
   * Replaces the locale by the uploaded archive. When this throws, Lex may have taken none, all or part of
   * it.
   */
  async import(importId: string): Promise<void> {
    await callLex("start the import", () =>
      this.lex.send(
        new StartImportCommand({
          importId,
          resourceSpecification: {
            botLocaleImportSpecification: { botId: this.botId, botVersion, localeId: this.localeId },
          },
          // Only for Overwrite does Lex document what happens to an intent that exists: the archive's
          // definition replaces it.
          mergeStrategy: "Overwrite",
        }),
      ),
    );
    await poll("the import to end", settlingTime, async () => {
      const { importStatus, failureReasons } = await callLex("follow the import", () =>
        this.lex.send(new DescribeImportCommand({ importId })),
      );
      if (importStatus === "Failed") {
        throw new UserError("Lex refused the import.", { details: reasons(failureReasons) });
      }
      return importStatus === "Completed" ? true : undefined;
    });
    await this.settled();
  }

  /** Whether Lex knows an import as one that was started, in whatever it ended. */
  async wasStarted(importId: string): Promise<boolean> {
    return callLex("follow the import", () =>
      this.lex.send(new DescribeImportCommand({ importId })).then(
        ({ importStatus }) => importStatus !== undefined,
        (error: unknown) => {
          if (error instanceof Error && error.name === "ResourceNotFoundException") {
            return false;
          }
          throw error;
        },
      ),
    );
  }

  /** Builds the locale and waits until it is Built. `timeout` is in milliseconds. */
  async build(timeout: number): Promise<void> {
    await callLex("start the build", () =>
      this.lex.send(new BuildBotLocaleCommand({ botId: this.botId, botVersion, localeId: this.localeId })),
    );
    await poll(`the build, for ${timeout / minute} minutes`, timeout, async () => {
      const { status, failureReasons } = await this.describe();
      if (status === "Failed") {
        throw new UserError("The build failed.", { details: reasons(failureReasons) });
      }
      // An import leaves NotBuilt, and Lex may still say so right after the request for a build.
      return status === "Built" ? true : undefined;
    });
  }

  private async exportOnce(): Promise<Buffer> {
    const { exportId } = await callLex("start the export", () =>
      this.lex.send(
        new CreateExportCommand({
          resourceSpecification: {
            botLocaleExportSpecification: { botId: this.botId, botVersion, localeId: this.localeId },
          },
          fileFormat: "LexJson",
        }),
      ),
    );
    const url = await poll("the export to end", settlingTime, async () => {
      const described = await callLex("follow the export", () =>
        this.lex.send(new DescribeExportCommand({ exportId })),
      );
      if (described.exportStatus === "Failed") {
        throw new UserError("Lex could not export the locale.", {
          details: reasons(described.failureReasons),
        });
      }
      return described.exportStatus === "Completed" ? described.downloadUrl : undefined;
    });
    const response = await transferred("download the export", () => fetch(url));
    if (!response.ok) {
      throw new UserError(
        `The export could not be downloaded: its URL answered ${response.status}. Start again.`,
      );
    }
    return Buffer.from(await response.arrayBuffer());
  }
}

function localeIn(zip: Buffer): Locale {
  return onlyLocaleOf(readArchive(zip, "Lex's export"));
}

function reasons(failureReasons: readonly string[] | undefined): string {
  return failureReasons?.length ? failureReasons.join(" ") : "Lex gives no reason.";
}
