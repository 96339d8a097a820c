import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

/** A folder for each test, removed after it. Call it in `describe`. */
export function temporaryFolder(): (...path: string[]) => string {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lex-retraining-test-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return (...path) => join(folder, ...path);
}

export function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** The folder's files as text, by path. */
export function filesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => !entry.isDirectory(),
  );
  const contents = files.map(({ parentPath, name }): [string, string] => {
    const file = join(parentPath, name);
    return [relative(folder, file).replaceAll("\\", "/"), readFileSync(file, "utf8")];
  });
  return Object.fromEntries(contents.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Does the work while a socket is at the path: neither a file nor a folder. */
export async function withSocket(path: string, work: () => void | Promise<void>): Promise<void> {
  const server = createServer().listen(path);
  await once(server, "listening");
  try {
    await work();
  } finally {
    server.close();
  }
}
