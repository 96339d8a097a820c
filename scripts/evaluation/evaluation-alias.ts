import { randomUUID } from "node:crypto";
import { DescribeBotAliasCommand } from "@aws-sdk/client-lex-models-v2";
import { type LexRuntimeV2Client, RecognizeTextCommand } from "@aws-sdk/client-lex-runtime-v2";
import type { Answer } from "../artifacts/answers";
import { BotAlias } from "../lex/bot-alias";
import { BotVersions } from "../lex/bot-versions";
import { callLex, lexModels, lexRuntime } from "../lex/calls";
import { UserError } from "../messages/user-error";
import { executionVariable, settingOf } from "../stage/settings";
import type { Stage } from "../stage/stage";
import { askAll } from "./asking";

/** The alias that every bot has and that always answers for the DRAFT. */
const testAliasId = "TSTALIASID";

/** Text conversations that the test alias holds at once ("Quotas" in the Lex V2 Developer Guide). */
const testAliasAtOnce = 2;

/** An alias may answer with its former version for "a few minutes" (quotas page of the guide), and nothing tells when that is over. */
const propagationTime = 5 * 60_000;

/**
 * Asks phrases of the bot through the alias that the stage is told of, each in a session of its own.
 *
 * @throws UserError when the alias runs a Lambda function that was not allowed, or the bot cannot be asked
 */
export async function askBot<P extends { readonly text: string }>(
  stage: Stage,
  phrases: readonly P[],
  when: "before" | "after",
  runtime = lexRuntime(),
) {
  const alias = aliasOf(stage);
  await expectNoCodeHook(stage, alias);
  if (alias.botAliasId !== testAliasId) {
    await pointToDraft(stage, alias, when);
  }
  return askAll(phrases, {
    ask: (text) => answerTo(text, runtime, alias, sessionId(stage)),
    atOnce: alias.botAliasId === testAliasId ? testAliasAtOnce : settingOf(stage, "evaluationConcurrency"),
    say: stage.say,
  });
}

/** An alias for one locale, as Lex's runtime API names it. */
interface LocaleAlias {
  readonly botId: string;
  readonly botAliasId: string;
  readonly localeId: string;
}

function aliasOf(stage: Stage): LocaleAlias {
  return {
    botId: settingOf(stage, "botId"),
    botAliasId: settingOf(stage, "evaluationAliasId"),
    localeId: settingOf(stage, "botLocaleId"),
  };
}

/** Asking runs the bot, its Lambda function included, which may book, order or charge something for every phrase. */
async function expectNoCodeHook(stage: Stage, { botId, botAliasId, localeId }: LocaleAlias): Promise<void> {
  if (settingOf(stage, "evaluateWithCodeHook")) {
    return;
  }
  const { botAliasLocaleSettings } = await callLex(`describe alias ${botAliasId} of bot ${botId}`, () =>
    lexModels().send(new DescribeBotAliasCommand({ botId, botAliasId })),
  );
  const hook = botAliasLocaleSettings?.[localeId]?.codeHookSpecification;
  if (hook) {
    throw new UserError(
      `Alias ${botAliasId} runs the Lambda function ${hook.lambdaCodeHook?.lambdaARN ?? "of its own"} for ${localeId}, and every phrase of the evaluation would run it. ` +
        "Set evaluationAliasId to an alias without one, or evaluateWithCodeHook to true if that does no harm.",
    );
  }
}

/** Makes a version of the DRAFT as it is now and points the alias to it, the other locales staying as the alias has them. */
async function pointToDraft(
  stage: Stage,
  { botId, botAliasId, localeId }: LocaleAlias,
  when: "before" | "after",
): Promise<void> {
  const lex = lexModels();
  const versions = new BotVersions(lex, botId, stage.say);
  const alias = new BotAlias(lex, botId, botAliasId, stage.say);
  const current = await alias.versionFor(localeId);
  await versions.prune(settingOf(stage, "keepVersions"));
  const others = await versions.localesOf(current);
  const version = await versions.create({
    description: `lex-retraining ${executionVariable(stage, "EXECUTION_ID")}, to be asked ${when} the import`,
    locales: new Map([...others.map((id) => [id, current] as const), [localeId, "DRAFT"]]),
  });
  if (version === current) {
    return;
  }
  await alias.pointTo(version, { from: current });
  stage.say(
    `Alias ${botAliasId} points to version ${version}, made to be asked; giving it time to answer by it.`,
  );
  await stage.sleep(propagationTime);
}

/** Failures of one phrase; any other is one of all phrases. */
const phraseErrors = [
  "BadGatewayException",
  "DependencyFailedException",
  "InternalServerException",
  "ValidationException",
];

async function answerTo(
  text: string,
  runtime: LexRuntimeV2Client,
  alias: LocaleAlias,
  session: string,
): Promise<Answer> {
  try {
    const { interpretations } = await callLex("ask the bot", () =>
      runtime.send(new RecognizeTextCommand({ ...alias, sessionId: session, text })),
    );
    const [best] = interpretations ?? [];
    return best?.intent?.name === undefined
      ? { error: "Lex named no intent." }
      : { intent: best.intent.name, byBedrock: best.interpretationSource === "Bedrock" };
  } catch (error) {
    if (
      error instanceof UserError &&
      error.cause instanceof Error &&
      phraseErrors.includes(error.cause.name)
    ) {
      return { error: error.message };
    }
    throw error;
  }
}

/** Never used before, since a bot that waits for a slot's value understands otherwise. Lex allows 100 of these characters. */
function sessionId(stage: Stage): string {
  const execution = stage.environment["EXECUTION_ID"]?.replace(/[^0-9a-zA-Z._:-]/g, "-").slice(0, 60);
  return [execution || "evaluation", randomUUID()].join(":");
}
