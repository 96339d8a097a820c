import { existsSync } from "node:fs";
import { join } from "node:path";
import { backupArchive, importArchive } from "../scripts/artifacts/archives";
import { damaged, type Artifact } from "../scripts/artifacts/artifact";
import { changesFile, type Changes } from "../scripts/artifacts/changes";
import { publicationFile, type Publication } from "../scripts/artifacts/publication";
import { Bot } from "../scripts/lex/bot";
import type { BotVersions } from "../scripts/lex/bot-versions";
import { differences } from "../scripts/lex/differences";
import type { Snapshot } from "../scripts/lex/draft-locale";
import type { Locale } from "../scripts/lex/locale";
import {
  firstFew,
  holds,
  LocaleChange,
  packedFile,
  SomebodyEdited,
  type PackedLocale,
} from "../scripts/lex/locale-change";
import { counted } from "../scripts/messages/printable";
import { UsageError, UserError } from "../scripts/messages/user-error";

/** How long the build of the backup may take, in milliseconds: as long as a run may give it at most. */
const buildTime = 150 * 60_000;

export interface Undo {
  /** The run's files as the pipeline leaves them: `package/`, `publish/` and so on. */
  readonly runFolder: string;
  /** Whether the alias is pointed back, and not the DRAFT put back. */
  readonly alias: boolean;
  /** Asked with what will change, before anything does. */
  readonly confirm: (text: string) => Promise<boolean>;
  readonly say: (line: string) => void;
}

/**
 * Undoes a run in the Lex that the AWS SDK's environment names: puts the DRAFT of its locale back to the
 * run's backup and builds it, or points the alias back to the version that the run replaced, for the run's
 * locale alone.
 *
 * @throws UserError when the folder is not that of a run, when Lex refuses, and when somebody changes the bot
 * between question and answer.
 */
export async function undoRun(undo: Undo): Promise<void> {
  const changes = changesFile.find(undo.runFolder);
  if (!changes) {
    throw new UsageError(
      `${undo.runFolder} is not the folder of a run: it has no ${changesFile.runPath}. Name the folder that is called like the run.`,
    );
  }
  if (changes.intents.length === 0) {
    throw new UserError(`The run in ${undo.runFolder} changed nothing, so there is nothing to undo.`);
  }
  const carryOut = undo.alias ? await planForAlias(undo, changes) : await planForDraft(undo, changes);
  if (!carryOut) {
    undo.say("There is nothing to undo: it is as it was before the run.");
  } else if (await undo.confirm(carryOut.text)) {
    await carryOut.act();
    undo.say("Done.");
  } else {
    undo.say("Nothing was changed.");
  }
}

/** What will change, in words, and what changes it. */
interface Plan {
  readonly text: string;
  readonly act: () => Promise<void>;
}

async function planForDraft(
  { runFolder, say }: Undo,
  { botId, localeId }: Changes,
): Promise<Plan | undefined> {
  const { draft } = new Bot(botId, localeId, say);
  const backup = packedOf(runFolder, backupArchive);
  const expected = packedOf(runFolder, importArchive);
  const { status } = await draft.settled();
  const actual = await draft.export();
  if (holds(actual, backup) && status === "Built") {
    return undefined;
  }
  return {
    text: [
      `The DRAFT of ${localeId} of bot ${botId} goes back to what it was before the run, and is built:`,
      ...changesOfIntents(actual.locale, backup.locale),
      ...changesOfOthers(actual, backup, expected),
      "An alias goes on answering with the version that it points to.",
    ].join("\n"),
    act: async () => {
      const change = new LocaleChange({
        draft,
        backup,
        expected,
        buildTime,
        say,
        announce: () => Promise.resolve(),
      });
      await (holds(actual, backup) ? change.build() : change.bring(backup, actual)).catch(
        (error: unknown) => {
          throw error instanceof SomebodyEdited
            ? new UserError(
                "Somebody changed the bot since you were asked, so nothing was sent. Start again.",
              )
            : error;
        },
      );
    },
  };
}

/** A line for every intent whose sample utterances will be others. */
function changesOfIntents(now: Locale, then: Locale): string[] {
  return [...new Set([...now.intents.keys(), ...then.intents.keys()])].flatMap((name) => {
    const present = new Set(now.intents.get(name)?.sampleUtterances);
    const before = new Set(then.intents.get(name)?.sampleUtterances);
    const going = [...present].filter((utterance) => !before.has(utterance)).length;
    const coming = [...before].filter((utterance) => !present.has(utterance)).length;
    const parts = [
      ...(then.intents.has(name) ? [] : ["the intent goes away"]),
      ...(now.intents.has(name) ? [] : ["the intent comes back"]),
      ...(going > 0 ? [`${counted(going, "utterance")} will go`] : []),
      ...(coming > 0 ? [`${counted(coming, "utterance")} will come back`] : []),
    ];
    return parts.length > 0 ? [`  ${name}: ${parts.join(", ")}`] : [];
  });
}

/** What somebody else did since the run, which would be undone with it. */
function changesOfOthers(actual: Snapshot, backup: PackedLocale, expected: PackedLocale): string[] {
  if (holds(actual, backup) || holds(actual, expected)) {
    return [];
  }
  const { lost } = differences(expected.locale, actual.locale);
  return [`Somebody changed it since the run, and that would be undone too. ${firstFew(lost)}`];
}

async function planForAlias(undo: Undo, changes: Changes): Promise<Plan | undefined> {
  const { botAliasId, version, replacedVersion } = readPublished(undo);
  const { botId, localeId } = changes;
  const bot = new Bot(botId, localeId, undo.say);
  const alias = bot.alias(botAliasId);
  const { versions } = bot;
  const current = await alias.versionFor(localeId);
  if (current === replacedVersion) {
    return undefined;
  }
  const known = await versions.list();
  if (!known.some(({ number }) => number === replacedVersion)) {
    throw new UserError(
      `Version ${replacedVersion}, which the run replaced, was deleted. Put the DRAFT back instead, and publish that.`,
    );
  }
  // But for this locale, the run's version holds what the replaced one does.
  if (current === version) {
    return {
      text: `Alias ${botAliasId} of bot ${botId} goes back from version ${version} to version ${replacedVersion}.`,
      act: () => alias.pointTo(replacedVersion, { from: version }),
    };
  }
  const localeAs = `${localeId} as in version ${replacedVersion}, every other locale`;
  const isUndone = known.some(
    ({ number, description }) =>
      number === current && description.startsWith(`${descriptionStart}${localeAs}`),
  );
  if (isUndone) {
    return undefined;
  }
  const locales = await localesOf(versions, { localeId, replacedVersion, current });
  return {
    text:
      `Alias ${botAliasId} of bot ${botId} has moved on from the run's version ${version} to version ${current}. It gets a new version: ` +
      `${localeAs} as in version ${current}.`,
    act: async () => {
      const description = `${descriptionStart}${localeAs} as in version ${current}`;
      await alias.pointTo(await versions.create({ description, locales }), { from: current });
    },
  };
}

const descriptionStart = "lex-retraining: ";

/** A locale that the run was the first to publish is left out. */
async function localesOf(
  versions: BotVersions,
  { localeId, replacedVersion, current }: { localeId: string; replacedVersion: string; current: string },
): Promise<ReadonlyMap<string, string>> {
  const locales = new Map((await versions.localesOf(current)).map((id) => [id, current]));
  if ((await versions.localesOf(replacedVersion)).includes(localeId)) {
    locales.set(localeId, replacedVersion);
  } else {
    locales.delete(localeId);
  }
  return locales;
}

/** @throws UserError when the run published nothing */
function readPublished(undo: Undo): Publication {
  const publication = publicationFile.find(undo.runFolder);
  if (publication) {
    return publication;
  }
  throw new UserError(
    `The run in ${undo.runFolder} published nothing, so there is no alias to point back: its DRAFT alone can be put back.`,
  );
}

function packedOf(runFolder: string, archive: Artifact): PackedLocale {
  const file = join(runFolder, archive.runPath);
  if (!existsSync(file)) {
    throw damaged(file);
  }
  return packedFile(file);
}
