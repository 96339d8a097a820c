import { writeFileSync } from "node:fs";
import type { UnlabelledMode } from "../pipeline/settings";
import { backupArchive, importArchive } from "./artifacts/archives";
import { changesFile, type Changes } from "./artifacts/changes";
import { writeReview } from "./artifacts/review";
import { summaryFile, summaryOf } from "./artifacts/summary";
import { readUtterances, type Utterance } from "./artifacts/utterances";
import { writeVerdicts, type Verdict } from "./artifacts/verdicts";
import { writeArchive } from "./lex/archive";
import { Bot } from "./lex/bot";
import { withCompanion } from "./lex/companion";
import { withUtterances, type Locale } from "./lex/locale";
import { counted } from "./messages/printable";
import { UserError } from "./messages/user-error";
import { settingOf } from "./stage/settings";
import type { Stage, StageMain } from "./stage/stage";
import { decide, fallbackOf } from "./utterances/verdicts";

/**
 * Decides what becomes of each utterance and packs the locale with those that are added.
 *
 * Reads `utterances/` and the live DRAFT; writes `backup/locale-export.zip`, `package/` with what import
 * needs, and `report/` for people.
 */
export const packageStage: StageMain = async (stage) => {
  const unlabelled = settingOf(stage, "unlabelledUtterances");
  const utterances = await readUtterances(stage);

  const bot = Bot.of(stage);
  await pack(stage, bot, utterances, unlabelled);
  await expectBuilt(bot);
};

async function pack(
  stage: Stage,
  { id: botId, localeId, draft }: Bot,
  utterances: readonly Utterance[],
  unlabelled: UnlabelledMode,
): Promise<void> {
  const { zip, locale, lastUpdated } = await draft.export();
  writeFileSync(backupArchive.outputPath(stage), zip);
  stage.say(
    `Exported ${counted(locale.intents.size, "intent")} of ${localeId}, kept as the backup of this run.`,
  );

  const verdicts = decide(utterances, locale, unlabelled);
  const changes: Changes = {
    botId,
    localeId,
    lastUpdatedDateTime: new Date(lastUpdated).toISOString(),
    intents: additionsOf(verdicts, locale),
  };
  changesFile.write(stage, changes);
  if (changes.intents.length > 0) {
    writeFileSync(importArchive.outputPath(stage), writeArchive(withChanges(locale, changes).archive));
  }

  const summary = summaryOf(verdicts, changes);
  writeVerdicts(stage, verdicts, localeId);
  writeReview(stage, verdicts, localeId);
  summaryFile.write(stage, summary);
  stage.say(
    changes.intents.length > 0
      ? `${counted(summary.verdicts.add, "utterance")} to add to ${counted(changes.intents.length, "intent")}.`
      : "Nothing to add: the bot stays as it is.",
  );
}

/**
 * Without a build the DRAFT answers nothing, or what it was some edits ago. That is told also when there is
 * nothing to add, since a run that was cut off may have left it so.
 */
async function expectBuilt({ draft, localeId }: Bot): Promise<void> {
  const { status } = await draft.settled();
  if (status !== "Built") {
    throw new UserError(
      `Locale ${localeId} is ${status}, so nothing shows what it answers now. Build it in the Lex console and start the run again.`,
    );
  }
}

function additionsOf(verdicts: readonly Verdict[], locale: Locale): Changes["intents"] {
  const intents = new Map<string, Changes["intents"][number]>();
  for (const { verdict, intent: name = "", utterance } of verdicts) {
    if (verdict !== "add") {
      continue;
    }
    const { text, count, file, line } = utterance;
    const intent = intents.get(name) ?? { name, added: [], isNew: !locale.intents.has(name) };
    intent.added.push({ utterance: text, count, file, line });
    intents.set(name, intent);
  }
  return [...intents.values()];
}

function withChanges(locale: Locale, { intents }: Changes): Locale {
  const complete = intents
    .filter(({ isNew }) => isNew)
    .reduce((whole, { name }) => withCompanion(whole, fallbackOf(whole), name), locale);
  return withUtterances(
    complete,
    new Map(intents.map(({ name, added }) => [name, added.map(({ utterance }) => utterance)])),
  );
}
