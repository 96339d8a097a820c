import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { eachStage, stageNames, type StageName } from "./stages";

/** A stage as one file that runs on Node alone. */
export interface Bundle {
  readonly fileName: string;
  readonly path: string;
  /** SHA-256 of the file, 16 hexadecimal digits: its key changes when it does, and only then. */
  readonly hash: string;
}

const projectFolder = join(__dirname, "..");
const bundleFolder = join(projectFolder, ".stages");

/** Bundles each stage's script with all it imports, into `.stages/`: what is uploaded to AWS and what the local runner runs. */
export async function bundleStages(): Promise<Readonly<Record<StageName, Bundle>>> {
  const { outputFiles } = await build({
    absWorkingDir: projectFolder,
    entryPoints: stageNames.map((stage) => `scripts/${stage}.ts`),
    outdir: bundleFolder,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    write: false,
    platform: "node",
    // The oldest Node that this project runs on: an image of the user's may have no newer one.
    target: "node20",
    // Names in a stack trace stay readable, while the comments, which hold paths of this machine, go.
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
      throw new Error(`esbuild gave no file for ${stage}.`);
    }
    // Another process that bundles at the same time never sees half a file.
    const unfinished = `${file.path}.${process.pid}`;
    writeFileSync(unfinished, file.contents);
    renameSync(unfinished, file.path);
    const hash = createHash("sha256").update(file.contents).digest("hex").slice(0, 16);
    return { fileName, path: file.path, hash };
  });
}
