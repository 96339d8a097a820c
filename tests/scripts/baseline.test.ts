import { cpSync } from "node:fs";
import { expect } from "chai";
import { baseline } from "../../scripts/baseline";
import { stageIn } from "../../scripts/stage/stage";
import { AliasedBot } from "../support/aliased-bot";
import { temporaryFolder } from "../support/folder";
import { refusalOf } from "../support/refusal";

describe("asking the bot before it is changed", () => {
  const folder = temporaryFolder();
  let bot: AliasedBot;
  afterEach(() => bot.close());

  it("asks nothing when the alias cannot be published to, and says why", async () => {
    bot = await AliasedBot.start({}, { botAliasLocaleSettings: { en_US: { enabled: true } } });
    await bot.retrain(folder("run"));
    cpSync(folder("run"), folder("baseline", "input"), { recursive: true });
    const stage = stageIn({
      PROCESSING_ROOT: folder("baseline"),
      EXECUTION_ID: "execution1",
      BOT_ID: AliasedBot.id,
      BOT_LOCALE_ID: "es_ES",
      BOT_ALIAS_ID: bot.aliasId,
      EVALUATION_ALIAS_ID: "TSTALIASID",
      EVALUATE_WITH_CODE_HOOK: "false",
      EVALUATION_CONCURRENCY: "2",
    });
    expect(await refusalOf(baseline({ ...stage, say: () => undefined }))).to.match(
      /^Locale es_ES is not enabled on the alias live /,
    );
    expect(bot.requests).to.not.include("RecognizeText");
  });
});
