import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { eachStep, stepNames, type StepName } from "./stages";

/** A step's script as one file that runs on Node alone. */
export interface Bundle {
  readonly fileName: string;
  readonly path: string;
  /** The first 16 digits of the file's SHA-256, so that its key changes only when the file does. */
  readonly hash: string;
}

const projectFolder = join(__dirname, "..");
const bundleFolder = join(projectFolder, ".steps");

/**
 * Bundles each step's script with its imports into `.steps/`, for the upload to AWS and for the local runner.
 */
export async function bundleSteps(): Promise<Readonly<Record<StepName, Bundle>>> {
  const { outputFiles } = await build({
    absWorkingDir: projectFolder,
    entryPoints: stepNames.map((step) => `scripts/steps/${step}.ts`),
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
  return eachStep((step) => {
    const fileName = `${step}.cjs`;
    const file = outputFiles.find(({ path }) => basename(path) === fileName);
    if (!file) {
      throw new Error(`esbuild did not make a file for ${step}.`);
    }
    writeWhole(file.path, file.contents);
    const hash = createHash("sha256").update(file.contents).digest("hex").slice(0, 16);
    return { fileName, path: file.path, hash };
  });
}

/**
 * Another process may be reading the file. So the same content is not written again, and other content gets
 * another name until it is whole.
 */
function writeWhole(path: string, content: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(content)) {
    return;
  }
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, path);
}
