import AdmZip from "adm-zip";
import { expect } from "chai";
import fc from "fast-check";
import { archiveLimits, readArchive, writeArchive } from "../../../scripts/lex/archive";
import { UserError } from "../../../scripts/messages/user-error";

const name = "bot.zip";

describe("archive", () => {
  it("gives back any files, byte for byte and in their order", () => {
    const path = fc.array(
      fc.stringMatching(/^[A-Za-z0-9ñé ._-]{1,12}$/).filter((part) => !/^\.+$/.test(part)),
      { minLength: 1, maxLength: 4 },
    );
    const files = fc.uniqueArray(
      fc.tuple(
        path.map((parts) => parts.join("/")),
        fc.uint8Array({ maxLength: 300 }),
      ),
      {
        selector: ([first]) => first,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(files, (entries) => {
        const archive = new Map(entries.map(([file, bytes]) => [file, Buffer.from(bytes)]));
        expect([...readArchive(writeArchive(archive), name)]).to.deep.equal([...archive]);
      }),
    );
  });

  it("writes the same bytes for the same files", () => {
    const archive = new Map([["Manifest.json", Buffer.from("{}")]]);
    expect(writeArchive(archive).equals(writeArchive(archive))).to.equal(true);
  });

  it("refuses what is no ZIP, or is cut short", () => {
    const zip = writeArchive(new Map([["a", Buffer.alloc(1000, "x")]]));
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from("PK"),
      Buffer.from("utterance;intent"),
      zip.subarray(0, zip.length - 10),
    ]) {
      expect(() => readArchive(bytes, name)).to.throw(
        UserError,
        "bot.zip is not a ZIP file, or is cut short: export the bot from Lex again.",
      );
    }
  });

  it("refuses a file whose content was damaged", () => {
    const zip = writeArchive(new Map([["Manifest.json", Buffer.from("x".repeat(1000))]]));
    zip[40] = (zip[40] ?? 0) ^ 0xff;
    zip[45] = (zip[45] ?? 0) ^ 0xff;
    expect(() => readArchive(zip, name)).to.throw(
      UserError,
      'bot.zip is damaged or encrypted at "Manifest.json"',
    );
  });

  it("refuses a ZIP that would unpack to more than any export", () => {
    const zip = new AdmZip();
    zip.addFile("bomb", Buffer.from("small"));
    const bytes = zip.toBuffer();
    const uncompressedSize = bytes.indexOf(Buffer.from("PK\u0001\u0002")) + 24;
    bytes.writeUInt32LE(archiveLimits.unzippedBytes + 1, uncompressedSize);
    expect(() => readArchive(bytes, name)).to.throw(UserError, "bot.zip is larger than any export of Lex");
  });

  it("never inflates a file beyond the size that it declares", () => {
    const zip = new AdmZip();
    zip.addFile("bomb", Buffer.alloc(10_000_000));
    const bytes = zip.toBuffer();
    bytes.writeUInt32LE(10, bytes.indexOf(Buffer.from("PK\u0001\u0002")) + 24);
    expect(() => readArchive(bytes, name)).to.throw(UserError, 'bot.zip is damaged or encrypted at "bomb"');
  });

  for (const path of [
    "../evil",
    "a/../../evil",
    "/etc/passwd",
    "a//b",
    "C:\\evil",
    "a\\b",
    "a\u0000b",
    "./a",
    "C:/x",
  ]) {
    it(`refuses the path ${JSON.stringify(path)}`, () => {
      // adm-zip cleans the names that it writes, so one of the same length is put in their place.
      const stand = "x".repeat(Buffer.byteLength(path));
      const bytes = writeArchive(new Map([[stand, Buffer.from("y")]]));
      for (let at = bytes.indexOf(stand); at >= 0; at = bytes.indexOf(stand)) {
        bytes.write(path, at);
      }
      expect(() => readArchive(bytes, name)).to.throw(
        UserError,
        "which no export of Lex has: do not use this file.",
      );
    });
  }
});
