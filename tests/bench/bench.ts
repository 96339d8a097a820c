import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { benchPreprocess } from "./preprocess";
import { benchPreview } from "./preview";

/**
 * `npm run bench`: the time and memory that the project needs on this machine. Each benchmark gets its own
 * folder.
 */
const benchmarks = { preprocess: benchPreprocess, preview: benchPreview };

async function main(): Promise<void> {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  console.log(
    `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, ${gibibytes} GiB, Node.js ${process.version}`,
  );
  for (const [name, benchmark] of Object.entries(benchmarks)) {
    const folder = mkdtempSync(join(tmpdir(), `bench-${name}-`));
    try {
      console.log(`${name}: ${await benchmark(folder)}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

void main();
