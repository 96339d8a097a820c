import { readFileSync } from "node:fs";
import { backupArchive, importArchive } from "../artifacts/archives";
import { UserError, wordsOf } from "../messages/user-error";
import { settingOf } from "../stage/settings";
import type { Stage } from "../stage/stage";
import { readArchive } from "./archive";
import { differences } from "./differences";
import type { DraftLocale, Snapshot } from "./draft-locale";
import { onlyLocaleOf, type Locale } from "./locale";

/** A locale's archive: the ZIP for Lex, and what is in it. */
export interface Packed {
  readonly zip: Buffer;
  readonly locale: Locale;
}

/** @throws UserError when the file is no archive of one locale. */
export function packedFile(path: string): Packed {
  const zip = readFileSync(path);
  return { zip, locale: onlyLocaleOf(readArchive(zip, path), path) };
}

/** What a run needs to change a locale and to put it back: the live DRAFT, what it was before and what the run makes of it. */
export class Changeover {
  constructor(
    readonly draft: DraftLocale,
    readonly backup: Packed,
    readonly meant: Packed,
    /** In milliseconds. */
    private readonly buildTime: number,
    private readonly say: (line: string) => void,
  ) {}

  static of(stage: Stage, draft: DraftLocale): Changeover {
    const buildTime = settingOf(stage, "buildTimeoutMinutes") * 60_000;
    return new Changeover(
      draft,
      packedFile(backupArchive.inputPath(stage)),
      packedFile(importArchive.inputPath(stage)),
      buildTime,
      stage.say,
    );
  }

  /** Imports an uploaded archive and compares Lex's export with it. Returns what Lex added of its own accord. */
  async import(importId: string, { locale }: Packed): Promise<readonly string[]> {
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
   * Puts the backup back where Lex does not hold it, and builds it. Returns when Lex was shown to hold it.
   *
   * @param whatever also where Lex holds neither the backup nor what this run made, as after an import that went wrong; else that is
   * somebody's change, which putting the backup back would undo.
   * @throws UserError
   */
  async putBack({ whatever }: { whatever: boolean }): Promise<void> {
    const { status } = await this.draft.settled();
    const found = await this.draft.export();
    const kept = isSame(this.backup, found);
    if (!kept && !whatever && !isSame(this.meant, found)) {
      throw new UserError("Somebody has changed the bot since, and putting it back would undo their change.");
    }
    if (!kept) {
      await this.import(await this.draft.upload(this.backup.zip), this.backup);
    }
    if (!kept || status !== "Built") {
      await this.build();
    }
  }

  /** Puts the bot back, and returns what to tell: the reason, and whether the bot is what it was. */
  async undone(reason: unknown, { whatever }: { whatever: boolean }): Promise<UserError> {
    this.say(`${wordsOf(reason)} Putting the bot back.`);
    try {
      await this.putBack({ whatever });
      return new UserError(`${wordsOf(reason)} The bot is as it was before this run, and built.`);
    } catch (failure) {
      return new UserError(
        `${wordsOf(reason)} Putting the bot back failed too: ${wordsOf(failure)} ` +
          "Its last good state is backup/locale-export.zip of this run: import it in the Lex console, overwriting the locale, and build.",
      );
    }
  }
}

/** Whether Lex holds all of a packed locale. */
export function isSame(meant: Packed, found: Snapshot): boolean {
  return differences(meant.locale, found.locale).lost.length === 0;
}

export function firstFew(sentences: readonly string[]): string {
  const shown = sentences.slice(0, 3).join(" ");
  return sentences.length > 3 ? `${shown} And ${sentences.length - 3} more.` : shown;
}
