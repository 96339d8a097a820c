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
  /** Keeps the bot for the next step of the execution when this one ends well. */
  handOn(): void;
  /**
   * Call this right before the step sends a change.
   *
   * @throws LeaseTaken when another execution has taken over the bot, UserError when S3 does not say
   */
  check(): Promise<void>;
  /**
   * Whether the step may still roll back its change. It may when S3 fails, for as long as no other execution
   * can have taken over the bot.
   */
  allowsRollback(): Promise<boolean>;
}

/** Another execution has the bot now, so this one must not touch it again. */
export class LeaseTaken extends UserError {}

export interface LeaseOptions {
  /**
   * For how many minutes the step waits for another execution. Only the first step of an execution has this
   * option. The later steps already have the lease.
   */
  readonly wait?: number;
}

/**
 * Does a step's work while its execution holds the lease of the bot, so that only one execution works on a
 * bot at a time. The lease is free again after the work, unless the work hands it on to the next step.
 *
 * The lease is the object `lease.json` under BOT_URI, and the execution is EXECUTION_ID.
 *
 * @throws UserError when another execution holds the lease, or whatever the work throws
 */
export async function withLease<T>(
  step: Stage,
  work: (lease: Lease) => Promise<T>,
  { wait }: LeaseOptions = {},
): Promise<T> {
  const claim = new Claim(
    new S3Object(`${executionVariable(step, "BOT_URI")}/lease.json`),
    executionVariable(step, "EXECUTION_ID"),
    step.say,
  );
  await (wait === undefined ? claim.renew() : take(claim, wait, step));

  const ended = new AbortController();
  const renewing = renewUntil(ended.signal, claim, step);
  const end = { handsOn: false };
  const lease: Lease = {
    handOn: () => {
      end.handsOn = true;
    },
    check: () => claim.renew(),
    allowsRollback: () => claim.allowsRollback(),
  };
  const release = async () => {
    ended.abort();
    await renewing;
    // The work is done or has its own reason to fail. The lease that stays behind only makes others wait.
    await claim.release().catch((error: unknown) => step.say(messageOf(error)));
  };
  try {
    const result = await work(lease);
    if (end.handsOn) {
      ended.abort();
      await renewing;
    } else {
      await release();
    }
    return result;
  } catch (reason) {
    await release();
    throw reason;
  }
}

async function take(claim: Claim, minutes: number, step: Stage): Promise<void> {
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
    step.say(
      `${holder} has worked on this bot since ${other.acquired}: waiting for its end, up to ${minutes - waited} minutes more.`,
    );
    await step.sleep(renewal);
  }
}

async function renewUntil(ended: AbortSignal, claim: Claim, step: Stage): Promise<void> {
  for (;;) {
    await step.sleep(renewal, ended);
    if (ended.aborted) {
      return;
    }
    // The failure may be temporary. If it is not, the next check throws it.
    await claim.renew().catch((error: unknown) => step.say(messageOf(error)));
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
  /** When the execution was last sure to hold the lease, in milliseconds since 1970. */
  private sureAt = 0;

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

  async allowsRollback(): Promise<boolean> {
    const { sureAt } = this;
    try {
      await this.renew();
      return true;
    } catch (error) {
      return !(error instanceof LeaseTaken) && Date.now() - sureAt < staleAfter;
    }
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
      const began = Date.now();
      const now = new Date(began).toISOString();
      const lease = { holder: this.execution, acquired: now, renewed: now, released };
      // Tries to create before it reads, because a role without s3:ListBucket may not read a missing object.
      if (await this.object.create(JSON.stringify(lease))) {
        this.sureAt = began;
        return undefined;
      }
      const content = await this.object.read();
      if (content === undefined) {
        continue;
      }
      const found = this.parsed(content.bytes.toString());
      const isOurs = found.holder === this.execution;
      if (!isOurs && !mayTake(found, content.age)) {
        return found;
      }
      const acquired = isOurs && !found.released ? found.acquired : now;
      if (!(await this.object.replace(content.etag, JSON.stringify({ ...lease, acquired })))) {
        continue;
      }
      this.sureAt = began;
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
        "taking over.",
    );
  }
}

function throwIfTaken(other: HeldLease | undefined): void {
  if (other === undefined) {
    return;
  }
  throw new LeaseTaken(
    `Another run (execution ${shortened(other.holder)}) took this bot over, so this one stops and sends nothing more. ` +
      "Start it again when the other has ended.",
  );
}
