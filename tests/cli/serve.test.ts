import { join, resolve } from "node:path";
import { expect } from "chai";
import { z } from "zod";
import { program } from "../../cli/retrain";
import { refusalOf } from "../support/refusal";
import { Command } from "./command";

const bot = join(resolve(__dirname, "..", "..", "samples"), "en_US", "bot");

describe("npm run retrain -- serve", () => {
  let serve: Command;
  beforeEach(() => {
    serve = new Command(["serve", "--bot", bot]);
  });
  afterEach(() => {
    serve.signal("SIGKILL");
  });

  it("says where it listens, answers, refuses a port that is taken, and ends when it is told to", async () => {
    const line = await serve.prints();
    const { url, ...told } = z.looseObject({ url: z.string() }).parse(JSON.parse(line));
    expect(told).to.deep.equal({ botId: "00EHZDQ7IF", locales: ["en_US"] });
    const answer = await fetch(`${url}/bots/`, { method: "POST", body: "{}" });
    expect(await answer.json()).to.have.nested.property("botSummaries[0].botName", "CornerCafe");

    const { port } = new URL(url);
    expect(
      await refusalOf(program.parseAsync(["serve", "--bot", bot, "--port", port], { from: "user" })),
    ).to.equal(
      `Port ${port} cannot be taken: address already in use (EADDRINUSE). Name another with --port; 0 takes any that is free.`,
    );

    serve.signal("SIGTERM");
    expect((await serve.ended).code).to.equal(0);
  });
});
