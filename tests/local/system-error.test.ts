import { copyFileSync } from "node:fs";
import { expect } from "chai";
import { isSystemError, sentenceOf } from "../../local/system-error";
import { temporaryFolder } from "../support/folder";

describe("a failure of the operating system", () => {
  const folder = temporaryFolder();

  const thrownBy = (work: () => void): unknown => {
    try {
      work();
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it("is told by its code, and said in a sentence", () => {
    const error = thrownBy(() => {
      copyFileSync(folder("none"), folder("copy"));
    });
    expect(isSystemError(error) && sentenceOf(error)).to.equal(
      `${folder("copy")}: no such file or directory (ENOENT). Mend that and start again.`,
    );
    expect(isSystemError(new Error("ENOENT"))).to.equal(false);
  });

  it("says what to do about a full disk", () => {
    const full = Object.assign(new Error("x"), { code: "ENOSPC", errno: -28, syscall: "write" });
    expect(isSystemError(full) && sentenceOf(full)).to.equal(
      "no space left on device (ENOSPC). Free some space and start again.",
    );
  });
});
