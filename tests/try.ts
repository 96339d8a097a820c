import { join } from "node:path";
import { graph, runStack } from "./engine/graph";
void (async () => {
  const t = Date.now();
  const run = await runStack(join(__dirname, "fixtures/program"), process.argv[2] ?? "dev");
  console.log(run.logs, run.printed, Date.now() - t);
  console.log(graph(run, { withoutContent: process.argv[3] === "m" }));
})();
