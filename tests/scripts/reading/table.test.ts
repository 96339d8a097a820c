import { gzipSync } from "node:zlib";
import { expect } from "chai";
import * as fc from "fast-check";
import { UserError } from "../../../scripts/messages/user-error";
import type { Row } from "../../../scripts/reading/row";
import type { SourceFile } from "../../../scripts/reading/source-file";
import { readTable } from "../../../scripts/reading/table";
import { missesFolder } from "./misses-folder";

async function rowsOf(file: SourceFile): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of (await readTable(file)).rows) {
    rows.push(row);
  }
  return rows;
}

async function failureOf(file: SourceFile): Promise<string> {
  try {
    await rowsOf(file);
  } catch (error) {
    if (error instanceof UserError) {
      return error.message;
    }
    throw error;
  }
  return "none";
}

const encoders = {
  "UTF-8": (text: string) => Buffer.from(text),
  "UTF-8 with BOM": (text: string) => Buffer.from(`\uFEFF${text}`),
  "UTF-16LE": (text: string) => Buffer.from(text, "utf16le"),
  "UTF-16LE with BOM": (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le"),
  "UTF-16BE": (text: string) => Buffer.from(text, "utf16le").swap16(),
  "UTF-16BE with BOM": (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16(),
  "Windows-1252": (text: string) =>
    Buffer.from(text.replaceAll("€", "\x80").replaceAll("’", "\x92"), "latin1"),
};

describe("readTable", () => {
  let folder: ReturnType<typeof missesFolder>;
  beforeEach(() => {
    folder = missesFolder();
  });
  afterEach(() => {
    folder.remove();
  });

  it("reads back the rows of any table in any delimiter, encoding, line end and packing", async () => {
    const cell = fc.string({ unit: fc.constantFrom(...Array.from("abc ñÁ€’,;|\t\"'\r\n15")), maxLength: 12 });
    const table = fc.array(
      fc.record({
        utterance: cell.filter((text) => text.trim() !== ""),
        intent: fc.constantFrom("Saludar", "Renovar_Prestamo", null),
        count: fc.integer({ min: 1, max: 99_999 }),
        blankLinesBefore: fc.nat(2),
      }),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom(",", ";", "\t", "|"),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.constantFrom(...Object.entries(encoders)),
        fc.boolean(),
        fc.boolean(),
        async (written, delimiter, lineEnd, [encoding, encode], gzipped, endsOpen) => {
          const expected: Row[] = [];
          let csv = ["Frase", "Intención", "Veces"].join(delimiter) + lineEnd;
          for (const { utterance, intent, count, blankLinesBefore } of written) {
            csv += lineEnd.repeat(blankLinesBefore);
            const lines = csv.split(/\r\n|\r|\n/).length;
            expected.push({
              utterance: utterance.replace(/\r\n?/g, "\n"),
              intent: intent ?? "",
              count,
              line: lines,
            });
            csv += [`"${utterance.replaceAll('"', '""')}"`, intent ?? "", count].join(delimiter) + lineEnd;
          }
          const bytes = encode(endsOpen ? csv.slice(0, -lineEnd.length) : csv);
          const file = folder.write("misses.csv", gzipped ? gzipSync(bytes) : bytes);
          expect((await readTable(file)).encoding).to.equal(encoding.replace(" with BOM", ""));
          expect(await rowsOf(file)).to.deep.equal(expected);
        },
      ),
    );
  });

  it("knows the physical line of each row, after quoted lines, blank lines and a sep= line", async () => {
    const csv = 'sep=;\r\n\r\nfrase;intent\r\n"a\r\nb";X\r\n\r\n;;\r\nc;Y\r\n  \r\nd\r\n';
    expect(await rowsOf(folder.write("misses.csv", csv))).to.deep.equal([
      { utterance: "a\nb", intent: "X", count: 1, line: 4 },
      { utterance: "c", intent: "Y", count: 1, line: 8 },
      { utterance: "d", intent: null, count: 1, line: 10 },
    ]);
  });

  it("says how the file was understood", async () => {
    const { rows, ...table } = await readTable(folder.write("misses.csv", "n;Frase\n3;a\n"));
    expect(rows).to.not.equal(undefined);
    expect(table).to.deep.equal({
      encoding: "UTF-8",
      delimiter: ";",
      columns: { utterance: "Frase", intent: null, count: "n" },
    });
  });

  it("keeps quotes inside a cell, and cells that are missing or too many", async () => {
    const csv = 'frase,intent,count\nel 5" de "Ana",X,2,more\n"no" es no,Y\nsolo\n';
    expect(await rowsOf(folder.write("misses.csv", csv))).to.deep.equal([
      { utterance: 'el 5" de "Ana"', intent: "X", count: 2, line: 2 },
      { utterance: '"no" es no', intent: "Y", count: 1, line: 3 },
      { utterance: "solo", intent: null, count: 1, line: 4 },
    ]);
  });

  it("keeps the row of an empty utterance that has an intent", async () => {
    expect(await rowsOf(folder.write("misses.csv", "frase;intent\n;X\n"))).to.deep.equal([
      { utterance: "", intent: "X", count: 1, line: 2 },
    ]);
  });

  it("counts one miss when the count is not a number", async () => {
    const csv = "frase;n\na;0\nb;-3\nc;1.5\nd;muchas\ne;\nf; 7 \ng;99999999999999999999\n";
    expect((await rowsOf(folder.write("misses.csv", csv))).map(({ count }) => count)).to.deep.equal([
      1, 1, 1, 1, 1, 7, 1,
    ]);
  });

  it("reads whole lines with commas from a file without a header", async () => {
    expect(await rowsOf(folder.write("misses.txt", 'hola, qué tal\n"sí", dijo\n'))).to.deep.equal([
      { utterance: "hola, qué tal", intent: null, count: 1, line: 1 },
      { utterance: '"sí", dijo', intent: null, count: 1, line: 2 },
    ]);
  });

  it("reads back any lines under a header of one column", async () => {
    const line = fc
      .string({ unit: fc.constantFrom(...Array.from("ab ,;|\t1ñ")), maxLength: 20 })
      .filter((text) => text.trim() !== "");
    await fc.assert(
      fc.asyncProperty(fc.array(line), async (lines) => {
        const rows = await rowsOf(folder.write("misses.csv", `Utterance\n${lines.join("\n")}\n`));
        expect(rows.map(({ utterance }) => utterance)).to.deep.equal(lines);
      }),
    );
  });

  it("finds no rows in an empty file or a header alone", async () => {
    for (const content of ["", "\n\n", "utterance;intent\n", "utterance", "\uFEFF"]) {
      expect(await rowsOf(folder.write("misses.csv", content))).to.deep.equal([]);
    }
    expect(await rowsOf(folder.write("misses.jsonl", ""))).to.deep.equal([]);
    expect(await rowsOf(folder.write("misses.csv.gz", gzipSync("")))).to.deep.equal([]);
  });

  for (const [name, content] of [
    ["misses.csv", ";".repeat(2_000_000)],
    ["misses.txt", "a".repeat(2_000_000)],
    ["misses.jsonl", " ".repeat(2_000_000)],
  ] as const) {
    it(`does not hold a line without end of ${name}`, async () => {
      expect(await failureOf(folder.write(name, gzipSync(`{"utterance":"a"}\n${content}`)))).to.equal(
        `${name}, line 2: the line is longer than 1048576 characters, so this is not a list of utterances.`,
      );
    });
  }

  describe("of encodings", () => {
    it("reads Windows-1252 though its first accent is on the last line", async () => {
      const lines = "quiero un libro\n".repeat(50_000);
      const rows = await rowsOf(folder.write("misses.csv", Buffer.from(`${lines}año \x80`, "latin1")));
      expect(rows[50_000]).to.deep.equal({ utterance: "año €", intent: null, count: 1, line: 50_001 });
    });

    it("reads every byte of Windows-1252", async () => {
      const bytes = Uint8Array.from({ length: 128 }, (_, index) => index + 128);
      const [row] = await rowsOf(folder.write("misses.csv", bytes));
      expect(row?.utterance.slice(0, 34)).to.equal("€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8DŽ\x8F\x90‘’“”•–—˜™š›œ\x9DžŸ\xA0¡");
      expect(row?.utterance.slice(-2)).to.equal("þÿ");
    });

    it("reads characters that are split between two pieces of a file", async () => {
      const text = `x${"ñ😀".repeat(60_000)}`;
      for (const encode of [
        encoders["UTF-8"],
        encoders["UTF-16LE with BOM"],
        encoders["UTF-16BE with BOM"],
      ]) {
        const [row] = await rowsOf(folder.write("misses.csv", encode(`${text}\n`.repeat(2))));
        expect(row?.utterance).to.equal(text);
      }
    });

    for (const [what, parts, message] of [
      ["another encoding after UTF-8", ["hola\naño\n", "año\n"], "line 2 is UTF-8 and line 3 is not"],
      ["both in one line", ["a\r\nñ", "ñ"], "line 2 is UTF-8 and line 2 is not"],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const bytes = Buffer.concat([Buffer.from(parts[0]), Buffer.from(parts[1], "latin1")]);
        expect(await failureOf(folder.write("misses.csv", bytes))).to.equal(
          `misses.csv mixes encodings: ${message}. Correct one of them and save the file again as "CSV UTF-8".`,
        );
      });
    }

    it("finds a mixture when a UTF-8 character is split between the pieces of a file", async () => {
      const utf8 = Buffer.from(`x${"ñ".repeat(40_000)}\n`);
      const bytes = Buffer.concat([Buffer.from("a\n"), utf8, Buffer.from("ñ", "latin1")]);
      expect(await failureOf(folder.write("misses.csv", bytes))).to.match(
        /line 2 is UTF-8 and line 3 is not/,
      );
    });

    it("refuses an Excel workbook", async () => {
      expect(await failureOf(folder.write("misses.csv", "PK\x03\x04\x14\x00\x06\x00"))).to.equal(
        'misses.csv is an Excel workbook or a ZIP archive, not a text file: save the sheet as "CSV UTF-8" and upload that.',
      );
    });

    for (const [what, bytes] of [
      ["a text with one NUL", Buffer.from("hola\nadi\0os\n")],
      ["NULs alone", Buffer.alloc(1_000)],
    ] as const) {
      it(`refuses ${what}`, async () => {
        expect(await failureOf(folder.write("misses.csv", bytes))).to.equal(
          'misses.csv is a binary file, not a text file: save it as "CSV UTF-8" and upload that.',
        );
      });
    }
  });

  describe("of gzip files", () => {
    it("reads packed and unpacked files, whatever their names say", async () => {
      const rows = [{ utterance: "hola", intent: null, count: 1, line: 1 }];
      expect(await rowsOf(folder.write("misses.csv", gzipSync("hola\n")))).to.deep.equal(rows);
      expect(await rowsOf(folder.write("misses.csv.gz", "hola\n"))).to.deep.equal(rows);
    });

    it("refuses a file that is cut off or damaged", async () => {
      const whole = gzipSync("hola\n".repeat(1_000));
      const damaged = Buffer.from(whole);
      damaged.fill(0xff, 20, 30);
      for (const bytes of [whole.subarray(0, -4), damaged]) {
        expect(await failureOf(folder.write("misses.csv.gz", bytes))).to.match(
          /^misses\.csv\.gz is a damaged or incomplete gzip file \(.+\): upload it again\.$/,
        );
      }
    });
  });

  describe("of quotes", () => {
    it("names the line of the row that opens a quote and never closes it", async () => {
      const csv = 'frase;intent\r\n"a\r\nb";X\r\n\r\n"hola;Saludar\r\nadiós;Despedir\r\n';
      expect(await failureOf(folder.write("misses.csv", csv))).to.equal(
        'misses.csv, line 5: the row that starts here opens a quote (") and never closes it; close the quote, or double it if it belongs to the text.',
      );
    });

    it("stops at the longest row when a quote is never closed", async () => {
      const csv = `utterance\n${"año\n".repeat(30_000)}"hola\n${"año\n".repeat(1_000_000)}`;
      expect(await failureOf(folder.write("misses.csv", csv))).to.equal(
        'misses.csv, line 30002: the row that starts here is longer than 1048576 bytes, most likely because a quote (") is never closed; close the quote, or double it if it belongs to the text.',
      );
    });
  });

  describe("of JSON Lines", () => {
    it("reads objects by the names of a CSV's columns", async () => {
      const lines =
        '{"Input Transcript":"hola","intención":"Saludar","n":3,"extra":{}}\r\n\r\n{"utterance":"7","count":"2"}\n{"utterance":null}';
      expect(await rowsOf(folder.write("misses.jsonl", lines))).to.deep.equal([
        { utterance: "hola", intent: "Saludar", count: 3, line: 1 },
        { utterance: "7", intent: null, count: 2, line: 3 },
        { utterance: "", intent: null, count: 1, line: 4 },
      ]);
    });

    it("reads the misses of Lex's conversation logs, gzipped", async () => {
      const turn = (inputTranscript: string, missedUtterance: boolean) =>
        JSON.stringify({
          messageVersion: "2.0",
          inputTranscript,
          missedUtterance,
          sessionState: { intent: { name: "FallbackIntent" } },
          messages: [],
        });
      const log = gzipSync(`${turn("hola", false)}\n${turn("quiero un libro", true)}\n`);
      expect(await rowsOf(folder.write("log.JSONL.gz", log))).to.deep.equal([
        { utterance: "quiero un libro", intent: null, count: 1, line: 2 },
      ]);
    });

    for (const line of ["hola", "[1]", "null", '{"utterance":']) {
      it(`refuses the line ${line}`, async () => {
        expect(await failureOf(folder.write("misses.jsonl", `{"text":"a"}\n${line}\n`))).to.equal(
          'misses.jsonl, line 2: a line of JSON Lines must be one JSON object, such as {"utterance": "..."}.',
        );
      });
    }

    it("refuses a file when no object has an utterance", async () => {
      expect(await failureOf(folder.write("misses.jsonl", '\n{"foo":"hola"}\n'))).to.equal(
        "misses.jsonl, line 2: no object has a key that is known to hold an utterance: utterance, utterances, text, phrase, transcript, inputTranscript, input, user_input, frase, texto, enunciado.",
      );
    });
  });
});
