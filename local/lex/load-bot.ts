import { lstatSync, readFileSync, readdirSync, statSync } from "node:fs";
import { basename, join, posix, resolve } from "node:path";
import { z } from "zod";
import { Archive, archiveLimits, readArchive } from "../../scripts/lex/archive";
import { type Locale, localesOf, onlyLocaleOf } from "../../scripts/lex/locale";
import { isLexName } from "../../scripts/lex/quotas";
import { UserError } from "../../scripts/messages/user-error";
import { isSystemError, reasonOf } from "../system-error";
import { identifierOr } from "./identifiers";

/** A bot for the local Lex to serve. */
export interface LocalBot {
  /** Ten capitals and digits. */
  readonly id: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly childDirected: boolean;
  readonly idleSessionTTLInSeconds: number;
  /** An export does not have it. @default Lex's service-linked role */
  readonly roleArn?: string;
  /** Its Bot.json. For a bot made from one locale, what Lex would write there. */
  readonly file: Buffer;
  /** Each with its own files only, at the archive's top. */
  readonly locales: readonly Locale[];
}

/**
 * The bot of an export: of a whole bot or of one locale, in any of Lex's layouts, as a ZIP or a folder of its
 * files. The path may be a link to it.
 *
 * The export of a locale does not have the bot's identifier, and may not have its name. The identifier is
 * then made from the name, and the name is the folder's or "LocalBot".
 *
 * @throws UserError when there is no such export at the path
 */
export function loadBot(path: string): LocalBot {
  try {
    return botAt(path);
  } catch (error) {
    throw isSystemError(error)
      ? new UserError(`${error.path ?? path} cannot be read: ${reasonOf(error)}.`, { cause: error })
      : error;
  }
}

function botAt(path: string): LocalBot {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) {
    throw new UserError(`${path} does not exist: name a ZIP that Lex exported, or a folder of its files.`);
  }
  if (stats.isDirectory()) {
    return botOf(readFolder(path), basename(resolve(path)));
  }
  if (!stats.isFile()) {
    throw new UserError(
      `${path} is neither a file nor a folder: name a ZIP that Lex exported, or a folder of its files.`,
    );
  }
  if (stats.size > archiveLimits.zippedBytes) {
    throw tooLarge(path);
  }
  return botOf(readArchive(readFileSync(path), path));
}

/** The bot of an export's files. `fallbackName` is for a bot that no file names. */
export function botOf(archive: Archive, fallbackName = ""): LocalBot {
  const { name: source } = archive;
  const locales = localesOf(archive);
  const [folder, ...otherFolders] = new Set(locales.map(({ root }) => botFolderOf(root)));
  if (folder === undefined) {
    throw new UserError(`${source} holds no bot locale (no BotLocale.json): export the bot from Lex again.`);
  }
  if (otherFolders.length > 0) {
    throw new UserError(`${source} holds several bots: export one bot at a time.`);
  }
  if (new Set(locales.map(({ id }) => id)).size < locales.length) {
    throw new UserError(`${source} holds a locale twice: export the bot from Lex again.`);
  }
  return { ...propertiesOf(archive, folder, fallbackName), locales: locales.map(alone) };
}

/** The locale with only its own files, at the archive's top. */
export function alone(locale: Locale): Locale {
  const own = [...locale.archive].filter(
    ([path]) => path.startsWith(locale.root) && path !== "Manifest.json",
  );
  return onlyLocaleOf(
    new Archive(
      `the locale ${locale.id}`,
      own.map(([path, content]) => [path.slice(locale.root.length), content]),
    ),
  );
}

const botFile = z.looseObject({
  name: z.string().refine(isLexName),
  identifier: z.string().nullish(),
  description: z.string().nullish(),
  dataPrivacy: z.looseObject({ childDirected: z.boolean().nullish() }).nullish(),
  idleSessionTTLInSeconds: z.number().nullish(),
});

function propertiesOf(archive: Archive, folder: string, fallbackName: string): Omit<LocalBot, "locales"> {
  const path = `${folder}Bot.json`;
  const file = archive.get(path) ?? newBotFile(folder, fallbackName);
  const bot = botFile.safeParse(archive.with([path, file]).json(path));
  if (!bot.success) {
    throw new UserError(
      `${archive.name}: ${path} does not describe a bot as Lex does: export the bot from Lex again.`,
    );
  }
  const { name, identifier, description, dataPrivacy, idleSessionTTLInSeconds } = bot.data;
  return {
    id: identifierOr(`bot ${name}`, identifier),
    name,
    description: description ?? undefined,
    childDirected: dataPrivacy?.childDirected ?? false,
    idleSessionTTLInSeconds: idleSessionTTLInSeconds ?? 300,
    file,
  };
}

function newBotFile(folder: string, fallbackName: string): Buffer {
  const name = [posix.basename(folder), fallbackName].find(isLexName) ?? "LocalBot";
  return Buffer.from(
    JSON.stringify({
      name,
      version: "DRAFT",
      description: null,
      identifier: identifierOr(`bot ${name}`, undefined),
      dataPrivacy: { childDirected: false },
      idleSessionTTLInSeconds: 300,
    }),
  );
}

/** `<Bot>/` of `<Bot>/BotLocales/<locale>/`; "" in the layouts that have no bot's folder. */
function botFolderOf(root: string): string {
  return /^(.*\/)?BotLocales\/[^/]+\/$/.exec(root)?.[1] ?? "";
}

function readFolder(folder: string): Archive {
  const files = new Map<string, Buffer>();
  let bytes = 0;
  const read = (inside: string) => {
    for (const entry of readdirSync(join(folder, inside), { withFileTypes: true })) {
      const path = posix.join(inside, entry.name);
      // File managers leave files such as .DS_Store, which are not part of an export.
      if (entry.name.startsWith(".")) {
        continue;
      }
      if (entry.isDirectory()) {
        read(path);
      } else if (entry.isFile()) {
        bytes += lstatSync(join(folder, path)).size;
        if (bytes > archiveLimits.unzippedBytes || files.size >= archiveLimits.entries) {
          throw tooLarge(folder);
        }
        files.set(path, readFileSync(join(folder, path)));
      } else {
        throw new UserError(
          `${join(folder, path)} is a link or a device, which no export of Lex holds: remove it.`,
        );
      }
    }
  };
  read("");
  return new Archive(folder, files);
}

function tooLarge(source: string): UserError {
  return new UserError(
    `${source} is larger than any export of Lex: name the ZIP that Lex exported, or the folder of its files.`,
  );
}
