import { DescribeBotCommand, LexModelsV2ServiceException } from "@aws-sdk/client-lex-models-v2";
import { expect } from "chai";
import { callLex, lexModels, poll, sendOnce } from "../../../scripts/lex/calls";
import { withFastTimers } from "../../support/fast-timers";
import { refusalOf } from "../../support/refusal";
import { pointSdkTo } from "../../support/stages";
import { startServer, type TestServer } from "../../support/test-server";

const never = () => new Promise<never>(() => undefined);

function refused(name: string): LexModelsV2ServiceException {
  return new LexModelsV2ServiceException({ name, $fault: "client", $metadata: {}, message: `${name}.` });
}

/** Fails with these errors, one after the other, and then gives the result. */
function failing<T>(errors: readonly Error[], result: T): () => Promise<T> {
  const left = [...errors];
  return () => {
    const error = left.shift();
    return error ? Promise.reject(error) : Promise.resolve(result);
  };
}

describe("a call of Lex", () => {
  let server: TestServer | undefined;
  afterEach(() => server?.close());

  it("waits while the resource is busy, which Lex says in two ways", async () => {
    const busy = [refused("ConflictException"), refused("PreconditionFailedException")];
    expect(await withFastTimers(() => callLex("do it", failing(busy, "done")))).to.equal("done");
  });

  it("ends with Lex's words when the resource stays busy", async () => {
    const calling = withFastTimers(
      () => refusalOf(callLex("do it", () => Promise.reject(refused("ConflictException")))),
      10_000,
    );
    expect(await calling).to.equal("Could not do it: ConflictException. (ConflictException)");
  });

  it("ends though no answer ever comes", async () => {
    expect(await withFastTimers(() => refusalOf(callLex("do it", never)), 10_000)).to.equal(
      "Could not do it: Lex gave no answer in 10 minutes. Start again.",
    );
  });

  const describeBot = (requestTime: number) =>
    callLex("describe the bot", (options) =>
      lexModels({ maxAttempts: 2, requestTime }).send(
        new DescribeBotCommand({ botId: "ABCDEFGHIJ" }),
        options,
      ),
    );
  const noAnswer =
    "Could not describe the bot: Lex gave no answer, however often it was asked. Look at the network and start again. (TimeoutError)";

  it("gives up a request that nobody answers, and tries again", async () => {
    server = await startServer();
    pointSdkTo(server.url);
    expect(await withFastTimers(() => refusalOf(describeBot(2_000)))).to.equal(noAnswer);
    expect(server.requests()).to.equal(2);
  });

  it("gives up an answer that stops halfway", async () => {
    server = await startServer((_, response) => {
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": 100 });
      response.write('{"botId":');
    });
    pointSdkTo(server.url);
    expect(await refusalOf(describeBot(50))).to.match(/^Could not describe the bot: /);
  });
});

describe("polling", () => {
  it("asks until there is an answer", async () => {
    let asked = 0;
    const ask = () => Promise.resolve(++asked === 3 ? "there" : undefined);
    expect(await withFastTimers(() => poll("it", 60_000, ask))).to.equal("there");
  });

  it("ends at its deadline, also when no answer comes to what it asks", async () => {
    for (const ask of [never, () => Promise.resolve(undefined)]) {
      expect(await withFastTimers(() => refusalOf(poll("it", 60_000, ask)), 1_000)).to.equal(
        "Waited in vain for it.",
      );
    }
  });
});

describe("a request that Lex must not carry out twice", () => {
  const lines: string[] = [];
  const sending = (
    errors: readonly Error[],
    found: readonly (string | undefined)[],
  ): Promise<{ result: string; sent: number }> => {
    let sent = 0;
    const send = failing(errors, "sent");
    const looks = [...found];
    return withFastTimers(async () => {
      const result = await sendOnce("do it", {
        send: () => {
          sent++;
          return send();
        },
        look: () => Promise.resolve(looks.shift()),
        say: (line) => lines.push(line),
      });
      return { result, sent };
    });
  };
  const lost = new Error("socket hang up");

  it("is sent once when it was carried out and its answer got lost", async () => {
    lines.length = 0;
    expect(await sending([lost], ["found"])).to.deep.equal({ result: "found", sent: 1 });
    expect(lines).to.deep.equal(["Lex gave no answer when it was asked to do it: looking whether it did."]);
  });

  it("is sent again when it was not carried out", async () => {
    expect(await sending([lost], [undefined])).to.deep.equal({ result: "sent", sent: 2 });
  });

  it("counts as carried out when a second one is refused for that", async () => {
    expect(await sending([lost, refused("ValidationException")], [undefined, "found"])).to.deep.equal({
      result: "found",
      sent: 2,
    });
  });

  it("is sent again after throttling and while the resource is busy, without a look", async () => {
    lines.length = 0;
    const errors = [refused("ThrottlingException"), refused("ConflictException")];
    expect(await sending(errors, [])).to.deep.equal({ result: "sent", sent: 3 });
    expect(lines).to.deep.equal([]);
  });

  it("ends at once when Lex refuses it", async () => {
    expect(await refusalOf(sending([refused("ValidationException")], []))).to.equal(
      "Could not do it: ValidationException. (ValidationException)",
    );
  });
});
