import js from "@eslint/js";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/** The folders that each top folder may import from. */
const mayImport = {
  pipeline: [],
  scripts: ["pipeline"],
  local: ["scripts", "pipeline"],
  components: ["pipeline"],
  cli: ["local", "scripts", "pipeline"],
};
const rooms = Object.keys(mayImport);
const nobodysRooms = ["tests", "deploy", "runtime"];

/**
 * The folders of scripts/. Each may import from those before it. The stages may import from all of them, and
 * the steps from the stages too.
 */
const scriptsRooms = ["messages", "stage", "artifacts", "lex", "reading", "utterances", "evaluation"];

const zones = [
  ...rooms.map((room) => ({
    target: `./${room}`,
    from: [...rooms, ...nobodysRooms]
      .filter((other) => other !== room && !mayImport[room].includes(other))
      .map((other) => `./${other}`),
    message: `CONTRIBUTING.md says what ${room}/ may import.`,
  })),
  {
    target: "./index.ts",
    from: ["local", "cli", "scripts", ...nobodysRooms].map((room) => `./${room}`),
    message: "index.ts may import components/ and pipeline/.",
  },
  ...scriptsRooms.map((room, index) => ({
    target: `./scripts/${room}`,
    from: ["*.ts", ...scriptsRooms.slice(index + 1).map((later) => `${later}/**`)].map(
      (path) => `./scripts/${path}`,
    ),
    message: `scripts/${room}/ may import ${scriptsRooms.slice(0, index).join(", ") || "no other room"}.`,
  })),
  {
    target: ["*.ts", ...scriptsRooms.map((room) => `${room}/**`)].map((path) => `./scripts/${path}`),
    from: "./scripts/steps/**",
    message: "The steps are on top of the stages.",
  },
];

export default tseslint.config(
  { ignores: ["node_modules/", "runs/", ".steps/"] },
  js.configs.recommended,
  {
    rules: {
      curly: "error",
      // Prettier wraps the code, but not its comments.
      "max-len": ["error", { code: 1_000, comments: 110, ignoreUrls: true }],
    },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { "import-x": importX },
    settings: {
      "import-x/extensions": [".ts"],
      "import-x/parsers": { "@typescript-eslint/parser": [".ts"] },
      "import-x/resolver-next": [createNodeResolver({ extensions: [".ts", ".js", ".json"] })],
    },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Pulumi turns an Output in a template into "Calling [toString] on an [Output<T>] is not supported".
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "import-x/order": [
        "error",
        {
          groups: ["builtin", "external", "parent", "sibling"],
          "newlines-between": "never",
          alphabetize: { order: "asc" },
        },
      ],
      "import-x/no-cycle": "error",
      "import-x/no-restricted-paths": ["error", { basePath: import.meta.dirname, zones }],
    },
  },
  {
    files: ["pipeline/**/*.ts", "scripts/**/*.ts", "cli/**/*.ts", "local/**/*.ts"],
    ignores: ["local/engine/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["@pulumi/*"], message: "Pulumi stays in components/ and local/engine/." }] },
      ],
    },
  },
  {
    files: ["tests/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off" },
  },
);
