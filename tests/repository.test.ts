import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { z } from "zod";

const project = join(__dirname, "..");

const workflow = z
  .object({
    permissions: z.record(z.string(), z.string()),
    jobs: z.record(
      z.string(),
      z.object({
        permissions: z.unknown().optional(),
        "timeout-minutes": z.number().optional(),
        strategy: z.object({ matrix: z.record(z.string(), z.array(z.unknown())) }),
        steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() })),
      }),
    ),
  })
  .parse(parse(textOf(".github/workflows/check.yml")));
const jobs = Object.values(workflow.jobs);

describe("the workflow", () => {
  for (const [file, count] of [
    ["check.yml", jobs.flatMap(({ steps }) => steps.filter((step) => step.uses)).length],
    ["preview.yml", 2],
  ] as const) {
    it(`uses only actions that are pinned to a commit, with the version beside it, in ${file}`, () => {
      const lines = textOf(`.github/workflows/${file}`).split("\n");
      const uses = lines.filter((line) => line.includes("uses:"));
      expect(uses).to.have.length(count);
      expect(uses.filter((line) => !/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).to
        .be.empty;
    });
  }

  it("may read the repository, and nothing else", () => {
    expect(workflow.permissions).to.deep.equal({ contents: "read" });
    expect(jobs.map(({ permissions }) => permissions)).to.deep.equal(jobs.map(() => undefined));
  });

  it("ends every job in time", () => {
    expect(jobs.filter((job) => job["timeout-minutes"] === undefined)).to.be.empty;
  });

  it("tests every Node.js that package.json allows", () => {
    const { engines } = z
      .object({ engines: z.object({ node: z.string() }) })
      .parse(JSON.parse(textOf("package.json")));
    const majors = engines.node.split(" || ").map((range) => /\d+/.exec(range)?.[0]);
    expect(workflow.jobs["check"]?.strategy.matrix["node"]?.map(String)).to.deep.equal(majors);
  });

  it("types the two commands of the README", () => {
    const [, block = ""] = /^```sh\n([^`]*)\n```$/m.exec(textOf("README.md")) ?? [];
    const typed = workflow.jobs["readme"]?.steps.flatMap(({ run }) => run ?? []);
    expect(typed).to.deep.equal(block.split("\n"));
  });
});

describe("the workflow of previews", () => {
  const preview = z
    .object({
      on: z.object({ pull_request: z.object({ paths: z.array(z.string()) }) }),
      permissions: z.record(z.string(), z.string()),
      jobs: z.object({ preview: z.object({ if: z.string(), "timeout-minutes": z.number() }) }),
    })
    .parse(parse(textOf(".github/workflows/preview.yml")));

  it("may read the repository and ask for a token, and runs for its own branches alone", () => {
    expect(preview.permissions).to.deep.equal({ contents: "read", "id-token": "write" });
    expect(preview.jobs.preview.if).to.include(
      "github.event.pull_request.head.repo.full_name == github.repository",
    );
  });

  it("never runs with what a pull request from outside could use", () => {
    expect(textOf(".github/workflows/preview.yml")).not.to.include("pull_request_target");
  });

  it("watches the paths that a deployment does", () => {
    const { resources } = z
      .object({
        resources: z.object({
          settings: z.object({
            properties: z.object({ vcs: z.object({ paths: z.array(z.string()) }) }),
          }),
        }),
      })
      .parse(parse(textOf("deploy/Pulumi.yaml")));
    expect(preview.on.pull_request.paths).to.deep.equal(
      resources.settings.properties.vcs.paths.map((path) => path.replace("${pulumi.stack}", "*")),
    );
  });
});

describe("CHANGELOG.md", () => {
  const headings = [...textOf("CHANGELOG.md").matchAll(/^(#+) (.*)$/gm)].map(
    ([, marks = "", title = ""]) => ({
      level: marks.length,
      title,
    }),
  );
  const titles = (level: number) =>
    headings.filter((heading) => heading.level === level).map(({ title }) => title);

  it("begins with the unreleased changes, and gives each release a version and a date", () => {
    expect(titles(1)).to.deep.equal(["Changelog"]);
    const [first, ...releases] = titles(2);
    expect(first).to.equal("[Unreleased]");
    expect(releases.filter((title) => !/^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$/.test(title))).to.be.empty;
  });

  it("has the kinds of changes that Keep a Changelog knows, and no others", () => {
    const kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    expect(titles(3)).to.not.be.empty;
    expect(kinds).to.include.members(titles(3));
    expect(headings.filter(({ level }) => level > 3)).to.be.empty;
  });
});

for (const file of ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]) {
  describe(file, () => {
    it("links only to files that exist", () => {
      const links = [...textOf(file).matchAll(/\]\((?!https:)([^)#]+)/g)].map(([, link = ""]) => link);
      expect(links).to.not.be.empty;
      expect(links.filter((link) => !existsSync(join(project, link)))).to.be.empty;
    });
  });
}

describe("the editor's settings", () => {
  it("wrap where prettier does", () => {
    const { printWidth } = z.object({ printWidth: z.number() }).parse(parse(textOf(".prettierrc.yml")));
    expect(textOf(".editorconfig")).to.include(`\nmax_line_length = ${printWidth}\n`);
  });
});

function textOf(file: string): string {
  return readFileSync(join(project, file), "utf8");
}

describe("CONTRIBUTING.md", () => {
  it("quotes a row of the table of settings as it is", () => {
    const [, row = "no row"] = /```ts\n(keepVersions: \{[^`]*)```/.exec(textOf("CONTRIBUTING.md")) ?? [];
    const indented = row.trimEnd().replaceAll(/^/gm, "  ");
    expect(textOf("pipeline/settings.ts")).to.include(indented);
  });
});
