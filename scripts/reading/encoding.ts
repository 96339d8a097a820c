import { UserError } from "../messages/user-error";
import { bytesOf, maxRowLength, type SourceFile } from "./source-file";

export type Encoding = "UTF-8" | "UTF-16LE" | "UTF-16BE" | "Windows-1252";

/**
 * The encoding of a file of misses. Looks at all of its bytes, because the first accent may be on the last
 * line.
 *
 * @throws UserError when the file is not a text, or when it mixes UTF-8 with another encoding
 */
export async function encodingOf(file: SourceFile): Promise<Encoding> {
  const survey = await surveyOf(file);
  if (survey.start.startsWith("PK\x03\x04")) {
    throw new UserError(
      `${file.name} is an Excel workbook or a ZIP archive, not a text file: save the sheet as "CSV UTF-8" and upload that.`,
    );
  }
  if (survey.start.startsWith("\xFF\xFE")) {
    return "UTF-16LE";
  }
  if (survey.start.startsWith("\xFE\xFF")) {
    return "UTF-16BE";
  }
  const [even, odd] = survey.nulBytes;
  if (even + odd > 0) {
    // In UTF-16, the high byte of every Western character is NUL. The low byte is almost never NUL.
    const characters = survey.bytes / 2;
    if (odd > characters / 4 && even < characters / 100) {
      return "UTF-16LE";
    }
    if (even > characters / 4 && odd < characters / 100) {
      return "UTF-16BE";
    }
    throw new UserError(
      `${file.name} is a binary file, not a text file: save it as "CSV UTF-8" and upload that.`,
    );
  }
  if (survey.isUtf8) {
    return "UTF-8";
  }
  await refuseMixedEncodings(file);
  return "Windows-1252";
}

/**
 * The file's text in pieces. Every line ends with a line feed, even where the file has other line ends.
 *
 * @throws UserError when a line is longer than a row may be, because a line of many delimiters would fill the
 * memory with cells
 */
export async function* textOf(file: SourceFile, encoding: Encoding): AsyncGenerator<string> {
  let line = 1;
  let length = 0;
  for await (const text of decoded(
    file,
    encoding === "Windows-1252" ? windows1252 : new TextDecoder(encoding),
  )) {
    const lineFeeds = lineFeedsIn(text);
    line += lineFeeds;
    length = lineFeeds === 0 ? length + text.length : text.length - text.lastIndexOf("\n") - 1;
    if (length > maxRowLength) {
      throw new UserError(
        `${file.name}, line ${line}: the line is longer than ${maxRowLength} characters, so this is not a list of utterances.`,
      );
    }
    yield text;
  }
}

export function lineFeedsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    count++;
  }
  return count;
}

async function* decoded(file: SourceFile, decoder: Pick<TextDecoder, "decode">): AsyncGenerator<string> {
  let held = "";
  for await (const bytes of bytesOf(file)) {
    const text = held + decoder.decode(bytes, { stream: true });
    held = text.endsWith("\r") ? "\r" : "";
    yield withLineFeeds(held ? text.slice(0, -1) : text);
  }
  yield withLineFeeds(held + decoder.decode());
}

function withLineFeeds(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

interface Survey {
  bytes: number;
  /** The first four bytes, each as one character. */
  start: string;
  /** How many NUL bytes are at even and at odd positions. */
  nulBytes: [even: number, odd: number];
  isUtf8: boolean;
}

async function surveyOf(file: SourceFile): Promise<Survey> {
  const survey: Survey = { bytes: 0, start: "", nulBytes: [0, 0], isUtf8: true };
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const decodes = (bytes?: Buffer): boolean => {
    try {
      utf8.decode(bytes, { stream: bytes !== undefined });
      return true;
    } catch {
      return false;
    }
  };
  for await (const bytes of bytesOf(file)) {
    survey.start = (survey.start + bytes.toString("latin1", 0, 4)).slice(0, 4);
    countNulBytes(bytes, survey);
    survey.isUtf8 &&= decodes(bytes);
    survey.bytes += bytes.length;
  }
  survey.isUtf8 &&= decodes();
  return survey;
}

function countNulBytes(bytes: Buffer, survey: Survey): void {
  for (let at = bytes.indexOf(0); at >= 0 && at < bytes.length; at++) {
    if (bytes[at] === 0) {
      survey.nulBytes[(survey.bytes + at) % 2 === 0 ? 0 : 1]++;
    }
  }
}

/** Refuses a file that is only partly UTF-8, because Windows-1252 would read an "ñ" of UTF-8 as "Ã±". */
async function refuseMixedEncodings(file: SourceFile): Promise<void> {
  let line = 1;
  let utf8Line: number | undefined;
  let otherLine: number | undefined;
  for await (const bytes of piecesOfWholeCharacters(file)) {
    for (const [found] of bytes.matchAll(linesAndAccents)) {
      if (found === "\n") {
        line++;
      } else if (found.length > 1) {
        utf8Line ??= line;
      } else {
        otherLine ??= line;
      }
    }
    if (utf8Line !== undefined && otherLine !== undefined) {
      throw new UserError(
        `${file.name} mixes encodings: line ${utf8Line} is UTF-8 and line ${otherLine} is not. ` +
          `Correct one of them and save the file again as "CSV UTF-8".`,
      );
    }
  }
}

/** The file's bytes, each as one character. No piece ends inside a possible UTF-8 character. */
async function* piecesOfWholeCharacters(file: SourceFile): AsyncGenerator<string> {
  let held = "";
  for await (const piece of decoded(file, latin1)) {
    const bytes = held + piece;
    held = /[\xC2-\xF4][\x80-\xBF]{0,2}$/.exec(bytes)?.[0] ?? "";
    yield bytes.slice(0, bytes.length - held.length);
  }
  yield held;
}

/**
 * Finds a line feed, a UTF-8 character beyond ASCII, or another byte beyond ASCII, in bytes as characters.
 */
const linesAndAccents =
  /\n|[\xC2-\xDF][\x80-\xBF]|(?:\xE0[\xA0-\xBF]|\xED[\x80-\x9F]|[\xE1-\xEC\xEE\xEF][\x80-\xBF])[\x80-\xBF]|(?:\xF0[\x90-\xBF]|[\xF1-\xF3][\x80-\xBF]|\xF4[\x80-\x8F])[\x80-\xBF]{2}|[\x80-\xFF]/g;

/** A byte a character. */
const latin1 = {
  decode: (bytes?: Buffer) => bytes?.toString("latin1") ?? "",
};

/**
 * `TextDecoder` of Node.js 20.18.3 to 20.19.4 reads this encoding as Latin-1
 * (https://github.com/nodejs/node/issues/60888).
 */
const windows1252 = {
  decode: (bytes?: Buffer) =>
    latin1
      .decode(bytes)
      .replace(/[\x80-\x9F]/g, (control) => windows1252From0x80.charAt(control.charCodeAt(0) - 0x80)),
};
const windows1252From0x80 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8DŽ\x8F\x90‘’“”•–—˜™š›œ\x9DžŸ";
