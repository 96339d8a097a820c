import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SourceFile } from "../../../scripts/reading/source-file";

/** A temporary folder for files of misses. */
export function missesFolder() {
  const folder = mkdtempSync(join(tmpdir(), "misses-"));
  return {
    write(name: string, content: string | Uint8Array): SourceFile {
      const path = join(folder, name);
      writeFileSync(path, content);
      return { path, name };
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
