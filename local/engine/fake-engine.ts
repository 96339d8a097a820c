import { status, type handleUnaryCall } from "@grpc/grpc-js";
import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { IEngineServer } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import { InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import type { IResourceMonitorServer } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as resource from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import {
  fromStruct,
  recordAll,
  toStruct,
  withoutOutputValues,
  type Properties,
  type Value,
} from "./property-values";

/** What providers answer. */
export interface Cloud {
  /**
   * The id of a resource that is created or read, and its outputs besides its inputs. An output that is left
   * out stays unknown to the program.
   */
  readonly compute: (resource: Identity & { readonly inputs: Properties }) => Computed;
  /** By token; the program fails on any other. */
  readonly invokes: Readonly<Record<string, (args: Properties) => Properties>>;
}

export interface Computed {
  /** Without it the id stays unknown, as in the preview of a new resource. */
  readonly id?: string;
  readonly outputs?: Properties;
}

export interface Identity {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** A URN. Without it the resource is a child of the stack. */
  readonly parent?: string;
}

/** A resource that the program registered or read. Its values are as `record` writes them. */
export interface RecordedResource extends Identity {
  readonly custom: boolean;
  readonly inputs: Properties;
  /** What a component registered as its outputs. */
  readonly outputs?: Properties;
  /** Resource options that were given or inherited. */
  readonly options: Properties;
}

export interface Log {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
}

/**
 * The two gRPC services that a program talks to, and a record of what it asked for.
 * @param pwd the folder in which the program runs
 */
export function fakeEngine(project: string, stack: string, cloud: Cloud, pwd: string) {
  const resources = new Map<string, RecordedResource>();
  const outputs = new Map<string, Properties>();
  const logs: Log[] = [];
  const refusals: string[] = [];
  let stackUrn = "";

  /** An error of a handler goes to the program and is kept, because the program may ignore it. */
  const answer =
    <Request, Response>(reply: (request: Request) => Response): handleUnaryCall<Request, Response> =>
    ({ request }, callback) => {
      try {
        callback(null, reply(request));
      } catch (error) {
        const details = error instanceof Error ? error.message : String(error);
        refusals.push(details);
        callback({ code: status.INVALID_ARGUMENT, details });
      }
    };
  const acknowledge = answer(() => new Empty());
  const refuse = (what: string) =>
    answer((): never => {
      throw new Error(`The fake engine does not know ${what}.`);
    });

  const identify = (request: resource.RegisterResourceRequest | resource.ReadResourceRequest): Identity => {
    const type = request.getType();
    const name = request.getName();
    const parent = request.getParent() === stackUrn ? "" : request.getParent();
    const ancestry = parent === "" ? "" : `${qualifiedType(parent)}$`;
    const urn = `urn:pulumi:${stack}::${project}::${ancestry}${type}::${name}`;
    if (resources.has(urn)) {
      throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name.`);
    }
    return { type, name, urn, ...(parent !== "" && { parent }) };
  };
  const compute = (identity: Identity, inputs: Properties): Computed =>
    cloud.compute({ ...identity, inputs: recordAll(inputs, pwd) });

  const monitor = {
    supportsFeature: answer((request: resource.SupportsFeatureRequest) => {
      const response = new resource.SupportsFeatureResponse();
      response.setHassupport(supportedFeatures.has(request.getId()));
      return response;
    }),
    registerResource: answer((request: resource.RegisterResourceRequest) => {
      const identity = identify(request);
      const response = new resource.RegisterResourceResponse();
      response.setUrn(identity.urn);
      if (identity.type === "pulumi:pulumi:Stack") {
        stackUrn = identity.urn;
        return response;
      }
      const inputs = fromStruct(request.getObject());
      const custom = request.getCustom();
      if (request.getRemote()) {
        throw new Error("The fake engine does not construct remote components.");
      }
      resources.set(identity.urn, {
        ...identity,
        custom,
        inputs: recordAll(inputs, pwd),
        options: options(request),
      });
      const { id = "", outputs = {} } = custom ? compute(identity, inputs) : {};
      response.setId(id);
      response.setObject(toStruct({ ...resolved(inputs), ...outputs }));
      return response;
    }),
    registerResourceOutputs: answer((request: resource.RegisterResourceOutputsRequest) => {
      outputs.set(request.getUrn(), recordAll(fromStruct(request.getOutputs()), pwd));
      return new Empty();
    }),
    readResource: answer((request: resource.ReadResourceRequest) => {
      const identity = identify(request);
      const id = request.getId();
      const inputs = fromStruct(request.getProperties());
      resources.set(identity.urn, {
        ...identity,
        custom: true,
        inputs: recordAll(inputs, pwd),
        options: given({ read: id, provider: request.getProvider(), version: request.getVersion() }),
      });
      const { outputs = {} } = compute(identity, { ...inputs, id });
      const response = new resource.ReadResourceResponse();
      response.setUrn(identity.urn);
      response.setProperties(toStruct({ ...resolved(inputs), ...outputs }));
      return response;
    }),
    invoke: answer((request: resource.ResourceInvokeRequest) => {
      const token = request.getTok();
      const reply = cloud.invokes[token];
      if (reply === undefined) {
        throw new Error(`The fake cloud has no answer to the invoke of ${token}.`);
      }
      const response = new InvokeResponse();
      response.setReturn(toStruct(reply(recordAll(fromStruct(request.getArgs()), pwd))));
      return response;
    }),
    registerPackage: answer(() => {
      const response = new resource.RegisterPackageResponse();
      response.setRef("package");
      return response;
    }),
    signalAndWaitForShutdown: acknowledge,
    call: refuse("method calls"),
    registerStackTransform: refuse("transforms"),
    registerStackInvokeTransform: refuse("invoke transforms"),
    registerResourceHook: refuse("resource hooks"),
    registerErrorHook: refuse("error hooks"),
    getDeploymentInfo: refuse("deployment information"),
  } satisfies IResourceMonitorServer;

  const engineService = {
    log: answer((request: engine.LogRequest) => {
      const severity = severities[request.getSeverity()];
      if (severity !== undefined) {
        logs.push({ severity, message: request.getMessage() });
      }
      return new Empty();
    }),
    getRootResource: answer(() => {
      const response = new engine.GetRootResourceResponse();
      response.setUrn(stackUrn);
      return response;
    }),
    setRootResource: answer(() => new engine.SetRootResourceResponse()),
    startDebugging: acknowledge,
    requirePulumiVersion: answer(() => new engine.RequirePulumiVersionResponse()),
  } satisfies IEngineServer;

  return {
    monitor,
    engine: engineService,
    logs,
    refusals,
    recorded: (): { resources: readonly RecordedResource[]; stackOutputs: Properties } => ({
      resources: [...resources.values()].map((resource) => {
        const registered = outputs.get(resource.urn);
        return registered === undefined ? resource : { ...resource, outputs: registered };
      }),
      stackOutputs: outputs.get(stackUrn) ?? {},
    }),
  };
}

/** Without these the SDK flattens its special values, or throws on the options of that name. */
const supportedFeatures: ReadonlySet<string> = new Set([
  "secrets",
  "resourceReferences",
  "outputValues",
  "deletedWith",
  "replaceWith",
  "aliasSpecs",
]);

const severities: Readonly<Partial<Record<engine.LogSeverity, Log["severity"]>>> = {
  [engine.LogSeverity.INFO]: "info",
  [engine.LogSeverity.WARNING]: "warning",
  [engine.LogSeverity.ERROR]: "error",
};

function qualifiedType(urn: string): string {
  const [, , type] = urn.split("::");
  if (type === undefined) {
    throw new Error(`'${urn}' is not a URN.`);
  }
  return type;
}

function resolved(inputs: Properties): Properties {
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, withoutOutputValues(value)]));
}

function options(request: resource.RegisterResourceRequest): Properties {
  const propertyDependencies: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((dependencies, property) => {
    const urns = dependencies.getUrnsList();
    if (urns.length > 0) {
      propertyDependencies[property] = urns.sort();
    }
  });
  const implied = new Set(Object.values(propertyDependencies).flat());
  return given({
    protect: request.getProtect() === true ? true : undefined,
    retainOnDelete: request.getRetainondelete() === true ? true : undefined,
    deleteBeforeReplace: request.getDeletebeforereplacedefined()
      ? request.getDeletebeforereplace()
      : undefined,
    // The SDK adds the resources that the inputs come from. They are in `propertyDependencies` already.
    dependsOn: request
      .getDependenciesList()
      .filter((urn) => !implied.has(urn))
      .sort(),
    propertyDependencies,
    provider: request.getProvider(),
    providers: Object.fromEntries(request.getProvidersMap().getEntryList()),
    aliases: request.getAliasesList().map((alias) => alias.getUrn() || aliasSpec(alias, request.getParent())),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    replaceWith: request.getReplaceWithList(),
    deletedWith: request.getDeletedwith(),
    import: request.getImportid(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    customTimeouts: given({ ...request.getCustomtimeouts()?.toObject() }),
    version: request.getVersion(),
  });
}

/** The SDK fills in the parent that the resource has anyway. */
function aliasSpec(alias: Alias, parent: string): Value {
  const spec = given({ ...alias.getSpec()?.toObject() });
  return spec["parenturn"] === parent ? given({ ...spec, parenturn: undefined }) : spec;
}

/** Leaves out empty values: in Protobuf a string, list or map cannot be absent, only empty. */
function given(values: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  const present: Record<string, Value> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined || value === "") {
      continue;
    }
    if (typeof value === "object" && value !== null && Object.keys(value).length === 0) {
      continue;
    }
    present[key] = value;
  }
  return present;
}
