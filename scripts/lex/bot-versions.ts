import {
  CreateBotVersionCommand,
  type CreateBotVersionCommandOutput,
  DeleteBotVersionCommand,
  DescribeBotVersionCommand,
  type LexModelsV2Client,
  paginateListBotAliases,
  paginateListBotLocales,
  paginateListBotVersions,
} from "@aws-sdk/client-lex-models-v2";
import { counted } from "../messages/printable";
import { UserError } from "../messages/user-error";
import { settlingTime } from "../stage/waiting";
import { callLex, poll, sendOnce } from "./calls";
import { maxBotVersions } from "./quotas";

export interface BotVersion {
  /** Such as "7". Lex never uses a number again. */
  readonly number: string;
  readonly description: string;
  /** Whether it can ever be used: not when Lex could not make it, or deletes it. */
  readonly isUsable: boolean;
}

/** What a new version is made of. */
export interface VersionRequest {
  /** Tells it from all others: a usable version that has this description is this version. */
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
    const summaries = await callLex(`list the versions of bot ${this.botId}`, (options) =>
      itemsOf(
        paginateListBotVersions({ client: this.lex }, { botId: this.botId }, options),
        (page) => page.botVersionSummaries,
      ),
    );
    return summaries
      .map(({ botVersion = "", description = "", botStatus }) => ({
        number: botVersion,
        description,
        isUsable: botStatus !== "Failed" && botStatus !== "Deleting",
      }))
      .filter(({ number }) => number !== "DRAFT")
      .sort((one, other) => Number(one.number) - Number(other.number));
  }

  /** The locales of a version. */
  async localesOf(version: string): Promise<string[]> {
    const summaries = await callLex(
      `list the locales of version ${version} of bot ${this.botId}`,
      (options) =>
        itemsOf(
          paginateListBotLocales({ client: this.lex }, { botId: this.botId, botVersion: version }, options),
          (page) => page.botLocaleSummaries,
        ),
    );
    return summaries.flatMap(({ localeId }) => localeId ?? []);
  }

  /**
   * Makes a version, unless one of this description is there, and waits until it is Available. Returns its
   * number.
   *
   * Lex cannot tell a repeated request from a second one.
   */
  async create({ description, locales }: VersionRequest): Promise<string> {
    const command = new CreateBotVersionCommand({
      botId: this.botId,
      description,
      botVersionLocaleSpecification: Object.fromEntries(
        [...locales].map(([localeId, sourceBotVersion]) => [localeId, { sourceBotVersion }]),
      ),
    });
    const look = async () =>
      (await this.list()).find((version) => version.isUsable && version.description === description)?.number;
    const number =
      (await look()) ??
      (await sendOnce(`make a version of bot ${this.botId}`, {
        send: async (lex, options) => numberOf(await lex.send(command, options)),
        look,
        say: this.say,
      }));
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
    const aliases = await callLex(`list the aliases of bot ${this.botId}`, (options) =>
      itemsOf(
        paginateListBotAliases({ client: this.lex }, { botId: this.botId }, options),
        (page) => page.botAliasSummaries,
      ),
    );
    return new Set(aliases.flatMap(({ botVersion }) => botVersion ?? []));
  }

  /** A version that was just asked for is not to be found at first. */
  private async describe(number: string) {
    return callLex(`describe version ${number} of bot ${this.botId}`, (options) =>
      this.lex
        .send(new DescribeBotVersionCommand({ botId: this.botId, botVersion: number }), options)
        .catch(unless(["ResourceNotFoundException"], { botStatus: undefined, failureReasons: undefined })),
    );
  }

  /** Whether the version goes: one that something uses, Lex keeps, unless it is told to skip that check. */
  private async delete(number: string): Promise<boolean> {
    const command = new DeleteBotVersionCommand({ botId: this.botId, botVersion: number });
    const goes = await callLex(`delete version ${number} of bot ${this.botId}`, (options) =>
      this.lex
        .send(command, options)
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

function numberOf({ botVersion }: CreateBotVersionCommandOutput): string {
  if (botVersion === undefined) {
    throw new UserError("Lex made a version without a number: start again.");
  }
  return botVersion;
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
