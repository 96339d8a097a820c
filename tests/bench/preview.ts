import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { runStack } from "../../local/engine/graph";
import { stackNames } from "../../local/engine/project";

/**
 * The time that the program needs in a preview of each stack, as the median of three runs: the start of
 * Node.js, TypeScript with an empty cache, as on a hosted runner, and every registration with the hashes of
 * files. The time of the CLI and of AWS is not in it.
 *
 * @param folder for the caches of the runs
 */
export async function benchPreview(folder: string): Promise<string> {
  const medians: string[] = [];
  for (const stack of stackNames(project)) {
    const times = [await time(stack, folder), await time(stack, folder), await time(stack, folder)];
    const [, median = NaN] = times.sort((one, other) => one - other);
    medians.push(`${stack} ${Math.round(median)} ms`);
  }
  return medians.join(", ");
}

const project = join(__dirname, "..", "..");

async function time(stack: string, folder: string): Promise<number> {
  const cache = mkdtempSync(join(folder, "ts-node-"));
  const start = performance.now();
  await runStack(project, stack, { TS_NODE_CACHE_DIRECTORY: cache });
  return performance.now() - start;
}

if (require.main === module) {
  const folder = mkdtempSync(join(tmpdir(), "bench-preview-"));
  void benchPreview(folder)
    .then((times) => {
      console.log(`preview: ${times}`);
    })
    .finally(() => {
      rmSync(folder, { recursive: true });
    });
}
