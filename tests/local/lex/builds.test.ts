import { BuildBotLocaleCommand } from "@aws-sdk/client-lex-models-v2";
import { expect } from "chai";
import { Desk, refusal } from "./desk";
import { intent, localeExport, utterances } from "./library-bot";

const root = "es_ES/";
const withIntent = (name: string, members: Record<string, unknown>) =>
  localeExport(root, { [`${root}Intents/${name}/Intent.json`]: intent(name, members) });

describe("the local Lex's builds", () => {
  let desk: Desk;
  beforeEach(async () => (desk = await Desk.open()));
  afterEach(() => desk.close());

  it("are Building, then ReadyExpressTesting, then Built", async () => {
    const { lastUpdatedDateTime, lastBuildSubmittedDateTime } = await desk.describeLocale();
    expect(lastBuildSubmittedDateTime).to.equal(undefined);
    desk.clock.advance(1_000);
    const started = await desk.startBuild();
    expect([started.$metadata.httpStatusCode, started.botLocaleStatus, started.botVersion]).to.deep.equal([
      202,
      "Building",
      "DRAFT",
    ]);
    const statuses = [];
    for (const milliseconds of [4, 1, 4, 1]) {
      desk.clock.advance(milliseconds);
      statuses.push((await desk.describeLocale()).botLocaleStatus);
    }
    expect(statuses).to.deep.equal(["Building", "ReadyExpressTesting", "ReadyExpressTesting", "Built"]);
    const built = await desk.describeLocale();
    expect(built.lastBuildSubmittedDateTime).to.deep.equal(new Date("2026-01-01T00:00:01Z"));
    expect(built.lastUpdatedDateTime).to.deep.equal(lastUpdatedDateTime);
  });

  it("fail where two intents hold one utterance, whatever its case and spaces", async () => {
    await desk.import(
      withIntent("Otro", { sampleUtterances: utterances(" A QUÉ  hora abre la biblioteca") }),
    );
    const built = await desk.build();
    expect([built.botLocaleStatus, built.failureReasons]).to.deep.equal([
      "Failed",
      ['The sample utterance " A QUÉ  hora abre la biblioteca" is in the intents Horario and Otro.'],
    ]);
  });

  it("succeed where the two intents have other input contexts, or one intent holds it twice", async () => {
    const twice = utterances("a qué hora abre la biblioteca", "A qué hora abre la biblioteca");
    await desk.import(withIntent("Otro", { sampleUtterances: twice, inputContexts: [{ name: "dentro" }] }));
    expect((await desk.build()).botLocaleStatus).to.equal("Built");
  });

  it("fail without a custom intent that has an utterance", async () => {
    const empty = intent("Horario", {});
    const archive = localeExport(root, {
      [`${root}Intents/Horario/Intent.json`]: empty,
      [`${root}Intents/Renovar/Intent.json`]: undefined,
      [`${root}Intents/Renovar/Slots/Titulo/Slot.json`]: undefined,
    });
    await desk.import(archive);
    const built = await desk.build();
    expect(built.failureReasons).to.deep.equal([
      "The locale needs at least one custom intent with at least one sample utterance.",
    ]);
    expect((await desk.import(localeExport())).importStatus).to.equal("Completed");
    const mended = await desk.build();
    expect([mended.botLocaleStatus, mended.failureReasons]).to.deep.equal(["Built", undefined]);
  });

  it("are refused while one is under way, and of anything but the DRAFT", async () => {
    await desk.startBuild();
    expect(await refusal(desk.startBuild())).to.equal(
      "409 ConflictException: The locale es_ES is Building: wait until that has ended.",
    );
    desk.clock.advance(5);
    expect(await refusal(desk.startBuild())).to.equal(
      "409 ConflictException: The locale es_ES is ReadyExpressTesting: wait until that has ended.",
    );
    const version = desk.client.send(new BuildBotLocaleCommand({ ...Desk.locale, botVersion: "1" }));
    expect(await refusal(version)).to.equal("400 ValidationException: Only the version DRAFT can be built.");
  });
});
