import { answersFile } from "./artifacts/answers";
import { backupArchive } from "./artifacts/archives";
import { readChanges } from "./artifacts/changes";
import { askBot } from "./evaluation/evaluation-alias";
import { phrasesFor } from "./evaluation/phrases";
import { Bot } from "./lex/bot";
import { packedFile } from "./lex/locale-change";
import { counted } from "./messages/printable";
import { settingOf } from "./stage/settings";
import type { Stage, StageMain } from "./stage/stage";

/**
 * Asks the bot, before it is changed, what it will be asked again after it.
 *
 * Reads `package/`, `backup/` and, where there is one, `golden/`; writes `answers/answers.json`.
 */
export const baseline: StageMain = async (stage) => {
  const changes = readChanges(stage);
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
  await expectPublishable(bot, stage);
  const answered = await askBot(bot, stage, phrases, "before");
  answersFile.write(stage, {
    goldenFile,
    leftOut,
    phrases: answered.map(({ answer, ...phrase }) => ({ ...phrase, before: answer })),
  });
};

/** An alias that cannot be published to is found now, and not after hours of work. */
async function expectPublishable(bot: Bot, stage: Stage): Promise<void> {
  const aliasId = settingOf(stage, "botAliasId");
  if (aliasId !== undefined) {
    await bot.expectPublishable(aliasId);
  }
}
