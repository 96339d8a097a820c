import {
  BuildBotLocaleCommand,
  CreateUploadUrlCommand,
  DescribeBotLocaleCommand,
  DescribeImportCommand,
  type LexModelsV2Client,
  StartImportCommand,
} from "@aws-sdk/client-lex-models-v2";
import { UserError } from "../messages/user-error";
import { settlingTime } from "../stage/waiting";
import { readArchive } from "./archive";
import { callLex, poll, sendOnce } from "./calls";
import { onlyLocaleOf, type Locale } from "./locale";
import { exportOf, reasons } from "./locale-export";
import { transferred } from "./transfers";

const minute = 60_000;

/** How often to ask for another upload URL when Lex refuses its own. */
const uploadAttempts = 3;

/** The locale is what an editor of the bot sees: version DRAFT. */
const botVersion = "DRAFT";

export interface LocaleState {
  readonly status: string;
  /** Milliseconds since 1970; changes with every edit of the locale. */
  readonly lastUpdated: number;
  /** Milliseconds since 1970, when a build was last asked for. */
  readonly lastBuildSubmitted: number | undefined;
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
    const described = await callLex(`describe locale ${this.localeId} of bot ${this.botId}`, (options) =>
      this.lex.send(new DescribeBotLocaleCommand(this.id), options),
    );
    return {
      status: described.botLocaleStatus ?? "",
      lastUpdated: described.lastUpdatedDateTime?.getTime() ?? 0,
      lastBuildSubmitted: described.lastBuildSubmittedDateTime?.getTime(),
      failureReasons: described.failureReasons ?? [],
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
      const zip = await exportOf(this.lex, this.id);
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
      const { importId, uploadUrl } = await callLex("get an upload URL", (options) =>
        this.lex.send(new CreateUploadUrlCommand({}), options),
      );
      if (importId === undefined || uploadUrl === undefined) {
        throw new UserError("Lex gave no upload URL: start again.");
      }
      const { status } = await transferred("upload the archive", uploadUrl, { body: new Uint8Array(zip) });
      if (status === 200) {
        return importId;
      }
      if (status !== 403) {
        throw new UserError(`The archive could not be uploaded: the URL answered ${status}.`);
      }
      this.say("The upload URL was refused: asking for a new one.");
    }
    throw new UserError(
      `Lex refused ${uploadAttempts} upload URLs that it gave itself. Nothing was imported; start again.`,
    );
  }

  /**
   * Replaces the locale by the uploaded archive. When this throws, Lex may have taken none, all or part of
   * it. A second import would overwrite what somebody edited after the first.
   */
  async import(importId: string): Promise<void> {
    await sendOnce("start the import", {
      send: async (lex, options) => {
        await lex.send(
          new StartImportCommand({
            importId,
            resourceSpecification: { botLocaleImportSpecification: this.id },
            // Only for Overwrite does Lex document what happens to an intent that exists: the archive's
            // definition replaces it.
            mergeStrategy: "Overwrite",
          }),
          options,
        );
        return true;
      },
      look: async () => (await this.wasStarted(importId)) || undefined,
      say: this.say,
    });
    await poll("the import to end", settlingTime, async () => {
      const { importStatus, failureReasons } = await callLex("follow the import", (options) =>
        this.lex.send(new DescribeImportCommand({ importId }), options),
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
    return callLex("follow the import", (options) =>
      this.lex.send(new DescribeImportCommand({ importId }), options).then(
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

  /**
   * Builds the locale and waits until it is Built. `timeout` is in milliseconds. A second build would begin
   * only after the first, and nobody gives it time.
   */
  async build(timeout: number): Promise<void> {
    const before = await this.describe();
    await sendOnce("start the build", {
      send: async (lex, options) => {
        await lex.send(new BuildBotLocaleCommand(this.id), options);
        return true;
      },
      look: async () =>
        (await this.describe()).lastBuildSubmitted === before.lastBuildSubmitted ? undefined : true,
      say: this.say,
    });
    await poll(`the build, for ${timeout / minute} minutes`, timeout, async () => {
      const { status, failureReasons } = await this.describe();
      if (status === "Failed") {
        throw new UserError("The build failed.", { details: reasons(failureReasons) });
      }
      // An import leaves NotBuilt, and Lex may still say so right after the request for a build.
      return status === "Built" ? true : undefined;
    });
  }

  private get id() {
    return { botId: this.botId, botVersion, localeId: this.localeId };
  }
}

function localeIn(zip: Buffer): Locale {
  return onlyLocaleOf(readArchive(zip, "Lex's export"));
}
