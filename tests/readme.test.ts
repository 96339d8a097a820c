import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { z } from "zod";
import { loadProject } from "./pulumi-project";

const project = join(__dirname, "..");
const english = readmeIn("README.md");
const spanish = readmeIn("README.es.md");

const packageJson = z
  .object({
    scripts: z.record(z.string(), z.string()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(join(project, "package.json"), "utf8")));

describe("the README in two languages", () => {
  it("is linked from one to the other", () => {
    expect(english.prose).to.include("[En español](README.es.md)");
    expect(spanish.prose).to.include("[In English](README.md)");
  });

  it("has the same headings", () => {
    expect(spanish.headings).to.deep.equal(english.headings);
  });

  it("has the same names and values in the rows of the same tables", () => {
    expect(spanish.tables.map(namesByRow)).to.deep.equal(english.tables.map(namesByRow));
  });

  it("has the same commands, output and folders", () => {
    expect(spanish.codeBlocks.map(untranslated)).to.deep.equal(english.codeBlocks.map(untranslated));
  });
});

for (const readme of [english, spanish]) {
  describe(readme.file, () => {
    it("opens with the two commands", () => {
      const [title, opening] = readme.text.split("\n\n");
      expect(title).to.equal("# lex-retraining");
      expect(opening).to.match(/^```sh\n/);
      expect(readme.codeBlocks.map(untranslated)[0]).to.deep.equal([
        "npm ci && npm start",
        "npm ci && npm test",
      ]);
    });

    it("has a row for every option of npm start", () => {
      const help = execFileSync(process.execPath, ["--import", "tsx", "scripts/cli.ts", "run", "--help"], {
        cwd: project,
        encoding: "utf8",
      });
      const options = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
      expect([...firstColumn(tableOf(readme, "--input")), "--help"]).to.have.members(options);
    });

    it("has a row for every key of the stack's config", () => {
      const keys = Object.keys(loadProject(project).config).filter((key) => !key.includes(":"));
      expect(firstColumn(tableOf(readme, "botId"))).to.deep.equal(keys);
    });

    it("has every dependency in its table, and no other", () => {
      const { dependencies, devDependencies } = packageJson;
      const packages = Object.keys({ ...dependencies, ...devDependencies });
      const named = firstColumn(tableOf(readme, "commander"));
      expect(packages.filter((name) => !named.some((entry) => covers(entry, name)))).to.deep.equal([]);
      expect(named.filter((entry) => !packages.some((name) => covers(entry, name)))).to.deep.equal([]);
    });

    it("names only npm scripts that there are", () => {
      const scripts = [...readme.text.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name);
      expect(Object.keys(packageJson.scripts)).to.include.members(scripts);
    });

    it("names only folders that there are", () => {
      const folders = readme.codeBlocks.filter(isTree).flatMap(({ lines }) => foldersIn(lines));
      expect(folders).to.include("scripts/utterances");
      expect(folders.filter((folder) => !isFolder(folder))).to.deep.equal([]);
    });
  });
}

interface Readme {
  readonly file: string;
  readonly text: string;
  /** The text without its code blocks. */
  readonly prose: string;
  /** The level of each heading, 1 to 6. */
  readonly headings: readonly number[];
  readonly tables: readonly Table[];
  readonly codeBlocks: readonly CodeBlock[];
}

/** The cells of each row, the header's first. */
type Table = readonly (readonly string[])[];

interface CodeBlock {
  readonly language: string;
  readonly lines: readonly string[];
}

function readmeIn(file: string): Readme {
  const text = readFileSync(join(project, file), "utf8");
  const fences = /^```(\w*)\n([\s\S]*?)^```$/gm;
  const prose = text.replace(fences, "");
  return {
    file,
    text,
    prose,
    headings: [...prose.matchAll(/^(#+) /gm)].map(([, marks = ""]) => marks.length),
    tables: [...prose.matchAll(/(?:^ *\|.*\|\n)+/gm)].map(([table]) =>
      table
        .trimEnd()
        .split("\n")
        .map((row) => row.split("|").slice(1, -1)),
    ),
    codeBlocks: [...text.matchAll(fences)].map(([, language = "", content = ""]) => ({
      language,
      lines: content.trimEnd().split("\n"),
    })),
  };
}

/** The table that has `name` in its first column. */
function tableOf({ tables, file }: Readme, name: string): Table {
  const table = tables.find((candidate) => firstColumn(candidate).includes(name));
  if (!table) throw new Error(`${file} has no table with ${name} in its first column.`);
  return table;
}

function firstColumn(table: Table): string[] {
  return table.flatMap(([first = ""]) => namesIn(first));
}

/** What no language translates, sorted, since the order of words may differ. */
function namesByRow(table: Table): string[][] {
  return table.map((cells) => cells.flatMap(namesIn).sort());
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}

/** A code block without what is said in the reader's language. */
function untranslated(block: CodeBlock): readonly string[] {
  if (block.language === "sh") return block.lines.map((line) => line.replace(/\s+#.*$/, ""));
  return isTree(block) ? foldersIn(block.lines) : block.lines;
}

function isTree({ lines }: CodeBlock): boolean {
  return lines.some((line) => line.startsWith("scripts/"));
}

function foldersIn(lines: readonly string[]): string[] {
  const path: string[] = [];
  return lines.flatMap((line) => {
    const [, indent, name] = /^((?: {2})*)([\w-]+)\/ /.exec(line) ?? [];
    if (indent === undefined || name === undefined) return [];
    path.splice(indent.length / 2, Infinity, name);
    return path.join("/");
  });
}

function isFolder(path: string): boolean {
  return statSync(join(project, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Whether an entry of the table, such as `@types/*`, stands for the package. */
function covers(entry: string, name: string): boolean {
  return entry.endsWith("/*") ? name.startsWith(entry.slice(0, -1)) : entry === name;
}
