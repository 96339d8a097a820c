import { backupArchive, importArchive } from "../artifacts/archives";
import { Bot } from "../lex/bot";
import {
  holds,
  LocaleChange,
  packed,
  packedFile,
  SomebodyEdited,
  type PackedLocale,
} from "../lex/locale-change";
import { shortened } from "../messages/printable";
import { messageOf, UserError } from "../messages/user-error";
import { pointBack } from "../publish";
import { Journal, type OpenEntry } from "../stage/journal";
import { LeaseTaken, type Lease } from "../stage/lease";
import { RunFolder } from "../stage/run-folder";
import { settingOf } from "../stage/settings";
import { exitMessageOf, type Change, type Stage } from "../stage/stage";
import { withoutDetails } from "./step";

const minute = 60_000;

/** How often a rollback is tried, and the pause before it is tried again, in milliseconds. */
const rollbackAttempts = 3;
const rollbackPause = 10_000;

/** Where the archive of a rollback is kept that is not the backup. In the folder of the run. */
const mergedArchive = "rollback/locale-export.zip";

/** The gate refused the retraining: the step has done its work once the bot is as it was. */
export class Refused extends UserError {}

/**
 * A bot whose lease the execution holds. Whatever is done to it is written into its journal first. When the
 * work fails it is undone: at once here, and after a kill by the next execution.
 */
export class BotInChange {
  private readonly journal: Journal;
  private entry: OpenEntry | undefined;

  constructor(
    private readonly step: Stage,
    private readonly lease: Lease,
  ) {
    this.journal = new Journal(step);
  }

  /**
   * Rolls back the change of an execution that was cut off, this one or another. Nothing of the bot is read
   * before that.
   *
   * @throws UserError when the bot cannot be put back
   */
  async settle(): Promise<void> {
    const entry = await this.journal.openEntry();
    if (!entry) {
      return;
    }
    const execution = `Execution ${shortened(entry.execution)}`;
    this.step.say(`${execution} was cut off while it changed the bot. Putting the bot back first.`);
    this.entry = entry;
    try {
      this.step.say(await this.rollBack(filesInBucket(entry)));
    } catch (failure) {
      throw new UserError(
        exitMessageOf([
          `${execution} was cut off while it changed the bot, and putting the bot back failed: ${messageOf(failure)}`,
          `The next run tries again. The bot's last good state is ${entry.runUri}/${backupArchive.runPath}.`,
        ]),
      );
    }
  }

  /** Goes on with the change that an earlier step of this execution left open. */
  async goOn(execution: string): Promise<void> {
    const entry = await this.journal.openEntry();
    if (entry?.execution !== execution) {
      throw new UserError("The retraining of this run was put back meanwhile. Start the run again.");
    }
    this.entry = entry;
  }

  /**
   * Does work that changes the bot. When it fails, the bot is put back, and what is thrown says so.
   *
   * @returns the sentence about a retraining that the gate refused
   */
  async changing(work: (stage: Stage) => Promise<void>): Promise<string | undefined> {
    try {
      await work({ ...this.step, announce: (change) => this.announce(change) });
      return undefined;
    } catch (reason) {
      if (!this.entry || reason instanceof LeaseTaken) {
        throw reason;
      }
      if (reason instanceof SomebodyEdited) {
        await this.closeAtLast();
        throw reason;
      }
      const { isBack, sentence } = await this.afterFailure(messageOf(reason));
      if (reason instanceof Refused && isBack) {
        return sentence;
      }
      throw new UserError(sentence, { cause: reason });
    }
  }

  /** The change is as it should be, and nothing will undo it any more. */
  async keep(): Promise<void> {
    if (this.entry) {
      await this.journal.close(this.entry);
      this.entry = undefined;
    }
  }

  /** Closes the journal when the bot is as it was. If it stays open, the next run finds nothing to undo. */
  private async closeAtLast(): Promise<void> {
    await this.keep().catch((error: unknown) => {
      this.step.say(messageOf(error));
    });
    this.entry = undefined;
  }

  private async announce(change: Change): Promise<void> {
    await this.lease.check();
    this.entry = await this.journal.announce(change);
  }

  private async afterFailure(reason: string): Promise<{ isBack: boolean; sentence: string }> {
    this.step.say(`${reason} Putting the bot back.`);
    try {
      return { isBack: true, sentence: exitMessageOf([reason, await this.rollBack(filesHere(this.step))]) };
    } catch (failure) {
      return {
        isBack: false,
        sentence: exitMessageOf([
          reason,
          `Putting the bot back failed too: ${messageOf(failure)}`,
          `The next run tries again. The bot's last good state is ${backupArchive.runPath} of this run.`,
        ]),
      };
    }
  }

  /** Returns a sentence about the bot as it is then. */
  private async rollBack(files: RunFiles): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      if (!(await this.lease.allowsRollback())) {
        throw new UserError(
          "Another run has taken the bot over, and it is that run which puts the bot back.",
        );
      }
      try {
        const sentence = await this.rollBackOnce(files);
        await this.closeAtLast();
        return sentence;
      } catch (reason) {
        const failure = await withoutDetails(reason, "rollback", this.step);
        if (attempt === rollbackAttempts) {
          throw failure;
        }
        this.step.say(`${messageOf(failure)} Trying again to put the bot back.`);
      }
      await this.step.sleep(rollbackPause);
    }
  }

  private async rollBackOnce(files: RunFiles): Promise<string> {
    const { entry } = this;
    if (!entry) {
      throw new Error("There is nothing to roll back.");
    }
    const bot = new Bot(entry.botId, entry.localeId, this.step.say);
    const { change } = entry;
    if (change.kind === "import" && !(await bot.draft.wasStarted(change.importId))) {
      return "Nothing had been sent: the bot is as it was before that run.";
    }
    const aliasStays =
      change.kind === "publish" ? await failureOf(pointBack(bot, change.botAliasId, entry.execution)) : "";
    const backup = await files.archive(backupArchive.runPath);
    const localeChange = new LocaleChange({
      draft: bot.draft,
      backup,
      expected: await files.archive(importArchive.runPath),
      buildTime: settingOf(this.step, "buildTimeoutMinutes") * minute,
      say: this.step.say,
      announce: async () => {
        if (!(await this.lease.allowsRollback())) {
          throw new UserError("Another run has taken the bot over.");
        }
      },
    });
    const { status } = await bot.draft.settled();
    const actual = await bot.draft.export();
    const target =
      change.kind === "rollback"
        ? await files.archive(change.archive)
        : localeChange.undoneIn(actual, { compared: change.kind !== "import" });
    if (target && !holds(actual, target)) {
      await this.bring(target, {
        isBackup: target === backup,
        over: actual.lastUpdated,
        localeChange,
        entry,
      });
    } else if (status !== "Built") {
      await localeChange.build();
    }
    const isBack = holds(await bot.draft.export(), backup);
    return isBack
      ? `${aliasStays}The bot is as it was before this run, and built.`
      : `${aliasStays}The bot is as it was before this run, but for what somebody has edited since, and built.`;
  }

  /** Writes down what is brought, so that after a kill it is brought again. */
  private async bring(
    target: PackedLocale,
    {
      isBackup,
      over,
      localeChange,
      entry,
    }: { isBackup: boolean; over: number; localeChange: LocaleChange; entry: OpenEntry },
  ): Promise<void> {
    const archive = isBackup ? backupArchive.runPath : mergedArchive;
    try {
      if (!isBackup) {
        await new RunFolder(entry.runUri).write(archive, target.zip);
      }
      this.entry = await this.journal.write(entry, { kind: "rollback", archive });
    } catch (error) {
      // The bot comes first. What the journal says already leads to a rollback too.
      this.step.say(messageOf(error));
    }
    try {
      await localeChange.bring(target, { lastUpdated: over });
    } catch (failure) {
      if (failure instanceof SomebodyEdited) {
        // What was to be brought is out of date: the next attempt looks again.
        this.entry = entry;
      }
      throw failure;
    }
  }
}

/** Where a rollback finds the archives of a run, by their paths in its folder. */
interface RunFiles {
  readonly archive: (path: string) => Promise<PackedLocale>;
}

function filesInBucket({ runUri }: OpenEntry): RunFiles {
  const run = new RunFolder(runUri);
  return { archive: async (path) => packed(await run.read(path), `${runUri}/${path}`) };
}

/** In this container, which needs no S3. */
function filesHere(step: Stage): RunFiles {
  return {
    archive: (path) => {
      const here = [backupArchive, importArchive].find(({ runPath }) => runPath === path);
      return here
        ? Promise.resolve(packedFile(here.inputPath(step)))
        : Promise.reject(new Error(`There is no ${path} in this container.`));
    },
  };
}

async function failureOf(work: Promise<void>): Promise<string> {
  try {
    await work;
    return "";
  } catch (failure) {
    return `The alias was not pointed back: ${messageOf(failure)} `;
  }
}
