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
import {
  branchSteps,
  dependenciesOf,
  inOrder,
  parseReference,
  resolve,
  type Reference,
} from "../pipeline/expressions";
import { processingRoot } from "../pipeline/stages";
import { UserError } from "../scripts/messages/user-error";
import { download, pathOf, upload, type Buckets } from "./buckets";

export interface ExecutionRequest {
  readonly definition: PipelineDefinition;
  /** Values for the pipeline's parameters, as text as StartPipelineExecution takes them. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly buckets: Buckets;
  /** The folder that holds a folder for the container of each step. */
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
  /** Why the step failed, in SageMaker's words. */
  readonly failureReason: string | undefined;
}

/**
 * Runs a pipeline's definition on this machine as SageMaker does: a process for each Processing step, in the
 * order of their references. The first failure ends the execution, and what the failed step wrote is kept. A
 * Condition step runs the branch that it chooses. A step that needs one of the other branch does not run.
 *
 * @throws UserError when the parameters do not fit the definition
 */
export async function execute(request: ExecutionRequest): Promise<Execution> {
  const id = executionId();
  const resolver = new ExpressionResolver(
    id,
    parameterValues(request.definition.Parameters, request.parameters),
    request.buckets,
  );
  return { id, ...(await runSteps(request.definition.Steps, resolver, request)) };
}

async function runSteps(
  steps: readonly Step[],
  resolver: ExpressionResolver,
  request: ExecutionRequest,
): Promise<Omit<Execution, "id">> {
  const notRun = new Set<string>();
  for (const step of inOrder(steps).ordered) {
    if (dependenciesOf(step).some((name) => notRun.has(name))) {
      [step, ...branchSteps(step)].forEach(({ Name }) => notRun.add(Name));
      continue;
    }
    const end = await runStep(step, resolver, request, notRun);
    if (end.status !== "Succeeded") {
      return end;
    }
  }
  return { status: "Succeeded", failureReason: undefined };
}

/** Adds the steps of a branch that is not chosen to those that do not run. */
async function runStep(
  step: Step,
  resolver: ExpressionResolver,
  request: ExecutionRequest,
  notRun: Set<string>,
): Promise<Omit<Execution, "id">> {
  switch (step.Type) {
    case "Condition": {
      const { IfSteps, ElseSteps } = step.Arguments;
      const [chosen, other] = holds(step, resolver) ? [IfSteps, ElseSteps] : [ElseSteps, IfSteps];
      other.forEach(({ Name }) => notRun.add(Name));
      return runSteps(chosen, resolver, request);
    }
    case "Fail":
      return { status: "Failed", failureReason: resolver.textOf(step.Arguments.ErrorMessage) };
    case "Processing":
      return runProcessingStep(step, resolver, request);
  }
}

async function runProcessingStep(
  step: ProcessingStep,
  resolver: ExpressionResolver,
  request: ExecutionRequest,
): Promise<Omit<Execution, "id">> {
  const job = resolver.processingJobOf(step);
  request.onEvent({ kind: "started", step: step.Name });
  const start = performance.now();
  const { failure, exitMessage } = await runJob(step.Name, job, request);
  resolver.exitMessages.set(step.Name, exitMessage);
  request.onEvent({ kind: "ended", step: step.Name, milliseconds: performance.now() - start, failure });
  if (request.signal?.aborted) {
    return { status: "Stopped", failureReason: undefined };
  }
  return { status: failure === undefined ? "Succeeded" : "Failed", failureReason: failure };
}

function holds({ Arguments }: ConditionStep, resolver: ExpressionResolver): boolean {
  return Arguments.Conditions.every(({ LeftValue, RightValue }) => {
    const { PropertyFile, Path } = LeftValue["Std:JsonGet"];
    return resolver.propertyOf(PropertyFile.Get, Path) === RightValue;
  });
}

/** The values of a definition's expressions in one execution. */
class ExpressionResolver {
  private readonly outputs = new Map<string, string>();
  private readonly propertyFiles = new Map<string, string>();
  /** What each job left in its exit message. */
  readonly exitMessages = new Map<string, string>();

  constructor(
    private readonly id: string,
    private readonly parameters: ReadonlyMap<string, string>,
    private readonly buckets: Buckets,
  ) {}

  /** The step's job with every expression resolved, as SageMaker writes it to `processingjobconfig.json`. */
  processingJobOf({ Name, Arguments, PropertyFiles = [] }: ProcessingStep) {
    const text = (value: Value) => this.textOf(value);
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

  textOf(value: Value): string {
    return resolve(value, (get) => this.lookUp(get));
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
    const found = reference && this.valueOf(reference);
    if (found === undefined) {
      throw new UserError(`${get} is undefined.`);
    }
    return found;
  }

  private valueOf(reference: Reference): string | undefined {
    switch (reference.kind) {
      case "parameter":
        return this.parameters.get(reference.name);
      case "output":
        return this.outputs.get(`${reference.step}.${reference.output}`);
      case "exitMessage":
        return this.exitMessages.get(reference.step);
      case "execution":
        return ["PipelineExecutionId", "PipelineExecutionArn"].includes(reference.name) ? this.id : undefined;
      case "propertyFile":
        return undefined;
    }
  }
}

type ProcessingJob = ReturnType<ExpressionResolver["processingJobOf"]>;

/** Twelve lower-case letters and digits, as in SageMaker. */
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

/** How a job ended. Without a failure, its exit message may still say something. */
interface JobEnd {
  readonly failure: string | undefined;
  readonly exitMessage: string;
}

/** Runs one job, with a folder as its container. */
async function runJob(step: string, job: ProcessingJob, request: ExecutionRequest): Promise<JobEnd> {
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
  const messageFile = join(container, "message");
  const exitMessage = existsSync(messageFile) ? readFileSync(messageFile, "utf8") : "";
  return { exitMessage, failure: exit === 0 ? undefined : exitMessage || `${step} ended with ${exit}.` };
}

/**
 * Runs the script with this machine's Node, without the entrypoint that installs it. Returns exit code or
 * signal.
 */
async function runNode(
  step: string,
  job: ProcessingJob,
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
