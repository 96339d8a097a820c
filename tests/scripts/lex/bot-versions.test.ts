import { CreateBotVersionCommand, DescribeBotVersionCommand } from "@aws-sdk/client-lex-models-v2";
import { expect } from "chai";
import { lexModels } from "../../../scripts/lex/calls";
import { maxBotVersions } from "../../../scripts/lex/quotas";
import { AliasedBot } from "../../support/aliased-bot";
import { withFastTimers } from "../../support/fast-timers";
import { refusalOf } from "../../support/refusal";

describe("the versions of a bot", () => {
  let bot: AliasedBot;
  const start = async (...options: Parameters<typeof AliasedBot.start>) => {
    bot = await AliasedBot.start(...options);
  };
  afterEach(() => bot.close());

  const make = (description: string, sources: Record<string, string> = { es_ES: "DRAFT" }) =>
    bot.versions().create({ description, locales: new Map(Object.entries(sources)) });
  const numbers = async () => (await bot.versions().list()).map(({ number }) => number);

  /** Versions up to that of this number, the first being there. */
  async function fill(last: number): Promise<void> {
    const botVersionLocaleSpecification = { es_ES: { sourceBotVersion: "DRAFT" } };
    for (let version = 2; version <= last; version++) {
      await bot.models.send(
        new CreateBotVersionCommand({ botId: AliasedBot.id, botVersionLocaleSpecification }),
      );
    }
    await bot.versions().available(`${last}`);
    expect(await numbers()).to.have.length(last);
  }

  it("hold the locales that they were made of", async () => {
    await start();
    expect(await make("both", { es_ES: "DRAFT", en_US: "1" })).to.equal("2");
    expect(await make("one", { en_US: "2" })).to.equal("3");
    expect(await bot.versions().localesOf("2")).to.have.members(["es_ES", "en_US"]);
    expect(await bot.versions().localesOf("3")).to.deep.equal(["en_US"]);
  });

  it("are Available when they are made, though Lex does not know of them at first", async () => {
    await start({ delays: { version: 40 } });
    const botVersion = await make("slow");
    const { botStatus } = await bot.models.send(
      new DescribeBotVersionCommand({ botId: AliasedBot.id, botVersion }),
    );
    expect(botStatus).to.equal("Available");
  });

  it("are listed by number, on however many pages", async () => {
    await start();
    await fill(23);
    expect(await numbers()).to.deep.equal(Array.from({ length: 23 }, (_, index) => `${index + 1}`));
  });

  it("are made once for one description", async () => {
    await start();
    expect([await make("mine"), await make("mine"), await make("yours")]).to.deep.equal(["2", "2", "3"]);
  });

  it("are made once when Lex's answer gets lost", async () => {
    let loses = false;
    await start({
      onRequest: ({ operation }) => {
        if (operation !== "CreateBotVersion" || !loses) {
          return;
        }
        loses = false;
        throw new Error("The connection broke.");
      },
    });
    loses = true;
    expect(await withFastTimers(() => make("mine"))).to.equal("2");
    expect(loses).to.equal(false);
    expect(await numbers()).to.deep.equal(["1", "2"]);
  });

  it("are made, though Lex throttles the request", async () => {
    let throttles = false;
    await start({
      onRequest: ({ operation }) => {
        // What comes right after the list is the request for the version.
        if (operation === "ListBotVersions" && throttles) {
          throttles = false;
          bot.lex.inject({ throttling: 1 });
        }
      },
    });
    throttles = true;
    expect(await withFastTimers(() => make("mine"))).to.equal("2");
    expect(bot.requests.filter((name) => name === "CreateBotVersion")).to.have.length(2);
    expect(await numbers()).to.deep.equal(["1", "2"]);
  });

  it("are made anew when Lex could not make the one of that description", async () => {
    await start();
    bot.lex.inject({ "version-fails": 1 });
    await refusalOf(make("mine"));
    expect(await make("mine")).to.equal("3");
    expect((await bot.versions().list()).map(({ number, isUsable }) => [number, isUsable])).to.deep.equal([
      ["1", true],
      ["2", false],
      ["3", true],
    ]);
  });

  it("fail with Lex's reasons, and with its refusal at once", async () => {
    await start();
    bot.lex.inject({ "version-fails": 1 });
    const failure = await make("fails").catch((error: unknown) => error);
    expect(failure).to.include({
      message: "Lex could not make version 2.",
      details: "The version failed because a fault was injected (version-fails).",
    });
    bot.requests.length = 0;
    expect(await refusalOf(make("nothing", {}))).to.match(
      /^Could not make a version of bot .* at least one locale/,
    );
    expect(bot.requests.filter((name) => name === "CreateBotVersion")).to.have.length(1);
  });

  describe("when there are many", () => {
    it("are left alone as long as one more may be made", async () => {
      await start();
      await fill(maxBotVersions - 1);
      expect(await bot.versions().prune(3)).to.deep.equal([]);
      expect(bot.requests).to.not.include("DeleteBotVersion");
      expect(await numbers()).to.have.length(maxBotVersions - 1);
      expect(await make("the last that fits")).to.equal("100");
    });

    it("make room for one more: the oldest goes that no alias uses", async () => {
      await start();
      await fill(maxBotVersions);
      // With the test alias and the live one, more than a page of them.
      for (let version = 2; version <= 12; version++) {
        await bot.newAlias(`alias${version}`, `${version}`);
      }
      expect(await bot.versions().prune(3)).to.deep.equal(["13"]);
      expect(await numbers())
        .to.have.length(maxBotVersions - 1)
        .and.not.include("13");
      expect(await make("one more")).to.equal("101");
    });

    it("keep one that comes into use the moment before it would go", async () => {
      await start();
      await fill(maxBotVersions);
      const client = lexModels();
      let calls = 0;
      client.middlewareStack.add(
        (next, { commandName }) =>
          async (request) => {
            const answer = await next(request);
            if (commandName === "ListBotAliasesCommand" && ++calls === 1) {
              await bot.newAlias("new", "2");
            }
            return answer;
          },
        { step: "initialize" },
      );
      expect(await bot.versions(client).prune(3)).to.deep.equal(["3"]);
      expect(bot.lines.slice(-2)).to.deep.equal([
        "Lex keeps version 2: it is in use.",
        "Deleted version 3: a bot may have 100.",
      ]);
      expect(await numbers()).to.include.members(["1", "2"]);
    });

    it("are never the newest that are to be kept: then there is no room, and nothing goes", async () => {
      await start();
      await fill(maxBotVersions);
      expect(await refusalOf(bot.versions().prune(99))).to.equal(
        "The bot has 100 versions, Lex allows 100, and none of them may be deleted: aliases use them, or they are among the newest 99, " +
          "which are kept. Delete one in the Lex console, or lower keepVersions.",
      );
      expect(await numbers()).to.have.length(maxBotVersions);
      expect(await bot.versions().prune(98)).to.deep.equal(["2"]);
    });
  });
});
