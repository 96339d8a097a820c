import { expect } from "chai";
import { Bot } from "../../../scripts/lex/bot";
import { AliasedBot } from "../../support/aliased-bot";
import { refusalOf } from "../../support/refusal";

describe("a bot whose alias is to be published to", () => {
  let bot: AliasedBot;
  afterEach(() => bot.close());

  const expectPublishable = () =>
    new Bot(AliasedBot.id, "es_ES", () => undefined).expectPublishable(bot.aliasId);
  const ownRole = "arn:aws:iam::111122223333:role/my-bot";

  it("may log conversations with the role that Lex makes itself", async () => {
    bot = await AliasedBot.start();
    await expectPublishable();
  });

  it("may have a role of its own when the alias logs nothing", async () => {
    const { botAliasLocaleSettings } = AliasedBot.settings;
    bot = await AliasedBot.start(
      { bots: [{ ...AliasedBot.bot, roleArn: ownRole }] },
      { botAliasLocaleSettings },
    );
    await expectPublishable();
  });

  it("may not log conversations with a role of its own, since that could not be passed to Lex", async () => {
    bot = await AliasedBot.start({ bots: [{ ...AliasedBot.bot, roleArn: ownRole }] });
    expect(await refusalOf(expectPublishable())).to.equal(
      `Alias ${bot.aliasId} logs conversations, and bot ${AliasedBot.id} has the role ${ownRole}. To point the alias to a new version, this run would pass that role to Lex, ` +
        "and it may pass only Lex's own role, AWSServiceRoleForLexV2Bots. In the Lex console give the bot that role, or name an alias without conversation logs.",
    );
  });

  it("needs the locale enabled on the alias", async () => {
    bot = await AliasedBot.start({}, { botAliasLocaleSettings: { en_US: { enabled: true } } });
    expect(await refusalOf(expectPublishable())).to.match(/^Locale es_ES is not enabled on the alias live /);
  });
});
