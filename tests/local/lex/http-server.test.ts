import { once } from "node:events";
import { request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import {
  type ConnectionLimits,
  type HttpServer,
  type Request,
  type Response,
  listen,
} from "../../../local/lex/http-server";

describe("the server of the local Lex and S3", () => {
  let server: HttpServer;
  let port = 0;
  async function open(limits: Partial<ConnectionLimits> = {}): Promise<void> {
    const answer = (request: Request, response: Response) => {
      request.resume().on("end", () => response.end("answered"));
    };
    server = await listen(0, answer, {
      headers: 10_000,
      request: 10_000,
      connections: 10,
      ...limits,
    });
    port = Number(new URL(server.url).port);
  }
  afterEach(() => server.close());

  /** The status of the answer to a POST. */
  function post(headers: Record<string, string>): Promise<number | undefined> {
    return new Promise((done, failed) => {
      const sent = request(server.url, { method: "POST", headers, agent: false }, (response) => {
        response.resume();
        done(response.statusCode);
      });
      sent.on("error", failed).end("{}");
    });
  }

  it("answers only to its own name and port", async () => {
    await open();
    const statuses = async (...hosts: string[]) => Promise.all(hosts.map((Host) => post({ Host })));
    expect(await statuses(`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`)).to.deep.equal([
      200, 200, 200,
    ]);
    expect(
      await statuses(`rebound.example:${port}`, "localhost", `127.0.0.1:${port + 1}`, `[::1]:${port}`),
    ).to.deep.equal([403, 403, 403, 403]);
  });

  it("answers no web page", async () => {
    await open();
    expect(await post({ Origin: "https://example.com" })).to.equal(403);
    expect(await post({ Origin: "null" })).to.equal(403);
    expect(await post({ Origin: server.url })).to.equal(403);
    expect(await post({ "Sec-Fetch-Site": "cross-site" })).to.equal(403);
    expect(await post({ "Sec-Fetch-Site": "none" })).to.equal(200);
  });

  it("holds to the same over HTTP/2", async () => {
    await open();
    const client = connectHttp2(server.url);
    const ask = async (headers: Record<string, string>) => {
      const stream = client.request({ ":method": "POST", ":path": "/", ...headers });
      stream.end("{}");
      const answered = once(stream, "response");
      const body = await text(stream);
      const [answer] = (await answered) as [Record<string, unknown>];
      return [answer[":status"], body];
    };
    const names = `127.0.0.1:${port} or localhost:${port}`;
    expect(await ask({})).to.deep.equal([200, "answered"]);
    expect(await ask({ ":authority": `rebound.example:${port}` })).to.deep.equal([
      403,
      `Ask for this server as ${names}.\n`,
    ]);
    expect(await ask({ origin: "https://example.com" })).to.deep.equal([
      403,
      "This server does not answer web pages.\n",
    ]);
    client.close();
  });

  const slow: readonly [what: string, sent: string, limits: Partial<ConnectionLimits>][] = [
    ["nothing", "", { headers: 20 }],
    ["half of the headers", "GET / HTTP/1.1\r\nHost", { headers: 20 }],
    [
      "half of the body",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
      { headers: 20, request: 20 },
    ],
    ["nothing after the start of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", { headers: 20, request: 20 }],
  ];
  for (const [what, sent, limits] of slow) {
    it(`ends the connection of a client that sends ${what}`, async () => {
      await open(limits);
      const socket = connect(port, "127.0.0.1");
      socket.write(sent);
      socket.resume();
      await once(socket, "close");
    });
  }

  it("takes no more connections than it may", async () => {
    await open({ connections: 1 });
    const first = connect(port, "127.0.0.1");
    await once(first, "connect");
    const second = connect(port, "127.0.0.1").resume();
    await once(second, "close");
    expect(first.destroyed).to.equal(false);
    first.destroy();
  });
});
