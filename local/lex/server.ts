import { randomUUID } from "node:crypto";
import { z } from "zod";
import { testAliasId } from "../../pipeline/settings";
import { archiveLimits, writeArchive } from "../../scripts/lex/archive";
import { buildNow } from "./builds";
import { type Clock, systemClock } from "./clock";
import { addUtterance } from "./drift";
import { LexError, invalid, notServed } from "./errors";
import { localeArchive } from "./exports";
import { type FaultSettings, Faults } from "./faults";
import { type Request, type Response, bodyOf, listen } from "./http-server";
import type { LocalBot } from "./load-bot";
import type { Call, Operation } from "./operation";
import { operations } from "./operations";
import { PresignedUrls, S3Error, tooLarge } from "./presigned-urls";
import { type BotAlias, BotLocale, type BotLocaleStatus, type Delays, type Layout, State } from "./state";
import { Transfers } from "./transfers";

export interface LocalLexOptions {
  readonly bots: readonly LocalBot[];
  /** @default any that is free */
  readonly port?: number;
  readonly faults?: FaultSettings;
  readonly delays?: Partial<Delays>;
  /** Where an export of a locale puts its files. @default "bot" */
  readonly layout?: Layout;
  /** @default the system's */
  readonly clock?: Clock;
  /**
   * Called after each request is carried out, before the client gets its answer. If it throws, the client
   * does not get an answer.
   */
  readonly onRequest?: (request: ServedRequest) => void;
}

export interface ServedRequest {
  /** Such as "StartImport"; "Upload" and "Download" for the URLs; "Unknown" for what is not served. */
  readonly operation: string;
  readonly path: string;
  /** The HTTP status of the answer. */
  readonly status: number;
}

export interface LocalLex {
  /** The endpoint of both APIs, model building and runtime. */
  readonly url: string;
  readonly botIds: readonly string[];
  /** The ZIP that an export of the DRAFT locale would hold now. */
  localeZip(botId: string, localeId: string): Buffer;
  localeStatus(botId: string, localeId: string): BotLocaleStatus;
  /**
   * Does what an editor does in the console: adds a sample utterance to the DRAFT and builds it. Returns
   * whether Lex lets them: not while it imports or builds.
   */
  edit(botId: string, localeId: string, intent: string, utterance: string): boolean;
  /** Adds faults while the server runs. */
  inject(faults: FaultSettings): void;
  close(): Promise<void>;
}

const defaultDelays: Delays = {
  export: 20,
  import: 40,
  build: 80,
  recognize: 2,
  version: 40,
  alias: 20,
  propagation: 100,
};

/**
 * Serves the Lex V2 model building and runtime APIs that retraining needs, on this machine alone, to any AWS
 * SDK or CLI whose endpoint is its `url`. It keeps the documented states, quotas and errors. Where Lex's
 * behaviour is not documented, it takes the stricter reading.
 *
 * A locale that can be built starts as Built. The server does not check credentials, and keeps nothing after
 * it closes.
 */
export async function startLocalLex(options: LocalLexOptions): Promise<LocalLex> {
  const { clock = systemClock, port = 0, layout = "bot" } = options;
  const state = new State(
    clock,
    { ...defaultDelays, ...options.delays },
    new Faults(options.faults ?? {}),
    layout,
  );
  for (const bot of options.bots) {
    addBot(state, bot);
  }
  const transfers = new Transfers(state, new PresignedUrls(clock));

  const server = await listen(port, (request, response) => {
    serve(request, response, state, transfers, options.onRequest ?? (() => undefined)).catch(() => {
      // The client hung up, or `onRequest` threw: in both cases there is no answer.
      response.destroy();
    });
  });
  return {
    url: server.url,
    botIds: [...state.bots.keys()],
    localeZip: (botId, localeId) =>
      writeArchive(localeArchive(state.bot(botId), state.locale(botId, "DRAFT", localeId), layout)),
    localeStatus: (botId, localeId) => state.locale(botId, "DRAFT", localeId).status,
    edit: (botId, localeId, intent, utterance) =>
      addUtterance(state, state.locale(botId, "DRAFT", localeId), intent, utterance),
    inject: (faults) => {
      state.faults.inject(faults);
    },
    close: () => server.close(),
  };
}

function addBot(state: State, { locales, ...bot }: LocalBot): void {
  const created = state.clock.now();
  const built = locales.map((content) => {
    const locale = new BotLocale(content, created);
    buildNow(locale);
    return [content.id, locale] as const;
  });
  const settings = { botAliasName: "TestBotAlias", botVersion: "DRAFT" };
  const testAlias: BotAlias = {
    id: testAliasId,
    created,
    lastUpdated: created,
    status: "Available",
    settings,
    answering: settings,
  };
  state.bots.set(bot.id, {
    ...bot,
    created,
    locales: new Map(built),
    versions: new Map(),
    lastVersion: 0,
    aliases: new Map([[testAliasId, testAlias]]),
  });
}

interface Answer {
  readonly operation: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

async function serve(
  request: Request,
  response: Response,
  state: State,
  transfers: Transfers,
  onRequest: (request: ServedRequest) => void,
): Promise<void> {
  // HTTP/2 has ":authority" for the host.
  const authority = request.headers.host ?? request.headers[":authority"];
  const url = new URL(`http://${z.string().parse(authority)}${request.url ?? "/"}`);
  const isTransfer = /^\/(uploads|downloads)\//.test(url.pathname);
  const { operation, status, headers, body } = isTransfer
    ? await transfer(request, url, transfers)
    : await callApi(request, url, state, transfers);
  onRequest({ operation, path: url.pathname, status });
  response.writeHead(status, {
    "x-amzn-RequestId": randomUUID(),
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

async function transfer(request: Request, url: URL, transfers: Transfers): Promise<Answer> {
  const operation = request.method === "PUT" ? "Upload" : "Download";
  try {
    if (request.method === "GET") {
      return {
        operation,
        status: 200,
        headers: { "Content-Type": "application/zip" },
        body: transfers.download(url),
      };
    }
    if (request.method !== "PUT") {
      throw new S3Error(
        405,
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
      );
    }
    transfers.checkUpload(url, request.headers);
    const content = await bodyOf(request, archiveLimits.zippedBytes);
    if (!content) {
      throw tooLarge();
    }
    transfers.upload(url, content);
    return { operation, status: 200, body: "" };
  } catch (error) {
    if (!(error instanceof S3Error)) {
      throw error;
    }
    const headers = { "Content-Type": "application/xml" };
    return { operation, status: error.status, headers, body: error.xml };
  }
}

async function callApi(request: Request, url: URL, state: State, transfers: Transfers): Promise<Answer> {
  const route = routeOf(request.method ?? "", url.pathname);
  const operation = route?.operation.name ?? "Unknown";
  const json = { "Content-Type": "application/json" };
  try {
    const body = await bodyOf(request, maxRequestBytes);
    if (!body) {
      throw invalid("The body of the request is too large.");
    }
    if (!route) {
      throw notServed(`${request.method ?? ""} ${url.pathname}`);
    }
    injectFaults(state);
    const answer = await route.operation.answer(callOf(route, body.toString(), url, state, transfers));
    return { operation, status: route.operation.status, headers: json, body: JSON.stringify(answer) };
  } catch (error) {
    const { type, status, message } =
      error instanceof LexError
        ? error
        : new LexError("InternalServerException", `The local Lex failed: ${String(error)}`);
    const headers = { ...json, "x-amzn-ErrorType": type, ...(status === 429 ? { "Retry-After": "1" } : {}) };
    return { operation, status, headers, body: JSON.stringify({ message }) };
  }
}

function injectFaults(state: State): void {
  if (state.faults.strikes("throttling")) {
    throw new LexError("ThrottlingException", "A fault was injected (throttling): wait and try again.");
  }
  if (state.faults.strikes("server-error")) {
    throw new LexError("InternalServerException", "A fault was injected (server-error): try again.");
  }
}

interface Route {
  readonly operation: Operation;
  readonly params: ReadonlyMap<string, string>;
}

function routeOf(method: string, path: string): Route | undefined {
  for (const operation of operations) {
    const params = operation.method === method ? paramsIn(path, operation.path) : undefined;
    if (params) {
      return { operation, params };
    }
  }
  return undefined;
}

function paramsIn(path: string, pattern: string): ReadonlyMap<string, string> | undefined {
  const given = path.replace(/\/$/, "").split("/");
  const expected = pattern.split("/");
  const params = new Map<string, string>();
  const matches = expected.every((part, index) => {
    const name = /^\{(.*)\}$/.exec(part)?.[1];
    if (name !== undefined) {
      params.set(name, decodeURIComponent(given[index] ?? ""));
    }
    return name !== undefined || part === given[index];
  });
  return matches && given.length === expected.length ? params : undefined;
}

function callOf(
  { operation, params }: Route,
  text: string,
  { origin, searchParams }: URL,
  state: State,
  transfers: Transfers,
): Call {
  return {
    state,
    transfers,
    origin,
    query: searchParams,
    param: (name) => {
      const value = params.get(name);
      if (value === undefined) {
        throw new Error(`${operation.name} has no parameter ${name} in its path.`);
      }
      return value;
    },
    parse: (schema) => {
      const parsed = schema.safeParse(jsonOf(text));
      if (parsed.success) {
        return parsed.data;
      }
      const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      throw invalid(`The request is not one that the local Lex takes: ${problems.join("; ")}.`);
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text || "{}");
  } catch {
    throw invalid("The body of the request is not JSON.");
  }
}

/** Much larger than any request of these APIs, except an upload. */
const maxRequestBytes = 2 ** 20;
