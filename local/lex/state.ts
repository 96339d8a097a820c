import type { Locale } from "../../scripts/lex/locale";
import type { Clock } from "./clock";
import { LexError, invalid, notFound } from "./errors";
import type { Faults } from "./faults";
import { identifierFrom } from "./identifiers";
import type { LocalBot } from "./load-bot";
import type { Recognizer } from "./recognizer";

/** How long things take, in milliseconds. */
export interface Delays {
  readonly export: number;
  readonly import: number;
  readonly build: number;
  /** One RecognizeText. Until it ends, it counts as one of the alias's conversations. */
  readonly recognize: number;
  /** A version, from CreateBotVersion: half of it unknown to DescribeBotVersion, half of it Creating. */
  readonly version: number;
  /** An alias, until it is Available again. */
  readonly alias: number;
  /** From then on, until the alias answers by its new settings: "a few minutes" in Lex. */
  readonly propagation: number;
}

/**
 * Where an export of a locale puts its files: `<Bot>/BotLocales/<locale>/`, `<locale>/` or the archive's top.
 */
export type Layout = "bot" | "locale" | "top";

/** Everything the local Lex knows. */
export class State {
  readonly bots = new Map<string, Bot>();
  readonly exports = new Map<string, Export>();
  readonly imports = new Map<string, Import>();
  /** RecognizeText calls being answered, by bot and alias. */
  readonly conversations = new Map<string, number>();
  private identifiers = 0;

  constructor(
    readonly clock: Clock,
    readonly delays: Delays,
    readonly faults: Faults,
    readonly layout: Layout,
  ) {}

  bot(id: string): Bot {
    const bot = this.bots.get(id);
    if (!bot) {
      throw notFound(`The bot ${id}`);
    }
    return bot;
  }

  /** The locales of a bot's version. */
  locales(botId: string, version: string): ReadonlyMap<string, BotLocale> {
    const bot = this.bot(botId);
    if (!/^(DRAFT|[0-9]{1,5})$/.test(version)) {
      throw invalid(`${version} is not a version of a bot.`);
    }
    const locales = version === "DRAFT" ? bot.locales : bot.versions.get(version)?.locales;
    if (!locales) {
      throw notFound(`The version ${version} of the bot ${botId}`);
    }
    return locales;
  }

  locale(botId: string, version: string, localeId: string): BotLocale {
    const locale = this.locales(botId, version).get(localeId);
    if (!locale) {
      throw notFound(`The locale ${localeId} of the bot ${botId}, version ${version},`);
    }
    return locale;
  }

  alias(botId: string, id: string): BotAlias {
    const alias = this.bot(botId).aliases.get(id);
    if (!alias) {
      throw notFound(`The alias ${id} of the bot ${botId}`);
    }
    return alias;
  }

  newIdentifier(): string {
    return identifierFrom(`${++this.identifiers}`);
  }
}

export interface Bot extends Omit<LocalBot, "locales"> {
  /** Those of the DRAFT. */
  readonly locales: Map<string, BotLocale>;
  readonly versions: Map<string, BotVersion>;
  /** The number of the newest version that was ever made: numbers are not used again. */
  lastVersion: number;
  readonly aliases: Map<string, BotAlias>;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** A numbered version of a bot. */
export interface BotVersion {
  readonly number: string;
  readonly description: string | undefined;
  readonly locales: ReadonlyMap<string, BotLocale>;
  readonly created: number;
  status: "Creating" | "Available" | "Failed";
  failureReasons: readonly string[];
}

export interface BotAlias {
  readonly id: string;
  readonly created: number;
  lastUpdated: number;
  status: "Creating" | "Available" | "Failed";
  settings: AliasSettings;
  /** The settings that it answers by: for a while after an update, those from before it. */
  answering: AliasSettings | undefined;
}

/** What CreateBotAlias and UpdateBotAlias are given, and DescribeBotAlias gives back. */
export interface AliasSettings {
  readonly botAliasName: string;
  readonly description?: string | undefined;
  readonly botVersion?: string | undefined;
  readonly botAliasLocaleSettings?: Readonly<Record<string, { readonly enabled: boolean }>> | undefined;
}

export type BotLocaleStatus =
  "Building" | "Built" | "ReadyExpressTesting" | "Failed" | "NotBuilt" | "Importing";

/** A locale of the DRAFT or of a version. Times are milliseconds since 1970. */
export class BotLocale {
  status: BotLocaleStatus = "NotBuilt";
  failureReasons: readonly string[] = [];
  lastBuildSubmitted: number | undefined;
  /** What the last successful build made. */
  recognizer: Recognizer | undefined;
  lastUpdated: number;

  constructor(
    public content: Locale,
    readonly created: number,
  ) {
    this.lastUpdated = created;
  }

  /**
   * Sets new content, which is not built yet. The time always grows, because clients detect a change by it.
   */
  update(content: Locale, now: number): void {
    this.content = content;
    this.status = "NotBuilt";
    this.failureReasons = [];
    this.lastUpdated = Math.max(now, this.lastUpdated + 1);
  }

  /**
   * @throws LexError during an import or a build. Lex documents only that a "conflicting state" gives 409.
   */
  expectIdle(): void {
    if (this.status === "Importing" || this.status === "Building" || this.status === "ReadyExpressTesting") {
      throw new LexError(
        "ConflictException",
        `The locale ${this.content.id} is ${this.status}: wait until that has ended.`,
      );
    }
  }
}

export interface Export {
  readonly id: string;
  /** What the client asked for. */
  readonly specification: object;
  readonly locales: readonly BotLocale[];
  readonly fileName: string;
  readonly created: number;
  lastUpdated: number;
  status: "InProgress" | "Completed" | "Failed";
  failureReasons: readonly string[];
  zip: Buffer | undefined;
}

/** An import from the moment that its upload URL was made. */
export interface Import {
  readonly id: string;
  upload: Buffer | undefined;
  started: StartedImport | undefined;
}

export interface StartedImport {
  readonly botId: string;
  readonly localeId: string;
  readonly mergeStrategy: "Overwrite" | "FailOnConflict" | "Append";
  readonly created: number;
  lastUpdated: number;
  status: "InProgress" | "Completed" | "Failed";
  failureReasons: readonly string[];
}
