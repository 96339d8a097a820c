import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { UnlabelledMode } from "../pipeline/settings";
import type { Changes } from "./artifacts/changes";
import { reviewTable, summaryOf, verdictsTable } from "./artifacts/reports";
import { utteranceSchema, type Utterance } from "./artifacts/utterance";
import { writeArchive } from "./lex/archive";
import { lexModels } from "./lex/calls";
import { withCompanion } from "./lex/companion";
import { DraftLocale } from "./lex/draft-locale";
import { withUtterances, type Locale } from "./lex/locale";
import { counted } from "./messages/printable";
import { withLease } from "./stage/lease";
import { settingOf } from "./stage/settings";
import { runStage, type Stage, type StageMain } from "./stage/stage";
import { decide, fallbackOf, type Verdict } from "./utterances/verdicts";

/** For how many minutes a run waits for another on the same bot: more than two builds of a large bot, and half of what SageMaker gives the stage. */
const leaseWait = 120;

/**
 * Decides what becomes of each utterance and packs the locale with those that are added.
 *
 * Reads `utterances/` and the live DRAFT; writes `backup/locale-export.zip`, `package/` with what import needs, and `report/` for people. It is
 * the first stage that reads the bot, and so the one that waits for another run on it to end.
 */
export const packageStage: StageMain = async (stage) => {
  const [botId, localeId] = [settingOf(stage, "botId"), settingOf(stage, "botLocaleId")];
  const unlabelled = settingOf(stage, "unlabelledUtterances");
  const utterances = await readUtterances(join(stage.input("utterances"), "utterances.jsonl"));

  await withLease(
    stage,
    async (lease) => {
      const { intents } = await pack(stage, utterances, { botId, localeId, unlabelled });
      if (intents.length === 0) {
        lease.releaseAtEnd();
      }
    },
    { wait: leaseWait },
  );
};

interface PackSettings {
  readonly botId: string;
  readonly localeId: string;
  readonly unlabelled: UnlabelledMode;
}

async function pack(
  stage: Stage,
  utterances: readonly Utterance[],
  { botId, localeId, unlabelled }: PackSettings,
): Promise<Changes> {
  const draft = new DraftLocale(lexModels(), botId, localeId, stage.say);
  const { zip, locale, lastUpdated } = await draft.export();
  writeFileSync(join(stage.output("backup"), "locale-export.zip"), zip);
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
  const packageFolder = stage.output("package");
  writeFileSync(join(packageFolder, "changes.json"), JSON.stringify(changes, null, 2));
  if (changes.intents.length > 0) {
    writeFileSync(join(packageFolder, "lex-import.zip"), writeArchive(withChanges(locale, changes).archive));
  }

  const report = stage.output("report");
  const summary = summaryOf(verdicts, changes);
  writeFileSync(join(report, "verdicts.csv"), verdictsTable(verdicts, localeId));
  writeFileSync(join(report, "review.csv"), reviewTable(verdicts, localeId));
  writeFileSync(join(report, "summary.json"), JSON.stringify(summary, null, 2));
  stage.say(
    changes.intents.length > 0
      ? `${counted(summary.verdicts.add, "utterance")} to add to ${counted(changes.intents.length, "intent")}.`
      : "Nothing to add: the bot stays as it is.",
  );
  return changes;
}

async function readUtterances(file: string): Promise<Utterance[]> {
  const utterances: Utterance[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    utterances.push(utteranceSchema.parse(JSON.parse(line)));
  }
  return utterances;
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

if (require.main === module) {
  void runStage(packageStage);
}
