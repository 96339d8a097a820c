import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type {
  ConditionStep,
  Parameter,
  PipelineDefinition,
  ProcessingStep,
  Step,
  Value,
} from "../pipeline/definition-schema";
import { inOrder, parseReference, resolve } from "../pipeline/expressions";
import { processingRoot } from "../pipeline/stages";
import { UserError } from "../scripts/messages/user-error";
import { download, pathOf, upload, type Buckets } from "./buckets";

export interface ExecutionRequest {
  readonly definition: PipelineDefinition;
  /** Values for the pipeline's parameters, as text as StartPipelineExecution takes them. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly buckets: Buckets;
  /** The folder in which each step gets its container's. */
  readonly workFolder: string;
  /** What the machine adds to the environment of every step, as SageMaker adds credentials. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly onEvent: (event: ExecutionEvent) => void;
}

export type ExecutionEvent =
  | { readonly kind: "started"; readonly step: string }
  | { readonly kind: "line"; readonly step: string; readonly line: string }
  | {
      readonly kind: "ended";
      readonly step: string;
      readonly milliseconds: number;
      readonly failure: string | undefined;
    };

export interface Execution {
  readonly id: string;
  readonly status: "Succeeded" | "Failed" | "Stopped";
  /** Of the step that failed, as SageMaker words it. */
  readonly failureReason: string | undefined;
}

/**
 * Runs a pipeline's definition on this machine as SageMaker runs it: a process for each Processing step, in the order of their references;
 * the first failure ends the execution. What a failed step wrote is kept. Of a Condition step, the branch that it chooses runs.
 *
 * @throws UserError when the parameters are not the definition's.
 */
export async function execute(request: ExecutionRequest): Promise<Execution> {
  const id = executionId();
  const scope = new Scope(
    id,
    parameterValues(request.definition.Parameters, request.parameters),
    request.buckets,
  );
  return { id, ...(await runSteps(request.definition.Steps, scope, request)) };
}

async function runSteps(
  steps: readonly Step[],
  scope: Scope,
  request: ExecutionRequest,
): Promise<Omit<Execution, "id">> {
  for (const step of inOrder(steps).ordered) {
    if (step.Type === "Condition") {
      const { IfSteps, ElseSteps } = step.Arguments;
      const branch = await runSteps(holds(step, scope) ? IfSteps : ElseSteps, scope, request);
      if (branch.status !== "Succeeded") {
        return branch;
      }
      continue;
    }
    const job = scope.jobOf(step);
    request.onEvent({ kind: "started", step: step.Name });
    const start = performance.now();
    const failure = await runJob(step.Name, job, request);
    request.onEvent({ kind: "ended", step: step.Name, milliseconds: performance.now() - start, failure });
    if (request.signal?.aborted) {
      return { status: "Stopped", failureReason: undefined };
    }
    if (failure !== undefined) {
      return { status: "Failed", failureReason: failure };
    }
  }
  return { status: "Succeeded", failureReason: undefined };
}

function holds({ Arguments }: ConditionStep, scope: Scope): boolean {
  return Arguments.Conditions.every(({ LeftValue, RightValue }) => {
    const { PropertyFile, Path } = LeftValue["Std:JsonGet"];
    return scope.propertyOf(PropertyFile.Get, Path) === RightValue;
  });
}

/** What the expressions of a definition stand for in one execution. */
class Scope {
  private readonly outputs = new Map<string, string>();
  private readonly propertyFiles = new Map<string, string>();

  constructor(
    private readonly id: string,
    private readonly parameters: ReadonlyMap<string, string>,
    private readonly buckets: Buckets,
  ) {}

  /** A step's request with text in place of every expression: what SageMaker puts into the container as `processingjobconfig.json`. */
  jobOf({ Name, Arguments, PropertyFiles = [] }: ProcessingStep) {
    const text = (value: Value) => resolve(value, (get) => this.lookUp(get));
    const outputs = Arguments.ProcessingOutputConfig.Outputs.map((output) => ({
      ...output,
      S3Output: { ...output.S3Output, S3Uri: text(output.S3Output.S3Uri) },
    }));
    for (const { OutputName, S3Output } of outputs) {
      this.outputs.set(`${Name}.${OutputName}`, S3Output.S3Uri);
    }
    for (const { PropertyFileName, OutputName, FilePath } of PropertyFiles) {
      this.propertyFiles.set(
        `${Name}.${PropertyFileName}`,
        `${this.outputs.get(`${Name}.${OutputName}`) ?? ""}/${FilePath}`,
      );
    }
    return {
      ...Arguments,
      Environment: Object.fromEntries(
        Object.entries(Arguments.Environment).map(([name, value]) => [name, text(value)]),
      ),
      ProcessingInputs: Arguments.ProcessingInputs.map((input) => ({
        ...input,
        S3Input: { ...input.S3Input, S3Uri: text(input.S3Input.S3Uri) },
      })),
      ProcessingOutputConfig: { Outputs: outputs },
    };
  }

  /** The value of a key in a step's property file, as text. */
  propertyOf(get: string, path: string): string {
    const reference = parseReference(get);
    const uri =
      reference?.kind === "propertyFile"
        ? this.propertyFiles.get(`${reference.step}.${reference.file}`)
        : undefined;
    if (uri === undefined) {
      throw new UserError(`${get} is undefined.`);
    }
    const content = z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(readFileSync(pathOf(this.buckets, uri), "utf8")));
    return String(content[path]);
  }

  private lookUp(get: string): string {
    const reference = parseReference(get);
    const found =
      reference?.kind === "parameter"
        ? this.parameters.get(reference.name)
        : reference?.kind === "output"
          ? this.outputs.get(`${reference.step}.${reference.output}`)
          : { "Execution.PipelineExecutionId": this.id, "Execution.PipelineExecutionArn": this.id }[get];
    if (found === undefined) {
      throw new UserError(`${get} is undefined.`);
    }
    return found;
  }
}

type Job = ReturnType<Scope["jobOf"]>;

/** SageMaker's are twelve lower-case letters and digits. */
function executionId(): string {
  return Array.from(randomBytes(12), (byte) => (byte % 36).toString(36)).join("");
}

function parameterValues(
  parameters: readonly Parameter[],
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const unknown = Object.keys(given).find((name) => !parameters.some(({ Name }) => Name === name));
  if (unknown !== undefined) {
    throw new UserError(`Unknown parameter '${unknown}'.`);
  }
  return new Map(
    parameters.map((parameter) => [parameter.Name, parameterValue(parameter, given[parameter.Name])]),
  );
}

function parameterValue(
  { Name, Type, DefaultValue, EnumValues }: Parameter,
  given: string | undefined,
): string {
  const value = given ?? String(DefaultValue);
  if (value === "") {
    throw new UserError(`Parameter '${Name}' is empty.`);
  }
  if (Type === "Integer" && !/^-?\d+$/.test(value)) {
    throw new UserError(`Parameter '${Name}' must be a whole number, not '${value}'.`);
  }
  if (EnumValues && !EnumValues.includes(value)) {
    throw new UserError(`Parameter '${Name}' must be one of ${EnumValues.join(", ")}.`);
  }
  return value;
}

/** Runs one job in a folder that stands for its container. Returns why it failed, or undefined. */
async function runJob(step: string, job: Job, request: ExecutionRequest): Promise<string | undefined> {
  const container = join(request.workFolder, step);
  const inContainer = (path: string) => path.replace(processingRoot, container);
  mkdirSync(container, { recursive: true });
  writeFileSync(join(container, "processingjobconfig.json"), JSON.stringify(job, null, 2));
  for (const { S3Input } of job.ProcessingInputs) {
    download(request.buckets, S3Input.S3Uri, inContainer(S3Input.LocalPath));
  }
  for (const { S3Output } of job.ProcessingOutputConfig.Outputs) {
    mkdirSync(inContainer(S3Output.LocalPath), { recursive: true });
  }

  const exit = await runNode(step, job, container, request);

  for (const { S3Output } of job.ProcessingOutputConfig.Outputs) {
    upload(request.buckets, inContainer(S3Output.LocalPath), S3Output.S3Uri);
  }
  if (exit === 0) {
    return undefined;
  }
  const messageFile = join(container, "message");
  return existsSync(messageFile) ? readFileSync(messageFile, "utf8") : `${step} ended with ${exit}.`;
}

/** The entrypoint installs Node and hands over to it; on this machine there is one. Resolves to the exit code or the signal's name. */
async function runNode(
  step: string,
  job: Job,
  container: string,
  { environment, signal, onEvent }: ExecutionRequest,
): Promise<number | string> {
  const script = job.AppSpecification.ContainerArguments.map((argument) =>
    argument.replace(processingRoot, container),
  );
  const child = spawn(process.execPath, script, {
    env: { ...environment, ...job.Environment, PROCESSING_ROOT: container },
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal ? { signal } : {}),
  });
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => {
      onEvent({ kind: "line", step, line });
    });
  }
  return new Promise((done) => {
    child.once("error", (error) => {
      done(error.message);
    });
    child.once("close", (code, killedBy) => {
      done(code ?? killedBy ?? "no exit code");
    });
  });
}
