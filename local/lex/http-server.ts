import { type IncomingMessage, type ServerResponse, createServer as createHttp1Server } from "node:http";
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
  readonly port: number;
  /** Ends every connection too. */
  close(): Promise<void>;
}

/**
 * Listens for HTTP/1.1 and, on the same port, for HTTP/2 without TLS. By default AWS's JavaScript client for
 * the Lex runtime speaks HTTP/2; all other clients speak HTTP/1.1.
 *
 * @param port 0 for any free port
 */
export async function listen(
  host: string,
  port: number,
  handle: (request: Request, response: Response) => void,
): Promise<HttpServer> {
  const http1 = createHttp1Server(handle);
  const http2 = createHttp2Server(handle);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A client may hang up at any time.
    socket.on("error", () => undefined);
    socket.once("readable", () => {
      const start = z.instanceof(Buffer).nullable().parse(socket.read());
      if (!start) {
        return;
      }
      socket.unshift(start);
      // HTTP/2 begins with "PRI * HTTP/2.0", HTTP/1.1 with a method.
      (start.toString("latin1", 0, 3) === "PRI" ? http2 : http1).emit("connection", socket);
    });
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed).listen(port, host, listening);
  });
  return {
    port: z.object({ port: z.number() }).parse(server.address()).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => {
          closed();
        });
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
}
