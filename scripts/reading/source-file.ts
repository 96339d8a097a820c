import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { UserError } from "../messages/user-error";

/** The most characters that one row may have: it bounds what a quote never closed can take of memory. */
export const maxRowLength = 1_048_576;

/** A file of misses: where it is, and what it is called in messages and reports. */
export interface SourceFile {
  readonly path: string;
  readonly name: string;
}

/** The file's bytes, unpacked if it is a gzip file, whatever its name says. Throws a UserError for a damaged gzip file. */
export async function* bytesOf(file: SourceFile): AsyncGenerator<Buffer> {
  try {
    yield* (await isGzip(file.path)) ? unpacked(file.path) : stored(file.path);
  } catch (error) {
    if (!isZlibError(error)) {
      throw error;
    }
    throw new UserError(
      `${file.name} is a damaged or incomplete gzip file (${error.message}): upload it again.`,
    );
  }
}

function stored(path: string): AsyncIterable<Buffer> {
  return createReadStream(path);
}

function unpacked(path: string): AsyncIterable<Buffer> {
  const gunzip = createGunzip();
  // A failure is thrown to whoever iterates, so the callback has nothing left to do.
  pipeline(createReadStream(path), gunzip, () => undefined);
  return gunzip;
}

async function isGzip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b;
  } finally {
    await handle.close();
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && /^Z_/.test(String(error.code));
}
