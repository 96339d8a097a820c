import { backupArchive, importArchive } from "../artifacts/archives";
import { Bot } from "../lex/bot";
import { holds, LocaleChange, packed, SomebodyEdited, type PackedLocale } from "../lex/locale-change";
import { messageOf, UserError } from "../messages/user-error";
import { pointBack } from "../publish";
import type { Journal, OpenChange, OpenEntry } from "../stage/journal";
import type { Lease } from "../stage/lease";
import { RunFolder } from "../stage/run-folder";
import { settingOf } from "../stage/settings";
import type { Stage } from "../stage/stage";
import { withoutDetails } from "./details";

const minute = 60_000;

/** How often a rollback is tried, and the pause before it is tried again, in milliseconds. */
const attempts = 3;
const pause = 10_000;

/** Where the locale without the run's additions is kept when somebody has edited it. In the run's folder. */
const mergedArchive = "rollback/locale-export.zip";

export interface RollbackArgs {
  readonly step: Stage;
  readonly lease: Lease;
  readonly journal: Journal;
  /** What has to be undone. */
  readonly entry: OpenEntry;
  /** Reads an archive of the run by its path in the run's folder. */
  readonly read: (path: string) => Promise<Buffer>;
}

/** Undoes a change: points the alias back and puts back the DRAFT, and keeps what others have edited. */
export class Rollback {
  private change: OpenChange;
  private readonly bot: Bot;

  constructor(private readonly args: RollbackArgs) {
    const { entry, step } = args;
    this.change = entry.change;
    this.bot = new Bot(entry.botId, entry.localeId, step.say);
  }

  /**
   * Tries until it succeeds. Returns a sentence about the bot as it is then.
   *
   * @throws UserError when no attempt succeeds, or another execution has the bot
   */
  async carryOut(): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      await this.expectAllowed();
      try {
        return await this.attempt();
      } catch (reason) {
        const failure = await withoutDetails(reason, "rollback", this.args.step);
        if (attempt === attempts) {
          throw failure;
        }
        this.args.step.say(`${messageOf(failure)} Trying again to put the bot back.`);
      }
      await this.args.step.sleep(pause);
    }
  }

  private async expectAllowed(): Promise<void> {
    if (!(await this.args.lease.allowsRollback())) {
      throw new UserError("Another run has taken the bot over, and it is that run which puts the bot back.");
    }
  }

  private async attempt(): Promise<string> {
    if (this.change.kind === "import" && !(await this.bot.draft.wasStarted(this.change.importId))) {
      return "Nothing had been sent: the bot is as it was before that run.";
    }
    // The DRAFT is put back also when the alias is not.
    const aliasFailure: unknown = await this.pointAliasBack().catch((failure: unknown) => failure);
    const isBackup = await this.putDraftBack();
    const but = isBackup ? "" : ", but for what somebody has edited since";
    const sentence = `The bot is as it was before this run${but}, and built.`;
    if (aliasFailure !== undefined) {
      throw new UserError(`The alias was not pointed back: ${messageOf(aliasFailure)} ${sentence}`);
    }
    return sentence;
  }

  private async pointAliasBack(): Promise<void> {
    if ("botAliasId" in this.change && this.change.botAliasId !== undefined) {
      await pointBack(this.bot, this.change.botAliasId, this.args.entry.execution);
    }
  }

  /** Returns whether the DRAFT holds the backup then. Otherwise it holds that with somebody's edits. */
  private async putDraftBack(): Promise<boolean> {
    const { draft } = this.bot;
    const backup = await this.read(backupArchive.runPath);
    const localeChange = new LocaleChange({
      draft,
      backup,
      expected: await this.read(importArchive.runPath),
      buildTime: settingOf(this.args.step, "buildTimeoutMinutes") * minute,
      say: this.args.step.say,
      announce: () => this.expectAllowed(),
    });
    const { status } = await draft.settled();
    const actual = await draft.export();
    const target =
      this.change.kind === "rollback"
        ? await this.read(this.change.archive)
        : localeChange.undoneIn(actual, { compared: this.change.kind !== "import" });
    if (target && !holds(actual, target)) {
      const before = this.change;
      await this.writeDown(target, holds(target, backup));
      try {
        await localeChange.bring(target, actual);
      } catch (failure) {
        if (failure instanceof SomebodyEdited) {
          // What was to be brought is out of date: the next attempt looks again.
          this.change = before;
        }
        throw failure;
      }
    } else if (status !== "Built") {
      await localeChange.build();
    }
    return holds(await draft.export(), backup);
  }

  /**
   * Writes down what is about to be brought, so that after a kill it is brought again. The bot comes first:
   * when that fails, what the journal says already leads to a rollback too.
   */
  private async writeDown({ zip }: PackedLocale, isBackup: boolean): Promise<void> {
    const { entry, journal, step } = this.args;
    const archive = isBackup ? backupArchive.runPath : mergedArchive;
    const botAliasId = "botAliasId" in this.change ? this.change.botAliasId : undefined;
    try {
      if (!isBackup) {
        await new RunFolder(entry.runUri).write(archive, zip);
      }
      const change = { kind: "rollback" as const, archive, botAliasId };
      await journal.write(entry, change);
      this.change = change;
    } catch (error) {
      step.say(messageOf(error));
    }
  }

  private async read(path: string): Promise<PackedLocale> {
    return packed(await this.args.read(path), `${this.args.entry.runUri}/${path}`);
  }
}
