/** What tells the local Lex the time and wakes it: the system's clock, or one that a test moves by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  after(milliseconds: number, action: () => void): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, action) => {
    // A timer must not keep a process alive after its server is closed.
    setTimeout(action, milliseconds).unref();
  },
};
