import { lstatSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { messageOf, UsageError, UserError } from "../scripts/messages/user-error";

/** A file on this machine, or a version of an object in a bucket. */
export interface StoredFile {
  /** What messages call it: its path, or its URI and, of an older version, the version. */
  readonly name: string;
  /** Its path or key, whose ending tells its kind. */
  readonly path: string;
  /** Whether it is only what a file was before. */
  readonly isOld: boolean;
  read(): Promise<Buffer>;
  /** Puts another content in its place, as a whole or not at all. Of an old version, nothing is left. */
  replace(content: Buffer): Promise<void>;
}

/** The files under a folder. Links are not followed. */
export function filesBelow(folder: string): StoredFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => lstatSync(path).isFile())
    .sort()
    .map((path) => ({
      name: path,
      path,
      isOld: false,
      read: () => Promise.resolve(readFileSync(path)),
      replace: (content) => {
        const beside = `${path}.new`;
        writeFileSync(beside, content, { mode: lstatSync(path).mode });
        renameSync(beside, path);
        return Promise.resolve();
      },
    }));
}

/**
 * The objects under an S3 URI, with their older versions, in the account that the environment of the AWS SDK
 * names.
 *
 * @throws UserError when S3 refuses
 */
export async function objectsUnder(uri: string): Promise<StoredFile[]> {
  const [, Bucket, Prefix = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri) ?? [];
  if (Bucket === undefined) {
    throw new UsageError(`--bucket is ${uri}; it must be an S3 URI such as s3://bucket or s3://bucket/runs.`);
  }
  const s3 = new S3Client({});
  const files: StoredFile[] = [];
  let next: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (let isMore = true; isMore;) {
    const page = await asked(`list ${uri}`, () =>
      s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, ...next })),
    );
    for (const { Key, VersionId, IsLatest } of page.Versions ?? []) {
      if (Key !== undefined && VersionId !== undefined) {
        files.push(new ObjectVersion(s3, { Bucket, Key, VersionId }, !IsLatest));
      }
    }
    next = {
      ...(page.NextKeyMarker === undefined ? {} : { KeyMarker: page.NextKeyMarker }),
      ...(page.NextVersionIdMarker === undefined ? {} : { VersionIdMarker: page.NextVersionIdMarker }),
    };
    isMore = page.IsTruncated ?? false;
  }
  return files;
}

class ObjectVersion implements StoredFile {
  private etag: string | undefined;

  constructor(
    private readonly s3: S3Client,
    private readonly version: { readonly Bucket: string; readonly Key: string; readonly VersionId: string },
    readonly isOld: boolean,
  ) {}

  get path(): string {
    return this.version.Key;
  }

  get name(): string {
    const { Bucket, Key, VersionId } = this.version;
    return `s3://${Bucket}/${Key}${this.isOld ? ` (older version ${VersionId})` : ""}`;
  }

  async read(): Promise<Buffer> {
    return asked(`read ${this.name}`, async () => {
      const { Body, ETag } = await this.s3.send(new GetObjectCommand(this.version));
      this.etag = ETag;
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    });
  }

  async replace(content: Buffer): Promise<void> {
    const { VersionId, ...object } = this.version;
    if (!this.isOld) {
      const written = await asked(`write ${this.name}`, () =>
        // Whatever somebody has put there meanwhile stays.
        this.s3.send(new PutObjectCommand({ ...object, Body: content, IfMatch: this.etag })),
      );
      // A bucket without versions has replaced the content; another keeps what it was.
      if (written.VersionId === undefined || written.VersionId === VersionId) {
        return;
      }
    }
    await asked(`delete ${this.name}`, () => this.s3.send(new DeleteObjectCommand(this.version)));
  }
}

async function asked<T>(doing: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw new UserError(`Could not ${doing}: ${messageOf(error)}`, { cause: error });
  }
}
