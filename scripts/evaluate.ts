import { writeFileSync } from "node:fs";
import { answersFile } from "./artifacts/answers";
import { readChanges, type Changes } from "./artifacts/changes";
import { evaluationFile, evaluationPage, type Evaluation } from "./artifacts/evaluation";
import { comparisonOf } from "./evaluation/comparison";
import { askBot } from "./evaluation/evaluation-alias";
import { judge } from "./evaluation/gate";
import { evaluationHtml } from "./evaluation/report";
import { Bot } from "./lex/bot";
import { settingOf } from "./stage/settings";
import type { Stage, StageMain } from "./stage/stage";

/**
 * Asks the retrained bot what the baseline asked, and decides whether the retraining is kept.
 *
 * Reads `package/`, `backup/` and `baseline/`; writes `evaluation/evaluation.json`, which the gate goes by,
 * and `report/report.html` for the bot's owner. Its step rolls back a retraining that is refused or cannot be
 * judged.
 */
export const evaluate: StageMain = async (stage) => {
  const changes = readChanges(stage);
  const evaluation = await evaluationOf(Bot.of(stage), stage, changes);
  evaluationFile.write(stage, evaluation);
  writeFileSync(evaluationPage.outputPath(stage), evaluationHtml(evaluation, changes));
  stage.say(evaluation.message);
};

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
  return { ...judge(comparison, limits), ...baseline, ...comparison };
}
