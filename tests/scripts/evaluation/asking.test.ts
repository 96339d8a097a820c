import { expect } from "chai";
import type { Answer } from "../../../scripts/artifacts/answers";
import { askAll } from "../../../scripts/evaluation/asking";
import { UserError } from "../../../scripts/messages/user-error";
import { understood } from "./asks";

const phrases = (count: number) => Array.from({ length: count }, (_, index) => ({ text: `phrase ${index}` }));
const quiet = () => undefined;

/** A bot that answers a phrase only when a test says so. */
class SlowBot {
  readonly asked: string[] = [];
  private readonly waiting: (() => void)[] = [];

  readonly ask = async (text: string): Promise<Answer> => {
    this.asked.push(text);
    await new Promise<void>((answer) => this.waiting.push(answer));
    return understood(text);
  };

  get atOnce(): number {
    return this.waiting.length;
  }

  async answerOne(): Promise<void> {
    this.waiting.shift()?.();
    await this.letItAsk();
  }

  async letItAsk(): Promise<void> {
    await new Promise((done) => setImmediate(done));
  }
}

async function failure(asking: Promise<unknown>): Promise<unknown> {
  return asking.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("asking phrases", () => {
  it("asks each phrase once, never more than `atOnce` together, and keeps their order", async () => {
    const bot = new SlowBot();
    const asking = askAll(phrases(7), { ask: bot.ask, atOnce: 3, say: quiet });
    await bot.letItAsk();
    const most: number[] = [];
    for (let answered = 0; answered < 7; answered++) {
      most.push(bot.atOnce);
      await bot.answerOne();
    }
    expect(most).to.deep.equal([3, 3, 3, 3, 3, 2, 1]);
    expect(await asking).to.deep.equal(phrases(7).map(({ text }) => ({ text, answer: understood(text) })));
    expect(bot.asked).to.deep.equal(phrases(7).map(({ text }) => text));
  });

  it("says how far it is", async () => {
    const lines: string[] = [];
    await askAll(phrases(120), {
      ask: () => Promise.resolve(understood("Pagar")),
      atOnce: 2,
      say: (line) => lines.push(line),
    });
    expect(lines).to.deep.equal([
      "Asked 50 of 120 phrases.",
      "Asked 100 of 120 phrases.",
      "Asked 120 of 120 phrases.",
    ]);
  });

  it("asks nothing when there are no phrases", async () => {
    expect(
      await askAll([], { ask: () => Promise.reject(new Error("asked")), atOnce: 2, say: quiet }),
    ).to.deep.equal([]);
  });

  it("accepts an error as the answer of one phrase in twenty", async () => {
    const ask = (text: string): Promise<Answer> =>
      Promise.resolve(text === "phrase 3" ? { error: "no Lambda" } : understood("Pagar"));
    const answered = await askAll(phrases(20), { ask, atOnce: 2, say: quiet });
    expect(answered.map(({ answer }) => "error" in answer).indexOf(true)).to.equal(3);
    expect(answered).to.have.length(20);
  });

  it("gives up at the second error in twenty phrases, and asks no more", async () => {
    const asked: string[] = [];
    const ask = (text: string): Promise<Answer> => {
      asked.push(text);
      return Promise.resolve({ error: `no Lambda for ${text}` });
    };
    const error = await failure(askAll(phrases(20), { ask, atOnce: 1, say: quiet }));
    expect(error).to.be.instanceOf(UserError);
    expect(error).to.have.property(
      "message",
      "The bot cannot be judged: 2 of the first 2 phrases failed instead of being answered.",
    );
    expect(asked).to.have.length(2);
  });

  it("gives up when the only phrase fails", async () => {
    const ask = (): Promise<Answer> => Promise.resolve({ error: "no Lambda" });
    expect(await failure(askAll(phrases(1), { ask, atOnce: 2, say: quiet }))).to.have.property(
      "message",
      "The bot cannot be judged: 1 of the first 1 phrases failed instead of being answered.",
    );
  });

  it("stops asking at the first error that is not about one phrase", async () => {
    const asked: string[] = [];
    const ask = async (text: string): Promise<Answer> => {
      asked.push(text);
      await new Promise((done) => setImmediate(done));
      if (text === "phrase 0") {
        throw new UserError("You may not.");
      }
      return understood("Pagar");
    };
    expect(await failure(askAll(phrases(20), { ask, atOnce: 2, say: quiet }))).to.have.property(
      "message",
      "You may not.",
    );
    await new Promise((done) => setImmediate(done));
    expect(asked.length).to.be.within(2, 3);
  });
});
