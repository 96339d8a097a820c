import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { outputsOf, folderOf, stepOf, type StageName } from "../../pipeline/stages";
import { UserError } from "../messages/user-error";
import { S3Object } from "./s3-object";
import type { Stage } from "./stage";

/**
 * The files of a run in the bucket. SageMaker uploads them after a job, but it does not say whether it does
 * so for one that fails, and after a kill it cannot.
 */
export class RunFolder {
  /** @param uri S3 URI without a slash at its end */
  constructor(private readonly uri: string) {}

  /** Uploads what a stage wrote into its outputs. */
  async upload(step: Stage, stage: StageName): Promise<void> {
    for (const output of outputsOf(stepOf(stage)).filter((candidate) => candidate.stage === stage)) {
      const folder = step.output(folderOf(output));
      for (const file of readdirSync(folder)) {
        await this.write(`${folderOf(output)}/${file}`, readFileSync(join(folder, file)));
      }
    }
  }

  async write(path: string, content: Buffer): Promise<void> {
    await new S3Object(`${this.uri}/${path}`).write(content);
  }

  /** @throws UserError when the file is not there */
  async read(path: string): Promise<Buffer> {
    const content = await new S3Object(`${this.uri}/${path}`).read();
    if (!content) {
      throw new UserError(`${this.uri}/${path} is gone: it may have been deleted.`);
    }
    return content.bytes;
  }
}
