import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import pMap from "p-map";
import { bundleSteps, type Bundle } from "../../pipeline/bundle";
import { eachStep, type StepName } from "../../pipeline/stages";
import { mutants, mutated } from "./mutants";
import { rememberRest, violations, type Ended } from "./oracle";
import { faultKinds, type Fault } from "./proxy";
import { Random } from "./random";
import { poison, World, type Row } from "./world";

/**
 * `npm run chaos`: random faults between the steps of a retraining and Lex and S3, kills and edits of others
 * among them, and an oracle that looks at what became of the bot.
 */
const options = new Command("npm run chaos --")
  .option("--runs <number>", "how many runs", Number, 500)
  .option("--seconds <number>", "begin no run after this time", Number, Infinity)
  .option("--seed <number>", "seed of the first run; the next has the next", Number, Date.now() % 1_000_000)
  .option("--mutant <name>", `take a safety out, which must be found: ${Object.keys(mutants).join(", ")}`)
  .option("--verbose", "print what every run does")
  .parse()
  .opts<{ runs: number; seconds: number; seed: number; mutant?: string; verbose?: true }>();

/** Waiting of a second and more takes a fiftieth of its time. */
const hook = `
  const faster = (time) => (time >= 1000 ? time / 50 : time);
  const promises = require("node:timers/promises");
  const { setTimeout: sleep } = promises;
  promises.setTimeout = (time, ...rest) => sleep(faster(time), ...rest);
  const later = globalThis.setTimeout;
  globalThis.setTimeout = (work, time, ...rest) => later(work, faster(time), ...rest);
`;

/** About as many requests as an execution makes. */
const usualRequests = 110;

interface Result {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly log: readonly string[];
}

async function run(
  seed: number,
  scripts: Readonly<Record<StepName, Bundle>>,
  hookFile: string,
): Promise<Result> {
  const random = new Random(seed);
  const log: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), "lex-retraining-chaos-"));
  const world = await World.start(folder, scripts, { hook: hookFile, publishes: random.chance(0.4) });
  try {
    rememberRest(world);
    const edits: Row[] = [];
    const edit = () => {
      const row = {
        intent: random.pick(["RenovarPrestamo", "PagarMulta"]),
        utterance: `editado ${edits.length}`,
      };
      if (world.lex.edit(World.botId, "es_ES", row.intent, row.utterance)) {
        edits.push(row);
        log.push(`somebody adds “${row.utterance}” to ${row.intent}`);
      }
    };
    const ended: Ended[] = [];
    const start = async (name: string, rows: readonly Row[], faults: readonly Fault[]) => {
      const say = (line: string) => log.push(`${name}: ${line}`);
      const { status, failureReason } = await world.execution({ name, rows, faults, edit, log: say });
      say(`${status}. ${failureReason ?? ""}`);
      ended.push({ rows, status });
      if (status === "Stopped") {
        world.waitUntilLeasesAreStale();
      }
    };
    const count = 1 + random.below(3);
    const atOnce = random.chance(0.25);
    const plans = Array.from({ length: count }, (_, index) => ({
      name: `execution${index}`,
      rows: rowsFor(index, random),
      faults: faultsFor(random),
    }));
    if (atOnce) {
      await Promise.all(plans.map(({ name, rows, faults }) => start(name, rows, faults)));
    } else {
      for (const { name, rows, faults } of plans) {
        await start(name, rows, faults);
      }
    }
    world.waitUntilLeasesAreStale();
    await start("calm", [], []);
    return { seed, violations: await violations(world, { executions: ended, edits }), log };
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowsFor(index: number, random: Random): Row[] {
  if (random.chance(0.15)) {
    return [];
  }
  if (random.chance(0.25)) {
    return [poison];
  }
  return Array.from({ length: 1 + random.below(2) }, (_, row) => ({
    intent: random.pick(["RenovarPrestamo", "PagarMulta"]),
    utterance: `tarea${index} cosa${index}${row} asunto${index}`,
  }));
}

function faultsFor(random: Random): Fault[] {
  return Array.from({ length: random.below(4) }, () => ({
    at: random.below(usualRequests),
    kind: random.pick(faultKinds),
  }));
}

/** The bundles, in a folder of their own, with a safety taken out where the test is to find that. */
async function scriptsIn(folder: string): Promise<Readonly<Record<StepName, Bundle>>> {
  const bundles = await bundleSteps();
  const texts = eachStep((step) => readFileSync(bundles[step].path, "utf8"));
  const changed = options.mutant === undefined ? texts : mutated(options.mutant, texts);
  return eachStep((step) => {
    const path = join(folder, bundles[step].fileName);
    writeFileSync(path, changed[step]);
    return { ...bundles[step], path };
  });
}

async function main(): Promise<void> {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const folder = mkdtempSync(join(tmpdir(), "lex-retraining-chaos-"));
  const hookFile = join(folder, "hook.cjs");
  writeFileSync(hookFile, hook);
  const scripts = await scriptsIn(folder);
  const start = Date.now();
  const seeds = Array.from({ length: options.runs }, (_, index) => options.seed + index);
  let passed = 0;
  let failed = 0;
  console.log(`Seeds from ${options.seed} on.`);
  await pMap(
    seeds,
    async (seed) => {
      const isOver = Date.now() - start > options.seconds * 1_000;
      if (isOver || (options.mutant !== undefined && failed > 0)) {
        return;
      }
      const result = await run(seed, scripts, hookFile);
      if (result.violations.length === 0) {
        passed++;
      } else {
        failed++;
      }
      if (options.verbose || result.violations.length > 0) {
        console.log(
          [`Seed ${seed}:`, ...result.log, ...result.violations.map((found) => `VIOLATED: ${found}`)].join(
            "\n",
          ),
        );
      }
    },
    { concurrency: availableParallelism() },
  );
  rmSync(folder, { recursive: true, force: true });
  console.log(`${Math.round((Date.now() - start) / 1_000)} s`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

void main();
