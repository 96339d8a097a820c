import { randomUUID } from "node:crypto";
import { testAliasId } from "../../pipeline/settings";
import type { Answer } from "../artifacts/answers";
import { PhraseFailed, type Bot } from "../lex/bot";
import { testAliasConversations } from "../lex/quotas";
import { UserError } from "../messages/user-error";
import { executionVariable, settingOf } from "../stage/settings";
import type { Stage } from "../stage/stage";
import { propagationTime } from "../stage/waiting";
import { askAll } from "./asking";

/**
 * Asks the bot phrases through the alias that the stage is told of, each in a session of its own.
 *
 * @throws UserError when the alias runs a Lambda function that was not allowed, or the bot cannot be asked
 */
export async function askBot<P extends { readonly text: string }>(
  bot: Bot,
  stage: Stage,
  phrases: readonly P[],
  when: "before" | "after",
) {
  const aliasId = settingOf(stage, "evaluationAliasId");
  const isTestAlias = aliasId === testAliasId;
  await expectNoCodeHook(bot, stage, aliasId);
  if (!isTestAlias) {
    await pointToDraft(bot, stage, { aliasId, when });
  }
  return askAll(phrases, {
    ask: (text) => answerTo(text, bot, { aliasId, newSession: () => newSessionId(stage) }),
    atOnce: isTestAlias ? testAliasConversations : settingOf(stage, "evaluationConcurrency"),
    say: stage.say,
  });
}

/**
 * Asking runs the bot, its Lambda function included, which may book, order or charge something for every
 * phrase.
 */
async function expectNoCodeHook(bot: Bot, stage: Stage, aliasId: string): Promise<void> {
  if (settingOf(stage, "evaluateWithCodeHook")) {
    return;
  }
  const { botAliasLocaleSettings } = await bot.alias(aliasId).describe();
  const hook = botAliasLocaleSettings?.[bot.localeId]?.codeHookSpecification;
  if (hook) {
    throw new UserError(
      `Alias ${aliasId} runs the Lambda function ${hook.lambdaCodeHook?.lambdaARN ?? "of its own"} for ${bot.localeId}, and every phrase of the evaluation would run it. ` +
        "Set evaluationAliasId to an alias without one, or evaluateWithCodeHook to true if that does no harm.",
    );
  }
}

/**
 * Makes a version of the DRAFT as it is now and points the alias to it. The other locales stay as the alias
 * has them.
 */
async function pointToDraft(
  bot: Bot,
  stage: Stage,
  { aliasId, when }: { aliasId: string; when: "before" | "after" },
): Promise<void> {
  const alias = bot.alias(aliasId);
  const base = await alias.versionFor(bot.localeId);
  await bot.versions.prune(settingOf(stage, "keepVersions"));
  const version = await bot.createVersion({
    description: `lex-retraining ${executionVariable(stage, "EXECUTION_ID")}, to be asked ${when} the import`,
    base,
  });
  let wait = propagationTime;
  if (version === base) {
    // A stage that was killed has pointed it already, and that may be a moment ago.
    wait = Math.min(wait, (await alias.lastUpdated()) + propagationTime - Date.now());
  } else {
    await alias.pointTo(version, { from: base });
  }
  if (wait > 0) {
    stage.say(
      `Alias ${aliasId} points to version ${version}, made to be asked; giving it time to answer by it.`,
    );
    await stage.sleep(wait);
  }
}

async function answerTo(
  text: string,
  bot: Bot,
  through: { readonly aliasId: string; readonly newSession: () => string },
): Promise<Answer> {
  try {
    const { intent, byBedrock } = await bot.recognize(text, through);
    return intent === undefined ? { error: "Lex named no intent." } : { intent, byBedrock };
  } catch (error) {
    if (error instanceof PhraseFailed) {
      return { error: error.details ?? error.message, exception: error.exception };
    }
    throw error;
  }
}

/**
 * A bot that waits for a slot's value understands otherwise, so no session is used twice. Lex allows 100 of
 * these characters.
 */
function newSessionId(stage: Stage): string {
  const execution = stage.environment["EXECUTION_ID"]?.replace(/[^0-9a-zA-Z._:-]/g, "-").slice(0, 60);
  return [execution || "evaluation", randomUUID()].join(":");
}
