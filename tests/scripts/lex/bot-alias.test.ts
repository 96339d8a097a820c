import { expect } from "chai";
import { AliasedBot } from "../../support/aliased-bot";
import { withFastTimers } from "../../support/fast-timers";
import { refusalOf } from "../../support/refusal";

describe("an alias of a bot", () => {
  let bot: AliasedBot;
  const start = async (...options: Parameters<typeof AliasedBot.start>) => {
    bot = await AliasedBot.start(...options);
    await bot.versions().create({ description: "the second", locales: new Map([["es_ES", "DRAFT"]]) });
    bot.requests.length = 0;
  };
  afterEach(() => bot.close());

  const updates = () => bot.requests.filter((name) => name === "UpdateBotAlias").length;

  it("keeps its Lambda function, logs, sentiment and description when it is pointed elsewhere", async () => {
    await start();
    await bot.alias().pointTo("2", { from: "1" });
    expect(await bot.aliasSettings()).to.deep.equal({
      botAliasName: "live",
      botVersion: "2",
      botAliasStatus: "Available",
      ...AliasedBot.settings,
    });
  });

  it("gets no setting that it does not have", async () => {
    await start({}, {});
    await bot.alias().pointTo("2", { from: "1" });
    expect(await bot.aliasSettings()).to.deep.equal({
      botAliasName: "live",
      botVersion: "2",
      botAliasStatus: "Available",
      description: undefined,
      botAliasLocaleSettings: undefined,
      conversationLogSettings: undefined,
      sentimentAnalysisSettings: undefined,
    });
  });

  it("is Available once it was pointed elsewhere, however long that takes", async () => {
    await start({ delays: { alias: 150 } });
    await bot.alias().pointTo("2", { from: "1" });
    expect(await bot.aliasSettings()).to.include({ botVersion: "2", botAliasStatus: "Available" });
  });

  it("is not touched when it is there already", async () => {
    await start();
    await bot.alias().pointTo("1", { from: "2" });
    expect(updates()).to.equal(0);
  });

  it("stays where somebody else pointed it", async () => {
    await start();
    await bot.alias().pointTo("2", { from: "1" });
    expect(await refusalOf(bot.alias().pointTo("1", { from: "3" }))).to.equal(
      `Somebody pointed alias ${bot.aliasId} to version 2 meanwhile, so it stays there.`,
    );
    expect(updates()).to.equal(1);
  });

  it("tells of an update that failed, and is mended by being pointed to where it is", async () => {
    await start({ faults: { "alias-fails": 1 } });
    expect(await refusalOf(bot.alias().pointTo("2", { from: "1" }))).to.equal(
      `Lex could not point alias ${bot.aliasId} to version 2.`,
    );
    expect(await bot.aliasSettings()).to.include({ botVersion: "1", botAliasStatus: "Failed" });
    await bot.alias().pointTo("1", { from: "2" });
    expect(await bot.aliasSettings()).to.include({ botVersion: "1", botAliasStatus: "Available" });
  });

  it("is pointed elsewhere once, when Lex's answer gets lost", async () => {
    let loses = true;
    await start({
      onRequest: ({ operation }) => {
        if (operation === "UpdateBotAlias" && loses) {
          loses = false;
          throw new Error("The connection broke.");
        }
      },
    });
    await withFastTimers(() => bot.alias().pointTo("2", { from: "1" }));
    expect(updates()).to.equal(1);
    expect(await bot.aliasSettings()).to.include({ botVersion: "2", botAliasStatus: "Available" });
  });

  it("is pointed elsewhere, with its settings, after an outage", async () => {
    let looks = 0;
    await start({
      onRequest: ({ operation }) => {
        // What comes right after the second look is the update.
        if (operation === "DescribeBotAlias" && ++looks === 2) {
          bot.lex.inject({ "server-error": 1 });
        }
      },
    });
    looks = 0;
    await withFastTimers(() => bot.alias().pointTo("2", { from: "1" }));
    expect(updates()).to.equal(2);
    expect(await bot.aliasSettings()).to.deep.include({ ...AliasedBot.settings, botVersion: "2" });
  });
});
