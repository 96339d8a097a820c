import { execFileSync } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { buildSync } from "esbuild";

const rows = 2_000_000;
const distinct = 150_000;

/**
 * Preprocesses 2,000,000 rows, about 126 MB, with 150,000 distinct utterances, with the bundle that runs on
 * AWS.
 */
export async function benchPreprocess(folder: string): Promise<string> {
  const csv = join(folder, "input", "data", "misses.csv");
  mkdirSync(join(folder, "input", "data"), { recursive: true });
  await pipeline(Readable.from(chunks()), createWriteStream(csv));

  const stage = join(folder, "preprocess.js");
  buildSync({
    stdin: { contents: main, resolveDir: resolve("scripts") },
    bundle: true,
    platform: "node",
    outfile: stage,
  });
  const hook = join(folder, "hook.js");
  const peakFile = join(folder, "peak");
  writeFileSync(
    hook,
    `process.on("exit", () => require("fs").writeFileSync(${JSON.stringify(peakFile)}, String(process.resourceUsage().maxRSS)))`,
  );
  const start = performance.now();
  execFileSync(process.execPath, ["--require", hook, stage], {
    env: { PROCESSING_ROOT: folder },
    stdio: "inherit",
  });
  const seconds = (performance.now() - start) / 1_000;

  const report = readFileSync(join(folder, "output", "preprocess", "report", "preprocess.json"), "utf8");
  if (!report.includes(`"utterances": ${distinct}`)) {
    throw new Error(`The report does not have the expected number of utterances: ${report}`);
  }
  const megabytes = Math.round(statSync(csv).size / 1e6);
  const peakMegabytes = Math.round((Number(readFileSync(peakFile, "utf8")) * 1_024) / 1e6);
  return `${rows} rows (${megabytes} MB, ${distinct} distinct) in ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} rows a second, peak memory ${peakMegabytes} MB`;
}

function* chunks(): Generator<string> {
  yield "Enunciado;Intención;Veces\r\n";
  for (let row = 0; row < rows; row += 1_000) {
    yield Array.from({ length: 1_000 }, (_, index) => line(row + index)).join("");
  }
}

/** Every tenth row is quoted. Labels and punctuation differ between the rows of one utterance. */
function line(row: number): string {
  const number = (row * 7_919) % distinct;
  const text = `quiero renovar el préstamo número ${number} por favor`;
  const spelling = row % 3 === 0 ? `¿${text}?` : text;
  const cell = row % 10 === 0 ? `"${spelling}; ""gracias"""` : spelling;
  return `${cell};${row % 2 === 0 ? "RenovarPrestamo" : ""};${1 + (row % 9)}\r\n`;
}

/** Runs the stage alone. */
const main = `
  import { preprocess } from "./preprocess";
  import { runAsProcess } from "./stage/stage";
  void runAsProcess(async (stage) => { await preprocess(stage); });
`;
