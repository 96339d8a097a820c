import { type LexRuntimeV2Client, RecognizeTextCommand } from "@aws-sdk/client-lex-runtime-v2";
import { UserError } from "../messages/user-error";
import { settingOf } from "../stage/settings";
import type { Stage } from "../stage/stage";
import { BotAlias } from "./bot-alias";
import { BotVersions } from "./bot-versions";
import { callLex, lexModels, lexRuntime } from "./calls";
import { DraftLocale } from "./draft-locale";

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

  /**
   * The intent that an alias answers a text with. A session that was never used before has no context.
   *
   * @throws PhraseFailed when Lex cannot answer this text
   */
  async recognize(text: string, { aliasId, sessionId }: { aliasId: string; sessionId: string }) {
    const command = new RecognizeTextCommand({
      botId: this.id,
      botAliasId: aliasId,
      localeId: this.localeId,
      sessionId,
      text,
    });
    const { interpretations } = await callLex("ask the bot", () => this.runtime.send(command)).catch(
      (error: unknown) => {
        throw PhraseFailed.isBehind(error) ? new PhraseFailed(error) : error;
      },
    );
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
