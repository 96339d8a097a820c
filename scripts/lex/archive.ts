import AdmZip from "adm-zip";
import { UserError } from "../messages/user-error";

/**
 * The files of a Lex archive by path, in the archive's order, exactly as they are. `name` is what messages
 * call it.
 */
export class Archive extends Map<string, Buffer> {
  constructor(
    readonly name: string,
    files: Iterable<readonly [path: string, content: Buffer]>,
  ) {
    super(files);
  }

  /** The archive with more files, or with another content of files that it has. */
  with(...files: readonly (readonly [path: string, content: Buffer])[]): Archive {
    return new Archive(this.name, [...this, ...files]);
  }

  /**
   * The content of a JSON file.
   *
   * @throws UserError when there is no such file, or it is not JSON
   */
  json(path: string): unknown {
    const text = this.get(path)?.toString("utf8");
    if (text === undefined) {
      throw new UserError(`${this.name} has no ${path}: export the bot from Lex again.`);
    }
    try {
      return JSON.parse(text.replace(/^\uFEFF/, ""));
    } catch {
      throw new UserError(`${this.name}: ${path} is not JSON: export the bot from Lex again.`);
    }
  }
}

/**
 * Lex documents no limits for its archives. These are far above any bot that it can hold, and they keep a
 * hostile ZIP from filling the memory.
 */
export const archiveLimits = { zippedBytes: 64 * 2 ** 20, unzippedBytes: 512 * 2 ** 20, entries: 20_000 };

/**
 * The files of a ZIP, which may come from anywhere. `name` is what messages call it.
 *
 * @throws UserError when it is not a ZIP, is damaged or encrypted, is larger than {@link archiveLimits} or
 * has unsafe paths.
 */
export function readArchive(zip: Buffer, name: string): Archive {
  if (zip.length > archiveLimits.zippedBytes) {
    throw tooLarge(name);
  }
  return new Archive(
    name,
    checkedEntries(zip, name).map((entry) => [entry.entryName, contentOf(entry, name)]),
  );
}

/** A ZIP of the files, the same bytes every time for the same files. */
export function writeArchive(archive: ReadonlyMap<string, Buffer>): Buffer {
  const zip = new AdmZip(undefined, { noSort: true });
  for (const [path, content] of archive) {
    // Only the date would differ between two runs. 1980-01-01 is the earliest that a ZIP can hold.
    zip.addFile(path, content).header.time = new Date(1980, 0, 1);
  }
  return zip.toBuffer();
}

function checkedEntries(zip: Buffer, name: string): AdmZip.IZipEntry[] {
  const entries = entriesOf(zip, name);
  if (entries.length > archiveLimits.entries) {
    throw tooLarge(name);
  }
  // adm-zip never inflates an entry beyond the size it declares, so the declared sizes bound the memory it
  // takes.
  const unzipped = entries.reduce((total, entry) => total + entry.header.size, 0);
  if (unzipped > archiveLimits.unzippedBytes) {
    throw tooLarge(name);
  }
  const unsafe = entries.find((entry) => !isSafePath(entry.entryName));
  if (unsafe) {
    throw new UserError(
      `${name} holds the path ${JSON.stringify(unsafe.entryName)}, which no export of Lex has: do not use this file.`,
    );
  }
  return entries;
}

function entriesOf(zip: Buffer, name: string): AdmZip.IZipEntry[] {
  try {
    return new AdmZip(zip).getEntries().filter((entry) => !entry.isDirectory);
  } catch {
    throw new UserError(`${name} is not a ZIP file, or is cut short: export the bot from Lex again.`);
  }
}

function contentOf(entry: AdmZip.IZipEntry, name: string): Buffer {
  try {
    return entry.getData();
  } catch {
    throw new UserError(
      `${name} is damaged or encrypted at ${JSON.stringify(entry.entryName)}: export the bot from Lex again, without a password.`,
    );
  }
}

function isSafePath(path: string): boolean {
  return (
    !/[\\:\p{Cc}]/u.test(path) &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}

function tooLarge(name: string): UserError {
  const mebibytes = (bytes: number) => `${bytes / 2 ** 20} MiB`;
  const { zippedBytes, unzippedBytes, entries } = archiveLimits;
  return new UserError(
    `${name} is larger than any export of Lex: at most ${mebibytes(zippedBytes)} zipped, ${mebibytes(unzippedBytes)} unzipped and ` +
      `${entries} files are read.`,
  );
}
