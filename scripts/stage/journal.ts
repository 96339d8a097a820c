import { z } from "zod";
import { UserError } from "../messages/user-error";
import { S3Object } from "./s3-object";
import { executionVariable, settingOf } from "./settings";
import type { Change, Stage } from "./stage";

const changeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("import"), importId: z.string() }),
  z.object({ kind: z.literal("build") }),
  z.object({ kind: z.literal("publish"), botAliasId: z.string() }),
  /** The archive that is put back, a path in the run's folder, and the alias that is pointed back. */
  z.object({ kind: z.literal("rollback"), archive: z.string(), botAliasId: z.string().optional() }),
]) satisfies z.ZodType<Change | Rollback>;

interface Rollback {
  readonly kind: "rollback";
  readonly archive: string;
  readonly botAliasId?: string | undefined;
}

/** A change that is under way, or was when its execution was cut off. */
export type OpenChange = z.infer<typeof changeSchema>;

const entrySchema = z.object({
  execution: z.string().min(1),
  /** Where the files of the run are, its backup among them. */
  runUri: z.string().startsWith("s3://"),
  botId: z.string().min(1),
  localeId: z.string().min(1),
  /** Null once the retraining is kept or rolled back. */
  change: changeSchema.nullable(),
  written: z.iso.datetime(),
});

/** The change of an execution that is neither kept nor rolled back. */
export interface OpenEntry extends z.infer<typeof entrySchema> {
  readonly change: OpenChange;
}

/**
 * What an execution does to a bot: the object `journal.json` under BOT_URI. An entry lies there before each
 * change is sent, so that after a kill the next execution can put the bot back.
 *
 * Only the execution that holds the bot's lease uses it. Every method throws a UserError when S3 fails.
 */
export class Journal {
  private readonly object: S3Object;

  constructor(private readonly step: Stage) {
    this.object = new S3Object(`${executionVariable(step, "BOT_URI")}/journal.json`);
  }

  /** What this execution left open, or another that was cut off. */
  async openEntry(): Promise<OpenEntry | undefined> {
    const content = await this.object.read();
    if (!content) {
      return undefined;
    }
    const { change, ...entry } = this.parsed(content.bytes.toString());
    return change === null ? undefined : { ...entry, change };
  }

  /** Writes down what this execution is about to send. Returns the entry. */
  async announce(change: OpenChange): Promise<OpenEntry> {
    const entry = {
      execution: executionVariable(this.step, "EXECUTION_ID"),
      runUri: executionVariable(this.step, "RUN_URI"),
      botId: settingOf(this.step, "botId"),
      localeId: settingOf(this.step, "botLocaleId"),
    };
    return this.write(entry, change);
  }

  /** Writes down that the change of an entry is kept or rolled back. */
  async close(entry: OpenEntry): Promise<void> {
    await this.write(entry, null);
  }

  /** Writes down how the change of an entry goes on. */
  async write<C extends OpenChange | null>(
    { execution, runUri, botId, localeId }: Pick<OpenEntry, "execution" | "runUri" | "botId" | "localeId">,
    change: C,
  ) {
    const entry = { execution, runUri, botId, localeId, change, written: new Date().toISOString() };
    await this.object.write(JSON.stringify(entry));
    return entry;
  }

  private parsed(text: string): z.infer<typeof entrySchema> {
    try {
      return entrySchema.parse(JSON.parse(text));
    } catch (cause) {
      throw new UserError(
        `${this.object.uri} is not a valid journal: make sure that the bot is as it should be and built, delete the object and start again.`,
        { cause },
      );
    }
  }
}
