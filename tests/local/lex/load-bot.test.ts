import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { loadBot } from "../../../local/lex/load-bot";
import { type Archive, archiveLimits, writeArchive } from "../../../scripts/lex/archive";
import { UserError } from "../../../scripts/messages/user-error";
import { withSocket } from "../../support/folder";
import { files, libraryFiles, localeExport } from "./library-bot";

describe("loadBot", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "load-bot-"))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const zip = (archive: Archive) => {
    const path = join(folder, "export.zip");
    writeFileSync(path, writeArchive(archive));
    return path;
  };
  const unzip = (archive: Archive, name = "unzipped") => {
    for (const [path, content] of archive) {
      mkdirSync(dirname(join(folder, name, path)), { recursive: true });
      writeFileSync(join(folder, name, path), content);
    }
    return join(folder, name);
  };

  it("takes a whole bot's export, as a ZIP or a folder", () => {
    for (const path of [zip(files(libraryFiles())), unzip(files(libraryFiles()))]) {
      const { locales, file, ...bot } = loadBot(path);
      expect(bot).to.deep.equal({
        id: "BIBLIOTECA",
        name: "Biblioteca",
        description: "La biblioteca del barrio",
        childDirected: false,
        idleSessionTTLInSeconds: 600,
      });
      expect(file).to.deep.equal(files(libraryFiles()).get("Biblioteca/Bot.json"));
      expect(locales.map(({ id, root }) => [id, root])).to.deep.equal([["es_ES", ""]]);
      const expected = localeExport("");
      expect([...(locales[0]?.archive ?? [])].sort()).to.deep.equal(
        [...expected].filter(([name]) => name !== "Manifest.json").sort(),
      );
    }
  });

  it("takes a locale's export in each of Lex's layouts, and names the bot as best it can", () => {
    const names = ["Biblioteca/BotLocales/es_ES/", "es_ES/", ""].flatMap((root) => {
      const paths = [zip(localeExport(root)), unzip(localeExport(root), `MyBot${root.length}`)];
      return paths.map((path) => {
        const bot = loadBot(path);
        expect(bot.locales.map(({ id, intents }) => [id, intents.size])).to.deep.equal([["es_ES", 4]]);
        return bot.name;
      });
    });
    expect(names).to.deep.equal(["Biblioteca", "Biblioteca", "LocalBot", "MyBot6", "LocalBot", "MyBot0"]);
  });

  it("makes up an identifier where there is none, the same each time for a name", () => {
    const nameless = { ...libraryFiles(), "Biblioteca/Bot.json": { name: "Biblioteca", identifier: "" } };
    const [first, second] = [loadBot(zip(files(nameless))).id, loadBot(zip(localeExport())).id];
    expect(first)
      .to.match(/^[0-9A-Z]{10}$/)
      .and.equal(second);
  });

  it("passes over what file managers leave behind", () => {
    const path = unzip(localeExport());
    writeFileSync(join(path, "Biblioteca/BotLocales/es_ES/Intents/.DS_Store"), "x");
    expect(loadBot(path).locales[0]?.archive.size).to.equal(localeExport().size - 1);
  });

  it("refuses what is no export of one bot", () => {
    const refused = (path: string, message: string) => {
      expect(() => loadBot(path)).to.throw(UserError, message);
    };
    refused(join(folder, "none"), `${join(folder, "none")} does not exist: name a ZIP that Lex exported`);
    const empty = zip(files({ "a.json": {} }));
    refused(empty, `${empty} holds no bot locale (no BotLocale.json): export the bot from Lex again.`);
    writeFileSync(empty, "no ZIP");
    refused(empty, `${empty} is not a ZIP file`);
    const locale = { identifier: "es_ES", nluConfidenceThreshold: 0.4 };
    const twoBots = {
      "A/BotLocales/es_ES/BotLocale.json": locale,
      "B/BotLocales/es_ES/BotLocale.json": locale,
    };
    refused(zip(files(twoBots)), "export.zip holds several bots: export one bot at a time.");
    const twice = { "A/BotLocales/es_ES/BotLocale.json": locale, "A/BotLocales/es/BotLocale.json": locale };
    refused(zip(files(twice)), "export.zip holds a locale twice: export the bot from Lex again.");
    const badBot = { ...libraryFiles(), "Biblioteca/Bot.json": { name: "a b" } };
    refused(zip(files(badBot)), "export.zip: Biblioteca/Bot.json does not describe a bot as Lex does");
  });

  it("takes a link to an export for the export", () => {
    for (const path of [zip(localeExport()), unzip(localeExport())]) {
      symlinkSync(path, `${path}.link`);
      expect(loadBot(`${path}.link`).locales.map(({ id }) => id)).to.deep.equal(["es_ES"]);
    }
  });

  it("says of what it cannot read that it cannot", async () => {
    await withSocket(join(folder, "socket"), () => {
      expect(() => loadBot(join(folder, "socket"))).to.throw(
        UserError,
        `${join(folder, "socket")} is neither a file nor a folder: name a ZIP that Lex exported`,
      );
    });
    const path = join(folder, "a".repeat(300));
    expect(() => loadBot(path)).to.throw(UserError, `${path} cannot be read: name too long (ENAMETOOLONG).`);
  });

  it("follows no link in a folder and reads no more than an export can hold", () => {
    const path = unzip(localeExport());
    symlinkSync("/etc/hostname", join(path, "Biblioteca/link.json"));
    expect(() => loadBot(path)).to.throw(
      UserError,
      `${join(path, "Biblioteca/link.json")} is a link or a device, which no export of Lex holds: remove it.`,
    );
    const { entries, zippedBytes } = archiveLimits;
    try {
      archiveLimits.entries = 3;
      expect(() => loadBot(unzip(localeExport(), "many"))).to.throw(
        UserError,
        "is larger than any export of Lex",
      );
      archiveLimits.zippedBytes = 10;
      expect(() => loadBot(zip(localeExport()))).to.throw(UserError, "is larger than any export of Lex");
    } finally {
      Object.assign(archiveLimits, { entries, zippedBytes });
    }
  });
});
