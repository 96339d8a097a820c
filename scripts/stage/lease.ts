import { z } from "zod";
import { shortened } from "../messages/printable";
import { UserError, messageOf } from "../messages/user-error";
import { S3Object } from "./s3-object";
import { executionVariable } from "./settings";
import type { Stage } from "./stage";

const minute = 60_000;

/** How often a lease is renewed, and how often one that waits asks for it. */
const renewal = minute;

/**
 * A lease that was not renewed for this long is free. Nothing renews it between two stages, while SageMaker starts a job (three to eight
 * minutes) or tries again for want of instances (seven more): this is far above both together.
 */
const staleAfter = 45 * minute;

export interface Lease {
  /** Lets the next execution on once the stage is done: for the stage that is the last of its execution. */
  releaseAtEnd(): void;
  /**
   * To be called right before a change is sent.
   *
   * @throws UserError when another execution has taken the bot over.
   */
  check(): Promise<void>;
}

export interface LeaseOptions {
  /**
   * For the first stage of an execution that holds the lease: for how many minutes it waits for another execution. Without it the stage
   * goes on with the lease that an earlier one has taken.
   */
  readonly wait?: number;
}

/**
 * Does a stage's work while its execution holds the lease of the bot, so that no two executions work on one bot at once. The execution
 * keeps it for its next stage, unless the work fails or asks for its release.
 *
 * The lease is the object LEASE_URI, and the execution is EXECUTION_ID; a stage that is run by hand has neither and just works.
 *
 * @throws UserError when another execution holds the lease, or took it while the work was done.
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
    // What is wrong may pass: if it does not, the next check or the end of the stage throws it.
    await claim.renew().catch((error: unknown) => stage.say(messageOf(error)));
  }
}

const leaseSchema = z.object({
  /** An execution's id. */
  holder: z.string().min(1),
  acquired: z.iso.datetime(),
  /** For people, and to make the text of each writing another: by the holder's clock, which nothing relies on. */
  renewed: z.iso.datetime(),
  released: z.boolean(),
});

type HeldLease = z.infer<typeof leaseSchema>;

/** What one execution says and reads of the lease. */
class Claim {
  constructor(
    private readonly object: S3Object,
    private readonly execution: string,
    private readonly say: (line: string) => void,
  ) {}

  /** Takes the lease unless another execution works under it, and returns that one's. */
  take(): Promise<HeldLease | undefined> {
    return this.write({ released: false, mayTake: ({ released }, age) => released || age > staleAfter });
  }

  /**
   * Even a lease that another execution has released by now is lost: what this one knows of the bot is not what the bot is.
   *
   * @throws UserError
   */
  async renew(): Promise<void> {
    lostTo(await this.write({ released: false, mayTake: () => false }));
  }

  /** @throws UserError when it is another's by now. */
  async release(): Promise<void> {
    lostTo(await this.write({ released: true, mayTake: () => false }));
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
      // Creating comes before reading: a role without s3:ListBucket may not read what does not exist.
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
        `${this.object.uri} is not the lease that it should be: make sure that no run works on this bot, delete the object and start again.`,
        { cause },
      );
    }
  }

  private sayTakenOver({ holder }: HeldLease, age: number): void {
    this.say(
      `Execution ${shortened(holder)} held this bot and gave no sign of life for ${Math.floor(age / minute)} minutes: ` +
        "taking over. What it changed in the DRAFT, if anything, may be unproven.",
    );
  }
}

/** Throws when there is such a lease. */
function lostTo(other: HeldLease | undefined): void {
  if (other === undefined) {
    return;
  }
  throw new UserError(
    `Another run (execution ${shortened(other.holder)}) took this bot over, so this one stops and sends nothing more. ` +
      "Start it again when the other has ended.",
  );
}
