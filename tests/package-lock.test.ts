import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

const project = join(__dirname, "..");

for (const folder of [".", "runtime", "tests/system/simulator"]) {
  describe(join(folder, "package-lock.json"), () => {
    const text = readFileSync(join(project, folder, "package-lock.json"), "utf8");

    it("stays as it is when npm install, or pulumi install, looks at it", () => {
      const copy = mkdtempSync(join(tmpdir(), "lex-retraining-test-"));
      try {
        for (const file of ["package.json", "package-lock.json"]) {
          cpSync(join(project, folder, file), join(copy, file));
        }
        cpSync(join(project, ".npmrc"), join(copy, ".npmrc"));
        // A shell, because npm is a script on Windows.
        execFileSync("npm install --package-lock-only --offline", { cwd: copy, shell: true, stdio: "pipe" });
        expect(readFileSync(join(copy, "package-lock.json"), "utf8")).to.equal(text);
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    });

    it("does not name a registry, so that npm ci uses the configured one", () => {
      expect(text).not.to.include('"resolved"');
    });
  });
}

describe("npm", () => {
  it("runs no script of a package that it installs, whatever its version", () => {
    expect(readFileSync(join(project, ".npmrc"), "utf8").split("\n")).to.include("ignore-scripts=true");
  });
});
