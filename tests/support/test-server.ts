import { createServer, type RequestListener } from "node:http";
import { z } from "zod";

export interface TestServer {
  readonly url: string;
  /** How many requests came. */
  readonly requests: () => number;
  readonly close: () => void;
}

/** A server that does with each request what a test says. Without that it takes it and never answers. */
export async function startServer(handle: RequestListener = () => undefined): Promise<TestServer> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    handle(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
