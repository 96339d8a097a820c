import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import { fakeEngine, type Cloud, type Log, type RecordedResource } from "./fake-engine";
import type { Project, StackConfig } from "./project";
import type { Properties } from "./property-values";

/** A program, its config and the cloud that answers it. */
export interface Program {
  readonly project: Pick<Project, "directory" | "name" | "main" | "tsconfig">;
  readonly stack: string;
  readonly config: StackConfig;
  readonly cloud: Cloud;
  /** Its abort kills the program. By default it aborts after a minute. */
  readonly deadline?: AbortSignal;
  /** Variables for the program besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Run {
  /** Every resource but the stack, in the order in which they arrived. */
  readonly resources: readonly RecordedResource[];
  readonly stackOutputs: Properties;
  /** By package: the config of the default provider, for resources that do not name a provider. */
  readonly defaultProviders: Readonly<Record<string, Properties>>;
  /** What the CLI would show, so without debug messages. */
  readonly logs: readonly Log[];
  /** 0 for success, 32 after an error that the program reported in the log, otherwise 1. */
  readonly exitCode: number;
  /** Standard output and standard error. */
  readonly printed: string;
}

/**
 * Runs the real entry of a Pulumi program as the CLI's Node.js host does in a preview. The engine records
 * what the program registers and asks `cloud` for what providers compute. It does not make a diff or check
 * the inputs.
 * @throws Error when the program asks for something that the engine does not know, even if it catches that
 * error, or when it does not end in time
 */
export async function runProgram(program: Program): Promise<Run> {
  const { pwd, entry } = entryPoint(program.project);
  const fake = fakeEngine(program.project.name, program.stack, program.cloud, pwd);
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(ResourceMonitorService, fake.monitor);
  server.addService(EngineService, fake.engine);
  try {
    const address = await listen(server);
    const { exitCode, printed } = await runNode(program, address, pwd, entry);
    if (fake.refusals.length > 0) {
      throw new Error(fake.refusals.join("\n"));
    }
    if (exitCode === undefined) {
      throw new Error(killed(fake.logs, printed));
    }
    const { resources, stackOutputs } = fake.recorded();
    const defaultProviders = providersByDefault(resources, program.config);
    return { resources, stackOutputs, defaultProviders, logs: fake.logs, exitCode, printed };
  } finally {
    server.forceShutdown();
  }
}

/** The engine's `getPwdMain`: the program runs in its own folder. */
function entryPoint({ directory, main }: Program["project"]): { pwd: string; entry: string } {
  const path = join(directory, main);
  return statSync(path).isDirectory()
    ? { pwd: path, entry: "." }
    : { pwd: dirname(path), entry: basename(path) };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error) {
        reject(error);
      } else {
        resolve(`127.0.0.1:${port}`);
      }
    });
  });
}

/**
 * Starts `@pulumi/pulumi/cmd/run` as pulumi-language-nodejs does. Without an exit code, the program was
 * killed.
 */
function runNode(
  { project, stack, config, deadline = AbortSignal.timeout(60_000), environment }: Program,
  address: string,
  pwd: string,
  entry: string,
): Promise<{ exitCode?: number; printed: string }> {
  const run = createRequire(join(project.directory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  const args = ["--monitor", address, "--engine", address, "--project", project.name, "--stack", stack];
  args.push("--pwd", pwd, "--root-directory", project.directory, "--dry-run", entry);
  const node = spawn(process.execPath, [run, ...args], {
    cwd: pwd,
    stdio: ["ignore", "pipe", "pipe"],
    signal: deadline,
    killSignal: "SIGKILL",
    env: {
      ...inheritedEnvironment(),
      ...environment,
      PULUMI_NODEJS_TYPESCRIPT: "true",
      ...(project.tsconfig !== undefined && { PULUMI_NODEJS_TSCONFIG_PATH: project.tsconfig }),
      PULUMI_CONFIG: JSON.stringify(config.values),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(config.secretKeys),
    },
  });
  let printed = "";
  for (const stream of [node.stdout, node.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  }
  return new Promise((resolve, reject) => {
    node.once("error", (error) => {
      if (!deadline.aborted) {
        reject(error);
      }
    });
    node.once("close", (exitCode) => {
      resolve(exitCode === null ? { printed } : { exitCode, printed });
    });
  });
}

/**
 * This process's environment without variables that change how the program runs or give it AWS credentials.
 */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(PULUMI_|AWS_|NODE_OPTIONS$)/.test(name)),
  );
}

function providersByDefault(
  resources: readonly RecordedResource[],
  { values }: StackConfig,
): Run["defaultProviders"] {
  const packages = resources
    .filter(({ custom, options }) => custom && !("provider" in options))
    .map(({ type }) => type.slice(0, type.indexOf(":")));
  return Object.fromEntries(
    [...new Set(packages)].map((name) => [
      name,
      Object.fromEntries(
        Object.entries(values)
          .filter(([key]) => key.startsWith(`${name}:`))
          .map(([key, value]) => [key.slice(name.length + 1), value]),
      ),
    ]),
  );
}

function killed(logs: readonly Log[], printed: string): string {
  const said = [...logs.map(({ message }) => message), printed].join("\n").trim();
  return `The program did not end in time and was killed. It said: ${said === "" ? "nothing" : said}`;
}
