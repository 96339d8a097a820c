import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { eachStage, stageNames, type StageName } from "./stages";

/** A stage as one file that runs on Node alone. */
export interface Bundle {
  readonly fileName: string;
  readonly path: string;
  /** The first 16 digits of the file's SHA-256, so that its key changes only when the file does. */
  readonly hash: string;
}

const projectFolder = join(__dirname, "..");
const bundleFolder = join(projectFolder, ".stages");

/**
 * Bundles each stage's script with its imports into `.stages/`, for the upload to AWS and for the local
 * runner.
 */
export async function bundleStages(): Promise<Readonly<Record<StageName, Bundle>>> {
  const { outputFiles } = await build({
    absWorkingDir: projectFolder,
    entryPoints: stageNames.map((stage) => `scripts/${stage}.ts`),
    outdir: bundleFolder,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    write: false,
    platform: "node",
    // The oldest Node that this project supports, because a user's own image may have it.
    target: "node20",
    // Removes comments, which contain paths of this machine, but keeps names, so that a stack trace is
    // readable.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "silent",
  });
  mkdirSync(bundleFolder, { recursive: true });
  return eachStage((stage) => {
    const fileName = `${stage}.cjs`;
    const file = outputFiles.find(({ path }) => basename(path) === fileName);
    if (!file) {
      throw new Error(`esbuild did not make a file for ${stage}.`);
    }
    // Written under another name first, so that another process never reads half a file.
    const unfinished = `${file.path}.${process.pid}`;
    writeFileSync(unfinished, file.contents);
    renameSync(unfinished, file.path);
    const hash = createHash("sha256").update(file.contents).digest("hex").slice(0, 16);
    return { fileName, path: file.path, hash };
  });
}
