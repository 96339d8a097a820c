import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { z } from "zod";
import { readArchive, writeArchive } from "../scripts/lex/archive";
import { columnsIn } from "../scripts/reading/columns";
import { csvOptions } from "../scripts/reading/csv-records";
import { encodingOf, lineFeedsIn, textOf, type Encoding } from "../scripts/reading/encoding";
import type { SourceFile } from "../scripts/reading/source-file";
import { readTable } from "../scripts/reading/table";
import { comparisonKey } from "../scripts/utterances/comparison-key";

/** What stands in a file where an utterance stood that is erased. */
export const erasedMark = "(erased)";

/** Whether a file is of a kind that holds utterances, by its path. */
export function isLegible(path: string): boolean {
  return /\.(csv|tsv|txt|jsonl)(\.gz)?$|\.(json|html|zip)$/i.test(path);
}

/** A file without an utterance that it held. */
export interface Erasure {
  readonly content: Buffer;
  /** The intents that had it as a sample utterance there. */
  readonly intents: readonly string[];
}

/**
 * Takes utterances out of the files of a run and out of files of misses. Two utterances are the same when
 * they have the same comparison key.
 */
export class Eraser {
  private readonly keys: ReadonlySet<string>;

  constructor(utterances: Iterable<string>) {
    this.keys = new Set([...utterances].map(comparisonKey).filter((key) => key !== ""));
  }

  get size(): number {
    return this.keys.size;
  }

  /**
   * Undefined when the file does not hold any of the utterances, or is of a kind that is not legible.
   *
   * @throws UserError when it cannot be read
   */
  async erase(name: string, content: Buffer): Promise<Erasure | undefined> {
    if (basename(name) === "details.txt") {
      return erasureOf(content, this.inFreeText(content.toString()));
    }
    if (/\.(csv|tsv|txt|jsonl)(\.gz)?$/i.test(name)) {
      return this.inTable(name, content);
    }
    switch (/\.[a-z]+$/i.exec(name)?.[0].toLowerCase()) {
      case ".json":
        return this.inJson(content);
      case ".html":
        return erasureOf(content, this.inHtml(content.toString()));
      case ".zip":
        return this.inArchive(name, content);
      default:
        return undefined;
    }
  }

  private has(text: string): boolean {
    return this.keys.has(comparisonKey(text));
  }

  /** A text that may quote an utterance, as messages and explanations do. */
  private inText(text: string): string {
    return text.replace(
      /([“"'«])([^“”"'«»]+)([”"'»])/g,
      (quotation, open: string, quoted: string, close: string) =>
        this.has(quoted) ? `${open}${erasedMark}${close}` : quotation,
    );
  }

  /** A text in Lex's words, which may hold an utterance in any form. */
  private inFreeText(text: string): string {
    return [...this.keys].reduce((rest, key) => {
      const words = key.split(" ").map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
      const whole = new RegExp(`(?<![\\p{L}\\p{N}])${words.join("\\s+")}(?![\\p{L}\\p{N}])`, "giu");
      const composed = rest.normalize("NFC");
      return whole.test(composed) ? composed.replace(whole, erasedMark) : rest;
    }, text);
  }

  private inHtml(text: string): string {
    return text.replace(/>([^<>]+)</g, (whole, escaped: string) => {
      const shown = escaped.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
      if (this.has(shown)) {
        return `>${erasedMark}<`;
      }
      return this.inText(shown) === shown
        ? whole
        : `>${this.inText(shown).replace(/[&<>]/g, escapedCharacter)}<`;
    });
  }

  private inJson(content: Buffer): Erasure | undefined {
    const intents = new Set<string>();
    const text = content.toString();
    const erased: unknown = JSON.parse(text, (property: string, value: unknown) => {
      if (typeof value === "string") {
        return phraseProperties.has(property) && this.has(value) ? erasedMark : this.inText(value);
      }
      const intent = additions.safeParse(value).data;
      if (intent?.added.some(({ utterance }) => utterance === erasedMark)) {
        intents.add(intent.name);
      }
      return value;
    });
    const isSame = JSON.stringify(erased) === JSON.stringify(JSON.parse(text));
    return isSame
      ? undefined
      : { content: Buffer.from(JSON.stringify(erased, null, 2)), intents: [...intents] };
  }

  private inArchive(name: string, content: Buffer): Erasure | undefined {
    const archive = readArchive(content, name);
    const intents = new Set<string>();
    const changed = [...archive.keys()].filter(isOfIntent).flatMap((path): [string, Buffer][] => {
      const file = z.looseObject({ name: z.string() }).parse(archive.json(path));
      const before = JSON.stringify(file);
      const after = JSON.stringify(this.withoutSamples(file));
      if (after === before) {
        return [];
      }
      intents.add(/Intents\/([^/]+)\//.exec(path)?.[1] ?? file.name);
      return [[path, Buffer.from(after)]];
    });
    return changed.length === 0
      ? undefined
      : { content: writeArchive(archive.with(...changed)), intents: [...intents] };
  }

  /** The JSON value without the sample utterances, in an intent and in the slots of one. */
  private withoutSamples(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value), (property: string, inner: unknown) => {
      const samples = property === "sampleUtterances" ? sampleUtterances.safeParse(inner).data : undefined;
      return samples ? samples.filter(({ utterance }) => !this.has(utterance)) : inner;
    }) as unknown;
  }

  private async inTable(name: string, content: Buffer): Promise<Erasure | undefined> {
    const folder = mkdtempSync(join(tmpdir(), "lex-retraining-"));
    try {
      const file = { path: join(folder, "file"), name };
      writeFileSync(file.path, content);
      const rest = /\.jsonl(\.gz)?$/i.test(name) ? await this.inJsonLines(file) : await this.inCsv(file);
      if (rest === undefined) {
        return undefined;
      }
      const bytes = Buffer.from(rest);
      return { content: isGzip(content) ? gzipSync(bytes) : bytes, intents: [] };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Also the lines that a run does not read, as those of a conversation log that are no misses. */
  private async inJsonLines(file: SourceFile): Promise<string | undefined> {
    const lines = (await wholeText(file, await encodingOf(file))).split("\n");
    const kept = lines.filter((line) => !this.isInJsonLine(line));
    return kept.length < lines.length ? kept.join("\n") : undefined;
  }

  private isInJsonLine(line: string): boolean {
    if (line.trim() === "") {
      return false;
    }
    const object = z.record(z.string(), z.unknown()).parse(JSON.parse(line));
    const { utterance } = columnsIn(Object.keys(object));
    const cell = utterance === null ? undefined : Object.values(object)[utterance];
    return typeof cell === "string" && this.has(cell);
  }

  private async inCsv(file: SourceFile): Promise<string | undefined> {
    const { encoding, delimiter, rows } = await readTable(file);
    const lines = new Set<number>();
    for await (const { utterance, line } of rows) {
      if (this.has(utterance)) {
        lines.add(line);
      }
    }
    return this.inRecords(await wholeText(file, encoding), delimiter, lines);
  }

  /** The CSV without the records that start at the lines, or undefined if that changes nothing. */
  private inRecords(text: string, delimiter: string | null, lines: ReadonlySet<number>): string | undefined {
    const records = parse(text, csvOptions(delimiter));
    const similar = records[0]?.indexOf("looks like") ?? -1;
    let line = 1;
    let changed = lines.size > 0;
    const kept = records.flatMap((cells) => {
      const isErased = lines.has(line);
      line += 1 + cells.reduce((sum, cell) => sum + lineFeedsIn(cell), 0);
      if (isErased) {
        return [];
      }
      const clean = cells.map((cell, index) =>
        index === similar && this.has(cell) ? erasedMark : this.inText(cell),
      );
      changed ||= clean.some((cell, index) => cell !== cells[index]);
      return [clean];
    });
    return changed
      ? stringify(kept, { bom: true, delimiter: delimiter ?? ",", record_delimiter: "windows" })
      : undefined;
  }
}

/** The properties of a run's JSON files that hold a phrase and nothing else. */
const phraseProperties = new Set(["utterance", "phrase", "text"]);

const additions = z.object({ name: z.string(), added: z.array(z.object({ utterance: z.string() })) });

const sampleUtterances = z.array(z.looseObject({ utterance: z.string() }));

function isOfIntent(path: string): boolean {
  return /\/(Intent|Slot)\.json$/.test(path);
}

async function wholeText(file: SourceFile, encoding: Encoding): Promise<string> {
  let text = "";
  for await (const piece of textOf(file, encoding)) {
    text += piece;
  }
  return text;
}

function isGzip(content: Buffer): boolean {
  return content.length > 1 && content.readUInt16BE() === 0x1f8b;
}

function erasureOf(content: Buffer, text: string): Erasure | undefined {
  return text === content.toString() ? undefined : { content: Buffer.from(text), intents: [] };
}

function escapedCharacter(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
