import { chmodSync, existsSync, lstatSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { expect } from "chai";
import { download, upload } from "../../local/buckets";
import { UserError } from "../../scripts/messages/user-error";
import { filesIn, temporaryFolder, withSocket, writeFiles } from "../support/folder";

describe("S3 on one machine", () => {
  const folder = temporaryFolder();
  const buckets = () => ({ inbox: folder("inbox") });

  const cases: readonly [uri: string, files: Record<string, string>, got: Record<string, string>][] = [
    ["s3://inbox/a.csv", { "a.csv": "1", "b.csv": "2" }, { "a.csv": "1" }],
    ["s3://inbox/a.csv", { "a.csv": "1", "a.csv.bak": "2" }, { "a.csv": "1", "a.csv.bak": "2" }],
    [
      "s3://inbox/2026/",
      { "2026/a.csv": "1", "2026/b/c.csv": "2", "2027/d.csv": "3" },
      { "a.csv": "1", "b/c.csv": "2" },
    ],
    ["s3://inbox/2026", { "2026/a.csv": "1", "20267.csv": "2" }, { "20267.csv": "2", "a.csv": "1" }],
    ["s3://inbox/in/mis", { "in/misses.csv": "1", "in/other.csv": "2" }, { "misses.csv": "1" }],
    ["s3://inbox", { "a.csv": "1", "in/b.csv": "2" }, { "a.csv": "1", "in/b.csv": "2" }],
  ];
  for (const [uri, files, got] of cases) {
    it(`downloads ${Object.keys(got).join(", ")} of ${Object.keys(files).join(", ")} for ${uri}`, () => {
      writeFiles(folder("inbox"), files);
      download(buckets(), uri, folder("got"));
      expect(filesIn(folder("got"))).to.deep.equal(got);
    });
  }

  it("keeps no exec bit, and lets nobody else read", () => {
    writeFiles(folder("inbox"), { "in/run.sh": "" });
    chmodSync(folder("inbox", "in", "run.sh"), 0o755);
    download(buckets(), "s3://inbox/in", folder("got"));
    upload(buckets(), folder("got"), "s3://inbox/runs/1");
    const modeOf = (...path: string[]) => (statSync(folder(...path)).mode & 0o777).toString(8);
    expect(modeOf("got", "run.sh")).to.equal("600");
    expect(modeOf("inbox", "runs", "1", "run.sh")).to.equal("600");
    expect([modeOf("got"), modeOf("inbox", "runs"), modeOf("inbox", "runs", "1")]).to.deep.equal(
      Array(3).fill("700"),
    );
  });

  it("takes a link to a file for the file, and passes over what is none", async () => {
    writeFiles(folder("inbox"), { "a.csv": "1", "elsewhere/b.csv": "2" });
    mkdirSync(folder("inbox", "in"));
    symlinkSync(folder("inbox", "a.csv"), folder("inbox", "in", "a.csv"));
    symlinkSync(folder("inbox", "elsewhere"), folder("inbox", "in", "elsewhere"));
    symlinkSync(folder("nowhere"), folder("inbox", "in", "nowhere"));
    await withSocket(folder("inbox", "in", "socket"), () => {
      download(buckets(), "s3://inbox/in/", folder("got"));
    });
    expect(filesIn(folder("got"))).to.deep.equal({ "a.csv": "1" });
    expect(lstatSync(folder("got", "a.csv")).isSymbolicLink()).to.equal(false);
  });

  it("fails where nothing has the prefix, as SageMaker does", () => {
    mkdirSync(folder("inbox"));
    expect(() => download(buckets(), "s3://inbox/none", folder("got"))).to.throw(
      UserError,
      "No S3 objects found under s3://inbox/none.",
    );
    expect(() => download(buckets(), "s3://other/none", folder("got"))).to.throw(
      UserError,
      "There is no bucket for s3://other/none",
    );
  });

  it("uploads a folder below a key, and nothing of an empty one", () => {
    writeFiles(folder("out"), { "a.csv": "1", "b/c.csv": "2" });
    mkdirSync(folder("empty"));
    upload(buckets(), folder("out"), "s3://inbox/runs/1");
    upload(buckets(), folder("empty"), "s3://inbox/runs/2");
    expect(filesIn(folder("inbox"))).to.deep.equal({ "runs/1/a.csv": "1", "runs/1/b/c.csv": "2" });
    expect(existsSync(folder("inbox", "runs", "2"))).to.equal(false);
  });
});
