import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { definition, runStack } from "../local/engine/graph";
import { loadBot } from "../local/lex/load-bot";
import { localDefinition } from "../local/retraining";
import { definitionSchema, type PipelineDefinition } from "../pipeline/definition-schema";
import { temporaryFolder } from "./support/folder";

const project = join(__dirname, "..");

describe("the pipeline's definition", () => {
  const folder = temporaryFolder();

  it("is the same JSON on AWS and on this machine, except for names and places", async () => {
    const deployed = definitionSchema.parse(JSON.parse(definition(await runStack(project, "dev"))));
    mkdirSync(folder("artifacts"));
    const local = await localDefinition(
      {
        input: join(project, "samples", "es_ES", "misses.csv"),
        bot: loadBot(join(project, "samples", "es_ES", "bot")),
        localeId: "es_ES",
        unlabelled: "review",
        golden: undefined,
      },
      { artifacts: folder("artifacts") },
    );
    expect(withoutPlaces(local)).to.deep.equal(withoutPlaces(deployed));
  });
});

/**
 * The definition without the names of buckets, bots, roles and images. Keys of code keep their hash and file.
 */
function withoutPlaces(whole: PipelineDefinition): unknown {
  const text = JSON.stringify(whole)
    .replace(/"DefaultValue":"[^"]*"/g, '"DefaultValue":"…"')
    .replace(/"(RoleArn|ImageUri|AWS_REGION)":"[^"]*"/g, '"$1":"…"')
    .replace(/s3:\/\/[^/"]+\/runtime\/[^/"]+\//g, "s3://…/runtime/…/")
    .replace(/s3:\/\/[^/"]+\/code\//g, "s3://…/code/")
    .replace(/"s3:\/\/([^/"]+\/)?bots"/g, '"s3://…/bots"');
  return JSON.parse(text) as unknown;
}
