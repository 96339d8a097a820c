import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { archiveLimits } from "../scripts/lex/archive";
import type { Buckets } from "./buckets";
import { bodyOf, listen, type Request } from "./lex/http-server";
import { S3Error, tooLarge } from "./lex/presigned-urls";
import { ObjectVersions } from "./object-versions";

export interface LocalS3Options {
  /** Whether the buckets keep what an object was before, for as long as the server lives. @default false */
  readonly isVersioned?: boolean;
  /** Milliseconds since 1970. @default the system's clock */
  readonly now?: () => number;
  /** Called after each request is carried out, before the client gets its answer. */
  readonly onRequest?: (request: ServedS3Request) => void;
}

export interface ServedS3Request {
  readonly method: string;
  readonly key: string;
  /** The HTTP status of the answer. */
  readonly status: number;
}

export interface LocalS3 {
  /** The endpoint. Its host is an IP address, so the AWS SDKs put the bucket into the path. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the S3 API for the objects in the buckets' folders: GetObject, HeadObject and PutObject, with S3's
 * conditional writes, ListObjectVersions, and DeleteObject for a version that is not the latest. It does not
 * check credentials or checksums.
 */
export async function startLocalS3(
  buckets: Buckets,
  { isVersioned = false, now = Date.now, onRequest = () => undefined }: LocalS3Options = {},
): Promise<LocalS3> {
  const versions = isVersioned ? new ObjectVersions() : undefined;
  const server = await listen(0, (request, response) => {
    answerTo(request, { buckets, versions, now })
      .then(({ key, status, headers, body }) => {
        const method = request.method ?? "";
        onRequest({ method, key, status });
        response.writeHead(status, {
          Date: new Date(now()).toUTCString(),
          "Content-Length": body.length,
          ...headers,
        });
        response.end(method === "HEAD" ? "" : body);
      })
      .catch(() => {
        // The client hung up, or `onRequest` threw: in both cases there is no answer.
        response.destroy();
      });
  });
  return { url: server.url, close: () => server.close() };
}

interface Answer {
  readonly key: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Storage {
  readonly buckets: Buckets;
  /** Undefined for buckets without versioning. */
  readonly versions: ObjectVersions | undefined;
  readonly now: () => number;
}

async function answerTo(request: Request, storage: Storage): Promise<Answer> {
  const url = new URL(request.url ?? "", "http://s3");
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(decodeURIComponent(url.pathname)) ?? [];
  try {
    const body = await bodyOf(request, archiveLimits.zippedBytes);
    if (!body) {
      throw tooLarge();
    }
    // From here on the code is synchronous: no other request can come between the check of a condition and
    // the write.
    if (isListing(request, url, key)) {
      return { key, status: 200, ...listing(bucketFolder(storage.buckets, bucket), url, storage) };
    }
    checkServed(request, url);
    const file = fileOf(storage.buckets, bucket, key);
    return {
      key,
      status: request.method === "DELETE" ? 204 : 200,
      ...objectAnswer(request, url, { file, body, storage }),
    };
  } catch (error) {
    const refusal =
      error instanceof S3Error ? error : new S3Error(500, "InternalError", "The local S3 failed.");
    const headers = { "Content-Type": "application/xml" };
    return { key, status: refusal.status, headers, body: Buffer.from(refusal.xml) };
  }
}

/** Refuses a request that asks for more than this server does, so that no part of it is ignored. */
function checkServed({ method = "", headers }: Request, { searchParams }: URL): void {
  const allowed = ["x-id", ...(["GET", "DELETE"].includes(method) ? ["versionId"] : [])];
  const isObject =
    (["GET", "HEAD", "PUT"].includes(method) || (method === "DELETE" && searchParams.has("versionId"))) &&
    [...searchParams.keys()].every((name) => allowed.includes(name));
  const isConditionalRead =
    method !== "PUT" && Object.keys(headers).some((name) => name === "range" || name.startsWith("if-"));
  const isOtherWrite =
    ![undefined, "*"].includes(headers["if-none-match"]) ||
    headers["x-amz-copy-source"] !== undefined ||
    String(headers["x-amz-content-sha256"]).startsWith("STREAMING-");
  if (!isObject || isConditionalRead || isOtherWrite) {
    throw new S3Error(501, "NotImplemented", "The local S3 does not serve this request.");
  }
}

/** Whether a request is ListObjectVersions, with no parameter that would be ignored. */
function isListing({ method }: Request, { searchParams }: URL, key: string): boolean {
  return (
    method === "GET" &&
    key === "" &&
    searchParams.has("versions") &&
    [...searchParams.keys()].every((name) => ["versions", "prefix", "x-id"].includes(name))
  );
}

/** On one page, which holds a thousand versions in S3 too. */
function listing(
  folder: string,
  { searchParams }: URL,
  { versions }: Storage,
): Pick<Answer, "headers" | "body"> {
  const keys = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll(sep, "/"))
    .filter(
      (key) => key.startsWith(searchParams.get("prefix") ?? "") && statSync(resolve(folder, key)).isFile(),
    )
    .sort();
  const found = keys.flatMap((key) => {
    const file = resolve(folder, key);
    return [
      { key, id: versions?.current(file) ?? "null", isLatest: true },
      ...(versions?.olderOf(file) ?? []).map(({ id }) => ({ key, id, isLatest: false })),
    ];
  });
  if (found.length > 1_000) {
    throw new S3Error(501, "NotImplemented", "The local S3 lists no more than a thousand versions.");
  }
  const entries = found.map(
    ({ key, id, isLatest }) =>
      `<Version><Key>${xmlText(key)}</Key><VersionId>${id}</VersionId><IsLatest>${isLatest}</IsLatest></Version>`,
  );
  return {
    headers: { "Content-Type": "application/xml" },
    body: Buffer.from(
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListVersionsResult><IsTruncated>false</IsTruncated>${entries.join("")}</ListVersionsResult>`,
    ),
  };
}

function xmlText(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function objectAnswer(
  request: Request,
  { searchParams }: URL,
  { file, body, storage: { versions, now } }: { file: string; body: Buffer; storage: Storage },
): Pick<Answer, "headers" | "body"> {
  const id = searchParams.get("versionId") ?? undefined;
  const isLatest = id === undefined || id === (versions?.current(file) ?? "null");
  if (request.method === "PUT") {
    const before = objectIn(file)?.body;
    const ETag = put(file, body, request, now);
    const headers = versions ? { ETag, "x-amz-version-id": versions.next(file, before) } : { ETag };
    return { headers, body: Buffer.alloc(0) };
  }
  if (request.method === "DELETE") {
    if (isLatest) {
      throw new S3Error(501, "NotImplemented", "The local S3 deletes no latest version.");
    }
    versions?.delete(file, id);
    return { headers: {}, body: Buffer.alloc(0) };
  }
  if (isLatest) {
    return get(file);
  }
  const older = (versions ?? new ObjectVersions()).read(file, id);
  return { headers: { ETag: etagOf(older) }, body: older };
}

/** @throws S3Error when there is no such bucket */
function bucketFolder(buckets: Buckets, bucket: string): string {
  const folder = Object.hasOwn(buckets, bucket) ? buckets[bucket] : undefined;
  if (folder === undefined) {
    throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist");
  }
  return folder;
}

/** @throws S3Error when there is no such bucket, or a key would lead out of its folder. */
function fileOf(buckets: Buckets, bucket: string, key: string): string {
  const folder = bucketFolder(buckets, bucket);
  const file = resolve(folder, key);
  if (!file.startsWith(resolve(folder) + sep)) {
    throw new S3Error(400, "InvalidArgument", "The local S3 keeps objects only under keys that are paths.");
  }
  return file;
}

function get(file: string): Pick<Answer, "headers" | "body"> {
  const object = objectIn(file);
  if (!object) {
    throw noSuchKey();
  }
  const { body, etag, modified } = object;
  return { headers: { ETag: etag, "Last-Modified": modified.toUTCString() }, body };
}

/** Returns the ETag of what was written. */
function put(file: string, body: Buffer, { headers }: Request, now: () => number): string {
  const object = objectIn(file);
  const match = headers["if-match"];
  if (match !== undefined && !object) {
    throw noSuchKey();
  }
  if (
    headers["if-none-match"] === "*"
      ? object
      : match !== undefined && unquoted(match) !== unquoted(object?.etag)
  ) {
    throw new S3Error(
      412,
      "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold",
    );
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, body, { mode: 0o600 });
  utimesSync(file, now() / 1_000, now() / 1_000);
  return etagOf(body);
}

function objectIn(file: string): { body: Buffer; etag: string; modified: Date } | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile()) {
    return undefined;
  }
  const body = readFileSync(file);
  return { body, etag: etagOf(body), modified: stats.mtime };
}

function etagOf(body: Buffer): string {
  return `"${createHash("md5").update(body).digest("hex")}"`;
}

function unquoted(etag = ""): string {
  return etag.replace(/^"(.*)"$/, "$1");
}

function noSuchKey(): S3Error {
  return new S3Error(404, "NoSuchKey", "The specified key does not exist.");
}
