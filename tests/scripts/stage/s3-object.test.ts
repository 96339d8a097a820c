import { expect } from "chai";
import { S3Object } from "../../../scripts/stage/s3-object";
import { withFastTimers } from "../../support/fast-timers";
import { refusalOf } from "../../support/refusal";
import { pointSdkTo } from "../../support/stages";
import { startServer, type TestServer } from "../../support/test-server";

describe("an object in S3", () => {
  let server: TestServer;
  afterEach(() => {
    delete process.env["AWS_ENDPOINT_URL_S3"];
    server.close();
  });

  const object = (requestTime: number) => {
    pointSdkTo(server.url);
    process.env["AWS_ENDPOINT_URL_S3"] = server.url;
    return new S3Object("s3://data/lease.json", { requestTime });
  };

  it("is not waited for without an end, when S3 answers neither a write nor a read", async () => {
    server = await startServer();
    expect(await withFastTimers(() => refusalOf(object(2_000).create("{}")))).to.match(
      /^Could not write s3:\/\/data\/lease\.json: .*2000 ms/,
    );
    expect(await withFastTimers(() => refusalOf(object(2_000).read()))).to.match(
      /^Could not read s3:\/\/data\/lease\.json: .*2000 ms/,
    );
    expect(server.requests()).to.equal(20);
  });

  it("is not waited for without an end, when S3's answer stops halfway", async () => {
    server = await startServer((_, response) => {
      response.writeHead(200, {
        ETag: '"1"',
        "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
        "Content-Length": 100,
      });
      response.write("half");
    });
    expect(await refusalOf(object(50).read())).to.match(/^Could not read s3:\/\/data\/lease\.json: .*50 ms/);
  });
});
