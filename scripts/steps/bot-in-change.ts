import { readFileSync } from "node:fs";
import { backupArchive, importArchive } from "../artifacts/archives";
import { SomebodyEdited } from "../lex/locale-change";
import { shortened } from "../messages/printable";
import { messageOf, UserError } from "../messages/user-error";
import { Journal, type OpenEntry } from "../stage/journal";
import { LeaseTaken, type Lease } from "../stage/lease";
import { RunFolder } from "../stage/run-folder";
import { exitMessageOf, type Change, type Stage } from "../stage/stage";
import { Rollback, type RollbackArgs } from "./rollback";

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
      this.step.say(await this.rollBack(entry, (path) => new RunFolder(entry.runUri).read(path)));
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
      const { isBack, sentence } = await this.afterFailure(messageOf(reason), this.entry);
      if (reason instanceof Refused && isBack) {
        return sentence;
      }
      throw new UserError(sentence, { cause: reason });
    }
  }

  /** The change is as it should be, and nothing will undo it any more. */
  async keep(): Promise<void> {
    if (this.entry) {
      await this.lease.check();
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

  private async afterFailure(
    reason: string,
    entry: OpenEntry,
  ): Promise<{ isBack: boolean; sentence: string }> {
    this.step.say(`${reason} Putting the bot back.`);
    try {
      const end = await this.rollBack(entry, readHere(this.step, entry));
      return { isBack: true, sentence: exitMessageOf([reason, end]) };
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
  private async rollBack(entry: OpenEntry, read: RollbackArgs["read"]): Promise<string> {
    const { step, lease, journal } = this;
    const sentence = await new Rollback({ step, lease, journal, entry, read }).carryOut();
    await this.closeAtLast();
    return sentence;
  }
}

/** In this container, which needs no S3. What it does not have is in the bucket. */
function readHere(step: Stage, { runUri }: OpenEntry): RollbackArgs["read"] {
  return async (path) => {
    const here = [backupArchive, importArchive].find(({ runPath }) => runPath === path);
    return here ? readFileSync(here.inputPath(step)) : new RunFolder(runUri).read(path);
  };
}
