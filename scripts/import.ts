import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readArchive } from "./lex/archive";
import { lexModels } from "./lex/calls";
import { differences } from "./lex/differences";
import { DraftLocale, type Snapshot } from "./lex/draft-locale";
import { onlyLocaleOf, type Locale } from "./lex/locale";
import { positiveNumber, setting } from "./stage/settings";
import { runStage, type Stage, type StageMain } from "./stage/stage";
import { UserError } from "./user-error";
import { changesSchema, type Changes } from "./utterances/changes";

/** A locale's archive: the ZIP for Lex, and what is in it. */
interface Packed {
  readonly zip: Buffer;
  readonly locale: Locale;
}

/**
 * Imports the packed locale, makes sure that Lex holds what was meant, and builds it.
 *
 * Reads `package/` and `backup/`; writes `report/import.json`. When anything fails after Lex was asked to change the bot, the backup is
 * imported and built before the stage fails.
 */
export const importStage: StageMain = async (stage) => {
  const [botId, localeId] = [setting(stage, "BOT_ID"), setting(stage, "BOT_LOCALE_ID")];
  const buildTime = positiveNumber(stage, "BUILD_TIMEOUT_MINUTES") * 60_000;
  const changes = changesSchema.parse(
    JSON.parse(readFileSync(join(stage.input("package"), "changes.json"), "utf8")),
  );
  if (changes.botId !== botId || changes.localeId !== localeId) {
    throw new UserError(
      `The package is for bot ${changes.botId}, locale ${changes.localeId}, not for ${botId}, ${localeId}.`,
    );
  }
  if (changes.intents.length === 0) {
    stage.say("Nothing to import: the bot stays as it is.");
    report(stage, { outcome: "unchanged", changes, gained: [] });
    return;
  }
  const backup = packed(stage, "backup", "locale-export.zip");
  const meant = packed(stage, "package", "lex-import.zip");
  const retraining = new Retraining(
    new DraftLocale(lexModels(), botId, localeId, stage.say),
    backup,
    meant,
    buildTime,
    stage.say,
  );
  report(stage, { ...(await retraining.run()), changes });
};

class Retraining {
  constructor(
    private readonly draft: DraftLocale,
    private readonly backup: Packed,
    private readonly meant: Packed,
    private readonly buildTime: number,
    private readonly say: (line: string) => void,
  ) {}

  /** Safe to run again after it was killed at any point: it goes on from what it finds in Lex. */
  async run(): Promise<{ outcome: "retrained" | "unchanged"; gained: readonly string[] }> {
    const { status } = await this.draft.settled();
    const found = await this.draft.export();
    const imported = isSame(this.meant, found);
    if (imported && status === "Built") {
      this.say("The bot has these utterances already and is built.");
      return { outcome: "unchanged", gained: [] };
    }
    const importId = imported ? undefined : await this.prepare(found);
    try {
      const gained = importId === undefined ? [] : await this.import(importId, this.meant);
      await this.build();
      return { outcome: "retrained", gained };
    } catch (reason) {
      throw await this.undone(reason);
    }
  }

  /**
   * Uploads the package. Overwriting an edit that somebody made since the package stage read the DRAFT would lose it, so that stops the
   * run, up to the last moment before Lex is asked to change anything.
   */
  private async prepare(found: Snapshot): Promise<string> {
    const { lost, gained } = differences(this.backup.locale, found.locale);
    const changed = [...lost, ...gained];
    if (changed.length > 0) throw somebodyChangedIt(firstFew(changed));
    const importId = await this.draft.upload(this.meant.zip);
    if ((await this.draft.describe()).lastUpdated !== found.lastUpdated)
      throw somebodyChangedIt("It was edited this very moment.");
    return importId;
  }

  private async import(importId: string, { locale }: Packed): Promise<readonly string[]> {
    this.say("Importing.");
    await this.draft.import(importId);
    const { lost, gained } = differences(locale, (await this.draft.export()).locale);
    if (lost.length > 0)
      throw new UserError(`After the import Lex does not hold what was sent. ${firstFew(lost)}`);
    return gained;
  }

  private async build(): Promise<void> {
    this.say("Building.");
    await this.draft.build(this.buildTime);
    this.say("Built.");
  }

  /** Puts the backup back where Lex does not hold it, and returns what to tell: the reason, and whether the bot is what it was. */
  private async undone(reason: unknown): Promise<UserError> {
    this.say(`${wordsOf(reason)} Putting the bot back.`);
    try {
      const { status } = await this.draft.settled();
      const kept = isSame(this.backup, await this.draft.export());
      if (!kept) await this.import(await this.draft.upload(this.backup.zip), this.backup);
      if (!kept || status !== "Built") await this.build();
      return new UserError(`${wordsOf(reason)} The bot is as it was before this run, and built.`);
    } catch (failure) {
      return new UserError(
        `${wordsOf(reason)} Putting the bot back failed too: ${wordsOf(failure)} ` +
          "Its last good state is backup/locale-export.zip of this run: import it in the Lex console, overwriting the locale, and build.",
      );
    }
  }
}

function somebodyChangedIt(how: string): UserError {
  return new UserError(
    `Somebody changed the bot since this run read it, so nothing was sent. ${how} Start the run again: it will take up their change.`,
  );
}

function packed(stage: Stage, input: string, file: string): Packed {
  const zip = readFileSync(join(stage.input(input), file));
  return { zip, locale: onlyLocaleOf(readArchive(zip, file), file) };
}

function isSame(meant: Packed, found: Snapshot): boolean {
  return differences(meant.locale, found.locale).lost.length === 0;
}

function report(
  stage: Stage,
  content: { outcome: string; changes: Changes; gained: readonly string[] },
): void {
  writeFileSync(join(stage.output("report"), "import.json"), JSON.stringify(content, null, 2));
}

function firstFew(sentences: readonly string[]): string {
  const shown = sentences.slice(0, 3).join(" ");
  return sentences.length > 3 ? `${shown} And ${sentences.length - 3} more.` : shown;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (require.main === module) void runStage(importStage);
