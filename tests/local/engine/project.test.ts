import { join } from "node:path";
import { expect } from "chai";
import * as fc from "fast-check";
import { stringify } from "yaml";
import {
  loadProject,
  loadStackConfig,
  parseProject,
  parseStackConfig,
  stackNames,
} from "../../../local/engine/project";
import { UserError } from "../../../scripts/messages/user-error";

const fixture = join(__dirname, "../../fixtures/program");

describe("a project file", () => {
  it("gives the program, its tsconfig and the declared config", () => {
    const config = { copies: { type: "integer", default: 1 }, "aws:region": { value: "eu-west-1" } };
    const runtime = { name: "nodejs", options: { packagemanager: "npm", tsconfig: "a.json" } };
    expect(parseProject(projectText({ main: "index.ts", runtime, config }), fixture)).to.deep.equal({
      directory: fixture,
      name: "lex",
      main: "index.ts",
      tsconfig: "a.json",
      config,
    });
  });

  const refused: readonly [why: string, file: object, problem: string][] = [
    ["another runtime", { runtime: { name: "bun" } }, 'runtime.name: Invalid input: expected "nodejs"'],
    [
      "an option that the fake engine does not know",
      { runtime: { name: "nodejs", options: { nodeargs: "--trace-uncaught" } } },
      'runtime.options: Unrecognized key: "nodeargs"',
    ],
    [
      "an unknown type",
      { config: { key: { type: "number" } } },
      'config.key.type: Invalid option: expected one of "string"|"integer"|"boolean"',
    ],
    ["a misspelt attribute", { config: { key: { defualt: 1 } } }, 'config.key: Unrecognized key: "defualt"'],
    ...[
      { type: "integer", default: 1.5 },
      { type: "string", default: 0.6 },
      { type: "boolean", default: "yes" },
    ].map((key): [string, object, string] => [
      `the default ${key.default} for the type ${key.type}`,
      { config: { key } },
      "config.key: the default is not of the declared type",
    ]),
  ];
  for (const [why, file, problem] of refused) {
    it(`is refused: ${why}`, () => {
      expect(problemsOf(() => parseProject(projectText(file), fixture))).to.deep.equal([
        `Pulumi.yaml: ${problem}`,
      ]);
    });
  }
});

describe("a stack's config", () => {
  const project = parseProject(
    projectText({
      config: {
        botId: { type: "string" },
        botLocaleId: { type: "string" },
        copies: { type: "integer", default: 1 },
        dryRun: { type: "boolean", default: false },
        token: { type: "string", default: "none" },
        "aws:region": { value: "eu-west-1" },
        "pulumi:autonaming": { value: { pattern: "${name}" } },
      },
    }),
    fixture,
  );
  const required = { botId: "B", botLocaleId: "es_ES" };
  const read = (config: object) => parseStackConfig(project, "dev", stringify({ config }));

  it("is text for the program, its own values before those of the project, its secrets named", () => {
    const text =
      "config:\n  lex:botId: B\n  botLocaleId: es_ES\n  lex:copies: 07\n  lex:rate: 0.50\n  lex:token: { secure: v1:x }\n" +
      "  aws:defaultTags: { tags: { owner: me, count: 1, code: { secure: v1:y } } }\n";
    expect(parseStackConfig(project, "dev", text)).to.deep.equal({
      values: {
        "lex:botId": "B",
        "lex:botLocaleId": "es_ES",
        "lex:copies": "07",
        "lex:dryRun": "false",
        "lex:rate": "0.50",
        "lex:token": "[secret]",
        "aws:region": "eu-west-1",
        "aws:defaultTags": '{"tags":{"owner":"me","count":1,"code":"[secret]"}}',
        "pulumi:autonaming": '{"pattern":"${name}"}',
      },
      secretKeys: ["lex:token", "aws:defaultTags"],
    });
  });

  const refused: readonly [why: string, config: object, problems: readonly string[]][] = [
    [
      "all required keys missing",
      {},
      ["Stack 'dev' is missing configuration values 'botId' and 'botLocaleId'"],
    ],
    ["one missing", { botId: "B" }, ["Stack 'dev' is missing configuration value 'botLocaleId'"]],
    [
      "values of the wrong type",
      { ...required, botId: ["B"], copies: "many", dryRun: "yes" },
      [
        "Stack 'dev' with configuration key 'botId' must be of type 'string'",
        "Stack 'dev' with configuration key 'copies' must be of type 'integer'",
        "Stack 'dev' with configuration key 'dryRun' must be of type 'boolean'",
      ],
    ],
    [
      "a type and a key",
      { botId: "B", copies: 1.5 },
      [
        "Stack 'dev' with configuration key 'copies' must be of type 'integer'",
        "Stack 'dev' is missing configuration value 'botLocaleId'",
      ],
    ],
  ];
  for (const [why, config, problems] of refused) {
    it(`is refused: ${why}`, () => {
      expect(problemsOf(() => read(config))).to.deep.equal(problems);
    });
  }

  it("names three missing keys as the CLI does", () => {
    const three = parseProject(
      projectText({ config: { c: { type: "string" }, a: { type: "string" }, b: { type: "string" } } }),
      fixture,
    );
    expect(problemsOf(() => parseStackConfig(three, "dev", ""))).to.deep.equal([
      "Stack 'dev' is missing configuration values 'a', 'b' and 'c'",
    ]);
  });

  it("is refused when the file is not YAML", () => {
    expect(problemsOf(() => parseStackConfig(project, "dev", "config: [")).join("\n")).to.match(
      /^Pulumi\.dev\.yaml: /,
    );
  });

  it("may hold any text for a string", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(read({ ...required, botId: text }).values["lex:botId"]).to.equal(text);
      }),
    );
  });
});

describe("the files of a project", () => {
  it("are read from its folder", () => {
    const project = loadProject(fixture);
    expect(stackNames(fixture)).to.deep.equal(["dev", "prod"]);
    expect(loadStackConfig(project, "prod").values).to.deep.equal({
      "fixture:greeting": "good day",
      "fixture:copies": "2",
      "fixture:keep": "true",
      "fixture:password": "[secret]",
      "aws:region": "eu-west-1",
      "pulumi:autonaming": '{"pattern":"${project}-${stack}-${name}-${hex(4)}"}',
    });
  });
});

function projectText(file: object): string {
  return stringify({ name: "lex", runtime: { name: "nodejs" }, ...file });
}

function problemsOf(action: () => unknown): string[] {
  try {
    action();
    return [];
  } catch (error) {
    expect(error).to.be.instanceOf(UserError);
    return String(error instanceof UserError ? error.message : error).split("\n");
  }
}
