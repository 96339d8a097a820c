import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { UserError } from "../messages/user-error";

/**
 * The most characters that one row may have. Without it, a quote that is never closed would fill the memory.
 */
export const maxRowLength = 1_048_576;

/** A file of rows: its path, and its name in messages and reports. */
export interface SourceFile {
  readonly path: string;
  readonly name: string;
}

/**
 * The file's bytes. Unpacks a gzip file, even when its name does not end in `.gz`.
 *
 * @throws UserError when the gzip file is damaged
 */
export async function* bytesOf(file: SourceFile): AsyncGenerator<Buffer> {
  try {
    yield* (await isGzip(file.path)) ? unpackedBytes(file.path) : storedBytes(file.path);
  } catch (error) {
    if (!isZlibError(error)) {
      throw error;
    }
    throw new UserError(
      `${file.name} is a damaged or incomplete gzip file (${error.message}): upload it again.`,
    );
  }
}

function storedBytes(path: string): AsyncIterable<Buffer> {
  return createReadStream(path);
}

function unpackedBytes(path: string): AsyncIterable<Buffer> {
  const gunzip = createGunzip();
  // The loop over the bytes throws a failure, so the callback has nothing to do.
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
