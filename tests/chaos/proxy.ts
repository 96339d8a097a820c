import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { buffer } from "node:stream/consumers";

/** What goes wrong with a request. */
export const faultKinds = [
  "reset before",
  "reset after",
  "no answer",
  "error 403",
  "error 409",
  "error 412",
  "error 429",
  "error 500",
  "error 503",
  "error 500 after",
  "truncated",
  "stale",
  "outage",
  "kill before",
  "kill after",
  "edit",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** How many requests an outage lasts. */
const outage = 25;

export interface Fault {
  /** The number of the request, counted from 0 over all requests of the execution. */
  readonly at: number;
  readonly kind: FaultKind;
}

export interface ProxyOptions {
  readonly lexUrl: string;
  readonly s3Url: string;
  readonly faults: readonly Fault[];
  readonly kill: () => void;
  /** Lets somebody else edit the bot. */
  readonly edit: () => void;
  readonly log: (line: string) => void;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer;
}

/** Stands between the steps of one execution and Lex and S3, and lets things go wrong. */
export class Proxy {
  private count = 0;
  private readonly servers: Server[] = [];
  private readonly former = new Map<string, Answer>();
  lexUrl = "";
  s3Url = "";

  private constructor(private readonly options: ProxyOptions) {}

  static async start(options: ProxyOptions): Promise<Proxy> {
    const proxy = new Proxy(options);
    proxy.lexUrl = await proxy.listen(options.lexUrl);
    proxy.s3Url = await proxy.listen(options.s3Url);
    return proxy;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.servers.map(
        (server) =>
          new Promise<void>((done) => {
            server.close(() => {
              done();
            });
            server.closeAllConnections();
          }),
      ),
    );
  }

  private async listen(target: string): Promise<string> {
    const server = createServer((request, response) => {
      this.serve(request, response, target).catch(() => response.destroy());
    });
    this.servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  }

  private async serve(request: IncomingMessage, response: ServerResponse, target: string): Promise<void> {
    const body = await buffer(request);
    const kind = this.faultNow(request);
    const real = () => this.realAnswer(request, body, target);
    switch (kind) {
      case undefined:
        reply(response, await real());
        return;
      case "reset before":
      case "outage":
        response.destroy();
        return;
      case "reset after":
        await real();
        response.destroy();
        return;
      case "no answer":
        await real();
        return;
      case "error 500 after":
        await real();
        reply(response, refusal(500, target === this.options.s3Url));
        return;
      case "truncated": {
        const answer = await real();
        response.writeHead(answer.status, {
          ...answer.headers,
          "content-length": String(answer.body.length),
        });
        response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => response.destroy());
        return;
      }
      case "stale":
        reply(response, (isRead(request) && this.former.get(keyOf(request))) || (await real()));
        return;
      case "kill before":
        this.options.kill();
        response.destroy();
        return;
      case "kill after":
        await real();
        this.options.kill();
        response.destroy();
        return;
      case "edit":
        this.options.edit();
        reply(response, await real());
        return;
      default:
        reply(response, refusal(Number(kind.slice("error ".length)), target === this.options.s3Url));
    }
  }

  private faultNow(request: IncomingMessage): FaultKind | undefined {
    const now = this.count++;
    const fault = this.options.faults.find(
      ({ at, kind }) => at === now || (kind === "outage" && at < now && now < at + outage),
    );
    // An edit right before the import starts is the one that no program can see.
    const kind = fault?.kind === "edit" && isStartImport(request) ? undefined : fault?.kind;
    if (kind !== undefined) {
      this.options.log(`${kind} at request ${now}: ${request.method ?? ""} ${request.url ?? ""}`);
    }
    return kind;
  }

  private async realAnswer(request: IncomingMessage, body: Buffer, target: string): Promise<Answer> {
    const answer = await new Promise<Answer>((done, failed) => {
      const { method, url, headers } = request;
      const upstream = forward(
        new URL(url ?? "/", target),
        { method, headers: { ...headers, host: new URL(target).host } },
        (from) => {
          buffer(from).then((content) => {
            done({
              status: from.statusCode ?? 500,
              headers: headersOf(from),
              body: this.withOwnUrls(content),
            });
          }, failed);
        },
      );
      upstream.on("error", failed);
      upstream.end(body);
    });
    if (isRead(request)) {
      this.former.set(keyOf(request), answer);
    }
    return answer;
  }

  /** The URLs for uploads and downloads lead through the proxy too. */
  private withOwnUrls(content: Buffer): Buffer {
    const { lexUrl } = this.options;
    return content.includes(lexUrl)
      ? Buffer.from(content.toString().replaceAll(lexUrl, this.lexUrl))
      : content;
  }
}

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
  response.end(body);
}

function headersOf({ headers }: IncomingMessage): Answer["headers"] {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || ["connection", "transfer-encoding"].includes(name) ? [] : [[name, value]],
    ),
  );
}

const errorNames: Readonly<Record<number, readonly [lex: string, s3: string]>> = {
  403: ["AccessDeniedException", "AccessDenied"],
  409: ["ConflictException", "ConditionalRequestConflict"],
  412: ["PreconditionFailedException", "PreconditionFailed"],
  429: ["ThrottlingException", "SlowDown"],
  500: ["InternalServerException", "InternalError"],
  503: ["ServiceUnavailableException", "ServiceUnavailable"],
};

function refusal(status: number, isS3: boolean): Answer {
  const [lex, s3] = errorNames[status] ?? ["UnknownException", "Unknown"];
  return isS3
    ? {
        status,
        headers: { "content-type": "application/xml", date: new Date().toUTCString() },
        body: Buffer.from(`<Error><Code>${s3}</Code><Message>chaos</Message></Error>`),
      }
    : {
        status,
        headers: { "content-type": "application/json", "x-amzn-errortype": lex },
        body: Buffer.from(JSON.stringify({ message: "chaos" })),
      };
}

function isRead({ method }: IncomingMessage): boolean {
  return method === "GET";
}

function isStartImport({ method, url = "" }: IncomingMessage): boolean {
  return method === "PUT" && url.startsWith("/imports");
}

function keyOf({ method, url }: IncomingMessage): string {
  return `${method ?? ""} ${url ?? ""}`;
}
