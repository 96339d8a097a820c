import { BuildBotLocaleCommand } from "@aws-sdk/client-lex-models-v2";
import { expect } from "chai";
import type { FaultSettings } from "../../../local/lex/faults";
import { DraftLocale } from "../../../scripts/lex/draft-locale";
import { AliasedBot } from "../../support/aliased-bot";
import { withFastTimers } from "../../support/fast-timers";

describe("the DRAFT of a locale", () => {
  let bot: AliasedBot;
  let draft: DraftLocale;
  /** The operations of which Lex's first answer gets lost. */
  let losing: Set<string>;
  afterEach(() => bot.close());

  async function start(options: Parameters<typeof AliasedBot.start>[0] = {}): Promise<void> {
    losing = new Set();
    bot = await AliasedBot.start({
      onRequest: ({ operation }) => {
        if (losing.delete(operation)) {
          throw new Error("The connection broke.");
        }
      },
      ...options,
    });
    draft = new DraftLocale(bot.models, AliasedBot.id, "es_ES", () => undefined);
  }

  const sent = (operation: string) => bot.requests.filter((name) => name === operation).length;

  /** Retrains the bot. @param faults are injected right before the request that starts the import. */
  async function retrain(faults: FaultSettings = {}): Promise<void> {
    const importId = await draft.upload(bot.withUtterance("PagarMulta", "debo dinero"));
    bot.requests.length = 0;
    bot.lex.inject(faults);
    await withFastTimers(async () => {
      await draft.import(importId);
      await draft.build(60_000);
    });
    expect(bot.live().intents.get("PagarMulta")?.sampleUtterances).to.include("debo dinero");
    expect(bot.lex.localeStatus(AliasedBot.id, "es_ES")).to.equal("Built");
  }

  it("is imported and built once, when Lex's answers get lost", async () => {
    await start();
    losing = new Set(["StartImport", "BuildBotLocale"]);
    await retrain();
    expect(losing.size).to.equal(0);
    expect([sent("StartImport"), sent("BuildBotLocale")]).to.deep.equal([1, 1]);
  });

  it("is imported by a second request, when the first was not carried out", async () => {
    await start();
    await retrain({ "server-error": 1 });
    expect([sent("StartImport"), sent("BuildBotLocale")]).to.deep.equal([2, 1]);
  });

  it("is imported and built after throttling", async () => {
    await start();
    await retrain({ throttling: 1, conflict: 2 });
    expect([sent("StartImport"), sent("BuildBotLocale")]).to.deep.equal([4, 1]);
  });

  it("is settled only when its build has ended, and not at ReadyExpressTesting", async () => {
    const half = 43_200_000;
    const halves: (() => void)[] = [];
    await start({
      delays: { build: 2 * half },
      clock: {
        now: () => Date.now(),
        after: (milliseconds, action) => {
          if (milliseconds === half) {
            halves.push(action);
          } else {
            setTimeout(action, milliseconds);
          }
        },
      },
      onRequest: ({ operation }) => {
        if (operation === "DescribeBotLocale" && sent(operation) === 3) {
          halves.shift()?.();
        }
      },
    });
    bot.requests.length = 0;
    await bot.models.send(
      new BuildBotLocaleCommand({ botId: AliasedBot.id, botVersion: "DRAFT", localeId: "es_ES" }),
    );
    halves.shift()?.();
    expect(bot.lex.localeStatus(AliasedBot.id, "es_ES")).to.equal("ReadyExpressTesting");
    expect(await withFastTimers(() => draft.settled())).to.include({ status: "Built" });
    expect(sent("DescribeBotLocale")).to.equal(4);
  });
});
