import { DescribeBotCommand } from "@aws-sdk/client-lex-models-v2";
import { type LexRuntimeV2Client, RecognizeTextCommand } from "@aws-sdk/client-lex-runtime-v2";
import { UserError } from "../messages/user-error";
import { settingOf } from "../stage/settings";
import type { Stage } from "../stage/stage";
import { readArchive } from "./archive";
import { BotAlias } from "./bot-alias";
import { BotVersions } from "./bot-versions";
import { askLex, callLex, lexModels, lexRuntime } from "./calls";
import { DraftLocale } from "./draft-locale";
import { onlyLocaleOf, type Locale } from "./locale";
import { exportOf } from "./locale-export";

/** The role that Lex makes itself. It is the only one that the pipeline's policy lets it pass to Lex. */
const serviceLinkedRole = /:role\/aws-service-role\/lexv2\.amazonaws\.com\/AWSServiceRoleForLexV2Bots/;

/** The bot of a run and the one locale of it that the run works on. A stage makes one. */
export class Bot {
  readonly draft: DraftLocale;
  readonly versions: BotVersions;
  private readonly models = lexModels();

  constructor(
    readonly id: string,
    readonly localeId: string,
    private readonly say: (line: string) => void,
    private readonly runtime: LexRuntimeV2Client = lexRuntime(),
  ) {
    this.draft = new DraftLocale(this.models, id, localeId, say);
    this.versions = new BotVersions(this.models, id, say);
  }

  /** The bot that the stage is told of. */
  static of(stage: Stage): Bot {
    return new Bot(settingOf(stage, "botId"), settingOf(stage, "botLocaleId"), stage.say);
  }

  alias(id: string): BotAlias {
    return new BotAlias(this.models, this.id, id, this.say);
  }

  /**
   * Makes a version of the DRAFT of this locale. It has every other locale as version `base` has it. Returns
   * its number.
   */
  async createVersion({ description, base }: { description: string; base: string }): Promise<string> {
    const others = await this.versions.localesOf(base);
    return this.versions.create({
      description,
      locales: new Map([...others.map((id) => [id, base] as const), [this.localeId, "DRAFT"]]),
    });
  }

  /** What a version holds of this locale. */
  async localeOfVersion(version: string): Promise<Locale> {
    const { id: botId, localeId } = this;
    const zip = await exportOf(this.models, { botId, botVersion: version, localeId });
    return onlyLocaleOf(readArchive(zip, `Lex's export of version ${version}`));
  }

  /**
   * @throws UserError when a version of the bot cannot be published to the alias: it does not answer for the
   * locale, has no version, or logs conversations with a role that the pipeline may not pass to Lex.
   */
  async expectPublishable(aliasId: string): Promise<void> {
    const alias = this.alias(aliasId);
    await alias.versionFor(this.localeId);
    if (!(await alias.logsConversations())) {
      return;
    }
    const { roleArn = "" } = await callLex(`describe bot ${this.id}`, (options) =>
      this.models.send(new DescribeBotCommand({ botId: this.id }), options),
    );
    if (!serviceLinkedRole.test(roleArn)) {
      throw new UserError(
        `Alias ${aliasId} logs conversations, and bot ${this.id} has the role ${roleArn}. To point the alias to a new version, this run would pass that role to Lex, ` +
          "and it may pass only Lex's own role, AWSServiceRoleForLexV2Bots. In the Lex console give the bot that role, or name an alias without conversation logs.",
      );
    }
  }

  /**
   * The intent that an alias answers a text with. Each attempt is in a session of its own: one that was used
   * before, also by a request whose answer got lost, has a context.
   *
   * @throws PhraseFailed when Lex cannot answer this text
   */
  async recognize(text: string, { aliasId, newSession }: { aliasId: string; newSession: () => string }) {
    const { id: botId, localeId } = this;
    const asked = askLex("ask the bot", (options) =>
      this.runtime.send(
        new RecognizeTextCommand({ botId, botAliasId: aliasId, localeId, sessionId: newSession(), text }),
        options,
      ),
    );
    const { interpretations } = await asked.catch((error: unknown) => {
      throw PhraseFailed.isBehind(error) ? new PhraseFailed(error) : error;
    });
    const [best] = interpretations ?? [];
    return { intent: best?.intent?.name, byBedrock: best?.interpretationSource === "Bedrock" };
  }
}

/** Lex could not answer one phrase; another it may. Its own words may quote the phrase. */
export class PhraseFailed extends UserError {
  readonly exception: string;

  constructor(failure: UserError & { readonly cause: Error }) {
    super(`Lex could not answer a phrase (${failure.cause.name}).`, {
      details: failure.message,
      cause: failure.cause,
    });
    this.exception = failure.cause.name;
  }

  /** Whether a call of Lex failed for its phrase. */
  static isBehind(error: unknown): error is UserError & { readonly cause: Error } {
    return (
      error instanceof UserError && error.cause instanceof Error && phraseErrors.includes(error.cause.name)
    );
  }
}

/** Failures of one phrase; any other is one of all phrases. */
const phraseErrors = [
  "BadGatewayException",
  "DependencyFailedException",
  "InternalServerException",
  "ValidationException",
];
