import { readFileSync } from "node:fs";
import { backupArchive, importArchive } from "../artifacts/archives";
import { UserError } from "../messages/user-error";
import { settingOf } from "../stage/settings";
import type { Stage } from "../stage/stage";
import { readArchive, writeArchive } from "./archive";
import type { Bot } from "./bot";
import { differences } from "./differences";
import type { DraftLocale, LocaleState, Snapshot } from "./draft-locale";
import { onlyLocaleOf, withoutAdditions, type Locale } from "./locale";

const minute = 60_000;

/** A locale's archive: the ZIP for Lex, and what is in it. */
export interface PackedLocale {
  readonly zip: Buffer;
  readonly locale: Locale;
}

/** @throws UserError when the file is not an archive of one locale */
export function packedFile(path: string): PackedLocale {
  return packed(readFileSync(path), path);
}

/** @throws UserError when the ZIP is not an archive of one locale. `name` is what messages call it. */
export function packed(zip: Buffer, name: string): PackedLocale {
  return { zip, locale: onlyLocaleOf(readArchive(zip, name)) };
}

/** How a change of a locale is done and undone. */
export interface LocaleChangeArgs {
  readonly draft: DraftLocale;
  /** The locale before the change. */
  readonly backup: PackedLocale;
  /** The locale after it. */
  readonly expected: PackedLocale;
  /** How long a build may take, in milliseconds. */
  readonly buildTime: number;
  readonly say: (line: string) => void;
  /** Called right before each request that changes the bot. It throws when the bot may not be changed. */
  readonly announce: Stage["announce"];
}

/**
 * A change of a locale and the way back: the live DRAFT, the backup of what it was before, and what the run
 * expects it to be afterwards.
 */
export class LocaleChange {
  readonly draft: DraftLocale;

  constructor(private readonly args: LocaleChangeArgs) {
    this.draft = args.draft;
  }

  /** The change that package prepared. */
  static of(stage: Stage, { draft }: Bot): LocaleChange {
    return new LocaleChange({
      draft,
      backup: packedFile(backupArchive.inputPath(stage)),
      expected: packedFile(importArchive.inputPath(stage)),
      buildTime: settingOf(stage, "buildTimeoutMinutes") * minute,
      say: stage.say,
      announce: stage.announce,
    });
  }

  get backup(): PackedLocale {
    return this.args.backup;
  }

  get expected(): PackedLocale {
    return this.args.expected;
  }

  /**
   * Imports an archive over a state of the DRAFT, compares Lex's export with it and builds it. Returns the
   * settings that Lex filled in.
   *
   * @throws SomebodyEdited when the DRAFT is no longer in that state: nothing is sent then
   */
  async bring(archive: PackedLocale, over: Pick<LocaleState, "lastUpdated">): Promise<readonly string[]> {
    const importId = await this.draft.upload(archive.zip);
    await this.args.announce({ kind: "import", importId });
    // Last of all, so that little time is left in which an edit would be overwritten.
    if ((await this.draft.describe()).lastUpdated !== over.lastUpdated) {
      throw new SomebodyEdited();
    }
    this.args.say("Importing.");
    await this.draft.import(importId);
    const { lost, gained } = differences(archive.locale, (await this.draft.export()).locale);
    if (lost.length > 0) {
      throw new UserError(`After the import Lex does not hold what was sent. ${firstFew(lost)}`);
    }
    await this.build();
    return gained;
  }

  async build(): Promise<void> {
    await this.args.announce({ kind: "build" });
    this.args.say("Building.");
    await this.draft.build(this.args.buildTime);
    this.args.say("Built.");
  }

  /**
   * What to bring in order to undo the change, for a DRAFT as it is now. Undefined when it holds nothing of
   * the change.
   *
   * What somebody has edited since stays. Until Lex was shown to hold the change (`compared`), what is
   * missing may as well be a fault of the import: then the whole backup comes back. An import adds nothing by
   * itself.
   */
  undoneIn(actual: Snapshot, { compared }: { compared: boolean }): PackedLocale | undefined {
    const { backup, expected } = this.args;
    if (holds(actual, backup)) {
      return undefined;
    }
    if (holds(actual, expected) || !(compared || includes(actual.locale, backup))) {
      return backup;
    }
    const without = withoutAdditions(actual.locale, { before: backup.locale, after: expected.locale });
    return without && { zip: writeArchive(without.archive), locale: without };
  }
}

/** Somebody edited the DRAFT, and the import would overwrite that. So nothing was sent. */
export class SomebodyEdited extends UserError {
  constructor(how = "It was edited this very moment.") {
    super(
      `Somebody changed the bot since this run read it, so nothing was sent. ${how} Start the run again: it will take up their change.`,
    );
  }
}

/** Whether Lex holds what a packed locale holds, but for settings that it fills in itself. */
export function holds(actual: Pick<Snapshot, "locale">, expected: PackedLocale): boolean {
  return differences(expected.locale, actual.locale).lost.length === 0;
}

/** Whether a locale is a packed one with more sample utterances and intents. */
function includes(locale: Locale, base: PackedLocale): boolean {
  const rest = withoutAdditions(locale, { before: base.locale, after: locale });
  return rest !== undefined && holds({ locale: rest }, base);
}

export function firstFew(sentences: readonly string[]): string {
  const shown = sentences.slice(0, 3).join(" ");
  return sentences.length > 3 ? `${shown} And ${sentences.length - 3} more.` : shown;
}
