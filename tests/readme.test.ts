import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { expect } from "chai";
import { z } from "zod";
import { loadProject } from "../local/engine/project";
import { columnNames } from "../scripts/reading/columns";

const project = join(__dirname, "..");
const english = pageIn("README.md");
const spanish = pageIn("README.es.md");
const englishGuide = pageIn("docs/golden-set.md");
const spanishGuide = pageIn("docs/golden-set.es.md");

const packageJson = z
  .object({
    scripts: z.record(z.string(), z.string()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(join(project, "package.json"), "utf8")));

for (const [one, other] of [
  [english, spanish],
  [englishGuide, spanishGuide],
] as const) {
  describe(`${one.file} and ${other.file}`, () => {
    it("are linked from one to the other", () => {
      expect(linksIn(one)).to.include(other.file);
      expect(linksIn(other)).to.include(one.file);
    });

    it("have the same headings", () => {
      expect(other.headings.map(({ level }) => level)).to.deep.equal(one.headings.map(({ level }) => level));
    });

    it("have the same names and values in the rows of the same tables", () => {
      expect(other.tables.map(namesByRow)).to.deep.equal(one.tables.map(namesByRow));
    });

    it("have the same commands, output and folders", () => {
      expect(other.codeBlocks.map(untranslated)).to.deep.equal(one.codeBlocks.map(untranslated));
    });

    it("name the same things in each section", () => {
      const translated = namesBySection(other);
      const missing = namesBySection(one).map((names, section) =>
        names.filter((name) => !translated[section]?.includes(name)),
      );
      expect(missing.flat()).to.deep.equal([]);
    });
  });
}

for (const page of [english, spanish, englishGuide, spanishGuide]) {
  describe(page.file, () => {
    it("links only to files and headings that there are", () => {
      const broken = linksIn(page).filter((link) => {
        const [file = "", anchor] = link.split("#");
        if (!statSync(join(project, file), { throwIfNoEntry: false })) {
          return true;
        }
        return anchor !== undefined && !anchorsOf(pageIn(file)).includes(anchor);
      });
      expect(broken).to.deep.equal([]);
    });

    it("has no shell line that a reader's shell would take apart", () => {
      const lines = page.codeBlocks.filter(({ language }) => language === "sh").flatMap(({ lines }) => lines);
      // A placeholder in angle brackets is a redirection, and zsh passes an interactive comment on as arguments.
      expect(lines.filter((line) => /[<>]|\s#/.test(line))).to.deep.equal([]);
    });

    it("names only npm scripts that there are", () => {
      const scripts = [...page.text.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name);
      expect(Object.keys(packageJson.scripts)).to.include.members(scripts);
    });
  });
}

describe("what the READMEs quote of npm start", () => {
  it("is what it prints of a retraining that passes", () => {
    const printed = comparable(outputOf([]));
    for (const { codeBlocks } of [english, spanish]) {
      expect(codeBlocks.map(({ lines }) => comparable(lines.join("\n")))).to.include(printed);
    }
  });

  it("is what it prints of a retraining that is refused", () => {
    const printed = outputOf(["--poison"]);
    for (const { codeBlocks, quotation } of [english, spanish]) {
      const figures = codeBlocks.find(({ lines }) => lines[0]?.startsWith("Asked before"));
      expect(printed).to.include(figures?.lines.join("\n") ?? "no figures");
      expect(quotation).to.match(/^Refused: /);
      expect(printed).to.include(quotation);
    }
  });
});

for (const readme of [english, spanish]) {
  describe(readme.file, () => {
    it("opens with the two commands", () => {
      const [title, opening] = readme.text.split("\n\n");
      expect(title).to.equal("# lex-retraining");
      expect(opening).to.match(/^```sh\n/);
      expect(readme.codeBlocks[0]?.lines).to.deep.equal(["npm ci && npm start", "npm ci && npm test"]);
    });

    it("has a row for every option of npm start", () => {
      const help = execFileSync(process.execPath, ["--import", "tsx", "cli/retrain.ts", "run", "--help"], {
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

    it("has the default of every key that has one", () => {
      const defaults = Object.entries(loadProject(project).config)
        .filter(([key, { default: value }]) => !key.includes(":") && (value ?? "") !== "")
        .map(([key, { default: value }]) => [key, JSON.stringify(value).replaceAll('"', "")]);
      const rows = tableOf(readme, "botId").map(([key = "", value = ""]) => [key, value].flatMap(namesIn));
      expect(rows).to.deep.include.members(defaults);
    });

    it("has the names of every column of the CSV", () => {
      const rows = readme.tables.map((table) => table.flatMap(([, names = ""]) => [namesIn(names)]));
      for (const names of Object.values(columnNames)) {
        expect(rows.flat()).to.deep.include(names);
      }
    });

    it("has every dependency in its table, and no other", () => {
      const { dependencies, devDependencies } = packageJson;
      const packages = Object.keys({ ...dependencies, ...devDependencies });
      const named = firstColumn(tableOf(readme, "commander"));
      expect(packages.filter((name) => !named.some((entry) => covers(entry, name)))).to.deep.equal([]);
      expect(named.filter((entry) => !packages.some((name) => covers(entry, name)))).to.deep.equal([]);
    });

    it("names only folders that there are", () => {
      const folders = readme.codeBlocks.filter(isTree).flatMap(({ lines }) => foldersIn(lines));
      expect(folders).to.include("scripts/utterances");
      expect(folders.filter((folder) => !isFolder(folder))).to.deep.equal([]);
    });
  });
}

interface Page {
  /** Its path in the project. */
  readonly file: string;
  readonly text: string;
  /** The text without its code blocks. */
  readonly prose: string;
  readonly headings: readonly Heading[];
  readonly tables: readonly Table[];
  readonly codeBlocks: readonly CodeBlock[];
  /** What stands in block quotes, on one line. */
  readonly quotation: string;
}

interface Heading {
  /** 1 to 6. */
  readonly level: number;
  readonly title: string;
}

/** The cells of each row, the header's first. */
type Table = readonly (readonly string[])[];

interface CodeBlock {
  readonly language: string;
  readonly lines: readonly string[];
}

function pageIn(file: string): Page {
  const text = readFileSync(join(project, file), "utf8");
  const fences = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm;
  const prose = text.replace(fences, "");
  return {
    file,
    text,
    prose,
    headings: [...prose.matchAll(/^(#+) (.*)$/gm)].map(([, marks = "", title = ""]) => ({
      level: marks.length,
      title,
    })),
    tables: [...prose.matchAll(/(?:^ *\|.*\|\n)+/gm)].map(([table]) =>
      table
        .trimEnd()
        .split("\n")
        .map((row) => row.split("|").slice(1, -1)),
    ),
    codeBlocks: [...text.matchAll(fences)].map(([, , language = "", content = ""]) => ({
      language,
      lines: content.trimEnd().split("\n"),
    })),
    quotation: [...prose.matchAll(/^> (.*)$/gm)].map(([, line = ""]) => line).join(" "),
  };
}

/** What the page links to in the project, as paths in it; an anchor keeps its "#". */
function linksIn({ prose, file }: Page): string[] {
  return [...prose.matchAll(/\]\((?!https:)([^)]+)\)/g)].map(([, link = ""]) =>
    link.startsWith("#") ? file + link : posix.join(posix.dirname(file), link),
  );
}

/** As GitHub makes them of headings. */
function anchorsOf({ headings }: Page): string[] {
  return headings.map(({ title }) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The names in the text of each section, tables left out, which have their own test. */
function namesBySection({ prose }: Page): string[][] {
  return prose
    .replace(/^ *\|.*$/gm, "")
    .split(/^#+ .*$/m)
    .map(namesIn);
}

/** What npm start prints. */
function outputOf(options: readonly string[]): string {
  const out = mkdtempSync(join(tmpdir(), "readme-"));
  try {
    return spawnSync(
      process.execPath,
      ["--import", "tsx", "cli/retrain.ts", "run", "--out", out, ...options],
      {
        cwd: project,
        encoding: "utf8",
      },
    ).stdout;
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** The same of every run: without its times and its folder. */
function comparable(output: string): string {
  return output
    .trim()
    .replace(/ +\d+\.\d s /g, " 0.0 s ")
    .replace(/(The run's files: ).*/, "$1");
}

/** The table that has `name` in its first column. */
function tableOf({ tables, file }: Page, name: string): Table {
  const table = tables.find((candidate) => firstColumn(candidate).includes(name));
  if (!table) {
    throw new Error(`${file} has no table with ${name} in its first column.`);
  }
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
  return isTree(block) ? foldersIn(block.lines) : block.lines;
}

function isTree({ lines }: CodeBlock): boolean {
  return lines.some((line) => line.startsWith("scripts/"));
}

function foldersIn(lines: readonly string[]): string[] {
  const path: string[] = [];
  return lines.flatMap((line) => {
    const [, indent, name] = /^((?: {2})*)([\w-]+)\/ /.exec(line) ?? [];
    if (indent === undefined || name === undefined) {
      return [];
    }
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
