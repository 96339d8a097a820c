import { readFileSync, statSync } from "node:fs";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type PutObjectCommandInput,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import { startLocalS3, type LocalS3 } from "../../local/s3";
import { archiveLimits } from "../../scripts/lex/archive";
import { filesIn, temporaryFolder, writeFiles } from "../support/folder";

const now = Date.parse("2026-01-01T00:00:00Z");
const etagOfOne = '"f97c5d29941bfb1b2fdab0874906ab82"';

describe("local S3", () => {
  const folder = temporaryFolder();
  let local: LocalS3;
  let s3: S3Client;
  let requests: unknown[] = [];

  beforeEach(async () => {
    requests = [];
    writeFiles(folder(), { "data/there": "one", secret: "x" });
    local = await startLocalS3(
      { data: folder("data") },
      { now: () => now, onRequest: (request) => requests.push(request) },
    );
    // As a stage's client, but for the retries.
    s3 = new S3Client({
      endpoint: local.url,
      region: "us-east-1",
      credentials: { accessKeyId: "x", secretAccessKey: "x" },
      maxAttempts: 1,
    });
  });
  afterEach(async () => {
    s3.destroy();
    await local.close();
  });

  const put = (Key: string, Body: string, more: Partial<PutObjectCommandInput> = {}) =>
    s3.send(new PutObjectCommand({ Bucket: "data", Key, Body, ...more }));
  const get = (Key: string, Bucket = "data") => s3.send(new GetObjectCommand({ Bucket, Key }));

  async function nameOf(refused: Promise<unknown>): Promise<string> {
    return refused.then(
      () => "no error",
      (error: unknown) => (error instanceof Error ? error.name : "no Error"),
    );
  }

  it("keeps an object as a file in its bucket's folder", async () => {
    const key = "a folder/ñandú & más";
    expect((await put(key, "one")).ETag).to.equal(etagOfOne);
    expect(readFileSync(folder("data", key), "utf8")).to.equal("one");
    const { Body, ETag, LastModified, ContentLength } = await get(key);
    expect(await Body?.transformToString()).to.equal("one");
    expect([ETag, LastModified?.getTime(), ContentLength]).to.deep.equal([etagOfOne, now, 3]);
    expect(requests).to.deep.equal([
      { method: "PUT", key, status: 200 },
      { method: "GET", key, status: 200 },
    ]);
  });

  it("tells of an object without its content", async () => {
    const { ETag, ContentLength } = await s3.send(new HeadObjectCommand({ Bucket: "data", Key: "there" }));
    expect([ETag, ContentLength]).to.deep.equal([etagOfOne, 3]);
    expect(await nameOf(s3.send(new HeadObjectCommand({ Bucket: "data", Key: "none" })))).to.equal(
      "NotFound",
    );
  });

  it("knows no object and no bucket that is not there", async () => {
    writeFiles(folder("data"), { "folder/object": "" });
    expect(await nameOf(get("none"))).to.equal("NoSuchKey");
    expect(await nameOf(get("folder"))).to.equal("NoSuchKey");
    expect(await nameOf(get("there", "other"))).to.equal("NoSuchBucket");
    expect(await nameOf(get("there", "constructor"))).to.equal("NoSuchBucket");
  });

  it("creates an object only where there is none, if that is the condition", async () => {
    await put("new", "one", { IfNoneMatch: "*" });
    expect(await nameOf(put("new", "two", { IfNoneMatch: "*" }))).to.equal("PreconditionFailed");
    expect(filesIn(folder("data"))).to.deep.equal({ new: "one", there: "one" });
  });

  it("replaces an object only if it has the ETag, with or without quotes", async () => {
    await put("there", "two", { IfMatch: etagOfOne });
    expect(await nameOf(put("there", "three", { IfMatch: etagOfOne }))).to.equal("PreconditionFailed");
    expect(await nameOf(put("none", "three", { IfMatch: etagOfOne }))).to.equal("NoSuchKey");
    await put("there", "one");
    await put("there", "four", { IfMatch: etagOfOne.replaceAll('"', "") });
    expect(filesIn(folder("data"))).to.deep.equal({ there: "four" });
  });

  it("lets one of many that write at once win", async () => {
    const bodies = Array.from({ length: 40 }, (_, index) => `body ${index}`);
    for (const condition of [{ IfNoneMatch: "*" }, { IfMatch: etagOfOne }]) {
      const written = await Promise.all(
        bodies.map((body) =>
          put("contested", body, condition).then(
            () => [body],
            () => [],
          ),
        ),
      );
      expect(written.flat()).to.deep.equal([filesIn(folder("data"))["contested"]]);
      await put("contested", "one");
    }
  });

  it("writes for the owner alone, and nothing larger than an archive may be", async () => {
    await put("folder/new", "one");
    expect(statSync(folder("data", "folder")).mode & 0o777).to.equal(0o700);
    expect(statSync(folder("data", "folder", "new")).mode & 0o777).to.equal(0o600);
    const { zippedBytes } = archiveLimits;
    try {
      archiveLimits.zippedBytes = 3;
      expect(await nameOf(put("folder/new", "four"))).to.equal("EntityTooLarge");
    } finally {
      archiveLimits.zippedBytes = zippedBytes;
    }
    expect(filesIn(folder("data", "folder"))).to.deep.equal({ new: "one" });
  });

  it("keeps what objects were before, where that is wanted, and deletes one of those versions", async () => {
    const versioned = await startLocalS3({ data: folder("data") }, { isVersioned: true });
    const client = new S3Client({
      endpoint: versioned.url,
      region: "us-east-1",
      credentials: { accessKeyId: "x", secretAccessKey: "x" },
    });
    const there = { Bucket: "data", Key: "there" };
    const list = async () =>
      (
        (await client.send(new ListObjectVersionsCommand({ Bucket: "data", Prefix: "the" }))).Versions ?? []
      ).map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]);
    try {
      expect(await list()).to.deep.equal([["there", "null", true]]);
      expect((await client.send(new PutObjectCommand({ ...there, Body: "two" }))).VersionId).to.equal(
        "version1",
      );
      expect(await list()).to.deep.equal([
        ["there", "version1", true],
        ["there", "null", false],
      ]);
      const { Body } = await client.send(new GetObjectCommand({ ...there, VersionId: "null" }));
      expect(await Body?.transformToString()).to.equal("one");
      await client.send(new DeleteObjectCommand({ ...there, VersionId: "null" }));
      expect(await list()).to.deep.equal([["there", "version1", true]]);
      expect(await nameOf(client.send(new GetObjectCommand({ ...there, VersionId: "null" })))).to.equal(
        "NoSuchVersion",
      );
      expect(
        await nameOf(client.send(new DeleteObjectCommand({ ...there, VersionId: "version1" }))),
      ).to.equal("NotImplemented");
    } finally {
      client.destroy();
      await versioned.close();
    }
  });

  it("refuses a key that leads out of the bucket's folder", async () => {
    for (const key of ["..%2Fsecret", "a%2F..%2F..%2Fsecret", "..", ""]) {
      const answer = await fetch(`${local.url}/data/${key}`);
      expect([key, answer.status]).to.deep.equal([key, key === ".." ? 404 : 400]);
      expect(await answer.text()).to.not.equal("x");
    }
    expect((await fetch(`${local.url}/data/..%2Fwritten`, { method: "PUT", body: "x" })).status).to.equal(
      400,
    );
    expect(Object.keys(filesIn(folder()))).to.deep.equal(["data/there", "secret"]);
  });

  it("refuses what it would do otherwise than S3", async () => {
    const url = `${local.url}/data/there`;
    const refused = await Promise.all([
      nameOf(s3.send(new ListObjectsV2Command({ Bucket: "data" }))),
      ...[
        { method: "DELETE" },
        { method: "PUT", headers: { "If-None-Match": etagOfOne } },
        { method: "PUT", headers: { "x-amz-copy-source": "/data/there" } },
        { method: "PUT", headers: { "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER" } },
        { headers: { "If-Match": etagOfOne } },
        { headers: { Range: "bytes=0-1" } },
      ].map(async (request) => (await fetch(url, request)).status),
      fetch(`${url}?acl`).then(({ status }) => status),
      fetch(`${local.url}/data?versions&delimiter=/`).then(({ status }) => status),
    ]);
    expect(refused).to.deep.equal(["NotImplemented", ...Array<number>(8).fill(501)]);
    expect(filesIn(folder("data"))).to.deep.equal({ there: "one" });
  });
});
