import { BuildBotLocaleCommand } from "@aws-sdk/client-lex-models-v2";
import { expect } from "chai";
import { LexFixture, refusal } from "./lex-fixture";
import { intent, localeExport, utterances } from "./library-bot";

const root = "es_ES/";
const withIntent = (name: string, members: Record<string, unknown>) =>
  localeExport(root, { [`${root}Intents/${name}/Intent.json`]: intent(name, members) });

describe("the local Lex's builds", () => {
  let fixture: LexFixture;
  beforeEach(async () => (fixture = await LexFixture.open()));
  afterEach(() => fixture.close());

  it("are Building, then ReadyExpressTesting, then Built", async () => {
    const { lastUpdatedDateTime, lastBuildSubmittedDateTime } = await fixture.describeLocale();
    expect(lastBuildSubmittedDateTime).to.equal(undefined);
    fixture.clock.advance(1_000);
    const started = await fixture.startBuild();
    expect([started.$metadata.httpStatusCode, started.botLocaleStatus, started.botVersion]).to.deep.equal([
      202,
      "Building",
      "DRAFT",
    ]);
    const statuses = [];
    for (const milliseconds of [4, 1, 4, 1]) {
      fixture.clock.advance(milliseconds);
      statuses.push((await fixture.describeLocale()).botLocaleStatus);
    }
    expect(statuses).to.deep.equal(["Building", "ReadyExpressTesting", "ReadyExpressTesting", "Built"]);
    const built = await fixture.describeLocale();
    expect(built.lastBuildSubmittedDateTime).to.deep.equal(new Date("2026-01-01T00:00:01Z"));
    expect(built.lastUpdatedDateTime).to.deep.equal(lastUpdatedDateTime);
  });

  it("fail where two intents hold one utterance, whatever its case and spaces", async () => {
    await fixture.import(
      withIntent("Otro", { sampleUtterances: utterances(" A QUÉ  hora abre la biblioteca") }),
    );
    const built = await fixture.build();
    expect([built.botLocaleStatus, built.failureReasons]).to.deep.equal([
      "Failed",
      ['The sample utterance " A QUÉ  hora abre la biblioteca" is in the intents Horario and Otro.'],
    ]);
  });

  it("succeed where the two intents have other input contexts, or one intent holds it twice", async () => {
    const twice = utterances("a qué hora abre la biblioteca", "A qué hora abre la biblioteca");
    await fixture.import(
      withIntent("Otro", { sampleUtterances: twice, inputContexts: [{ name: "dentro" }] }),
    );
    expect((await fixture.build()).botLocaleStatus).to.equal("Built");
  });

  it("fail without a custom intent that has an utterance", async () => {
    const empty = intent("Horario", {});
    const archive = localeExport(root, {
      [`${root}Intents/Horario/Intent.json`]: empty,
      [`${root}Intents/Renovar/Intent.json`]: undefined,
      [`${root}Intents/Renovar/Slots/Titulo/Slot.json`]: undefined,
    });
    await fixture.import(archive);
    const built = await fixture.build();
    expect(built.failureReasons).to.deep.equal([
      "The locale needs at least one custom intent with at least one sample utterance.",
    ]);
    expect((await fixture.import(localeExport())).importStatus).to.equal("Completed");
    const mended = await fixture.build();
    expect([mended.botLocaleStatus, mended.failureReasons]).to.deep.equal(["Built", undefined]);
  });

  it("are refused while one is under way, and of anything but the DRAFT", async () => {
    await fixture.startBuild();
    expect(await refusal(fixture.startBuild())).to.equal(
      "409 ConflictException: The locale es_ES is Building: wait until that has ended.",
    );
    fixture.clock.advance(5);
    expect(await refusal(fixture.startBuild())).to.equal(
      "409 ConflictException: The locale es_ES is ReadyExpressTesting: wait until that has ended.",
    );
    const version = fixture.client.send(new BuildBotLocaleCommand({ ...LexFixture.locale, botVersion: "1" }));
    expect(await refusal(version)).to.equal("400 ValidationException: Only the version DRAFT can be built.");
  });
});
