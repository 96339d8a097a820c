import { expect } from "chai";
import fc from "fast-check";
import { fitting } from "../../../scripts/messages/fitting";

describe("fitting", () => {
  it("leaves parts that fit as they are", () => {
    expect(fitting(["one", "two", "end"], 11)).to.equal("one two end");
    expect(fitting(["one"], 3)).to.equal("one");
  });

  it("cuts the longer parts, lets them share the room, and leaves the last one whole", () => {
    expect(fitting(["a".repeat(20), "short", "b".repeat(20), "the end"], 40)).to.equal(
      "aaaaaaaaaa… short bbbbbbbbb… the end",
    );
  });

  it("cuts a text of one part at its end, between two characters", () => {
    expect(fitting(["ññññ"], 7)).to.equal("ññ…");
    expect(fitting(["ññññ"], 6)).to.equal("ñ…");
  });

  it("never takes more bytes than it has, and never cuts a last part that fits", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 60 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), fc.integer({ min: 3, max: 100 }), (parts, bytes) => {
        const fitted = fitting(parts, bytes);
        expect(Buffer.byteLength(fitted)).to.be.at.most(bytes);
        const end = parts.at(-1) ?? "";
        expect(Buffer.byteLength(end) > bytes || fitted.endsWith(end)).to.equal(true);
      }),
    );
  });
});
