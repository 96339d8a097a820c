import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { archiveLimits } from "../../../scripts/lex/archive";
import { transferred } from "../../../scripts/lex/transfers";
import { withFastTimers } from "../../support/fast-timers";
import { refusalOf } from "../../support/refusal";
import { startServer, type TestServer } from "../../support/test-server";

describe("a transfer by a presigned URL", () => {
  let server: TestServer;
  afterEach(() => {
    server.close();
  });
  const download = () => withFastTimers(() => transferred("download it", server.url));

  it("is tried again when the server fails", async () => {
    server = await startServer((_, response) => {
      response.writeHead(server.requests() < 3 ? 503 : 200).end("content");
    });
    expect(await download()).to.deep.equal({ status: 200, body: Buffer.from("content") });
    expect(server.requests()).to.equal(3);
  });

  it("is not tried again when the server refuses it", async () => {
    server = await startServer((_, response) => {
      response.writeHead(403).end();
    });
    expect(await download()).to.include({ status: 403 });
    expect(server.requests()).to.equal(1);
  });

  it("is tried again when it breaks in the middle of the body", async () => {
    server = await startServer((_, response) => {
      response.writeHead(200, { "Content-Length": 7 });
      if (server.requests() === 1) {
        response.write("cont", () => response.destroy());
      } else {
        response.end("content");
      }
    });
    expect(await download()).to.deep.equal({ status: 200, body: Buffer.from("content") });
    expect(server.requests()).to.equal(2);
  });

  it("ends with the reason when it always breaks", async () => {
    server = await startServer((request) => {
      request.socket.destroy();
    });
    expect(await refusalOf(download())).to.equal(
      "Could not download it, however often it was tried: other side closed. Look at the network and start again.",
    );
    expect(server.requests()).to.equal(5);
  });

  it("ends though no answer ever comes, or one that stops halfway", async () => {
    for (const start of [startServer(), startServer((_, response) => response.write("cont"))]) {
      server = await start;
      const late = withFastTimers(() => refusalOf(transferred("download it", server.url)), 10_000);
      expect(await late).to.equal(
        "Could not download it, however often it was tried: it took longer than 5 minutes. Look at the network and start again.",
      );
      server.close();
    }
  });

  it("reads no more than an archive may hold, though it comes compressed", async () => {
    const zipped = gzipSync(Buffer.alloc(archiveLimits.zippedBytes + 1));
    server = await startServer((_, response) => {
      response.writeHead(200, { "Content-Encoding": "gzip" }).end(zipped);
    });
    expect(await refusalOf(download())).to.equal(
      "Could not download it: the answer is larger than any export of Lex, of which at most 64 MiB are read.",
    );
    expect(server.requests()).to.equal(1);
  });
});
