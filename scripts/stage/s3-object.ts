import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { UserError, messageOf } from "../messages/user-error";
import { httpHandler, objectTime, requestTimes, within } from "./waiting";

/** S3 may ask two writers at the same moment to try again. So many conflicts in a row are not by chance. */
const conflictAttempts = 10;

export interface ObjectContent {
  readonly bytes: Buffer;
  /** The version of this content. Another text has another ETag. */
  readonly etag: string;
  /**
   * Milliseconds since the last write. Uses only S3's clock, because the clocks of two machines may differ.
   */
  readonly age: number;
}

/**
 * An S3 object that several processes write. A process replaces only the content that it has read (S3's
 * conditional writes, https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html). It
 * needs only the permissions s3:GetObject and s3:PutObject.
 *
 * Every method throws a UserError that says what S3 refused.
 */
export class S3Object {
  private readonly s3: S3Client;
  private readonly location: { readonly Bucket: string; readonly Key: string };

  /** @throws UserError when the URI does not name an object */
  constructor(
    readonly uri: string,
    { requestTime = requestTimes.s3 } = {},
  ) {
    this.s3 = new S3Client({
      maxAttempts: 10,
      requestHandler: httpHandler(requestTime),
      // Otherwise, when clocks differ, the SDK sees a refused condition as a clock error and sends it again
      // and again.
      disableClockSkewCorrection: true,
    });
    const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
    if (Bucket === undefined || Key === undefined) {
      throw new UserError(`${JSON.stringify(uri)} is not the URI of an S3 object, such as s3://bucket/key.`);
    }
    this.location = { Bucket, Key };
  }

  /** Writes the object if it does not exist. Returns whether it did. */
  create(content: string): Promise<boolean> {
    return this.put(content, { IfNoneMatch: "*" });
  }

  /** Writes the object if it still has this ETag. Returns whether it did. */
  replace(etag: string, content: string): Promise<boolean> {
    return this.put(content, { IfMatch: etag });
  }

  /** Writes the object, whatever it held. */
  async write(content: string | Buffer): Promise<void> {
    await this.put(content, {});
  }

  /**
   * Undefined when the object does not exist. Without s3:ListBucket, S3 answers that with "access denied"
   * instead.
   */
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
      return await within(objectTime, noAnswer, async (abortSignal) => {
        const answer = await this.s3.send(command, { abortSignal });
        const { ETag, LastModified } = answerSchema.parse(answer);
        return {
          bytes: Buffer.from((await answer.Body?.transformToByteArray()) ?? []),
          etag: ETag,
          age: responseSchema.parse(response).headers.date.getTime() - LastModified.getTime(),
        };
      });
    } catch (error) {
      if (isNamed(error, "NoSuchKey")) {
        return undefined;
      }
      throw this.failure("read", error);
    }
  }

  private async put(
    content: string | Buffer,
    condition: { IfNoneMatch?: "*"; IfMatch?: string },
  ): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        const command = new PutObjectCommand({ ...this.location, ...condition, Body: content });
        await within(objectTime, noAnswer, (abortSignal) => this.s3.send(command, { abortSignal }));
        return true;
      } catch (error) {
        // S3 answers NoSuchKey when somebody has deleted the object to replace.
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

function noAnswer(): Error {
  return new Error(
    `S3 gave no answer in ${objectTime / 60_000} minutes. Look at the network and start again.`,
  );
}

const answerSchema = z.object({ ETag: z.string(), LastModified: z.date() });

/** S3's clock is in the date header, which the SDK does not return. */
const responseSchema = z.object({ headers: z.object({ date: z.coerce.date() }) });

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
