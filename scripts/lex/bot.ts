import { type LexRuntimeV2Client, RecognizeTextCommand } from "@aws-sdk/client-lex-runtime-v2";
import { settingOf } from "../stage/settings";
import type { Stage } from "../stage/stage";
import { BotAlias } from "./bot-alias";
import { BotVersions } from "./bot-versions";
import { askLex, lexModels, lexRuntime } from "./calls";
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
   * The intent that an alias answers a text with. Each attempt is in a session of its own: one that was used
   * before, also by a request whose answer got lost, has a context.
   */
  async recognize(text: string, { aliasId, newSession }: { aliasId: string; newSession: () => string }) {
    const { interpretations } = await askLex("ask the bot", (options) =>
      this.runtime.send(
        new RecognizeTextCommand({
          botId: this.id,
          botAliasId: aliasId,
          localeId: this.localeId,
          sessionId: newSession(),
          text,
        }),
        options,
      ),
    );
    const [best] = interpretations ?? [];
    return { intent: best?.intent?.name, byBedrock: best?.interpretationSource === "Bedrock" };
  }
}
