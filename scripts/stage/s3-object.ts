import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { UserError, messageOf } from "../messages/user-error";

/** Two that write at the very same moment may be told to try again; this often is no chance. */
const conflictAttempts = 10;

export interface ObjectContent {
  readonly text: string;
  /** Names this content: another text has another. */
  readonly etag: string;
  /** Milliseconds since it was written, by S3's clock alone: those of two machines may differ. */
  readonly age: number;
}

/**
 * An S3 object that several processes write, each only over what it has seen (S3's conditional writes,
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). Takes s3:GetObject and s3:PutObject, and no more.
 *
 * Every method throws a UserError with a sentence that says what S3 refused.
 */
export class S3Object {
  // Else the SDK takes a refused condition for a matter of the clock where clocks differ, and sends it again and again.
  private readonly s3 = new S3Client({ maxAttempts: 10, disableClockSkewCorrection: true });
  private readonly location: { readonly Bucket: string; readonly Key: string };

  /** @throws UserError when the URI names no object. */
  constructor(readonly uri: string) {
    const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
    if (Bucket === undefined || Key === undefined) {
      throw new UserError(`${JSON.stringify(uri)} is not the URI of an S3 object, such as s3://bucket/key.`);
    }
    this.location = { Bucket, Key };
  }

  /** Writes the object unless there is one. Returns whether it was written. */
  create(text: string): Promise<boolean> {
    return this.put(text, { IfNoneMatch: "*" });
  }

  /** Writes the object if it still is what the ETag names. Returns whether it was written. */
  replace(etag: string, text: string): Promise<boolean> {
    return this.put(text, { IfMatch: etag });
  }

  /** Undefined when there is none, which a role without s3:ListBucket cannot tell from one that it may not read. */
  async read(): Promise<ObjectContent | undefined> {
    const command = new GetObjectCommand(this.location);
    let response: unknown;
    command.middlewareStack.add(
      (next) => async (call) => {
        const result = await next(call);
        response = result.response;
        return result;
      },
      { step: "deserialize", priority: "high" },
    );
    try {
      const answer = await this.s3.send(command);
      const { ETag, LastModified } = answerSchema.parse(answer);
      return {
        text: (await answer.Body?.transformToString()) ?? "",
        etag: ETag,
        age: responseSchema.parse(response).headers.date.getTime() - LastModified.getTime(),
      };
    } catch (error) {
      if (isNamed(error, "NoSuchKey")) {
        return undefined;
      }
      throw this.failure("read", error);
    }
  }

  private async put(text: string, condition: { IfNoneMatch: "*" } | { IfMatch: string }): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.s3.send(
          new PutObjectCommand({
            ...this.location,
            ...condition,
            Body: text,
            ContentType: "application/json",
          }),
        );
        return true;
      } catch (error) {
        // S3 does not know the key either when what is to be replaced was deleted.
        if (isNamed(error, "PreconditionFailed") || isNamed(error, "NoSuchKey")) {
          return false;
        }
        if (!isNamed(error, "ConditionalRequestConflict") || attempt === conflictAttempts) {
          throw this.failure("write", error);
        }
      }
    }
  }

  private failure(doing: "read" | "write", error: unknown): UserError {
    const advice = isNamed(error, "AccessDenied")
      ? " The role that runs this needs s3:GetObject and s3:PutObject on it."
      : "";
    return new UserError(`Could not ${doing} ${this.uri}: ${messageOf(error)}${advice}`, { cause: error });
  }
}

const answerSchema = z.object({ ETag: z.string(), LastModified: z.date() });

/** The SDK hands on no header but those of the operation. */
const responseSchema = z.object({ headers: z.object({ date: z.coerce.date() }) });

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
