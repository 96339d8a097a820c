import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  createServer as createHttp1Server,
} from "node:http";
import {
  type Http2ServerRequest,
  type Http2ServerResponse,
  createServer as createHttp2Server,
} from "node:http2";
import { type Socket, createServer } from "node:net";
import { z } from "zod";

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

export interface HttpServer {
  /** As a client reaches it. Its host is an IP address. */
  readonly url: string;
  /** Ends every connection too. */
  close(): Promise<void>;
}

/** How long a client may take, in milliseconds, and how many there may be. */
export interface ConnectionLimits {
  /** To send the headers of a request. */
  readonly headers: number;
  /** To send a whole request. */
  readonly request: number;
  /** How many connections are open at once. */
  readonly connections: number;
}

const defaultLimits: ConnectionLimits = { headers: 10_000, request: 60_000, connections: 256 };

const host = "127.0.0.1";

/**
 * Listens on this machine alone, for HTTP/1.1 and, on the same port, for HTTP/2 without TLS. By default AWS's
 * JavaScript client for the Lex runtime speaks HTTP/2; all other clients speak HTTP/1.1.
 *
 * A web page that this machine's browser shows gets no answer.
 *
 * @param port 0 for any free port
 */
export async function listen(
  port: number,
  handle: (request: Request, response: Response) => void,
  limits = defaultLimits,
): Promise<HttpServer> {
  let hosts: readonly string[] = [];
  const answer = (request: Request, response: Response) => {
    const refusal = refusalOf(request.headers, hosts);
    if (refusal === undefined) {
      handle(request, response);
    } else {
      response.writeHead(403, { "Content-Type": "text/plain" });
      response.end(refusal);
      request.resume();
    }
  };
  const timeouts = {
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    connectionsCheckingInterval: limits.headers / 2,
  };
  const http1 = createHttp1Server(timeouts, answer);
  // This server gets its connections from another one. The event starts its watch over the time-outs.
  http1.emit("listening");
  const http2 = createHttp2Server(answer).setTimeout(limits.request);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A client may hang up at any time.
    socket.on("error", () => undefined);
    socket.setTimeout(limits.headers, () => socket.destroy());
    socket.once("readable", () => {
      const start = z.instanceof(Buffer).nullable().parse(socket.read());
      if (!start) {
        return;
      }
      socket.setTimeout(0).removeAllListeners("timeout");
      socket.unshift(start);
      // HTTP/2 begins with "PRI * HTTP/2.0", HTTP/1.1 with a method.
      (start.toString("latin1", 0, 3) === "PRI" ? http2 : http1).emit("connection", socket);
    });
  });
  server.maxConnections = limits.connections;
  await new Promise<void>((listening, failed) => {
    server.once("error", failed).listen(port, host, listening);
  });
  const taken = z.object({ port: z.number() }).parse(server.address()).port;
  hosts = [host, "localhost"].map((name) => new URL(`http://${name}:${taken}`).host);
  return {
    url: `http://${host}:${taken}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => {
          closed();
        });
        for (const socket of sockets) {
          socket.destroy();
        }
        http1.close();
      }),
  };
}

/** The body of a request; undefined when it is larger. */
export async function bodyOf(request: Request, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = z.instanceof(Buffer).parse(chunk);
    size += bytes.length;
    // The rest is read too, because a client reads the answer only after it has sent everything.
    if (size <= maxBytes) {
      chunks.push(bytes);
    }
  }
  return size <= maxBytes ? Buffer.concat(chunks) : undefined;
}

/**
 * Why a request is not answered. A browser names the page that sends it in `Origin`, except for a GET; a page
 * whose host name was pointed to this machine meanwhile shows in `Host`.
 */
function refusalOf(headers: IncomingHttpHeaders, hosts: readonly string[]): string | undefined {
  // HTTP/2 has ":authority" for the host.
  const authority = headers.host ?? headers[":authority"];
  if (typeof authority !== "string" || !hosts.includes(authority.toLowerCase())) {
    return `Ask for this server as ${hosts.join(" or ")}.\n`;
  }
  const site = headers["sec-fetch-site"];
  if (headers.origin !== undefined || (site !== undefined && site !== "none")) {
    return "This server does not answer web pages.\n";
  }
  return undefined;
}
