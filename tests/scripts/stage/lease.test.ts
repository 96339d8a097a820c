import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { setImmediate } from "node:timers/promises";
import { expect } from "chai";
import fc from "fast-check";
import { z } from "zod";
import { startLocalS3, type LocalS3 } from "../../../local/s3";
import { UserError } from "../../../scripts/messages/user-error";
import { LeaseTaken, withLease, type Lease, type LeaseOptions } from "../../../scripts/stage/lease";
import { stageIn, type Stage } from "../../../scripts/stage/stage";
import { ManualClock } from "../../local/lex/manual-clock";
import { temporaryFolder, writeFiles } from "../../support/folder";

const minute = 60_000;
const botUri = "s3://data/bots/BOT";
const uri = `${botUri}/lease.json`;

describe("lease of a bot", () => {
  const folder = temporaryFolder();
  const clock = new ManualClock();
  const written = new EventEmitter();
  const kept = Object.entries(process.env).filter(([name]) => name.startsWith("AWS_"));
  let s3: LocalS3;
  let requests: string[] = [];
  let lines: string[] = [];

  beforeEach(async () => {
    [requests, lines] = [[], []];
    s3 = await startLocalS3(
      { data: folder() },
      {
        now: () => clock.now(),
        onRequest: ({ method, status }) => {
          requests.push(`${method} ${status}`);
          if (method === "PUT" && status === 200) {
            written.emit("object");
          }
        },
      },
    );
    setEndpoint(s3.url);
  });
  afterEach(async () => {
    await s3.close();
    for (const name of Object.keys(process.env)) {
      if (name.startsWith("AWS_")) {
        Reflect.deleteProperty(process.env, name);
      }
    }
    Object.assign(process.env, Object.fromEntries(kept));
  });

  function setEndpoint(url: string): void {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    });
  }

  /** A step of an execution. Without another `sleep`, time does not pass for it. */
  function stepOf(EXECUTION_ID: string, { sleep = noMinute, BOT_URI = botUri } = {}): Stage {
    return {
      ...stageIn({ EXECUTION_ID, BOT_URI }),
      say: (line) => lines.push(`${EXECUTION_ID}: ${line}`),
      sleep,
    };
  }

  /** A step that has nothing to do and hands the lease on. */
  const pass = (execution: string, options?: LeaseOptions) =>
    withLease(stepOf(execution), handingOn, options);
  const first = { wait: 0 };
  const last = (execution: string) => withLease(stepOf(execution), () => Promise.resolve());

  async function handingOn(lease: Lease): Promise<void> {
    await Promise.resolve();
    lease.handOn();
  }

  const inBucket = () => folder("bots", "BOT", "lease.json");
  const lease = () =>
    z
      .object({ holder: z.string(), acquired: z.string(), renewed: z.string(), released: z.boolean() })
      .strict()
      .parse(JSON.parse(readFileSync(inBucket(), "utf8")));

  async function refusal(running: Promise<unknown>): Promise<string> {
    const error = await running.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(UserError);
    return error instanceof UserError ? error.message : "";
  }

  const takenOver = (execution: string) =>
    `Another run (execution ${execution}) took this bot over, so this one stops and sends nothing more. ` +
    "Start it again when the other has ended.";

  it("is taken before the work, and handed on to the execution's next step", async () => {
    const result = await withLease(
      stepOf("a"),
      async (held) => {
        expect(lease()).to.include({ holder: "a", released: false });
        await handingOn(held);
        return 7;
      },
      first,
    );
    expect(result).to.equal(7);
    const { acquired } = lease();
    await pass("a");
    expect(lease()).to.include({ holder: "a", released: false, acquired });
    expect(lines).to.deep.equal([]);
  });

  it("is created without being read, which a role that may not list would be refused", async () => {
    await withLease(
      stepOf("a"),
      () => {
        expect(requests).to.deep.equal(["PUT 200"]);
        return Promise.resolve();
      },
      first,
    );
  });

  it("is released by the last step, and free for another execution then", async () => {
    await pass("a", first);
    await last("a");
    expect(lease()).to.include({ holder: "a", released: true });
    await pass("b", first);
    expect(lease()).to.include({ holder: "b", released: false });
    expect(lines).to.deep.equal([]);
  });

  it("is released by a step that fails, which fails with its own reason", async () => {
    const reason = new Error("The build failed.");
    const failed = await withLease(
      stepOf("a"),
      async (held) => {
        await handingOn(held);
        throw reason;
      },
      first,
    ).catch((error: unknown) => error);
    expect(failed).to.equal(reason);
    expect(lease()).to.include({ holder: "a", released: true });
  });

  it("goes on for an execution whose step is run again, after it failed and after it was killed", async () => {
    await withLease(stepOf("a"), () => Promise.reject(new Error("failed")), first).catch(() => undefined);
    await pass("a");
    expect(lease()).to.include({ holder: "a", released: false });
    // A killed job does not write anything more.
    const killed = withLease(stepOf("a"), () => new Promise<void>(() => undefined));
    await once(written, "object");
    await last("a");
    expect(lease()).to.include({ holder: "a", released: true });
    void killed;
  });

  it("stops a later step when another execution has, or had, the lease since", async () => {
    const none = () => Promise.reject(new Error("This must not run."));
    await pass("a", first);
    clock.advance(46 * minute);
    await pass("b", first);
    expect(await refusal(withLease(stepOf("a"), none))).to.equal(takenOver("b"));
    await last("b");
    expect(await refusal(withLease(stepOf("a"), none))).to.equal(takenOver("b"));
    expect(lease()).to.include({ holder: "b", released: true });
  });

  it("is waited for by the first step of another execution, minute by minute", async () => {
    await pass("a", first);
    const { acquired } = lease();
    let minutes = 0;
    const sleep = async (milliseconds: number) => {
      expect(milliseconds).to.equal(minute);
      if (++minutes === 2) {
        await last("a");
      }
    };
    await withLease(
      stepOf("b", { sleep: (time, end) => (end ? noMinute(time, end) : sleep(time)) }),
      handingOn,
      { wait: 120 },
    );
    expect(lease()).to.include({ holder: "b", released: false });
    const line = `b: Another run (execution a) has worked on this bot since ${acquired}: waiting for its end, up to`;
    expect(lines).to.deep.equal([`${line} 120 minutes more.`, `${line} 119 minutes more.`]);
  });

  it("is waited for no longer than the step may", async () => {
    await pass("a", first);
    let minutes = 0;
    const sleep = () => {
      minutes++;
      return Promise.resolve();
    };
    expect(await refusal(withLease(stepOf("b", { sleep }), () => Promise.resolve(), { wait: 3 }))).to.equal(
      "Another run (execution a) still works on this bot after 3 minutes, so this one sent nothing. Start it again when the other has ended.",
    );
    expect(minutes).to.equal(3);
    expect(lease()).to.include({ holder: "a", released: false });
  });

  it("is taken over once nobody has renewed it for 45 minutes by S3's clock, and the log says so", async () => {
    await pass("a", first);
    clock.advance(45 * minute);
    expect(await refusal(pass("b", first))).to.match(/^Another run \(execution a\) still works/);
    clock.advance(1_000);
    await pass("b", first);
    expect(lease()).to.include({ holder: "b", released: false });
    expect(lines).to.deep.equal([
      "b: Execution a held this bot and has not renewed its lease for 45 minutes: taking over.",
    ]);
  });

  it("is judged by S3's clock, whatever its holder's clock says", async () => {
    const times = { acquired: "2001-01-01T00:00:00.000Z", renewed: "2001-01-01T00:00:00.000Z" };
    await pass("a", first);
    writeLease({ ...lease(), ...times });
    await pass("a");
    expect(lease()).to.include({ acquired: times.acquired });
    expect(await refusal(pass("b", first))).to.match(/^Another run \(execution a\) still works/);
  });

  function writeLease(content: unknown): void {
    writeFiles(folder(), { "bots/BOT/lease.json": JSON.stringify(content) });
  }

  it("is renewed every minute while the work goes on", async () => {
    const minutes = new Minutes();
    await withLease(
      stepOf("a", { sleep: minutes.sleep }),
      async () => {
        for (let renewals = 0; renewals < 3; renewals++) {
          clock.advance(44 * minute);
          const renewed = once(written, "object");
          minutes.pass();
          await renewed;
        }
        clock.advance(44 * minute);
        expect(await refusal(pass("b", first))).to.match(/^Another run \(execution a\) still works/);
      },
      first,
    );
    expect(minutes.asked).to.deep.equal(Array(4).fill(minute));
  });

  describe("that another execution took meanwhile", () => {
    /** Runs the work of a after b has taken over the lease. */
    async function losing<T>(work: (lease: Lease, minutes: Minutes) => Promise<T>): Promise<T> {
      const minutes = new Minutes();
      await pass("a", first);
      return withLease(stepOf("a", { sleep: minutes.sleep }), async (lease) => {
        clock.advance(46 * minute);
        await pass("b", first);
        lines = [];
        return work(lease, minutes);
      });
    }

    afterEach(() => {
      expect(lease()).to.include({ holder: "b", released: false });
    });

    it("is noticed by a step that checks before it sends", async () => {
      let sent = false;
      const running = losing(async (lease) => {
        await lease.check();
        sent = true;
      });
      const lost = await running.catch((error: unknown) => error);
      expect(lost).to.be.instanceOf(LeaseTaken).with.property("message", takenOver("b"));
      expect(sent).to.equal(false);
    });

    it("allows no rollback: the other has the bot now", async () => {
      await losing(async (lease) => {
        expect(await lease.allowsRollback()).to.equal(false);
      });
    });

    it("is not released by the step that lost it, whose work went well all the same", async () => {
      expect(await losing(() => Promise.resolve("all well"))).to.equal("all well");
      expect(lines).to.deep.equal([`a: ${takenOver("b")}`]);
    });

    it("is noticed within a minute, and said", async () => {
      await losing(async (_, minutes) => {
        const said = new Promise<void>((done) => (minutes.onSleep = done));
        minutes.pass();
        await said;
        expect(lines).to.deep.equal([`a: ${takenOver("b")}`]);
      });
    });

    it("does not hide why the work failed", async () => {
      expect(await refusal(losing(() => Promise.reject(new UserError("The build failed."))))).to.equal(
        "The build failed.",
      );
    });
  });

  for (const body of [
    "",
    "{}",
    "no JSON",
    "null",
    '{"holder":"a","acquired":"yesterday","renewed":"now","released":0}',
  ]) {
    it(`is not taken from an object that holds ${JSON.stringify(body)}`, async () => {
      writeFiles(folder(), { "bots/BOT/lease.json": body });
      for (const options of [first, {}]) {
        expect(await refusal(pass("a", options))).to.equal(
          `${uri} is not a valid lease: make sure that no run works on this bot, delete the object and start again.`,
        );
      }
      expect(readFileSync(inBucket(), "utf8")).to.equal(body);
    });
  }

  it("needs an execution, and the URI of an object", async () => {
    expect(await refusal(withLease(stepOf(""), () => Promise.resolve()))).to.match(/EXECUTION_ID is not set/);
    for (const BOT_URI of ["", "s3:/data", "https://data/key"]) {
      expect(await refusal(withLease(stepOf("a", { BOT_URI }), () => Promise.resolve()))).to.match(
        BOT_URI === "" ? /BOT_URI is not set/ : /is not the URI of an S3 object, such as/,
      );
    }
  });

  describe("when S3", () => {
    let server: Server | undefined;
    let asked: string[];

    afterEach(close);

    function close(): void {
      server?.closeAllConnections();
      server?.close();
    }

    /** Starts an S3 that gives these answers, one after the other. */
    async function script(...answers: readonly (readonly [number, string])[]): Promise<void> {
      close();
      asked = [];
      const left = [...answers];
      server = createServer((request, response) => {
        asked.push(request.method ?? "");
        const [status, content] = left.shift() ?? [500, "Unexpected"];
        request.resume().once("end", () => {
          response.writeHead(status, { ETag: '"x"', "Last-Modified": new Date().toUTCString() });
          response.end(
            status === 200 ? content : `<Error><Code>${content}</Code><Message>No.</Message></Error>`,
          );
        });
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      setEndpoint(`http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`);
    }

    const exists = [412, "PreconditionFailed"] as const;
    const denied = [403, "AccessDenied"] as const;
    const ok = [200, ""] as const;
    const ours = JSON.stringify({
      holder: "a",
      acquired: "2026-01-01T00:00:00Z",
      renewed: "2026-01-01T00:00:00Z",
      released: false,
    });

    it("lets the role neither write nor read, the step ends with a sentence that says what it needs", async () => {
      await script(denied, denied);
      const advice = "The role that runs this needs s3:GetObject and s3:PutObject on it.";
      expect(await refusal(pass("a", first))).to.equal(`Could not write ${uri}: No. ${advice}`);
      await script(exists, denied);
      expect(await refusal(pass("a", first))).to.equal(`Could not read ${uri}: No. ${advice}`);
      expect(asked).to.deep.equal(["PUT", "GET"]);
    });

    it("has a write conflict with another, it is tried again", async () => {
      await script(
        [409, "ConditionalRequestConflict"],
        ok,
        exists,
        [200, ours],
        [409, "ConditionalRequestConflict"],
        ok,
      );
      await pass("a", first);
      await pass("a");
      expect(asked).to.deep.equal(["PUT", "PUT", "PUT", "GET", "PUT", "PUT"]);
    });

    it("has every write conflict, the step gives up", async () => {
      await script(...Array<readonly [number, string]>(10).fill([409, "ConditionalRequestConflict"]));
      expect(await refusal(pass("a", first))).to.equal(`Could not write ${uri}: No.`);
    });

    it("has the object no more when it is read or replaced, it is created", async () => {
      const gone = [404, "NoSuchKey"] as const;
      await script(exists, gone, exists, [200, ours], gone, ok);
      await pass("a", first);
      expect(asked).to.deep.equal(["PUT", "GET", "PUT", "GET", "PUT", "PUT"]);
    });

    it("has no such bucket, the step says so", async () => {
      await script([404, "NoSuchBucket"]);
      expect(await refusal(pass("a", first))).to.equal(`Could not write ${uri}: No.`);
    });

    it("loses the answer to a write, the lease is held all the same", async () => {
      await script([500, "InternalError"], exists, [200, ours], ok);
      await pass("a", first);
      expect(asked).to.deep.equal(["PUT", "PUT", "GET", "PUT"]);
    });

    it("fails when the step begins, the work does not", async () => {
      await script(denied);
      let begun = false;
      const running = withLease(stepOf("a"), () => {
        begun = true;
        return Promise.resolve();
      });
      expect(await refusal(running)).to.match(/^Could not write s3:/);
      expect(begun).to.equal(false);
    });

    it("fails when the lease is released, the step ends well and the log says so", async () => {
      await script(ok, denied);
      expect(await withLease(stepOf("a"), () => Promise.resolve(7), first)).to.equal(7);
      expect(lines.map((line) => line.slice(0, 20))).to.deep.equal(["a: Could not write s"]);
    });

    it("fails when a rollback is due, it is allowed for as long as nobody can have taken over", async () => {
      await script(ok, denied, denied);
      const now = Date.now();
      const { now: real } = Date;
      try {
        await withLease(
          stepOf("a"),
          async (held) => {
            expect(await held.allowsRollback()).to.equal(true);
            Date.now = () => now + 46 * minute;
            expect(await held.allowsRollback()).to.equal(false);
            held.handOn();
          },
          first,
        );
      } finally {
        Date.now = real;
      }
    });

    it("cannot be reached for a while, the work goes on and the log says so", async () => {
      const minutes = new Minutes();
      await script(ok, denied, exists, [200, ours], ok);
      await withLease(
        stepOf("a", { sleep: minutes.sleep }),
        async () => {
          const said = new Promise<void>((done) => (minutes.onSleep = done));
          minutes.pass();
          await said;
        },
        first,
      );
      expect(lines.map((line) => line.slice(0, 20))).to.deep.equal(["a: Could not write s"]);
    });
  });

  it("is held by one execution at a time, however many ask for it at once, work, fail and stop", async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ turns: fc.nat(3), fails: fc.boolean(), stages: fc.integer({ min: 1, max: 2 }) }),
          {
            minLength: 2,
            maxLength: 10,
          },
        ),
        async (executions) => {
          const BOT_URI = `s3://data/bots/${round++}`;
          const ended = new EventEmitter().setMaxListeners(0);
          const within = new Set<number>();
          const done: number[] = [];
          await Promise.all(
            executions.map(async ({ turns, fails, stages }, index) => {
              let seen = 0;
              // A minute ends when another execution has ended.
              const sleep: Stage["sleep"] = async (time, end) => {
                if (end) {
                  return noMinute(time, end);
                }
                if (done.length === seen) {
                  await once(ended, "execution");
                }
                seen = done.length;
              };
              const work = async (lease: Lease, isLast: boolean) => {
                within.add(index);
                for (let turn = 0; turn < turns; turn++) {
                  await setImmediate();
                  await lease.check();
                  expect([...within]).to.deep.equal([index]);
                }
                if (!isLast) {
                  lease.handOn();
                  return;
                }
                within.delete(index);
                if (fails) {
                  throw new UserError("It fails.");
                }
              };
              for (let stage = 1; stage <= stages; stage++) {
                await withLease(
                  stepOf(`${index}`, { sleep, BOT_URI }),
                  (lease) => work(lease, stage === stages),
                  stage === 1 ? { wait: 100_000 } : {},
                ).catch((error: unknown) => expect(error).to.deep.include({ message: "It fails." }));
              }
              done.push(index);
              ended.emit("execution");
            }),
          );
          expect(done.sort((a, b) => a - b)).to.deep.equal(executions.map((_, index) => index));
        },
      ),
      { numRuns: 8 },
    );
  });
});

/** A sleep that ends only with its signal. */
function noMinute(_: number, end?: AbortSignal): Promise<void> {
  return new Promise((done) => {
    end?.addEventListener("abort", () => {
      done();
    });
  });
}

/** A clock whose minutes pass only when a test says so. */
class Minutes {
  readonly asked: number[] = [];
  onSleep: () => void = () => undefined;
  private readonly passing = new EventEmitter();
  private passed = 0;

  pass(): void {
    this.passed++;
    this.passing.emit("minute");
  }

  readonly sleep = async (milliseconds: number, end?: AbortSignal): Promise<void> => {
    this.asked.push(milliseconds);
    this.onSleep();
    if (this.passed === 0) {
      await Promise.race([once(this.passing, "minute"), noMinute(milliseconds, end)]);
    }
    if (this.passed > 0) {
      this.passed--;
    }
  };
}
