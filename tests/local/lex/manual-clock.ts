import type { Clock } from "../../../local/lex/clock";

/** A clock that stands still until a test moves it; what is due at once happens at once. */
export class ManualClock implements Clock {
  private time = Date.parse("2026-01-01T00:00:00Z");
  private readonly due: { readonly at: number; readonly action: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(milliseconds: number, action: () => void): void {
    if (milliseconds === 0) {
      action();
    } else {
      this.due.push({ at: this.time + milliseconds, action });
    }
  }

  /** Lets time pass, and everything happen that falls due in it, in its order. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (let next = this.nextUntil(end); next; next = this.nextUntil(end)) {
      this.due.splice(this.due.indexOf(next), 1);
      this.time = next.at;
      next.action();
    }
    this.time = end;
  }

  private nextUntil(end: number) {
    return this.due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}
