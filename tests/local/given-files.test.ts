import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { givenFile, givenInput } from "../../local/given-files";
import { UsageError } from "../../scripts/messages/user-error";
import { temporaryFolder, withSocket, writeFiles } from "../support/folder";

describe("files that a person names", () => {
  const folder = temporaryFolder();
  const refuses = (path: string, sentence: string) => {
    expect(() => givenInput(path)).to.throw(UsageError, sentence);
  };

  it("are followed through links, and so are folders", () => {
    writeFiles(folder(), { "in/a.csv": "1" });
    symlinkSync(folder("in", "a.csv"), folder("file"));
    symlinkSync(folder("in"), folder("folder"));
    symlinkSync(folder("file"), folder("in", "b.csv"));
    const real = realpathSync(folder("in"));
    expect(givenInput(folder("file"))).to.equal(join(real, "a.csv"));
    expect(givenFile(folder("file"), "name one")).to.equal(join(real, "a.csv"));
    expect(givenInput(folder("folder"))).to.equal(real);
  });

  it("are refused by name where there is nothing to read", async () => {
    mkdirSync(folder("empty"));
    refuses(folder("none"), `${folder("none")} does not exist: name a CSV, or a folder of them.`);
    refuses(
      folder("empty"),
      `${folder("empty")} is an empty folder: put a CSV of missed utterances into it.`,
    );
    const long = folder("a".repeat(300));
    refuses(long, `${long} cannot be read: name too long (ENAMETOOLONG).`);
    await withSocket(folder("socket"), () => {
      refuses(folder("socket"), `${folder("socket")} is not a file: name a CSV, or a folder of them.`);
    });
    expect(() => givenFile(folder("empty"), "name one")).to.throw(
      UsageError,
      `${folder("empty")} is not a file: name one.`,
    );
  });

  it("are refused with the folder where one of them could not be read", async () => {
    writeFiles(folder(), { "in/a.csv": "1", "link/a.csv": "1", "deep/b/a.csv": "1" });
    await withSocket(folder("in", "s"), () => {
      refuses(
        folder("in"),
        `${folder("in", "s")} is neither a file nor a folder: take it out of the folder.`,
      );
    });
    symlinkSync(folder("in"), folder("link", "in"));
    refuses(folder("link"), `${folder("link", "in")} is a link that leads to no file: take it out`);
    symlinkSync(folder("nowhere"), folder("deep", "b", "c"));
    refuses(folder("deep"), `${folder("deep", "b", "c")} is a link that leads to no file: take it out`);
  });

  it("are refused where a name is not UTF-8", function () {
    // Some file systems take no such name.
    const name = Buffer.concat([Buffer.from(`${folder("in")}/`), Buffer.from([0xff])]);
    mkdirSync(folder("in"));
    try {
      mkdirSync(name);
    } catch {
      this.skip();
    }
    refuses(folder("in"), `${folder("in", "\uFFFD")} has a name that is not UTF-8: rename it.`);
  });
});
