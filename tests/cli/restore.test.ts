import { PassThrough } from "node:stream";
import { expect } from "chai";
import { answersYes } from "../../cli/restore";
import { UsageError } from "../../scripts/messages/user-error";
import { AliasedBot } from "../support/aliased-bot";
import { temporaryFolder } from "../support/folder";
import { sdkEnvironment } from "../support/stages";
import { Command } from "./command";

describe("npm run retrain -- restore", () => {
  const folder = temporaryFolder();

  it("does nothing where nobody can be asked, and with --yes undoes the run", async () => {
    const bot = await AliasedBot.start();
    try {
      const before = bot.lex.localeZip(AliasedBot.id, "es_ES");
      await bot.retrain(folder("run"));
      const retrained = bot.lex.localeZip(AliasedBot.id, "es_ES");
      const restore = (...args: string[]) =>
        new Command(["restore", folder("run"), ...args], sdkEnvironment(bot.lex.url)).ended;

      const asked = await restore();
      expect(asked.code).to.equal(2);
      expect(asked.stdout).to.match(/^The DRAFT of es_ES of bot .* goes back to what it was before the run/);
      expect(asked.stderr).to.equal("There is nobody to ask: add --yes to go on.\n");
      expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(retrained)).to.equal(true);

      const undone = await restore("--yes");
      expect({ code: undone.code, stderr: undone.stderr }).to.deep.equal({ code: 0, stderr: "" });
      expect(undone.stdout).to.match(/\nDone\.\n$/);
      expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(before)).to.equal(true);
    } finally {
      await bot.close();
    }
  });
});

describe("the question of restore", () => {
  const answer = (typed: string) => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    terminal.end(typed);
    return answersYes("Go on? (yes/no) ", terminal, Object.assign(new PassThrough(), { isTTY: true }));
  };

  for (const yes of ["yes", "y", " YES ", "sí", "si"]) {
    it(`takes “${yes}” for yes`, async () => {
      expect(await answer(`${yes}\n`)).to.equal(true);
    });
  }

  for (const no of ["no\n", "\n", "yesterday\n", "", "\u0004"]) {
    it(`takes ${JSON.stringify(no)} for no`, async () => {
      expect(await answer(no)).to.equal(false);
    });
  }

  it("is not asked without a terminal", async () => {
    const refused = await answersYes("Go on?", new PassThrough(), new PassThrough()).catch(
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(UsageError);
  });
});
