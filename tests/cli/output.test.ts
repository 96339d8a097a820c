import { expect } from "chai";
import { safe, safeJson } from "../../cli/output";

describe("what commands print", () => {
  it("has lines, and nothing else that steers a terminal", () => {
    expect(safe("  Intent: \u001b[2J1 goes\r\n\u009b31mred\u202e")).to.equal(
      "  Intent: ?[2J1 goes?\n?31mred?",
    );
  });

  it("as JSON steers no terminal either, and loses nothing", () => {
    const value = { utterance: "\u001b]0;x\u0007 \u009b1m \u202e \u{E0041} ñ 🙂" };
    const text = safeJson(value);
    expect(text).to.equal(String.raw`{"utterance":"\u001b]0;x\u0007 \u009b1m \u202e \udb40\udc41 ñ 🙂"}`);
    expect(JSON.parse(text)).to.deep.equal(value);
  });
});
