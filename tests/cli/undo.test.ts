import { readFileSync, rmSync } from "node:fs";
import { expect } from "chai";
import { undoRun } from "../../cli/undo";
import { AliasedBot, changesOf } from "../support/aliased-bot";
import { testZip } from "../support/bots";
import { temporaryFolder, writeFiles } from "../support/folder";
import { refusalOf } from "../support/refusal";

const { phrase, intent } = AliasedBot.recovered;

describe("undoing a run", () => {
  const folder = temporaryFolder();
  let bot: AliasedBot;
  let before: Buffer;
  let asked: string[] = [];
  let said: string[] = [];

  beforeEach(async () => {
    [asked, said] = [[], []];
    bot = await AliasedBot.start();
    before = bot.lex.localeZip(AliasedBot.id, "es_ES");
    await bot.retrain(folder("run"));
  });
  afterEach(() => bot.close());

  function undo({
    alias = false,
    answer = true,
    runFolder = folder("run"),
    meanwhile = () => Promise.resolve(),
  } = {}) {
    return undoRun({
      runFolder,
      alias,
      confirm: async (text) => {
        asked.push(text);
        await meanwhile();
        return answer;
      },
      say: (line) => said.push(line),
    });
  }

  function changing(): string[] {
    return bot.requests.filter((name) =>
      /^(CreateUploadUrl|Upload|StartImport|BuildBotLocale|CreateBotVersion|UpdateBotAlias)$/.test(name),
    );
  }

  describe("its DRAFT", () => {
    const question = [
      `The DRAFT of es_ES of bot ${AliasedBot.id} goes back to what it was before the run, and is built:`,
      "  RenovarPrestamo: 1 utterance will go",
      "An alias goes on answering with the version that it points to.",
    ].join("\n");

    it("imports the backup and builds it, after a question that says what will change", async () => {
      await undo();
      expect(asked).to.deep.equal([question]);
      expect(said).to.deep.equal(["Importing.", "Building.", "Built.", "Done."]);
      expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(before)).to.equal(true);
      expect(bot.lex.localeStatus(AliasedBot.id, "es_ES")).to.equal("Built");
    });

    it("changes nothing when the answer is no", async () => {
      await undo({ answer: false });
      expect(asked).to.deep.equal([question]);
      expect(said).to.deep.equal(["Nothing was changed."]);
      expect(changing()).to.deep.equal([]);
    });

    it("asks nothing when it is undone already", async () => {
      await undo();
      [asked, said] = [[], []];
      bot.requests.length = 0;
      await undo();
      expect(asked).to.deep.equal([]);
      expect(said).to.deep.equal(["There is nothing to undo: it is as it was before the run."]);
      expect(changing()).to.deep.equal([]);
    });

    it("says what somebody else did since, which would be undone too", async () => {
      await bot.edit(bot.withUtterance("PagarMulta", "debo dinero"));
      await undo();
      expect(asked).to.deep.equal([
        [
          `The DRAFT of es_ES of bot ${AliasedBot.id} goes back to what it was before the run, and is built:`,
          "  RenovarPrestamo: 1 utterance will go",
          "  PagarMulta: 1 utterance will go",
          "Somebody changed it since the run, and that would be undone too. " +
            "Intents/PagarMulta/Intent.json.sampleUtterances is a list of 2 instead of a list of 1.",
          "An alias goes on answering with the version that it points to.",
        ].join("\n"),
      ]);
      expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(before)).to.equal(true);
    });

    it("says which intents and utterances come back", async () => {
      await bot.edit(testZip({ RenovarPrestamo: { utterances: ["quiero renovar mi préstamo"] } }));
      await undo();
      expect(asked[0]?.split("\n")[1]).to.equal(
        "  PagarMulta: the intent comes back, 1 utterance will come back",
      );
      expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(before)).to.equal(true);
    });

    it("sends nothing when somebody changes the bot between question and answer", async () => {
      const theirs = bot.withUtterance("PagarMulta", "debo dinero");
      const refusal = await refusalOf(undo({ meanwhile: () => bot.edit(theirs) }));
      expect(refusal).to.equal(
        "Somebody changed the bot since you were asked, so nothing was sent. Start again.",
      );
      expect(bot.lex.localeZip(AliasedBot.id, "es_ES").equals(theirs)).to.equal(true);
    });
  });

  describe("its alias", () => {
    /** As the publish stage did it. */
    beforeEach(async () => {
      await version("lex-retraining abc123, replaces version 1", { es_ES: "DRAFT", en_US: "1" });
      await bot.alias().pointTo("2", { from: "1" });
      writePublication();
      bot.requests.length = 0;
    });

    function writePublication(changes: object = {}): void {
      const publication = {
        botAliasId: bot.aliasId,
        localeId: "es_ES",
        version: "2",
        replacedVersion: "1",
        prunedVersions: [],
        smoke: AliasedBot.recovered,
      };
      writeFiles(folder("run"), {
        "publish/report/publish.json": JSON.stringify({ ...publication, ...changes }),
      });
    }

    function version(description: string, sources: Record<string, string>): Promise<string> {
      return bot.versions().create({ description, locales: new Map(Object.entries(sources)) });
    }

    it("points it back to the version that the run replaced, and leaves the DRAFT alone", async () => {
      expect(await bot.ask(phrase)).to.equal(intent);
      await undo({ alias: true });
      expect(asked).to.deep.equal([
        `Alias ${bot.aliasId} of bot ${AliasedBot.id} goes back from version 2 to version 1.`,
      ]);
      expect(changing()).to.deep.equal(["UpdateBotAlias"]);
      expect(await bot.aliasSettings()).to.deep.equal({
        botAliasName: "live",
        botVersion: "1",
        botAliasStatus: "Available",
        ...AliasedBot.settings,
      });
      expect(await bot.ask(phrase)).to.equal("FallbackIntent");
    });

    it("changes nothing when the answer is no", async () => {
      await undo({ alias: true, answer: false });
      expect(said).to.deep.equal(["Nothing was changed."]);
      expect(changing()).to.deep.equal([]);
    });

    it("undoes this locale alone where the alias has moved on, and once only", async () => {
      await bot.edit(bot.withUtterance("PayFine", "settle my debt", "en_US"), "en_US");
      await version("English", { es_ES: "2", en_US: "DRAFT" });
      await bot.alias().pointTo("3", { from: "2" });
      await undo({ alias: true });
      expect(asked).to.deep.equal([
        `Alias ${bot.aliasId} of bot ${AliasedBot.id} has moved on from the run's version 2 to version 3. It gets a new version: ` +
          "es_ES as in version 1, every other locale as in version 3.",
      ]);
      expect(await bot.aliasSettings()).to.deep.include({ botVersion: "4", botAliasStatus: "Available" });
      expect(await bot.ask(phrase)).to.equal("FallbackIntent");
      expect(await bot.ask("settle my debt", "en_US")).to.equal("PayFine");

      bot.requests.length = 0;
      await undo({ alias: true });
      expect(asked).to.have.length(1);
      expect(changing()).to.deep.equal([]);
    });

    it("takes a locale away again that the run was the first to publish", async () => {
      await version("English alone", { en_US: "1" });
      writePublication({ replacedVersion: "3" });
      await version("moved on", { es_ES: "2", en_US: "1" });
      await bot.alias().pointTo("4", { from: "2" });
      await undo({ alias: true });
      expect(await bot.versions().localesOf("5")).to.deep.equal(["en_US"]);
    });

    it("stays where somebody points it between question and answer", async () => {
      await version("theirs", { es_ES: "1" });
      const refusal = await refusalOf(
        undo({ alias: true, meanwhile: () => bot.alias().pointTo("3", { from: "2" }) }),
      );
      expect(refusal).to.equal(
        `Somebody pointed alias ${bot.aliasId} to version 3 meanwhile, so it stays there.`,
      );
    });

    it("says so when the version that the run replaced was deleted", async () => {
      writePublication({ replacedVersion: "77" });
      expect(await refusalOf(undo({ alias: true }))).to.equal(
        "Version 77, which the run replaced, was deleted. Put the DRAFT back instead, and publish that.",
      );
    });
  });

  describe("from a folder", () => {
    it("that holds no run is refused", async () => {
      expect(await refusalOf(undo({ runFolder: folder("elsewhere") }))).to.equal(
        `${folder("elsewhere")} is not the folder of a run: it has no package/package/changes.json. Name the folder that is called like the run.`,
      );
    });

    it("of a run that changed nothing is refused", async () => {
      writeFiles(folder("run"), { "package/package/changes.json": changesOf([]) });
      expect(await refusalOf(undo())).to.equal(
        `The run in ${folder("run")} changed nothing, so there is nothing to undo.`,
      );
    });

    it("of a run that published nothing is refused for its alias", async () => {
      const refusal = `The run in ${folder("run")} published nothing, so there is no alias to point back: its DRAFT alone can be put back.`;
      expect(await refusalOf(undo({ alias: true }))).to.equal(refusal);
      expect(await refusalOf(undo({ alias: true }))).to.equal(refusal);
    });

    it("that was damaged since is refused", async () => {
      const changes = readFileSync(folder("run", "package/package/changes.json"));
      writeFiles(folder("run"), { "package/package/changes.json": "{" });
      expect(await refusalOf(undo())).to.match(
        /changes\.json is not as the run left it: copy the run's folder again/,
      );
      writeFiles(folder("run"), { "package/package/changes.json": changes });
      rmSync(folder("run", "package/backup/locale-export.zip"));
      expect(await refusalOf(undo())).to.match(/locale-export\.zip is not as the run left it/);
    });
  });
});
