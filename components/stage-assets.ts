import { existsSync } from "node:fs";
import { relative } from "node:path";
import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { bundleStages } from "../pipeline/bundle";
import { eachStage, type StageName } from "../pipeline/stages";
import { nodeRuntimeProblem, pinnedNodeRuntime, type NodeRuntime } from "./node-runtime";
import { codePrefix, runtimePrefix } from "./prefixes";

export interface StageAssetsArgs {
  readonly bucketName: pulumi.Input<string>;
  /**
   * The Node.js that runs the stages, or `"image"` where the jobs' image brings one.
   *
   * @default the one that this project pins
   */
  readonly nodeRuntime?: NodeRuntime | "image";
}

/**
 * The stages' scripts, each bundled into one file, and the Node.js that runs them, as objects of the bucket.
 *
 * A key holds a hash of the content: a changed script is a new object, and one that is the same is not touched. Old objects stay, for
 * executions that are still running or are retried with the definition they started with.
 */
export class StageAssets extends pulumi.ComponentResource {
  /** S3 URI of each stage's script. */
  public readonly scriptUris: Readonly<Record<StageName, pulumi.Output<string>>>;
  /** S3 URI of the Node.js binary; undefined where the image brings one. */
  public readonly nodeUri: pulumi.Output<string> | undefined;

  /**
   * @param name The _unique_ name of this component.
   * @param args The arguments for this component.
   * @param opts A bag of options that control this component's behavior.
   * @throws pulumi.RunError where the Node.js runtime is missing or is not the pinned one.
   */
  constructor(name: string, args: StageAssetsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lex-retraining:index:StageAssets", name, args, opts);

    const runtime = args.nodeRuntime ?? pinnedNodeRuntime;
    if (runtime !== "image") {
      checkNodeRuntime(runtime);
    }

    const upload = (
      childName: string,
      key: pulumi.Input<string>,
      source: pulumi.Input<pulumi.asset.Asset>,
    ) => {
      const object = new s3.BucketObjectv2(
        childName,
        {
          bucket: args.bucketName,
          key,
          source,
          // An object may have ten tags, and those of the provider count.
          overrideProvider: { defaultTags: { tags: {} } },
        },
        { parent: this, retainOnDelete: true },
      );
      return pulumi.interpolate`s3://${object.bucket}/${object.key}`;
    };

    // Bundling runs beside the rest of the program, which has enough to do meanwhile.
    const bundles = pulumi.output(bundleStages());
    this.scriptUris = eachStage((stage) =>
      upload(
        `${name}-${stage}`,
        bundles.apply(({ [stage]: { fileName, hash } }) => `${codePrefix}${hash}/${fileName}`),
        // By its path and not as text, which would cross to the engine and back, megabytes of it. Relative, as the next machine's would differ.
        bundles.apply(({ [stage]: { path } }) => new pulumi.asset.FileAsset(relative(process.cwd(), path))),
      ),
    );

    if (runtime !== "image") {
      this.nodeUri = upload(
        `${name}-node`,
        `${runtimePrefix}${runtime.sha256.slice(0, 16)}/node`,
        new pulumi.asset.FileAsset(runtime.path),
      );
    }

    this.registerOutputs({ scriptUris: this.scriptUris, nodeUri: this.nodeUri });
  }
}

/**
 * A preview uploads nothing, and reading 120 MB would take as long as the rest of it, so it only says what is missing: the engine then
 * refuses the file itself.
 */
function checkNodeRuntime(runtime: NodeRuntime): void {
  if (pulumi.runtime.isDryRun() && existsSync(runtime.path)) {
    return;
  }
  const problem = nodeRuntimeProblem(runtime);
  if (problem === undefined) {
    return;
  }
  if (!pulumi.runtime.isDryRun()) {
    throw new pulumi.RunError(problem);
  }
  void pulumi.log.warn(problem);
}
