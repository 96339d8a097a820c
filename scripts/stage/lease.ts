import { z } from "zod";
import { shortened } from "../messages/printable";
import { UserError, messageOf } from "../messages/user-error";
import { S3Object } from "./s3-object";
import { executionVariable } from "./settings";
import type { Stage } from "./stage";

const minute = 60_000;

/** How often an execution renews its lease, and how often a waiting one asks for the lease. */
const renewal = minute;

/**
 * A lease that nobody renewed for this long is free. Nobody renews it between two stages, while SageMaker
 * starts a job (three to eight minutes) or waits for free instances (seven more). This is much longer than
 * both together.
 */
const staleAfter = 45 * minute;

export interface Lease {
  /**
   * Frees the bot for other executions when the stage ends. Only the last stage of an execution calls this.
   */
  releaseAtEnd(): void;
  /**
   * Call this right before the stage sends a change.
   *
   * @throws UserError when another execution has taken over the bot
   */
  check(): Promise<void>;
}

export interface LeaseOptions {
  /**
   * For how many minutes the stage waits for another execution. Only the first stage that needs the lease has
   * this option. The later stages already have the lease.
   */
  readonly wait?: number;
}

/**
 * Does a stage's work while its execution holds the lease of the bot, so that only one execution works on a
 * bot at a time. The execution keeps the lease for its next stage, unless the work fails or releases it.
 *
 * The lease is the object LEASE_URI, and the execution is EXECUTION_ID. A stage that a person runs by hand
 * has neither and works without a lease.
 *
 * @throws UserError when another execution holds the lease, or took it during the work
 */
export async function withLease<T>(
  stage: Stage,
  work: (lease: Lease) => Promise<T>,
  { wait }: LeaseOptions = {},
): Promise<T> {
  if (stage.environment["LEASE_URI"] === undefined) {
    return work(noLease);
  }
  const claim = new Claim(
    new S3Object(executionVariable(stage, "LEASE_URI")),
    executionVariable(stage, "EXECUTION_ID"),
    stage.say,
  );
  await (wait === undefined ? claim.renew() : take(claim, wait, stage));

  const ended = new AbortController();
  const renewing = renewUntil(ended.signal, claim, stage);
  const end = { releases: false };
  const lease: Lease = {
    releaseAtEnd: () => {
      end.releases = true;
    },
    check: () => claim.renew(),
  };
  try {
    const result = await work(lease).finally(async () => {
      ended.abort();
      await renewing;
    });
    await (end.releases ? claim.release() : claim.renew());
    return result;
  } catch (reason) {
    await claim.release().catch((error: unknown) => stage.say(messageOf(error)));
    throw reason;
  }
}

const noLease: Lease = { releaseAtEnd: () => undefined, check: () => Promise.resolve() };

async function take(claim: Claim, minutes: number, stage: Stage): Promise<void> {
  for (let waited = 0; ; waited++) {
    const other = await claim.take();
    if (other === undefined) {
      return;
    }
    const holder = `Another run (execution ${shortened(other.holder)})`;
    if (waited >= minutes) {
      throw new UserError(
        `${holder} still works on this bot after ${minutes} minutes, so this one sent nothing. Start it again when the other has ended.`,
      );
    }
    stage.say(
      `${holder} has worked on this bot since ${other.acquired}: waiting for its end, up to ${minutes - waited} minutes more.`,
    );
    await stage.sleep(renewal);
  }
}

async function renewUntil(ended: AbortSignal, claim: Claim, stage: Stage): Promise<void> {
  for (;;) {
    await stage.sleep(renewal, ended);
    if (ended.aborted) {
      return;
    }
    // The failure may be temporary. If it is not, the next check or the end of the stage throws it.
    await claim.renew().catch((error: unknown) => stage.say(messageOf(error)));
  }
}

const leaseSchema = z.object({
  /** The id of the execution. */
  holder: z.string().min(1),
  acquired: z.iso.datetime(),
  /** By the holder's clock. For people only, and to make the text different each time. */
  renewed: z.iso.datetime(),
  released: z.boolean(),
});

type HeldLease = z.infer<typeof leaseSchema>;

/** The lease object, as one execution reads and writes it. */
class Claim {
  constructor(
    private readonly object: S3Object,
    private readonly execution: string,
    private readonly say: (line: string) => void,
  ) {}

  /** Takes the lease, unless another execution holds it: then returns the lease of the other. */
  take(): Promise<HeldLease | undefined> {
    return this.write({ released: false, mayTake: ({ released }, age) => released || age > staleAfter });
  }

  /**
   * Fails even if the other execution has released the lease, because the bot may be different now.
   *
   * @throws UserError when another execution has taken the lease
   */
  async renew(): Promise<void> {
    throwIfTaken(await this.write({ released: false, mayTake: () => false }));
  }

  /** @throws UserError when another execution has taken the lease */
  async release(): Promise<void> {
    throwIfTaken(await this.write({ released: true, mayTake: () => false }));
  }

  private async write({
    released,
    mayTake,
  }: {
    released: boolean;
    mayTake: (other: HeldLease, age: number) => boolean;
  }): Promise<HeldLease | undefined> {
    for (;;) {
      const now = new Date().toISOString();
      const lease = { holder: this.execution, acquired: now, renewed: now, released };
      // Tries to create before it reads, because a role without s3:ListBucket may not read a missing object.
      if (await this.object.create(JSON.stringify(lease))) {
        return undefined;
      }
      const content = await this.object.read();
      if (content === undefined) {
        continue;
      }
      const found = this.parsed(content.text);
      const isOurs = found.holder === this.execution;
      if (!isOurs && !mayTake(found, content.age)) {
        return found;
      }
      const acquired = isOurs && !found.released ? found.acquired : now;
      if (!(await this.object.replace(content.etag, JSON.stringify({ ...lease, acquired })))) {
        continue;
      }
      if (!isOurs && !found.released) {
        this.sayTakenOver(found, content.age);
      }
      return undefined;
    }
  }

  private parsed(text: string): HeldLease {
    try {
      return leaseSchema.parse(JSON.parse(text));
    } catch (cause) {
      throw new UserError(
        `${this.object.uri} is not a valid lease: make sure that no run works on this bot, delete the object and start again.`,
        { cause },
      );
    }
  }

  private sayTakenOver({ holder }: HeldLease, age: number): void {
    this.say(
      `Execution ${shortened(holder)} held this bot and has not renewed its lease for ${Math.floor(age / minute)} minutes: ` +
        "taking over. It may have changed the DRAFT without an evaluation.",
    );
  }
}

function throwIfTaken(other: HeldLease | undefined): void {
  if (other === undefined) {
    return;
  }
  throw new UserError(
    `Another run (execution ${shortened(other.holder)}) took this bot over, so this one stops and sends nothing more. ` +
      "Start it again when the other has ended.",
  );
}
