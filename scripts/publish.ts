import { randomUUID } from "node:crypto";
import { readChanges } from "./artifacts/changes";
import { evaluationFile, type Evaluation } from "./artifacts/evaluation";
import { publicationFile, type Publication } from "./artifacts/publication";
import { Bot } from "./lex/bot";
import type { BotAlias } from "./lex/bot-alias";
import { poll } from "./lex/calls";
import { differences } from "./lex/differences";
import type { Snapshot } from "./lex/draft-locale";
import { firstFew, holds, LocaleChange } from "./lex/locale-change";
import { UserError } from "./messages/user-error";
import { executionVariable, neededSettingOf, settingOf } from "./stage/settings";
import type { Stage, StageMain } from "./stage/stage";

const minute = 60_000;

/**
 * Makes a version of the retrained locale, points the alias to it and asks one recovered phrase through the
 * alias.
 *
 * Reads `package/`, `backup/` and `evaluation/`; writes `report/publish.json`. When it fails, its step points
 * the alias back and rolls back: otherwise the next run would find the utterances in the DRAFT and publish
 * nothing. The version that it made stays unused until it is pruned.
 */
export const publish: StageMain = (stage) => publishWithin(stage, 10 * minute);

/**
 * The same with another time, in milliseconds, that the alias has to answer with the new version. Lex says "a
 * few minutes".
 */
export async function publishWithin(stage: Stage, propagationTime: number): Promise<void> {
  readChanges(stage);
  publicationFile.write(stage, await new Publishing(stage, propagationTime).publish());
}

/**
 * Points an alias back to the version that it had before an execution published. It stays where somebody else
 * has pointed it since.
 */
export async function pointBack(bot: Bot, aliasId: string, execution: string): Promise<void> {
  const made = await madeBy(execution, bot);
  const alias = bot.alias(aliasId);
  const { botVersion } = await alias.describe();
  if (made && (botVersion === made.version || botVersion === made.replacedVersion)) {
    await alias.pointTo(made.replacedVersion, { from: made.version });
  }
}

/** A version that this execution made, and the one that the alias had before. */
interface Made {
  readonly version: string;
  readonly replacedVersion: string;
}

/** It may be killed at any point and run again: it goes on from what it finds in Lex. */
class Publishing {
  private readonly bot: Bot;
  private readonly aliasId: string;
  private readonly alias: BotAlias;
  private readonly change: LocaleChange;
  private readonly execution: string;

  constructor(
    private readonly stage: Stage,
    private readonly propagationTime: number,
  ) {
    this.bot = Bot.of(stage);
    this.execution = executionVariable(stage, "EXECUTION_ID");
    this.aliasId = neededSettingOf(stage, "botAliasId");
    this.alias = this.bot.alias(this.aliasId);
    this.change = LocaleChange.of(stage, this.bot);
  }

  async publish(): Promise<Publication> {
    const smoke = recoveredPhrase(this.stage);
    const madeBefore = await madeBy(this.execution, this.bot);
    const current = await this.alias.versionFor(this.bot.localeId);
    const judged = await this.expectRetrained();

    const prunedVersions = madeBefore ? [] : await this.prune();
    const { version, replacedVersion } = madeBefore ?? (await this.makeVersion(current));
    await this.expectJudged(version, judged);
    await this.stage.announce({ kind: "publish", botAliasId: this.aliasId });
    await this.alias.pointTo(version, { from: replacedVersion });
    await this.smokeTest(smoke);
    return {
      botAliasId: this.aliasId,
      localeId: this.bot.localeId,
      version,
      replacedVersion,
      prunedVersions,
      smoke,
    };
  }

  /** The DRAFT, which must be what was evaluated. */
  private async expectRetrained(): Promise<Snapshot> {
    const { draft, expected } = this.change;
    const { status } = await draft.settled();
    const snapshot = await draft.export();
    if (holds(snapshot, expected) && status === "Built") {
      return snapshot;
    }
    throw new UserError(
      `The DRAFT of ${this.bot.localeId} is not what this run built and evaluated, so it is not published.`,
    );
  }

  /** A version holds what the DRAFT held at that moment, and somebody may have edited it right before. */
  private async expectJudged(version: string, judged: Snapshot): Promise<void> {
    const { lost, gained } = differences(judged.locale, await this.bot.localeOfVersion(version));
    if (lost.length + gained.length > 0) {
      throw new UserError(
        `Somebody edited the DRAFT of ${this.bot.localeId} right before version ${version} was made of it, so that version is not published. ${firstFew([...lost, ...gained])}`,
      );
    }
  }

  private prune(): Promise<string[]> {
    return this.bot.versions.prune(settingOf(this.stage, "keepVersions"));
  }

  /** Every other locale stays as the alias has it: nobody has tested what the DRAFT holds of those. */
  private async makeVersion(replacedVersion: string): Promise<Made> {
    const version = await this.bot.createVersion({
      description: `${markOf(this.execution)}${replaces}${replacedVersion}`,
      base: replacedVersion,
    });
    this.stage.say(`Made version ${version}, which replaces version ${replacedVersion}.`);
    return { version, replacedVersion };
  }

  /**
   * Asks until the alias answers as the new version does, and no more often: the Lambda functions and logs of
   * the alias see each request. The bot missed this phrase before the retraining, so the old version does not
   * give this answer.
   */
  private async smokeTest({ phrase, intent }: Smoke): Promise<void> {
    this.stage.say(`Asking a recovered phrase through the alias until ${intent} answers.`);
    await poll(
      `the alias to answer a recovered phrase with ${intent}, for ${this.propagationTime / minute} minutes`,
      this.propagationTime,
      async () => {
        const answer = await this.answerTo(phrase);
        if (answer !== intent) {
          this.stage.say(`Not yet: ${answer} answers.`);
        }
        return answer === intent ? true : undefined;
      },
      { longest: minute / 2 },
    );
  }

  private async answerTo(phrase: string): Promise<string> {
    const newSession = () => `lex-retraining-smoke-test-${randomUUID()}`;
    const { intent } = await this.bot.recognize(phrase, { aliasId: this.aliasId, newSession });
    return intent ?? "no intent";
  }
}

/** The version that an execution made, ready for use. */
async function madeBy(execution: string, { versions }: Bot): Promise<Made | undefined> {
  for (const { number, description, isUsable } of await versions.list()) {
    const [start, replacedVersion] = description.split(replaces);
    if (!isUsable || start !== markOf(execution) || replacedVersion === undefined) {
      continue;
    }
    await versions.available(number);
    return { version: number, replacedVersion };
  }
  return undefined;
}

/**
 * The description of the version says which one the alias had: a second attempt finds the alias changed.
 */
function markOf(execution: string): string {
  return `lex-retraining ${execution}`;
}

const replaces = ", replaces version ";

type Smoke = Evaluation["recovered"][number];

/** Of the phrases that the bot missed before and understands now, the first. */
function recoveredPhrase(stage: Stage): Smoke {
  const [first] = evaluationFile.read(stage).recovered;
  if (first) {
    return first;
  }
  throw new UserError("The evaluation names no phrase that the retraining recovers, so it is not published.");
}
