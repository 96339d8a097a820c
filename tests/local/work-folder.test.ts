import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { hostname } from "node:os";
import { basename } from "node:path";
import { expect } from "chai";
import { workFolderIn } from "../../local/work-folder";
import { temporaryFolder, writeFiles } from "../support/folder";

describe("the work folder of a run", () => {
  const folder = temporaryFolder();
  const nameOf = (host: string, pid: number) => `.work-${host}-${pid}-abcdef`;

  it("is removed after the run", () => {
    const { path, remove } = workFolderIn(folder());
    writeFiles(path, { "Package/input/utterances.jsonl": "hola" });
    expect(readdirSync(folder())).to.deep.equal([basename(path)]);
    remove();
    expect(readdirSync(folder())).to.deep.equal([]);
  });

  it("is removed by the next run where its process was killed, and stays while that runs", () => {
    const { pid: dead } = spawnSync(process.execPath, ["--version"]);
    const kept = [
      nameOf(hostname(), process.pid),
      // The processes of another machine cannot be seen from this one.
      nameOf(`not-${hostname()}`, dead),
      "an-older-run",
    ];
    for (const name of [...kept, nameOf(hostname(), dead)]) {
      writeFiles(folder(name), { "utterances.jsonl": "hola" });
    }
    workFolderIn(folder()).remove();
    expect(readdirSync(folder())).to.have.members(kept);
  });
});
