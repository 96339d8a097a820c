import { Archive, writeArchive } from "../../scripts/lex/archive";
import type { Bot, BotLocale, Export, Layout, State } from "./state";

/** Begins an export of one locale of a bot's version. `specification` is what the client asked for. */
export function startLocaleExport(
  state: State,
  specification: object,
  bot: Bot,
  version: string,
  locale: BotLocale,
): Export {
  return startExport(state, specification, [bot.name, version, locale.content.id], [locale], () =>
    localeArchive(bot, locale, state.layout),
  );
}

/** Begins an export of a whole version of a bot. */
export function startBotExport(
  state: State,
  specification: object,
  bot: Bot,
  version: string,
  locales: readonly BotLocale[],
): Export {
  return startExport(state, specification, [bot.name, version], locales, () => botArchive(bot, locales));
}

/** The files of a locale's export. */
export function localeArchive(bot: Bot, locale: BotLocale, layout: Layout): Archive {
  const { id } = locale.content;
  const root = { bot: `${bot.name}/BotLocales/${id}/`, locale: `${id}/`, top: "" }[layout];
  return new Archive("the export", [manifest("BOT_LOCALE"), ...filesUnder(root, locale)]);
}

function startExport(
  state: State,
  specification: object,
  nameParts: readonly string[],
  locales: readonly BotLocale[],
  archive: () => Archive,
): Export {
  const id = state.newIdentifier();
  const now = state.clock.now();
  const started: Export = {
    id,
    specification,
    locales,
    fileName: `${[...nameParts, id].join("-")}-LexJson.zip`,
    created: now,
    lastUpdated: now,
    status: "InProgress",
    failureReasons: [],
    zip: undefined,
  };
  state.exports.set(id, started);
  state.clock.after(state.delays.export, () => {
    started.lastUpdated = state.clock.now();
    if (state.faults.strikes("export-fails")) {
      started.status = "Failed";
      started.failureReasons = ["The export failed because a fault was injected (export-fails)."];
    } else {
      started.status = "Completed";
      started.zip = writeArchive(archive());
    }
  });
  return started;
}

function botArchive(bot: Bot, locales: readonly BotLocale[]): Archive {
  const files = locales.flatMap((locale) =>
    filesUnder(`${bot.name}/BotLocales/${locale.content.id}/`, locale),
  );
  return new Archive("the export", [manifest("BOT"), [`${bot.name}/Bot.json`, bot.file], ...files]);
}

function filesUnder(root: string, locale: BotLocale): [string, Buffer][] {
  return [...locale.content.archive].map(([path, content]) => [root + path, content]);
}

function manifest(resourceType: "BOT" | "BOT_LOCALE"): [string, Buffer] {
  const content = { metaData: { schemaVersion: "1", fileFormat: "LexJson", resourceType } };
  return ["Manifest.json", Buffer.from(JSON.stringify(content))];
}
