import {
  CreateExportCommand,
  DeleteExportCommand,
  DescribeExportCommand,
} from "@aws-sdk/client-lex-models-v2";
import { expect } from "chai";
import { readArchive } from "../../../scripts/lex/archive";
import { LexFixture, refusal } from "./lex-fixture";
import { files, libraryBot, libraryFiles, localeExport } from "./library-bot";

describe("the local Lex's exports", () => {
  let fixture: LexFixture;
  const open = async (options: Parameters<typeof LexFixture.open>[0] = {}) =>
    (fixture = await LexFixture.open(options));
  afterEach(() => fixture.close());

  it("are in progress, then completed with a URL to download", async () => {
    await open();
    const started = await fixture.client.send(
      new CreateExportCommand({
        fileFormat: "LexJson",
        resourceSpecification: { botLocaleExportSpecification: LexFixture.locale },
      }),
    );
    expect(started.exportStatus).to.equal("InProgress");
    expect(started.$metadata.httpStatusCode).to.equal(202);
    expect(started.resourceSpecification).to.deep.equal({ botLocaleExportSpecification: LexFixture.locale });
    const { exportId } = started;
    const pending = await fixture.client.send(new DescribeExportCommand({ exportId }));
    expect([pending.exportStatus, pending.downloadUrl]).to.deep.equal(["InProgress", undefined]);

    fixture.clock.advance(10);
    const ended = await fixture.client.send(new DescribeExportCommand({ exportId }));
    expect([ended.exportStatus, ended.fileFormat]).to.deep.equal(["Completed", "LexJson"]);
    expect(ended.creationDateTime).to.deep.equal(new Date("2026-01-01T00:00:00.000Z"));
    expect(ended.lastUpdatedDateTime).to.deep.equal(new Date("2026-01-01T00:00:00.010Z"));
    expect(new URL(ended.downloadUrl ?? "").pathname).to.equal(
      `/downloads/${exportId ?? ""}/Biblioteca-DRAFT-es_ES-${exportId ?? ""}-LexJson.zip`,
    );
  });

  it("hold a locale's files byte for byte, and are the same bytes each time", async () => {
    await open();
    const zip = await fixture.download();
    expect(readArchive(zip, "the export")).to.deep.equal(localeExport());
    expect(await fixture.download()).to.deep.equal(zip);
    expect(fixture.lex.localeZip(LexFixture.botId, "es_ES")).to.deep.equal(zip);
  });

  for (const [layout, root] of [
    ["bot", "Biblioteca/BotLocales/es_ES/"],
    ["locale", "es_ES/"],
    ["top", ""],
  ] as const) {
    it(`can have the locale in ${root || "the archive's top"}`, async () => {
      await open({ layout });
      expect(readArchive(await fixture.download(), "the export")).to.deep.equal(localeExport(root));
    });
  }

  it("can be of the whole bot, with its Bot.json and every locale", async () => {
    const english = "Biblioteca/BotLocales/en_US/";
    const second = Object.fromEntries(
      Object.entries(libraryFiles())
        .filter(([path]) => path.includes("/es_ES/"))
        .map(([path, content]) => [path.replace("/es_ES/", "/en_US/"), content]),
    );
    second[`${english}BotLocale.json`] = { identifier: "en_US", nluConfidenceThreshold: 0.4 };
    await open({ bots: [libraryBot(second)] });
    const specification = { botExportSpecification: { botId: LexFixture.botId, botVersion: "DRAFT" } };
    const { exportId } = await fixture.client.send(
      new CreateExportCommand({ fileFormat: "LexJson", resourceSpecification: specification }),
    );
    fixture.clock.advance(10);
    const { downloadUrl = "" } = await fixture.client.send(new DescribeExportCommand({ exportId }));
    const zip = Buffer.from(await (await fetch(downloadUrl)).arrayBuffer());
    const manifest = { metaData: { schemaVersion: "1", fileFormat: "LexJson", resourceType: "BOT" } };
    expect(readArchive(zip, "the export")).to.deep.equal(
      files({ "Manifest.json": manifest, ...libraryFiles(), ...second }),
    );
  });

  it("have a URL for five minutes, and a new one from each DescribeExport", async () => {
    await open();
    const { exportId, downloadUrl = "" } = await fixture.export();
    fixture.clock.advance(300_000);
    expect((await fetch(downloadUrl)).status).to.equal(200);
    fixture.clock.advance(1_000);
    const late = await fetch(downloadUrl);
    expect(late.status).to.equal(403);
    expect(await late.text()).to.contain("<Code>AccessDenied</Code><Message>Request has expired</Message>");
    const renewed = await fixture.client.send(new DescribeExportCommand({ exportId }));
    expect((await fetch(renewed.downloadUrl ?? "")).status).to.equal(200);
  });

  it("are not to be had by a URL that was signed for another", async () => {
    await open();
    const { downloadUrl = "" } = await fixture.export();
    const { exportId = "" } = await fixture.export();
    const other = new URL(downloadUrl);
    other.pathname = `/downloads/${exportId}/x.zip`;
    expect((await fetch(other)).status).to.equal(403);
  });

  it("are gone once deleted", async () => {
    await open();
    const { exportId, downloadUrl = "" } = await fixture.export();
    const deleted = await fixture.client.send(new DeleteExportCommand({ exportId }));
    expect(deleted.exportStatus).to.equal("Deleting");
    expect(await refusal(fixture.client.send(new DescribeExportCommand({ exportId })))).to.equal(
      `404 ResourceNotFoundException: The export ${exportId ?? ""} does not exist.`,
    );
    expect((await fetch(downloadUrl)).status).to.equal(404);
  });

  it("are refused while an import is under way, and of what does not exist", async () => {
    await open();
    const { importId } = await fixture.uploadUrl();
    await fixture.startImport(importId);
    expect(await refusal(fixture.export())).to.equal(
      "409 ConflictException: An import is under way: wait until it has ended.",
    );
    const unknown = fixture.client.send(
      new CreateExportCommand({
        fileFormat: "LexJson",
        resourceSpecification: { botLocaleExportSpecification: { ...LexFixture.locale, localeId: "it_IT" } },
      }),
    );
    expect(await refusal(unknown)).to.equal(
      "404 ResourceNotFoundException: The locale it_IT of the bot BIBLIOTECA, version DRAFT, does not exist.",
    );
  });
});
