import {
  DescribeBotAliasCommand,
  type DescribeBotAliasCommandOutput,
  type LexModelsV2Client,
  UpdateBotAliasCommand,
  type UpdateBotAliasCommandInput,
} from "@aws-sdk/client-lex-models-v2";
import { UserError } from "../messages/user-error";
import { settlingTime } from "../stage/waiting";
import { callLex, poll, sendOnce } from "./calls";

/**
 * An alias of a bot, by Lex's model-building API.
 *
 * Every method throws a UserError with a sentence that says what Lex refused.
 */
export class BotAlias {
  constructor(
    private readonly lex: LexModelsV2Client,
    private readonly botId: string,
    private readonly id: string,
    private readonly say: (line: string) => void,
  ) {}

  /** The alias once no update of it is under way. */
  async describe(): Promise<DescribeBotAliasCommandOutput> {
    return poll(`alias ${this.id} to be free: somebody else changes it`, settlingTime, async () => {
      const alias = await this.describeNow();
      return alias.botAliasStatus === "Creating" ? undefined : alias;
    });
  }

  /**
   * The number of the version that the alias answers with for a locale.
   *
   * @throws UserError when it does not answer for the locale, or not with a numbered version.
   */
  async versionFor(localeId: string): Promise<string> {
    const { botAliasName = "", botVersion = "DRAFT", botAliasLocaleSettings } = await this.describe();
    const name = `alias ${botAliasName} (${this.id})`;
    if (botVersion === "DRAFT") {
      throw new UserError(
        `The ${name} has no numbered version to go on from: point it to one in the Lex console, or name another alias.`,
      );
    }
    if (botAliasLocaleSettings?.[localeId]?.enabled !== true) {
      throw new UserError(
        `Locale ${localeId} is not enabled on the ${name}, so nobody would get what is published. ` +
          "In the Lex console open the alias, choose the language and enable it; then start again.",
      );
    }
    return botVersion;
  }

  async logsConversations(): Promise<boolean> {
    return (await this.describe()).conversationLogSettings !== undefined;
  }

  /** Milliseconds since 1970, when the alias was last changed. */
  async lastUpdated(): Promise<number> {
    return (await this.describe()).lastUpdatedDateTime?.getTime() ?? 0;
  }

  /**
   * Points the alias to another version and leaves all its other settings as they are. Does nothing when it
   * points there already.
   *
   * @param from the version that it is known to point to
   * @throws UserError when it points to a third version: somebody else's choice.
   */
  async pointTo(version: string, { from }: { from: string }): Promise<void> {
    if (isAt(version, await this.describe())) {
      return;
    }
    await sendOnce(`point alias ${this.id} to version ${version}`, {
      // Looks at the alias again, so that a repeated request does not take back what somebody set meanwhile.
      send: async (lex, options) => {
        const alias = await this.describe();
        if (alias.botVersion !== version && alias.botVersion !== from) {
          throw new UserError(
            `Somebody pointed alias ${this.id} to version ${alias.botVersion ?? "none"} meanwhile, so it stays there.`,
          );
        }
        this.say(`Pointing alias ${alias.botAliasName ?? this.id} to version ${version}.`);
        await lex.send(new UpdateBotAliasCommand({ ...settingsOf(alias), botVersion: version }), options);
        return true;
      },
      look: async () => isAt(version, await this.describe()) || undefined,
      say: this.say,
    });
    await poll(`alias ${this.id} to point to version ${version}`, settlingTime, async () => {
      const { botAliasStatus, botVersion } = await this.describeNow();
      if (botAliasStatus === "Failed") {
        throw new UserError(`Lex could not point alias ${this.id} to version ${version}.`);
      }
      return botAliasStatus === "Available" && botVersion === version ? true : undefined;
    });
  }

  private describeNow(): Promise<DescribeBotAliasCommandOutput> {
    return callLex(`describe alias ${this.id} of bot ${this.botId}`, (options) =>
      this.lex.send(new DescribeBotAliasCommand({ botId: this.botId, botAliasId: this.id }), options),
    );
  }
}

function isAt(version: string, { botVersion, botAliasStatus }: DescribeBotAliasCommandOutput): boolean {
  return botVersion === version && botAliasStatus === "Available";
}

/**
 * What to send to UpdateBotAlias so that nothing changes: it clears what it is not sent, and it refuses an
 * empty map or list. All members are required here so that a setting which Lex adds is not forgotten.
 */
function settingsOf(alias: DescribeBotAliasCommandOutput): Required<UpdateBotAliasCommandInput> {
  const logs = alias.conversationLogSettings;
  return {
    botId: alias.botId,
    botAliasId: alias.botAliasId,
    botAliasName: alias.botAliasName,
    description: alias.description,
    botVersion: alias.botVersion,
    botAliasLocaleSettings: unlessEmpty(alias.botAliasLocaleSettings),
    conversationLogSettings: logs && {
      textLogSettings: unlessEmpty(logs.textLogSettings),
      audioLogSettings: unlessEmpty(logs.audioLogSettings),
    },
    sentimentAnalysisSettings: alias.sentimentAnalysisSettings,
  };
}

function unlessEmpty<T extends object>(items: T | undefined): T | undefined {
  return items && Object.keys(items).length > 0 ? items : undefined;
}
