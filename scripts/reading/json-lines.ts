import { z } from "zod";
import { UserError } from "../messages/user-error";
import { columnNames, columnsIn } from "./columns";
import { encodingOf, textOf, type Encoding } from "./encoding";
import { countIn, type Row, type Table } from "./row";
import type { SourceFile } from "./source-file";

/**
 * Reads JSON Lines: one object on each line, whose keys are the names of a CSV's columns. In a conversation
 * log of Lex, `missedUtterance` says which objects are misses, and only those become rows.
 */
export async function readJsonLines(file: SourceFile): Promise<Table> {
  const encoding = await encodingOf(file);
  return {
    encoding,
    delimiter: null,
    columns: { utterance: "utterance", intent: "intent", count: "count" },
    rows: rowsOf(file, encoding),
  };
}

async function* rowsOf(file: SourceFile, encoding: Encoding): AsyncGenerator<Row> {
  let firstLine: number | undefined;
  let hasUtterances = false;
  for await (const { text, line } of linesOf(file, encoding)) {
    if (text.trim() === "") {
      continue;
    }
    const object = objectIn(text);
    if (!object) {
      throw new UserError(
        `${file.name}, line ${line}: a line of JSON Lines must be one JSON object, such as {"utterance": "..."}.`,
      );
    }
    if (object["missedUtterance"] === false) {
      continue;
    }
    const cells = Object.values(object);
    const { utterance, intent, count } = columnsIn(Object.keys(object));
    firstLine ??= line;
    hasUtterances ||= utterance !== null;
    yield {
      utterance: cellOf(cells, utterance) ?? "",
      intent: cellOf(cells, intent) ?? null,
      count: countIn(cellOf(cells, count)),
      line,
    };
  }
  if (firstLine !== undefined && !hasUtterances) {
    throw new UserError(
      `${file.name}, line ${firstLine}: no object has a key that is known to hold an utterance: ${columnNames.utterance.join(", ")}.`,
    );
  }
}

async function* linesOf(
  file: SourceFile,
  encoding: Encoding,
): AsyncGenerator<{ text: string; line: number }> {
  let line = 1;
  let rest = "";
  for await (const piece of textOf(file, encoding)) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      yield { text, line: line++ };
    }
  }
  yield { text: rest, line };
}

const objectSchema = z.record(z.string(), z.unknown());

function objectIn(line: string): Record<string, unknown> | undefined {
  try {
    return objectSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function cellOf(cells: readonly unknown[], column: number | null): string | undefined {
  const cell = column === null ? undefined : cells[column];
  return typeof cell === "string" || typeof cell === "number" ? String(cell) : undefined;
}
