import { join } from "node:path";
import { expect } from "chai";
import * as fc from "fast-check";
import { stringify } from "yaml";
import {
  loadProject,
  loadStackConfig,
  parseProject,
  parseStackConfig,
  secretFixture,
  stackNames,
} from "../../../local/engine/project";

const fixture = join(__dirname, "../../fixtures/program");

describe("a project file", () => {
  const accepted: readonly [why: string, file: object][] = [
    ["the runtime's name may stand alone", { runtime: "nodejs" }],
    ["every runtime option", { runtime: { name: "nodejs", options: everyRuntimeOption() } }],
    ["a required key", { config: { key: { type: "string" } } }],
    ["a default of each type", { config: everyDefault() }],
    [
      "an integer and a boolean as strings",
      { config: { a: typed("integer", "-3"), b: typed("boolean", "true") } },
    ],
    ["a whole number written as a float", { config: { key: typed("integer", 3.0) } }],
    [
      "arrays of arrays",
      {
        config: { key: { ...typed("array", [["a"]]), items: { type: "array", items: { type: "string" } } } },
      },
    ],
    ["a value of another namespace", { config: { "aws:region": { value: "eu-west-1" } } }],
    ["scalars in short", { config: { key: 1, "aws:region": "eu-west-1" } }],
    ["a key with the project's own namespace", { config: { "lex:key": { type: "string", default: "a" } } }],
    ["keys of no interest to Pulumi", { owner: "somebody" }],
    ["versions by a range", { requiredPulumiVersion: ">=3.248.0 <4.0.0 || 5.1.x" }],
  ];
  for (const [why, file] of accepted) {
    it(`is accepted: ${why}`, () => {
      expect(projectProblems(file)).to.deep.equal([]);
    });
  }

  const refused: readonly [why: string, file: object, problems: readonly string[]][] = [
    [
      "a project without a runtime",
      { runtime: undefined },
      ["#/runtime: Invalid input: expected object, received undefined"],
    ],
    ["another runtime", { runtime: "bun" }, ['#/runtime/name: Invalid input: expected "nodejs"']],
    [
      "a misspelt runtime option, which the CLI would ignore",
      { runtime: { name: "nodejs", options: { tsConfig: "a" } } },
      ['#/runtime/options: Unrecognized key: "tsConfig"'],
    ],
    [
      "a runtime option of the wrong type",
      { runtime: { name: "nodejs", options: { typescript: "true" } } },
      ["#/runtime/options/typescript: Invalid input: expected boolean, received string"],
    ],
    [
      "an unknown type",
      { config: { key: { type: "number" } } },
      ['#/config/key/type: Invalid option: expected one of "string"|"integer"|"boolean"|"array"|"object"'],
    ],
    [
      "a misspelt attribute",
      { config: { key: { defualt: 1 } } },
      ['#/config/key: Unrecognized key: "defualt"'],
    ],
    [
      "an array without items",
      { config: { key: { type: "array", default: [] } } },
      [
        "The configuration key 'key' declares an array but does not specify the underlying type via the 'items' attribute",
      ],
    ],
    [
      "a default of the wrong type",
      { config: { key: typed("integer", 1.5) } },
      [wrongDefault("key", "integer")],
    ],
    [
      "a number as the default of a string",
      { config: { key: typed("string", 0.6) } },
      [wrongDefault("key", "string")],
    ],
    ["yes for a boolean", { config: { key: typed("boolean", "yes") } }, [wrongDefault("key", "boolean")]],
    [
      "an array with an item of the wrong type",
      { config: { key: { ...typed("array", ["a", 1]), items: { type: "string" } } } },
      [wrongDefault("key", "array<string>")],
    ],
    [
      "a default together with a value",
      { config: { key: { default: "a", value: "b" } } },
      ["project config 'key' cannot have both a 'default' and 'value' attribute"],
    ],
    [
      "a type on a key of another namespace, and no value",
      { config: { "aws:region": { type: "string" } } },
      [
        "Configuration key 'aws:region' is not namespaced by the project and should not define a type",
        "Configuration key 'aws:region' is namespaced and must provide an attribute 'value'",
      ],
    ],
    [
      "a default on a key of another namespace",
      { config: { "aws:region": { default: "eu-west-1" } } },
      [
        "Configuration key 'aws:region' is not namespaced by the project and should not define a default value. " +
          "Did you mean to use the 'value' attribute instead of 'default'?",
        "Configuration key 'aws:region' is namespaced and must provide an attribute 'value'",
      ],
    ],
    [
      "a version that is no range",
      { requiredPulumiVersion: "^3.248.0" },
      ['#/requiredPulumiVersion: not a range of versions such as ">=3.248.0"'],
    ],
  ];
  for (const [why, file, problems] of refused) {
    it(`is refused: ${why}`, () => {
      expect(projectProblems(file)).to.deep.equal(problems.map((problem) => `Pulumi.yaml: ${problem}`));
    });
  }

  it("has every problem of its config named at once", () => {
    expect(projectProblems({ config: { a: typed("integer", "x"), b: typed("boolean", 1) } })).to.deep.equal([
      `Pulumi.yaml: ${wrongDefault("a", "integer")}`,
      `Pulumi.yaml: ${wrongDefault("b", "boolean")}`,
    ]);
  });

  it("may have any string as the default of a string, and of a number or a boolean only those that read as one", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(projectProblems({ config: { key: typed("string", text) } })).to.deep.equal([]);
        expect(projectProblems({ config: { key: typed("integer", text) } }).length === 0).to.equal(
          text !== "" && /^[+-]?[0-9]+$/.test(text),
        );
        expect(projectProblems({ config: { key: typed("boolean", text) } }).length === 0).to.equal(
          ["true", "false"].includes(text),
        );
      }),
    );
  });
});

describe("a stack's config", () => {
  const project = parseProject(
    projectText({
      config: {
        botId: { type: "string" },
        botLocaleId: { type: "string" },
        copies: { type: "integer", default: 1 },
        dryRun: { type: "boolean", default: false },
        locales: { type: "array", items: { type: "string" }, default: ["es_ES"] },
        schedule: { type: "object", default: { enabled: false } },
        token: { type: "string", secret: true, default: "none" },
        "aws:region": { value: "eu-west-1" },
      },
    }),
    fixture,
  );
  const required = { botId: "B", botLocaleId: "es_ES" };
  const read = (config: object) => parseStackConfig(project, "dev", stringify({ config }));

  it("is text for the program, its own values before those of the project, its secrets named", () => {
    const text =
      "config:\n  lex:botId: B\n  botLocaleId: es_ES\n  lex:copies: 07\n  lex:dryRun: true\n  lex:locales: [a, b]\n" +
      "  lex:token: { secure: v1:x }\n  aws:defaultTags: { tags: { owner: me, code: { secure: v1:y } } }\n";
    expect(parseStackConfig(project, "dev", text)).to.deep.equal({
      values: {
        "lex:botId": "B",
        "lex:botLocaleId": "es_ES",
        "lex:copies": "07",
        "lex:dryRun": "true",
        "lex:locales": '["a","b"]',
        "lex:schedule": '{"enabled":false}',
        "lex:token": secretFixture,
        "aws:region": "eu-west-1",
        "aws:defaultTags": `{"tags":{"owner":"me","code":"${secretFixture}"}}`,
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
      { ...required, copies: "many", dryRun: "yes", locales: "es_ES", schedule: "daily" },
      [
        "Stack 'dev' with configuration key 'copies' must be of type 'integer'",
        "Stack 'dev' with configuration key 'dryRun' must be of type 'boolean'",
        "Stack 'dev' with configuration key 'locales' must be of type 'array<string>'",
        "Stack 'dev' with configuration key 'schedule' must be of type 'object'",
      ],
    ],
    [
      "a secret in the open",
      { ...required, token: "abc" },
      ["Stack 'dev' with configuration key 'token' must be encrypted as it's secret"],
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
      "fixture:password": secretFixture,
      "aws:region": "eu-west-1",
      "pulumi:autonaming": '{"pattern":"${project}-${stack}-${name}-${hex(4)}"}',
    });
  });
});

function projectText(file: object): string {
  return stringify({ name: "lex", runtime: "nodejs", ...file });
}

function projectProblems(file: object): string[] {
  return problemsOf(() => parseProject(projectText(file), fixture));
}

function problemsOf(action: () => unknown): string[] {
  try {
    action();
    return [];
  } catch (error) {
    return error instanceof Error ? error.message.split("\n") : [String(error)];
  }
}

function typed(type: string, value: unknown): object {
  return { type, default: value };
}

function wrongDefault(key: string, type: string): string {
  return `The default value specified for configuration key '${key}' is not of the expected type '${type}'`;
}

function everyRuntimeOption(): object {
  return {
    typescript: true,
    tsconfig: "tsconfig.json",
    nodeargs: "--trace-uncaught",
    packagemanager: "npm",
    production: false,
  };
}

function everyDefault(): object {
  return {
    text: typed("string", "a"),
    count: typed("integer", 3),
    flag: typed("boolean", false),
    list: { ...typed("array", ["a"]), items: { type: "string" } },
    map: typed("object", { a: { b: 1 } }),
  };
}
