import { writeFileSync } from "node:fs";
import { gate } from "../pipeline/stages";
import { answersFile } from "./artifacts/answers";
import { readChanges, type Changes } from "./artifacts/changes";
import { evaluationFile, evaluationPage, type Evaluation } from "./artifacts/evaluation";
import { comparisonOf } from "./evaluation/comparison";
import { askBot } from "./evaluation/evaluation-alias";
import { judge } from "./evaluation/gate";
import { evaluationHtml } from "./evaluation/report";
import { Bot } from "./lex/bot";
import { LocaleChange } from "./lex/locale-change";
import { withLease } from "./stage/lease";
import { publishFollows, settingOf } from "./stage/settings";
import { runStage, type Stage, type StageMain } from "./stage/stage";

/**
 * Asks the retrained bot what the baseline asked, and decides whether the retraining is kept.
 *
 * Reads `package/`, `backup/` and `baseline/`; writes `evaluation/evaluation.json`, which the gate goes by,
 * and `report/report.html` for the bot's owner. It rolls back a retraining that it cannot judge. The gate
 * calls another stage to roll back one that is refused.
 */
export const evaluate: StageMain = async (stage) => {
  const changes = readChanges(stage);
  if (changes.intents.length === 0) {
    write(stage, changes, unchanged(changes));
    return;
  }
  await withLease(stage, async (lease) => {
    const evaluation = await judgedEvaluation(stage, changes);
    write(stage, changes, evaluation);
    const isLast = evaluation.gate === gate.passed && !publishFollows(stage);
    if (isLast) {
      lease.releaseAtEnd();
    }
  });
};

/** Rolls back where the retraining cannot be judged. */
async function judgedEvaluation(stage: Stage, changes: Changes): Promise<Evaluation> {
  const bot = Bot.of(stage);
  try {
    return await evaluationOf(bot, stage, changes);
  } catch (reason) {
    throw await LocaleChange.of(stage, bot).failureAfterRollback(reason, { overwriteDrift: false });
  }
}

async function evaluationOf(bot: Bot, stage: Stage, changes: Changes): Promise<Evaluation> {
  const limits = {
    maxRegressions: settingOf(stage, "maxRegressions"),
    maxLeakage: settingOf(stage, "maxLeakage"),
  };
  const { phrases, ...baseline } = answersFile.read(stage);
  const asked = await askBot(bot, stage, phrases, "after");
  const comparison = comparisonOf(
    asked.map(({ answer, ...phrase }) => ({ ...phrase, after: answer })),
    changes,
  );
  return { ...judge(comparison, limits), unchanged: false, ...baseline, ...comparison };
}

function unchanged(changes: Changes): Evaluation {
  const message = "Nothing was added, so nothing was asked: the bot is as it was.";
  return {
    gate: gate.passed,
    unchanged: true,
    summary: message,
    message,
    goldenFile: null,
    leftOut: 0,
    ...comparisonOf([], changes),
  };
}

function write(stage: Stage, changes: Changes, evaluation: Evaluation): void {
  evaluationFile.write(stage, evaluation);
  writeFileSync(evaluationPage.outputPath(stage), evaluationHtml(evaluation, changes));
  stage.say(evaluation.message);
}

if (require.main === module) {
  void runStage(evaluate);
}
