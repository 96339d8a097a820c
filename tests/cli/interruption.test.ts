import { EventEmitter } from "node:events";
import { expect } from "chai";
import { Interrupted, interruption } from "../../cli/interruption";

describe("stopping a run", () => {
  class Told extends EventEmitter {
    readonly exits: number[] = [];
    exit(code: number): void {
      this.exits.push(code);
    }
  }

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    it(`lets it clean up after ${signal}, and ends it at once after a second one`, () => {
      const told = new Told();
      let now = 0;
      const stop = interruption(told, () => now);
      expect(stop.aborted).to.equal(false);
      told.emit(signal);
      expect(stop.reason).to.be.instanceOf(Interrupted).and.to.include({ exitCode: code });
      // npm passes on what the terminal has sent already.
      now = 100;
      told.emit(signal);
      expect(told.exits).to.deep.equal([]);
      now = 1_000;
      told.emit(signal);
      expect(told.exits).to.deep.equal([code]);
    });
  }
});
