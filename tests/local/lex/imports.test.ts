import { request } from "node:http";
import { DescribeImportCommand } from "@aws-sdk/client-lex-models-v2";
import { expect } from "chai";
import { Archive, readArchive, writeArchive } from "../../../scripts/lex/archive";
import { LexFixture, put, refusal } from "./lex-fixture";
import { files, intent, libraryBot, libraryFiles, localeExport, utterances } from "./library-bot";

const root = "Biblioteca/BotLocales/es_ES/";
const changed = localeExport(root, {
  [`${root}Intents/Horario/Intent.json`]: intent("Horario", {
    sampleUtterances: utterances("a qué hora abrís"),
  }),
  [`${root}CustomVocabulary/CustomVocabulary.json`]: { customVocabularyItems: [] },
});

describe("the local Lex's imports", () => {
  let fixture: LexFixture;
  const open = async (options: Parameters<typeof LexFixture.open>[0] = {}) =>
    (fixture = await LexFixture.open(options));
  afterEach(() => fixture.close());

  it("are in progress with the locale Importing, then completed with the locale NotBuilt", async () => {
    await open();
    const before = await fixture.describeLocale();
    expect(before.botLocaleStatus).to.equal("Built");
    const { importId, uploadUrl = "" } = await fixture.uploadUrl();
    expect(importId).to.match(/^[0-9A-Z]{10}$/);
    expect(await put(uploadUrl, new Uint8Array(writeArchive(changed)))).to.equal("200");
    const started = await fixture.startImport(importId);
    expect([started.$metadata.httpStatusCode, started.importStatus, started.mergeStrategy]).to.deep.equal([
      202,
      "InProgress",
      "Overwrite",
    ]);
    expect((await fixture.describeLocale()).botLocaleStatus).to.equal("Importing");

    fixture.clock.advance(10);
    const ended = await fixture.client.send(new DescribeImportCommand({ importId }));
    expect([ended.importStatus, ended.importedResourceId, ended.failureReasons]).to.deep.equal([
      "Completed",
      "es_ES",
      undefined,
    ]);
    expect(ended.resourceSpecification).to.deep.equal({ botLocaleImportSpecification: LexFixture.locale });
    const after = await fixture.describeLocale();
    expect(after.botLocaleStatus).to.equal("NotBuilt");
    expect(after.lastUpdatedDateTime).to.deep.equal(new Date("2026-01-01T00:00:00.010Z"));
    expect(before.lastUpdatedDateTime).to.deep.equal(new Date("2026-01-01T00:00:00.000Z"));
  });

  for (const from of [root, "es_ES/", ""]) {
    it(`replace the whole locale on Overwrite, from ${from || "the archive's top"}, and export it byte for byte`, async () => {
      await open();
      const archive = localeExport(from, {
        [`${from}Intents/Ayuda/Intent.json`]: undefined,
        [`${from}Intents/Horario/ConversationFlow.json`]: { unknown: ["to", "us"] },
      });
      expect((await fixture.import(archive)).importStatus).to.equal("Completed");
      const exported = readArchive(await fixture.download(), "the export");
      const expected = [...archive].map(
        ([path, content]) =>
          [path === "Manifest.json" ? path : root + path.slice(from.length), content] as const,
      );
      expect([...exported].sort()).to.deep.equal([...new Map(expected)].sort());
    });
  }

  it("make a locale that the bot did not have, with any strategy", async () => {
    for (const strategy of ["Overwrite", "FailOnConflict", "Append"] as const) {
      await open();
      const archive = localeExport("es_US/", {
        "es_US/BotLocale.json": { identifier: "es_US", nluConfidenceThreshold: 0.4 },
      });
      expect((await fixture.import(archive, strategy, "es_US")).importStatus).to.equal("Completed");
      expect(fixture.lex.localeStatus(LexFixture.botId, "es_US")).to.equal("NotBuilt");
      await fixture.close();
    }
    await open();
  });

  it("fail on FailOnConflict where the locale is there", async () => {
    await open();
    expect((await fixture.import(changed, "FailOnConflict")).failureReasons).to.deep.equal([
      "The bot has the locale es_ES already, and the merge strategy is FailOnConflict.",
    ]);
  });

  it("add intents on Append, and fail where the locale has one by the name", async () => {
    await open();
    const nothingNew = await fixture.import(localeExport(), "Append");
    expect(nothingNew.failureReasons).to.deep.equal([
      "The locale es_ES has the intent Horario already, and Append adds only what is new.",
      "The locale es_ES has the intent Renovar already, and Append adds only what is new.",
      "The locale es_ES has the intent Ayuda already, and Append adds only what is new.",
      "The locale es_ES has the slot type Libro already, and Append adds only what is new.",
    ]);
    const paths = [...localeExport().keys()];
    const remove = Object.fromEntries(
      paths.filter((path) => /Horario|Renovar|Ayuda|SlotTypes/.test(path)).map((path) => [path, undefined]),
    );
    const path = `${root}Intents/Carnet/Intent.json`;
    const carnet = intent("Carnet", { sampleUtterances: utterances("quiero un carnet") });
    expect(
      (await fixture.import(localeExport(root, { ...remove, [path]: carnet }), "Append")).importStatus,
    ).to.equal("Completed");
    expect(readArchive(await fixture.download(), "the export")).to.deep.equal(
      new Map([...localeExport(), ...files({ [path]: carnet })]),
    );
  });

  describe("end as Failed, with the locale as it was, for", () => {
    const horario = `${root}Intents/Horario/Intent.json`;
    const withUtterances = (...texts: string[]) => ({
      [horario]: intent("Horario", { sampleUtterances: utterances(...texts) }),
    });
    const slot = `${root}Intents/Renovar/Slots/Titulo/Slot.json`;
    const manifest = (metaData: object) => ({ "Manifest.json": { metaData } });
    const cases: Record<string, { changes: Record<string, unknown>; reasons: string[] }> = {
      "no manifest": {
        changes: { "Manifest.json": undefined },
        reasons: ["The archive has no Manifest.json at its top."],
      },
      "the manifest of the documentation page": {
        changes: {
          "Manifest.json": {
            metadata: { schemaVersion: "1.0", fileFormat: "LexJson", resourceType: "BotLocale" },
          },
        },
        reasons: ["Manifest.json: metaData: Invalid input: expected object, received undefined."],
      },
      "the manifest of a whole bot": {
        changes: manifest({ schemaVersion: "1", fileFormat: "LexJson", resourceType: "BOT" }),
        reasons: ['Manifest.json: metaData.resourceType: Invalid input: expected "BOT_LOCALE".'],
      },
      "another schema version": {
        changes: manifest({ schemaVersion: "1.0", fileFormat: "LexJson", resourceType: "BOT_LOCALE" }),
        reasons: ['Manifest.json: metaData.schemaVersion: Invalid input: expected "1".'],
      },
      "no locale": {
        changes: { [`${root}BotLocale.json`]: undefined },
        reasons: ["The archive holds 0 BotLocale.json, where an import of a locale needs one."],
      },
      "two locales": {
        changes: { "es_US/BotLocale.json": { identifier: "es_US", nluConfidenceThreshold: 0.4 } },
        reasons: ["The archive holds 2 BotLocale.json, where an import of a locale needs one."],
      },
      "another locale than the import is into": {
        changes: { [`${root}BotLocale.json`]: { identifier: "es_US", nluConfidenceThreshold: 0.4 } },
        reasons: [`${root}BotLocale.json is of the locale es_US, and the import is into es_ES.`],
      },
      "files beside the locale": {
        changes: { "Biblioteca/Bot.json": {} },
        reasons: [`Biblioteca/Bot.json is not a part of the locale in ${root}.`],
      },
      "what is not JSON as Lex writes it": {
        changes: { [horario]: { name: 1 } },
        reasons: [
          `The archive: ${horario} is not what Lex exports (name: Invalid input: expected string, received number).`,
        ],
      },
      "an intent's name that Lex does not take": {
        changes: { [horario]: intent("Horário", {}) },
        reasons: [`${horario}: "Horário" is not a name for an intent.`],
      },
      "sample utterances on the FallbackIntent": {
        changes: {
          [`${root}Intents/FallbackIntent/Intent.json`]: intent("FallbackIntent", {
            parentIntentSignature: "AMAZON.FallbackIntent",
            sampleUtterances: utterances("no sé"),
          }),
        },
        reasons: [
          `${root}Intents/FallbackIntent/Intent.json: the built-in intent FallbackIntent does not take sample utterances.`,
        ],
      },
      "no FallbackIntent": {
        changes: { [`${root}Intents/FallbackIntent/Intent.json`]: undefined },
        reasons: [`${root}Intents holds no FallbackIntent.`],
      },
      "a slot in braces that the intent does not have": {
        changes: withUtterances("abre {Cuando}"),
        reasons: [`${horario}: "abre {Cuando}" names the slot {Cuando}, which the intent does not have.`],
      },
      "an utterance of 501 characters": {
        changes: withUtterances("a".repeat(500), "a".repeat(501)),
        reasons: [`${horario}: a sample utterance has 501 characters, above the limit of 500.`],
      },
      "an utterance of white space": {
        changes: withUtterances(" "),
        reasons: [`${horario}: a sample utterance is empty.`],
      },
      "1,501 utterances in an intent": {
        changes: withUtterances(...Array.from({ length: 1_501 }, (_, i) => `${i}`)),
        reasons: [`${horario}: 1501 sample utterances are above the limit of 1500.`],
      },
      "more characters than a locale holds": {
        // 401 times 499, and 69 in the other utterances of the locale.
        changes: withUtterances(...Array.from({ length: 401 }, (_, i) => `${i}`.padEnd(499, "a"))),
        reasons: [
          `The sample utterances in ${root}Intents have 200168 characters together, above the limit of 200000.`,
        ],
      },
      "more intents than a locale holds": {
        changes: Object.fromEntries(
          Array.from({ length: 247 }, (_, i) => [`${root}Intents/I${i}/Intent.json`, intent(`I${i}`, {})]),
        ),
        reasons: [`${root}Intents holds 251 intents, above the limit of 250.`],
      },
      "a slot priority for no slot": {
        changes: {
          [slot]: undefined,
          [`${root}Intents/Renovar/Intent.json`]: intent("Renovar", {
            slotPriorities: [{ priority: 1, slotName: "Titulo" }],
          }),
        },
        reasons: [
          `${root}Intents/Renovar/Intent.json: slotPriorities names the slot Titulo, which the intent does not have.`,
        ],
      },
      "a slot type that is missing": {
        changes: { [`${root}SlotTypes/Libro/SlotType.json`]: undefined },
        reasons: [`${slot}: the slot type Libro is neither in the archive nor one of Lex's own.`],
      },
      "every problem at once": {
        changes: { ...withUtterances("{", "a}"), [`${root}Intents/FallbackIntent/Intent.json`]: undefined },
        reasons: [
          `${root}Intents holds no FallbackIntent.`,
          `${horario}: "{" has a brace that opens or closes nothing.`,
          `${horario}: "a}" has a brace that opens or closes nothing.`,
        ],
      },
    };
    for (const [name, { changes, reasons }] of Object.entries(cases)) {
      it(name, async () => {
        await open();
        await expectFailure(localeExport(root, changes), reasons);
      });
    }

    it("an outer folder", async () => {
      await open();
      const files = [...localeExport()].map(([path, content]) => [`export/${path}`, content] as const);
      const outer = new Archive("an outer folder", files);
      await expectFailure(outer, ["The archive has no Manifest.json at its top."]);
      await expectFailure(localeExport("x/y/z/"), [
        "x/y/z/BotLocale.json is in a folder where Lex does not put a locale.",
      ]);
    });

    it("no upload, and an upload that is no ZIP", async () => {
      await open();
      const missing = await fixture.uploadUrl();
      await fixture.startImport(missing.importId);
      fixture.clock.advance(10);
      const first = await fixture.client.send(new DescribeImportCommand({ importId: missing.importId }));
      expect(first.failureReasons).to.deep.equal(["No archive was uploaded for this import."]);
      const { importId, uploadUrl = "" } = await fixture.uploadUrl();
      await put(uploadUrl, Buffer.from("hello"));
      await fixture.startImport(importId);
      fixture.clock.advance(10);
      const second = await fixture.client.send(new DescribeImportCommand({ importId }));
      expect(second.failureReasons).to.deep.equal([
        "The archive is not a ZIP file, or is cut short: export the bot from Lex again.",
      ]);
    });

    async function expectFailure(archive: Parameters<LexFixture["import"]>[0], reasons: string[]) {
      const before = fixture.lex.localeZip(LexFixture.botId, "es_ES");
      const ended = await fixture.import(archive);
      expect(ended.failureReasons).to.deep.equal(reasons);
      expect(ended.importStatus).to.equal("Failed");
      const locale = await fixture.describeLocale();
      expect(locale.botLocaleStatus).to.equal("Built");
      expect(locale.lastUpdatedDateTime).to.deep.equal(new Date("2026-01-01T00:00:00Z"));
      expect(fixture.lex.localeZip(LexFixture.botId, "es_ES")).to.deep.equal(before);
    }
  });

  it("are refused while the locale is importing or building, for an unknown id, and a second time", async () => {
    await open();
    const first = await fixture.uploadUrl();
    const second = await fixture.uploadUrl();
    await fixture.startImport(first.importId);
    expect(await refusal(fixture.startImport(second.importId))).to.equal(
      "409 ConflictException: The locale es_ES is Importing: wait until that has ended.",
    );
    expect(await refusal(fixture.startBuild())).to.equal(
      "409 ConflictException: The locale es_ES is Importing: wait until that has ended.",
    );
    fixture.clock.advance(10);
    expect(await refusal(fixture.startImport(first.importId))).to.equal(
      `400 ValidationException: The import ${first.importId ?? ""} was started already: make a new upload URL.`,
    );
    await fixture.startBuild();
    expect(await refusal(fixture.startImport(second.importId))).to.equal(
      "409 ConflictException: The locale es_ES is Building: wait until that has ended.",
    );
    expect(await refusal(fixture.startImport("AAAAAAAAAA"))).to.equal(
      "404 ResourceNotFoundException: The import AAAAAAAAAA does not exist.",
    );
    expect(
      await refusal(fixture.client.send(new DescribeImportCommand({ importId: second.importId }))),
    ).to.equal(`404 ResourceNotFoundException: The import ${second.importId ?? ""} does not exist.`);
  });

  it("take an upload as S3 does: plain bytes, within five minutes, before the import", async () => {
    await open();
    const { importId, uploadUrl = "" } = await fixture.uploadUrl();
    const zip = new Uint8Array(writeArchive(changed));
    expect(await put(uploadUrl, zip, { Authorization: "AWS4-HMAC-SHA256 x" })).to.equal(
      "400 InvalidArgument",
    );
    expect(await put(uploadUrl, zip, { "Content-Type": "application/zip" })).to.equal(
      "403 SignatureDoesNotMatch",
    );
    expect(await putChunked(uploadUrl, zip)).to.equal(501);
    expect(await put(uploadUrl.replace("/uploads/", "/uploads/x"), zip)).to.equal(
      "403 SignatureDoesNotMatch",
    );
    fixture.clock.advance(300_000);
    expect(await put(uploadUrl, zip)).to.equal("200");
    fixture.clock.advance(1_000);
    expect(await put(uploadUrl, zip)).to.equal("403 AccessDenied");
    const other = await fixture.uploadUrl();
    await fixture.startImport(other.importId);
    expect(await put(other.uploadUrl ?? "", zip)).to.equal("403 AccessDenied");
    fixture.clock.advance(10);
    await fixture.startImport(importId);
    fixture.clock.advance(10);
    expect(readArchive(await fixture.download(), "the export")).to.deep.equal(changed);
  });

  it("are forgotten an hour after their upload URL was made, unless they were started", async () => {
    await open();
    const started = await fixture.uploadUrl();
    await fixture.startImport(started.importId);
    const { importId, uploadUrl = "" } = await fixture.uploadUrl();
    expect(await put(uploadUrl, new Uint8Array(writeArchive(changed)))).to.equal("200");
    fixture.clock.advance(60 * 60_000);
    const describe = new DescribeImportCommand({ importId: started.importId });
    expect((await fixture.client.send(describe)).importStatus).to.equal("Failed");
    expect(await refusal(fixture.startImport(importId))).to.equal(
      `404 ResourceNotFoundException: The import ${importId ?? ""} does not exist.`,
    );
  });

  it("into a bot that was loaded from a full export leave its other locales alone", async () => {
    const second = {
      "Biblioteca/BotLocales/en_US/BotLocale.json": { identifier: "en_US", nluConfidenceThreshold: 0.4 },
    };
    await open({ bots: [libraryBot({ ...libraryFiles(), ...second })] });
    const before = fixture.lex.localeZip(LexFixture.botId, "en_US");
    await fixture.import(changed);
    expect(fixture.lex.localeZip(LexFixture.botId, "en_US")).to.deep.equal(before);
    expect(fixture.lex.localeStatus(LexFixture.botId, "en_US")).to.equal("NotBuilt");
  });
});

/** The status of a PUT that does not say how long it is. */
function putChunked(url: string, body: Uint8Array): Promise<number | undefined> {
  return new Promise((answered, failed) => {
    const put = request(url, { method: "PUT", headers: { "Transfer-Encoding": "chunked" } }, (response) => {
      response.resume();
      answered(response.statusCode);
    });
    put.on("error", failed).end(body);
  });
}
