import { existsSync } from "node:fs";
import { relative } from "node:path";
import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { bundleSteps } from "../pipeline/bundle";
import { eachStep, type StepName } from "../pipeline/stages";
import { nodeRuntimeProblem, pinnedNodeRuntime, type NodeRuntime } from "./node-runtime";
import { codePrefix, runtimePrefix } from "./prefixes";

export interface StageAssetsArgs {
  readonly bucketName: pulumi.Input<string>;
  /**
   * The Node.js that runs the stages, or `"image"` when the jobs' image has its own.
   *
   * @default the one that this project pins
   */
  readonly nodeRuntime?: NodeRuntime | "image";
}

/**
 * Uploads the steps' scripts, each bundled into one file, and the Node.js that runs them.
 *
 * A key holds a hash of the content, so only a changed script becomes a new object. Old objects stay, because
 * an execution that is still running, or is retried, uses the definition that it started with.
 */
export class StageAssets extends pulumi.ComponentResource {
  /** S3 URI of each step's script. */
  public readonly scriptUris: Readonly<Record<StepName, pulumi.Output<string>>>;
  /** S3 URI of the Node.js binary. Undefined when the image has its own. */
  public readonly nodeUri: pulumi.Output<string> | undefined;

  /**
   * @param name The _unique_ name of this component.
   * @param args The arguments for this component.
   * @param opts A bag of options that control this component's behavior.
   * @throws pulumi.RunError when the Node.js runtime is missing or is not the pinned one.
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
          // An object may have only ten tags, and the provider's default tags would count.
          overrideProvider: { defaultTags: { tags: {} } },
        },
        { parent: this, retainOnDelete: true },
      );
      return pulumi.interpolate`s3://${object.bucket}/${object.key}`;
    };

    // Not awaited, so that the rest of the program runs while esbuild works.
    const bundles = pulumi.output(bundleSteps());
    this.scriptUris = eachStep((step) =>
      upload(
        `${name}-${step}`,
        bundles.apply(({ [step]: { fileName, hash } }) => `${codePrefix}${hash}/${fileName}`),
        // The script's path and not its text, because the SDK would send megabytes of text to the engine. The
        // path is relative, because an absolute one would differ from machine to machine.
        bundles.apply(({ [step]: { path } }) => new pulumi.asset.FileAsset(relative(process.cwd(), path))),
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
 * A preview uploads nothing, and to read 120 MB would double its time. So it only warns when the file is
 * missing, and an update refuses it.
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
