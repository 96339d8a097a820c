import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { expect } from "chai";
import { z } from "zod";
import { loadProject, stackNames } from "../local/engine/project";
import { describeFaults } from "../local/lex/faults";
import { rejections } from "../scripts/artifacts/utterances";
import { verdictNames } from "../scripts/artifacts/verdicts";
import { columnNames } from "../scripts/reading/columns";

const project = join(__dirname, "..");

const packageJson = z
  .object({
    scripts: z.record(z.string(), z.string()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(join(project, "package.json"), "utf8")));

/** The English README and pages of docs/. Each has a Spanish page beside it. */
const files = [
  "README.md",
  ...readdirSync(join(project, "docs"))
    .filter((name) => name.endsWith(".md") && !name.endsWith(".es.md"))
    .map((name) => `docs/${name}`),
];
const pairs = files.map((file) => [pageIn(file), pageIn(inSpanish(file))] as const);
const pages = pairs.flat();

/** The project's own folders at the top, without those that an install or a run makes. */
const topFolders = foldersBelow(".").filter((name) => !["node_modules", "runs"].includes(name));

/** The help texts of commands, by command. */
const helps = new Map<string, string>();

/** The page in both languages. */
function inBoth(file: string): readonly Page[] {
  return pages.filter((page) => page.file === file || page.file === inSpanish(file));
}

describe("docs/", () => {
  it("has no page in Spanish alone", () => {
    const names = readdirSync(join(project, "docs")).filter((name) => name.endsWith(".es.md"));
    expect(files.map(inSpanish)).to.include.members(names.map((name) => `docs/${name}`));
  });

  it("has the same picture in both languages, except for its words", () => {
    const shapes = (name: string) =>
      readFileSync(join(project, "docs", name), "utf8").replace(/>[^<>{}]+<\/(text|title)>/g, "></$1>");
    expect(shapes("loop.es.svg")).to.equal(shapes("loop.svg"));
  });
});

for (const [one, other] of pairs) {
  describe(`${one.file} and ${other.file}`, () => {
    it("are linked from one to the other, at the top", () => {
      expect(linksIn(opening(one))).to.include(other.file);
      expect(linksIn(opening(other))).to.include(one.file);
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

    it("quote the same", () => {
      expect(other.quotation).to.equal(one.quotation);
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

for (const page of pages) {
  describe(page.file, () => {
    it("links only to files and headings that exist", () => {
      const broken = linksIn(page).filter((link) => {
        const [file = "", anchor] = link.split("#");
        if (!statSync(join(project, file), { throwIfNoEntry: false })) {
          return true;
        }
        return anchor !== undefined && !anchorsOf(pageIn(file)).includes(anchor);
      });
      expect(broken).to.deep.equal([]);
    });

    it("links to pages in its own language, and to itself in the other", () => {
      const isSpanish = page.file.endsWith(".es.md");
      const others = pairs.map(([one, other]) => (isSpanish ? one : other).file);
      const strays = linksIn(page)
        .map((link) => link.split("#")[0] ?? "")
        .filter((file) => others.includes(file) && inSpanish(file) !== inSpanish(page.file));
      expect(strays).to.deep.equal([]);
    });

    it("says in words what its pictures show", () => {
      const withoutText = [...page.prose.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)].filter(
        ([, text = ""]) => text.length < 40,
      );
      expect(withoutText.map(([, , picture]) => picture)).to.deep.equal([]);
    });

    it("does not have a shell line that a shell would misread", () => {
      // A shell reads angle brackets as a redirection, and zsh gives a comment to the command as arguments.
      expect(shellLines(page).filter((line) => /[<>]|\s#/.test(line))).to.deep.equal([]);
    });

    it("names only npm scripts that exist", () => {
      const scripts = [...page.text.matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name);
      expect(Object.keys(packageJson.scripts)).to.include.members(scripts);
    });

    it("names only files and folders of the project that exist", () => {
      const named = namesIn(page.prose).filter((name) => /^[\w./-]+$/.test(name) && isOurs(name));
      expect(named.filter((name) => !statSync(join(project, name), { throwIfNoEntry: false }))).to.deep.equal(
        [],
      );
    });
  });
}

describe("what the pages quote of npm start", () => {
  it("is what it prints of a retraining that passes", () => {
    const printed = comparable(outputOf([]));
    for (const { codeBlocks } of inBoth("README.md")) {
      expect(codeBlocks.map(({ lines }) => comparable(lines.join("\n")))).to.include(printed);
    }
  });

  it("is what it prints of a retraining that is refused", () => {
    const printed = outputOf(["--poison"]);
    for (const { codeBlocks, quotation } of inBoth("docs/safety.md")) {
      const figures = codeBlocks.find(({ lines }) => lines[0]?.startsWith("Asked before"));
      expect(printed).to.include(figures?.lines.join("\n") ?? "no figures");
      expect(quotation).to.match(/^Refused: /);
      expect(printed).to.include(quotation);
    }
  });

  it("is quoted nowhere else", () => {
    const quoting = pages.filter(({ quotation }) => quotation !== "").map(({ file }) => file);
    expect(quoting).to.have.members(inBoth("docs/safety.md").map(({ file }) => file));
  });

  it("is also the result of every other sample that the pages retrain", () => {
    const commands = new Set(
      pages.flatMap(shellLines).filter((line) => /^npm start -- .*\bsamples\//.test(line)),
    );
    expect(commands).not.to.be.empty;
    for (const command of commands) {
      expect(outputOf(command.split(" ").slice(3)), command).to.match(/^Succeeded\./m);
    }
  });
});

for (const readme of inBoth("README.md")) {
  describe(readme.file, () => {
    it("opens with the two commands", () => {
      const [title, commands] = readme.text.split("\n\n");
      expect(title).to.equal("# lex-retraining");
      expect(commands).to.match(/^```sh\n/);
      expect(readme.codeBlocks[0]?.lines).to.deep.equal(["npm ci && npm start", "npm ci && npm test"]);
    });

    it("is short", () => {
      expect(readme.text.trimEnd().split("\n").length).to.be.at.most(170);
    });

    it("leads to every page in its language", () => {
      const language = readme.file === "README.md" ? 0 : 1;
      expect(linksIn(readme)).to.include.members(
        pairs.map((pair) => pair[language].file).filter((file) => file !== readme.file),
      );
    });
  });
}

for (const page of inBoth("docs/commands.md")) {
  describe(page.file, () => {
    it("has a row for every option of npm start", () => {
      expect([...firstColumn(tableOf(page, "--input")), "--help"]).to.have.members(
        optionsIn(["cli/retrain.ts", "run"]),
      );
    });

    it("has a row for every option of the other commands", () => {
      const rows = tableOf(page, "--alias").slice(1);
      const named = rows.flatMap(([option = "", commands = ""]) =>
        namesIn(commands).map((command) => `${command} ${namesIn(option).join()}`),
      );
      const options = [
        ["cli/retrain.ts", "serve"],
        ["cli/retrain.ts", "stage"],
        ["cli/retrain.ts", "restore"],
        ["cli/retrain.ts", "erase"],
        ["cli/stack.ts", "graph"],
        ["cli/stack.ts", "definition"],
        ["cli/stack.ts", "graph:accept"],
      ].flatMap((command) =>
        optionsIn(command)
          .filter((option) => option !== "--help")
          .map((option) => `${command[1] ?? ""} ${option}`),
      );
      expect(named).to.have.members(options);
    });

    it("has a row for every npm script", () => {
      const named = firstColumn(tableOf(page, "npm start")).flatMap(
        (command) => /^npm (?:run )?([\w:]+)/.exec(command)?.[1] ?? [],
      );
      expect([...new Set(named)]).to.have.members(Object.keys(packageJson.scripts));
    });

    it("has a row for every fault of the local Lex", () => {
      const faults = describeFaults().map((fault) => /^[\w-]+/.exec(fault)?.[0]);
      expect(firstColumn(tableOf(page, "throttling"))).to.deep.equal(faults);
    });

    it("tells what to do about messages that exist", () => {
      const sources = ["cli", "components", "local", "scripts"].flatMap(sourcesIn).join("\n");
      const messages = firstColumn(tableOf(page, "The bot has several locales"));
      expect(messages.filter((message) => !sources.includes(message))).to.deep.equal([]);
    });
  });
}

for (const page of inBoth("docs/configuration.md")) {
  describe(page.file, () => {
    it("has a row for every key of the stack's config", () => {
      const keys = Object.keys(loadProject(project).config).filter((key) => !key.includes(":"));
      expect(firstColumn(tableOf(page, "botId"))).to.deep.equal(keys);
    });

    it("has the default of every key that has one", () => {
      const defaults = Object.entries(loadProject(project).config)
        .filter(([key, { default: value }]) => !key.includes(":") && (value ?? "") !== "")
        .map(([key, { default: value }]) => [key, JSON.stringify(value).replaceAll('"', "")]);
      const rows = tableOf(page, "botId").map(([key = "", value = ""]) => [key, value].flatMap(namesIn));
      expect(rows).to.deep.include.members(defaults);
    });

    it("has a row for every stack", () => {
      expect(firstColumn(tableOf(page, "dev"))).to.deep.equal(stackNames(project));
    });
  });
}

for (const page of inBoth("docs/csv.md")) {
  describe(page.file, () => {
    it("has the names of every column of the CSV", () => {
      const rows = page.tables.map((table) => table.flatMap(([, names = ""]) => [namesIn(names)]));
      for (const names of Object.values(columnNames)) {
        expect(rows.flat()).to.deep.include(names);
      }
    });

    it("has a row for every verdict", () => {
      expect(firstColumn(tableOf(page, "known"))).to.deep.equal(verdictNames);
    });

    it("has every reason why a bot cannot take an utterance, with its verdict", () => {
      const rows = tableOf(page, "two-labels").map((cells) => cells.slice(0, 2).flatMap(namesIn));
      expect(rows).to.deep.include.members(rejections.map((reason) => [reason, "reject"]));
    });
  });
}

for (const page of inBoth("docs/golden-set.md")) {
  describe(page.file, () => {
    it("quotes rows of the sample's golden set", () => {
      const sample = readFileSync(join(project, "samples", "es_ES", "golden.csv"), "utf8").split(/\r?\n/);
      const quoted = page.codeBlocks
        .filter(({ language }) => language === "csv")
        .flatMap(({ lines }) => lines);
      expect(quoted).not.to.be.empty;
      expect(sample).to.include.members(quoted);
    });
  });
}

for (const page of inBoth("docs/architecture.md")) {
  describe(page.file, () => {
    it("has every dependency in its table, and no other", () => {
      const { dependencies, devDependencies } = packageJson;
      const packages = Object.keys({ ...dependencies, ...devDependencies });
      const named = firstColumn(tableOf(page, "commander"));
      expect(packages.filter((name) => !named.some((entry) => covers(entry, name)))).to.deep.equal([]);
      expect(named.filter((entry) => !packages.some((name) => covers(entry, name)))).to.deep.equal([]);
    });

    it("names all folders, and only those that exist", () => {
      const folders = page.codeBlocks.filter(isTree).flatMap(({ lines }) => foldersIn(lines));
      expect(folders.filter((folder) => !isFolder(folder))).to.deep.equal([]);
      const rooms = [...topFolders, ...foldersBelow("scripts").map((name) => `scripts/${name}`)];
      expect(folders).to.include.members(rooms);
    });

    it("follows a row through functions that are in their files", () => {
      const steps = tableOf(page, "scripts/preprocess.ts").slice(2);
      const lost = steps.filter((cells) => {
        const [file = "", name = ""] = cells.slice(0, 2).flatMap(namesIn);
        const definition = new RegExp(`^(export )?(async )?(function|const|class) ${name}\\b`, "m");
        return !definition.test(readFileSync(join(project, file), "utf8"));
      });
      expect(lost).to.deep.equal([]);
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
  /** The text of the block quotes, on one line. */
  readonly quotation: string;
}

interface Heading {
  /** 1 to 6. */
  readonly level: number;
  readonly title: string;
}

/** The cells of each row. The header is the first row. */
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

/** The page's links into the project, as paths from its root. An anchor keeps its "#". */
function linksIn({ prose, file }: Page): string[] {
  return [...prose.matchAll(/\]\((?!https:)([^)]+)\)/g)].map(([, link = ""]) =>
    link.startsWith("#") ? file + link : posix.join(posix.dirname(file), link),
  );
}

/** The anchors that GitHub gives the headings. */
function anchorsOf({ headings }: Page): string[] {
  return headings.map(({ title }) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The names in the text of each section, without tables, which have their own test. */
function namesBySection({ prose }: Page): string[][] {
  return prose
    .replace(/^ *\|.*$/gm, "")
    .split(/^#+ .*$/m)
    .map(namesIn);
}

/** The page up to its first section. */
function opening(page: Page): Page {
  return { ...page, prose: page.prose.split(/^## /m)[0] ?? "" };
}

function inSpanish(file: string): string {
  return file.replace(/(\.es)?\.md$/, ".es.md");
}

function shellLines({ codeBlocks }: Page): string[] {
  return codeBlocks.filter(({ language }) => language === "sh").flatMap(({ lines }) => lines);
}

/** The options in a command's help. Each command runs only once. */
function optionsIn(command: readonly string[]): string[] {
  const line = command.join(" ");
  const help =
    helps.get(line) ??
    execFileSync(process.execPath, ["--import", "tsx", ...command, "--help"], {
      cwd: project,
      encoding: "utf8",
    });
  helps.set(line, help);
  return [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option = ""]) => option);
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(project, folder, name), "utf8"));
}

/** What npm start prints. */
function outputOf(options: readonly string[]): string {
  const out = mkdtempSync(join(tmpdir(), "documents-"));
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

/** The output without its times and its folder, which differ between runs. */
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

/** The names in each row, sorted, because another language may order them differently. */
function namesByRow(table: Table): string[][] {
  return table.map((cells) => cells.flatMap(namesIn).sort());
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}

/** The parts of a code block that a translation keeps. */
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

/** Whether the name is a file or folder of the project, and not of a run or a bucket. */
function isOurs(name: string): boolean {
  return name.startsWith("Pulumi.") || topFolders.includes(name.split("/")[0] ?? "");
}

function foldersBelow(folder: string): string[] {
  return readdirSync(join(project, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name);
}

function isFolder(path: string): boolean {
  return statSync(join(project, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Whether an entry of the table, such as `@types/*`, stands for the package. */
function covers(entry: string, name: string): boolean {
  return entry.endsWith("/*") ? name.startsWith(entry.slice(0, -1)) : entry === name;
}
