import { ListBotsCommand } from "@aws-sdk/client-lex-models-v2";
import { expect } from "chai";
import { type FaultSettings, describeFaults, faults, parseFaults } from "../../../local/lex/faults";
import { writeArchive } from "../../../scripts/lex/archive";
import { UserError } from "../../../scripts/messages/user-error";
import { LexFixture, put, refusal } from "./lex-fixture";
import { localeExport } from "./library-bot";

describe("the local Lex's faults", () => {
  let fixture: LexFixture | undefined;
  const open = async (settings: FaultSettings) => (fixture = await LexFixture.open({ faults: settings }));
  afterEach(() => fixture?.close());

  it("throttle the first calls, and say when to come again", async () => {
    const { client } = await open({ throttling: 2 });
    const statuses = [];
    for (let call = 0; call < 3; call++) {
      statuses.push(await refusal(client.send(new ListBotsCommand({}))));
    }
    const throttled = "429 ThrottlingException: A fault was injected (throttling): wait and try again.";
    expect(statuses).to.deep.equal([throttled, throttled, "no refusal"]);
    await fixture?.close();
    const { lex } = await open({ throttling: 1 });
    const response = await fetch(`${lex.url}/bots/`, { method: "POST" });
    expect([
      response.status,
      response.headers.get("Retry-After"),
      response.headers.get("x-amzn-ErrorType"),
    ]).to.deep.equal([429, "1", "ThrottlingException"]);
  });

  it("answer the first calls with a server error", async () => {
    const { client } = await open({ "server-error": 1 });
    expect(await refusal(client.send(new ListBotsCommand({})))).to.equal(
      "500 InternalServerException: A fault was injected (server-error): try again.",
    );
    expect(await refusal(client.send(new ListBotsCommand({})))).to.equal("no refusal");
  });

  it("find the bot in conflict at the first import and build", async () => {
    const opened = await open({ conflict: 2 });
    const conflict = "409 ConflictException: A fault was injected (conflict): wait and try again.";
    const { importId } = await opened.uploadUrl();
    expect(await refusal(opened.startImport(importId))).to.equal(conflict);
    expect(await refusal(opened.client.send(new ListBotsCommand({})))).to.equal("no refusal");
    expect(await refusal(opened.startBuild())).to.equal(conflict);
    expect(await refusal(opened.startImport(importId))).to.equal("no refusal");
  });

  it("end the first export as Failed", async () => {
    const opened = await open({ "export-fails": 1 });
    const failed = await opened.export();
    expect([failed.exportStatus, failed.failureReasons, failed.downloadUrl]).to.deep.equal([
      "Failed",
      ["The export failed because a fault was injected (export-fails)."],
      undefined,
    ]);
    expect((await opened.export()).exportStatus).to.equal("Completed");
  });

  it("refuse the first upload as expired", async () => {
    const opened = await open({ "upload-url-expired": 1 });
    const zip = new Uint8Array(writeArchive(localeExport()));
    const { uploadUrl = "" } = await opened.uploadUrl();
    expect(await put(uploadUrl, zip)).to.equal("403 AccessDenied");
    const { uploadUrl: next = "" } = await opened.uploadUrl();
    expect(await put(next, zip)).to.equal("200");
  });

  it("end the first import as Failed, with the locale as it was", async () => {
    const opened = await open({ "import-fails": 1 });
    const failed = await opened.import(localeExport());
    expect([failed.importStatus, failed.failureReasons]).to.deep.equal([
      "Failed",
      ["The import failed because a fault was injected (import-fails)."],
    ]);
    expect((await opened.describeLocale()).botLocaleStatus).to.equal("Built");
    expect((await opened.import(localeExport())).importStatus).to.equal("Completed");
  });

  it("lose an intent in the first import, which is Completed all the same", async () => {
    const opened = await open({ "import-loses-intent": 1 });
    expect((await opened.import(localeExport())).importStatus).to.equal("Completed");
    expect((await opened.describeLocale()).intentsCount).to.equal(3);
    expect((await opened.import(localeExport())).importStatus).to.equal("Completed");
    expect((await opened.describeLocale()).intentsCount).to.equal(4);
  });

  it("end the first build as Failed, or all", async () => {
    const first = await open({ "build-fails": 1 });
    const failed = await first.build();
    expect([failed.botLocaleStatus, failed.failureReasons]).to.deep.equal([
      "Failed",
      ["The build failed because a fault was injected (build-fails)."],
    ]);
    expect((await first.build()).botLocaleStatus).to.equal("Built");
    await first.close();
    const always = await open(parseFaults(["build-fails=always"]));
    for (let build = 0; build < 3; build++) {
      expect((await always.build()).botLocaleStatus).to.equal("Failed");
    }
  });

  it("make a build slow", async () => {
    const opened = await open({ "slow-build": 60_000 });
    await opened.startBuild();
    opened.clock.advance(59_999);
    expect((await opened.describeLocale()).botLocaleStatus).to.equal("ReadyExpressTesting");
    opened.clock.advance(1);
    expect((await opened.describeLocale()).botLocaleStatus).to.equal("Built");
  });

  it("let somebody else change the DRAFT once the first export was downloaded", async () => {
    const opened = await open({ "draft-changed-in-export": 1 });
    const before = opened.lex.localeZip(LexFixture.botId, "es_ES");
    const { lastUpdatedDateTime } = await opened.describeLocale();
    expect(await opened.download()).to.deep.equal(before);
    const changed = await opened.describeLocale();
    expect(changed.botLocaleStatus).to.equal("Built");
    expect(changed.lastUpdatedDateTime).to.be.greaterThan(lastUpdatedDateTime ?? new Date());
    const after = await opened.download();
    expect(after.equals(before)).to.equal(false);
    expect((await opened.ask("added by somebody else")).interpretations?.[0]?.intent?.name).to.equal(
      "Horario",
    );
    expect(await opened.download()).to.deep.equal(after);
  });

  it("let somebody else change the DRAFT right before the first version is made", async () => {
    const opened = await open({ "draft-changed-in-version": 1 });
    const ask = async (botVersion: string) => {
      const settings = { botAliasLocaleSettings: { es_ES: { enabled: true } } };
      const botAliasId = await opened.alias({ botAliasName: `alias${botVersion}`, botVersion, ...settings });
      const { interpretations } = await opened.ask("added by somebody else", { botAliasId });
      return interpretations?.[0]?.intent?.name;
    };
    expect(await ask(await opened.version({ es_ES: "DRAFT" }))).to.equal("Horario");
    const { lastUpdatedDateTime } = await opened.describeLocale();
    await opened.version({ es_ES: "DRAFT" });
    expect((await opened.describeLocale()).lastUpdatedDateTime).to.deep.equal(lastUpdatedDateTime);
  });

  it("are written NAME or NAME=VALUE", () => {
    expect(
      parseFaults(["build-fails", "import-fails=2", "throttling=always", "slow-build=250"]),
    ).to.deep.equal({
      "build-fails": 1,
      "import-fails": 2,
      throttling: Infinity,
      "slow-build": 250,
    });
    expect(() => parseFaults(["toString"])).to.throw(
      UserError,
      /^There is no fault "toString": use throttling, /,
    );
    expect(() => parseFaults(["import-fails=-1"])).to.throw(
      UserError,
      'The fault import-fails takes a whole number of imports, not "-1".',
    );
    expect(() => parseFaults(["slow-build=always"])).to.throw(
      UserError,
      'The fault slow-build takes a whole number of milliseconds, not "always".',
    );
  });

  it("are described a line each", () => {
    const lines = describeFaults();
    expect(lines).to.have.lengthOf(Object.keys(faults).length);
    expect(lines).to.include(
      'build-fails[=N]: ends a build as Failed, for the first N builds (1; "always" for all)',
    );
    expect(lines).to.include("slow-build[=milliseconds]: makes a build last this long (5000)");
  });
});
