import {
  CreateBotVersionCommand,
  DeleteBotVersionCommand,
  DescribeBotVersionCommand,
  LexModelsV2ServiceException,
  type LexModelsV2Client,
  paginateListBotAliases,
  paginateListBotLocales,
  paginateListBotVersions,
} from "@aws-sdk/client-lex-models-v2";
import { counted } from "../messages/printable";
import { UserError } from "../messages/user-error";
import { callLex, lexModels, poll } from "./calls";
import { maxBotVersions } from "./quotas";

const minute = 60_000;

/** How long a version may take to be made or to go before it counts as stuck. */
const settlingTime = 15 * minute;

/** How long Lex may take to answer the request for a version. */
const answeringTime = 2 * minute;

export interface BotVersion {
  /** Such as "7". Lex never uses a number again. */
  readonly number: string;
  readonly description: string;
}

/** What a new version is made of. */
export interface VersionRequest {
  /** Tells it from all others: a version that has this description is this version. */
  readonly description: string;
  /** The version that each locale comes from: a number or "DRAFT". The new version has no other locales. */
  readonly locales: ReadonlyMap<string, string>;
}

/**
 * The numbered versions of a bot, by Lex's model-building API.
 *
 * Every method throws a UserError with a sentence that says what Lex refused.
 */
export class BotVersions {
  constructor(
    private readonly lex: LexModelsV2Client,
    private readonly botId: string,
    private readonly say: (line: string) => void,
  ) {}

  /** The numbered versions, oldest first. */
  async list(): Promise<BotVersion[]> {
    const summaries = await callLex(`list the versions of bot ${this.botId}`, () =>
      itemsOf(
        paginateListBotVersions({ client: this.lex }, { botId: this.botId }),
        (page) => page.botVersionSummaries,
      ),
    );
    return summaries
      .map(({ botVersion = "", description = "" }) => ({ number: botVersion, description }))
      .filter(({ number }) => number !== "DRAFT")
      .sort((one, other) => Number(one.number) - Number(other.number));
  }

  /** The locales of a version. */
  async localesOf(version: string): Promise<string[]> {
    const summaries = await callLex(`list the locales of version ${version} of bot ${this.botId}`, () =>
      itemsOf(
        paginateListBotLocales({ client: this.lex }, { botId: this.botId, botVersion: version }),
        (page) => page.botLocaleSummaries,
      ),
    );
    return summaries.flatMap(({ localeId }) => localeId ?? []);
  }

  /**
   * Makes a version, unless one of this description is there, and waits until it is Available. Returns its
   * number.
   *
   * Lex cannot tell a repeated request from a second one. So this sends each request once. When the answer is
   * lost, the version is looked for before another is sent.
   */
  async create({ description, locales }: VersionRequest): Promise<string> {
    const botVersionLocaleSpecification = Object.fromEntries(
      [...locales].map(([localeId, sourceBotVersion]) => [localeId, { sourceBotVersion }]),
    );
    const command = { botId: this.botId, description, botVersionLocaleSpecification };
    const number = await poll(
      "an answer to the request for a version",
      answeringTime,
      async () =>
        (await this.list()).find((version) => version.description === description)?.number ??
        (await this.requestOnce(new CreateBotVersionCommand(command))),
      // A new version is not listed at once.
      { first: 2_000 },
    );
    await this.available(number);
    return number;
  }

  /** Waits until a version that was asked for is Available. */
  async available(number: string): Promise<void> {
    await poll(`version ${number} to be available`, settlingTime, async () => {
      const { botStatus, failureReasons } = await this.describe(number);
      if (botStatus === "Failed") {
        throw new UserError(`Lex could not make version ${number}.`, {
          details: failureReasons?.join(" ") ?? "Lex gives no reason.",
        });
      }
      return botStatus === "Available" ? true : undefined;
    });
  }

  /**
   * Deletes old versions when a new one would exceed {@link maxBotVersions}: only as many as needed, the
   * oldest first. It keeps every version that an alias uses or that Lex says is in use, and the newest
   * `keepVersions`. Returns the numbers of the deleted versions.
   *
   * @throws UserError when there is no room and nothing that may be deleted.
   */
  async prune(keepVersions: number): Promise<string[]> {
    const versions = await this.list();
    const excess = versions.length + 1 - maxBotVersions;
    if (excess <= 0) {
      return [];
    }
    const used = await this.usedByAliases();
    const candidates = versions.slice(0, -keepVersions).filter(({ number }) => !used.has(number));
    const deleted: string[] = [];
    for (const { number } of candidates) {
      if (deleted.length < excess && (await this.delete(number))) {
        deleted.push(number);
      }
    }
    if (deleted.length < excess) {
      throw new UserError(
        `The bot has ${counted(versions.length, "version")}, Lex allows ${maxBotVersions}, and none of them may be deleted: aliases use them, ` +
          `or they are among the newest ${keepVersions}, which are kept. Delete one in the Lex console, or lower keepVersions.`,
      );
    }
    await this.gone(deleted);
    return deleted;
  }

  private async usedByAliases(): Promise<ReadonlySet<string>> {
    const aliases = await callLex(`list the aliases of bot ${this.botId}`, () =>
      itemsOf(
        paginateListBotAliases({ client: this.lex }, { botId: this.botId }),
        (page) => page.botAliasSummaries,
      ),
    );
    return new Set(aliases.flatMap(({ botVersion }) => botVersion ?? []));
  }

  /** The new version's number, or undefined when it is not known whether Lex took the request. */
  private async requestOnce(command: CreateBotVersionCommand): Promise<string | undefined> {
    try {
      const { botVersion } = await callLex(`make a version of bot ${this.botId}`, () =>
        lexModels(1).send(command),
      );
      return botVersion;
    } catch (error) {
      if (error instanceof UserError && isRefusal(error.cause)) {
        throw error;
      }
      this.say("Lex gave no answer to the request for a version: looking whether it was made.");
      return undefined;
    }
  }

  /** A version that was just asked for is not to be found at first. */
  private async describe(number: string) {
    return callLex(`describe version ${number} of bot ${this.botId}`, () =>
      this.lex
        .send(new DescribeBotVersionCommand({ botId: this.botId, botVersion: number }))
        .catch(unless(["ResourceNotFoundException"], { botStatus: undefined, failureReasons: undefined })),
    );
  }

  /** Whether the version goes: one that something uses, Lex keeps, unless it is told to skip that check. */
  private async delete(number: string): Promise<boolean> {
    const command = new DeleteBotVersionCommand({ botId: this.botId, botVersion: number });
    const goes = await callLex(`delete version ${number} of bot ${this.botId}`, () =>
      this.lex
        .send(command)
        .then(() => true)
        .catch(unless(["ResourceNotFoundException"], true))
        .catch(unless(["ConflictException", "PreconditionFailedException"], false)),
    );
    this.say(
      goes
        ? `Deleted version ${number}: a bot may have ${maxBotVersions}.`
        : `Lex keeps version ${number}: it is in use.`,
    );
    return goes;
  }

  private async gone(numbers: readonly string[]): Promise<void> {
    await poll("the deleted versions to go", settlingTime, async () => {
      const left = await this.list();
      return left.some(({ number }) => numbers.includes(number)) ? undefined : true;
    });
  }
}

async function itemsOf<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOn: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) {
    items.push(...(itemsOn(page) ?? []));
  }
  return items;
}

/** When Lex refuses, it made nothing. After an outage, throttling or a broken connection, nobody knows. */
function isRefusal(cause: unknown): boolean {
  return (
    cause instanceof LexModelsV2ServiceException &&
    cause.$fault === "client" &&
    cause.name !== "ThrottlingException"
  );
}

/** A handler that takes errors of these names for an answer. */
function unless<T>(names: readonly string[], answer: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && names.includes(error.name)) {
      return answer;
    }
    throw error;
  };
}
