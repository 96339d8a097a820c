import { answersFile } from "./artifacts/answers";
import { backupArchive } from "./artifacts/archives";
import { readChanges } from "./artifacts/changes";
import { askBot } from "./evaluation/evaluation-alias";
import { phrasesFor } from "./evaluation/phrases";
import { Bot } from "./lex/bot";
import { packedFile } from "./lex/locale-change";
import { counted } from "./messages/printable";
import { UserError } from "./messages/user-error";
import { withLease } from "./stage/lease";
import { settingOf } from "./stage/settings";
import { runStage, type Stage, type StageMain } from "./stage/stage";

/**
 * Asks the bot, before it is changed, what it will be asked again after it.
 *
 * Reads `package/`, `backup/` and, where there is one, `golden/`; writes `answers/answers.json`.
 */
export const baseline: StageMain = async (stage) => {
  const changes = readChanges(stage);
  if (changes.intents.length === 0) {
    stage.say("Nothing to add, so nothing to ask.");
    answersFile.write(stage, { goldenFile: null, leftOut: 0, phrases: [] });
    return;
  }
  const { phrases, goldenFile, leftOut } = await phrasesFor(
    stage,
    changes,
    packedFile(backupArchive.inputPath(stage)).locale,
  );
  stage.say(
    goldenFile === null
      ? `No golden set: ${counted(phrases.length, "phrase")} to ask, a sample of the bot's own utterances among them.`
      : `${counted(phrases.length, "phrase")} to ask, those of ${goldenFile} among them.`,
  );
  const bot = Bot.of(stage);
  const answered = await withLease(stage, async () => {
    await expectBuilt(bot);
    await expectPublishable(bot, stage);
    return askBot(bot, stage, phrases, "before");
  });
  answersFile.write(stage, {
    goldenFile,
    leftOut,
    phrases: answered.map(({ answer, ...phrase }) => ({ ...phrase, before: answer })),
  });
};

/** Without a build the DRAFT answers nothing, or what it was some edits ago. */
async function expectBuilt({ draft, localeId }: Bot): Promise<void> {
  const { status } = await draft.settled();
  if (status !== "Built") {
    throw new UserError(
      `Locale ${localeId} is ${status}, so nothing shows what it answers now. Build it in the Lex console and start the run again.`,
    );
  }
}

/** An alias that cannot be published to is found now, and not after hours of work. */
async function expectPublishable(bot: Bot, stage: Stage): Promise<void> {
  const aliasId = settingOf(stage, "botAliasId");
  if (aliasId !== undefined) {
    await bot.alias(aliasId).versionFor(bot.localeId);
  }
}

if (require.main === module) {
  void runStage(baseline);
}
