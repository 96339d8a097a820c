import { readFileSync } from "node:fs";
import { backupArchive, importArchive } from "../artifacts/archives";
import { messageOf, UserError } from "../messages/user-error";
import { settingOf } from "../stage/settings";
import type { Stage } from "../stage/stage";
import { readArchive } from "./archive";
import type { Bot } from "./bot";
import { differences } from "./differences";
import type { DraftLocale, Snapshot } from "./draft-locale";
import { onlyLocaleOf, type Locale } from "./locale";

/** A locale's archive: the ZIP for Lex, and what is in it. */
export interface PackedLocale {
  readonly zip: Buffer;
  readonly locale: Locale;
}

/** @throws UserError when the file is not an archive of one locale */
export function packedFile(path: string): PackedLocale {
  const zip = readFileSync(path);
  return { zip, locale: onlyLocaleOf(readArchive(zip, path)) };
}

/**
 * A change of a locale and the way back: the live DRAFT, the backup of what it was before, and what the run
 * expects it to be afterwards.
 */
export class LocaleChange {
  constructor(
    readonly draft: DraftLocale,
    readonly backup: PackedLocale,
    readonly expected: PackedLocale,
    /** In milliseconds. */
    private readonly buildTime: number,
    private readonly say: (line: string) => void,
  ) {}

  /** The change that package prepared. */
  static of(stage: Stage, { draft }: Bot): LocaleChange {
    return new LocaleChange(
      draft,
      packedFile(backupArchive.inputPath(stage)),
      packedFile(importArchive.inputPath(stage)),
      settingOf(stage, "buildTimeoutMinutes") * 60_000,
      stage.say,
    );
  }

  /**
   * Imports an uploaded archive and compares Lex's export with it. Returns the settings that Lex filled in.
   */
  async import(importId: string, { locale }: PackedLocale): Promise<readonly string[]> {
    this.say("Importing.");
    await this.draft.import(importId);
    const { lost, gained } = differences(locale, (await this.draft.export()).locale);
    if (lost.length > 0) {
      throw new UserError(`After the import Lex does not hold what was sent. ${firstFew(lost)}`);
    }
    return gained;
  }

  async build(): Promise<void> {
    this.say("Building.");
    await this.draft.build(this.buildTime);
    this.say("Built.");
  }

  /**
   * Imports the backup where Lex does not hold it, and builds it. Returns when Lex was shown to hold it.
   *
   * @param overwriteDrift roll back also where Lex holds neither the backup nor what this run made, as after
   * an import that went wrong. Without it that is somebody else's change, which stays.
   * @throws UserError
   */
  async rollBack({ overwriteDrift }: RollbackOptions): Promise<void> {
    const { status } = await this.draft.settled();
    const actual = await this.draft.export();
    const isBack = holds(actual, this.backup);
    if (!isBack && !overwriteDrift && !holds(actual, this.expected)) {
      throw new UserError("Somebody has changed the bot since, and putting it back would undo their change.");
    }
    if (!isBack) {
      await this.import(await this.draft.upload(this.backup.zip), this.backup);
    }
    if (!isBack || status !== "Built") {
      await this.build();
    }
  }

  /** Rolls back, and returns what to tell: the reason, and whether the bot is what it was. */
  async failureAfterRollback(reason: unknown, options: RollbackOptions): Promise<UserError> {
    this.say(`${messageOf(reason)} Putting the bot back.`);
    try {
      await this.rollBack(options);
      return new UserError(`${messageOf(reason)} The bot is as it was before this run, and built.`);
    } catch (failure) {
      return new UserError(
        `${messageOf(reason)} Putting the bot back failed too: ${messageOf(failure)} ` +
          `Its last good state is backup/${backupArchive.fileName} of this run: import it in the Lex console, overwriting the locale, and build.`,
      );
    }
  }
}

interface RollbackOptions {
  readonly overwriteDrift: boolean;
}

/** Whether Lex holds all of a packed locale. */
export function holds(actual: Snapshot, expected: PackedLocale): boolean {
  return differences(expected.locale, actual.locale).lost.length === 0;
}

export function firstFew(sentences: readonly string[]): string {
  const shown = sentences.slice(0, 3).join(" ");
  return sentences.length > 3 ? `${shown} And ${sentences.length - 3} more.` : shown;
}
