import { posix } from "node:path";
import { Archive } from "../../scripts/lex/archive";
import { type Intent, type Locale, onlyLocaleOf } from "../../scripts/lex/locale";
import { isFallback, takesSampleUtterances } from "../../scripts/lex/sample-utterances";
import { ImportRefused, importedLocale } from "./imported-locale";
import { type Bot, BotLocale, type Import, type StartedImport, type State } from "./state";

/**
 * Begins an import of a locale into the DRAFT. It ends as Completed, with the locale NotBuilt, or as Failed,
 * with the locale as it was.
 *
 * An import without an upload ends as Failed, like one with a bad archive: the API does not say that
 * StartImport looks at the upload.
 */
export function startImport(
  state: State,
  { id, upload }: Import,
  bot: Bot,
  { localeId, mergeStrategy }: Pick<StartedImport, "localeId" | "mergeStrategy">,
): StartedImport {
  const now = state.clock.now();
  const started: StartedImport = {
    botId: bot.id,
    localeId,
    mergeStrategy,
    created: now,
    lastUpdated: now,
    status: "InProgress",
    failureReasons: [],
  };
  // The upload is kept no longer than this import needs it.
  state.imports.set(id, { id, upload: undefined, started });

  const present = bot.locales.get(localeId);
  const statusBefore = present?.status;
  if (present) {
    present.status = "Importing";
  }
  state.clock.after(state.delays.import, () => {
    started.lastUpdated = state.clock.now();
    try {
      const content = newContent(state, upload, started, present?.content);
      if (present) {
        present.update(content, state.clock.now());
      } else {
        bot.locales.set(localeId, new BotLocale(content, state.clock.now()));
      }
      started.status = "Completed";
    } catch (error) {
      if (!(error instanceof ImportRefused)) {
        throw error;
      }
      if (present && statusBefore) {
        present.status = statusBefore;
      }
      started.status = "Failed";
      started.failureReasons = error.reasons;
    }
  });
  return started;
}

function newContent(
  state: State,
  upload: Buffer | undefined,
  { localeId, mergeStrategy }: StartedImport,
  present: Locale | undefined,
): Locale {
  if (state.faults.strikes("import-fails")) {
    throw new ImportRefused(["The import failed because a fault was injected (import-fails)."]);
  }
  if (!upload) {
    throw new ImportRefused(["No archive was uploaded for this import."]);
  }
  const imported = importedLocale(upload, localeId);
  const merged = present ? merge(present, imported, mergeStrategy) : imported;
  return state.faults.strikes("import-loses-intent") ? withoutLastIntent(merged) : merged;
}

/**
 * Overwrite replaces the whole locale, Append adds intents and slot types. Lex does not document whether
 * Overwrite removes what the archive does not have, or what Append does with a name that exists. The client
 * is safest when it expects what is done here.
 */
function merge(present: Locale, imported: Locale, strategy: StartedImport["mergeStrategy"]): Locale {
  if (strategy === "Overwrite") {
    return imported;
  }
  if (strategy === "FailOnConflict") {
    throw new ImportRefused([
      `The bot has the locale ${present.id} already, and the merge strategy is FailOnConflict.`,
    ]);
  }
  const added = [...imported.intents.values()].filter((intent) => !isFallback(intent));
  const taken = [
    ...added.filter(({ name }) => present.intents.has(name)).map(({ name }) => `intent ${name}`),
    ...[...imported.slotTypes]
      .filter((name) => present.slotTypes.has(name))
      .map((name) => `slot type ${name}`),
  ];
  if (taken.length > 0) {
    throw new ImportRefused(
      taken.map((it) => `The locale ${present.id} has the ${it} already, and Append adds only what is new.`),
    );
  }
  const fallback = [...imported.intents.values()].find(isFallback);
  const files = [...(fallback ? withoutIntent(imported, fallback) : imported).archive];
  return withFiles([...present.archive, ...files.filter(([path]) => path !== "BotLocale.json")]);
}

function withoutLastIntent(locale: Locale): Locale {
  const last = [...locale.intents.values()].findLast(takesSampleUtterances);
  return last ? withoutIntent(locale, last) : locale;
}

function withoutIntent(locale: Locale, { path }: Intent): Locale {
  const folder = `${posix.dirname(path)}/`;
  return withFiles([...locale.archive].filter(([file]) => !file.startsWith(folder)));
}

function withFiles(files: readonly [string, Buffer][]): Locale {
  return onlyLocaleOf(new Archive("the import", files));
}
