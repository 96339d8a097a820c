import { RecognizeTextCommand } from "@aws-sdk/client-lex-runtime-v2";
import { expect } from "chai";
import { LexFixture, refusal } from "./lex-fixture";
import { intent, libraryBot, localeExport, utterances } from "./library-bot";

const root = "Biblioteca/BotLocales/es_ES/";
const contextual = {
  [`${root}Intents/Sala/Intent.json`]: intent("Sala", {
    sampleUtterances: utterances("reserva una sala"),
    inputContexts: [{ name: "socio" }],
  }),
};

describe("the local Lex's RecognizeText", () => {
  let fixture: LexFixture;
  beforeEach(async () => (fixture = await LexFixture.open({ bots: [libraryBot(contextual)] })));
  afterEach(() => fixture.close());

  const ranking = async (text: string, contexts: string[] = []) => {
    const { interpretations = [] } = await fixture.ask(text, { activeContexts: contexts });
    return interpretations.map(({ intent: it, nluConfidence }) => [it?.name, nluConfidence?.score]);
  };

  it("answers a sample utterance in any case, spacing and punctuation with certainty, in the shape of Lex", async () => {
    const { $metadata, sessionState, ...answer } = await fixture.ask(" ¿A QUÉ hora abre  la biblioteca? ");
    expect($metadata.httpStatusCode).to.equal(200);
    const { originatingRequestId, ...state } = sessionState ?? {};
    expect(originatingRequestId).to.match(/^[0-9a-f-]{36}$/);
    const horario = { name: "Horario", slots: {}, state: "ReadyForFulfillment", confirmationState: "None" };
    expect(state).to.deep.equal({ dialogAction: { type: "Close" }, intent: horario });
    expect(answer.sessionId).to.equal("a-session");
    expect(answer.messages).to.deep.equal([
      { content: "Abrimos de 9 a 20 horas.", contentType: "PlainText" },
    ]);
    expect(answer.interpretations?.slice(0, 2)).to.deep.equal([
      { intent: horario, nluConfidence: { score: 1 }, interpretationSource: "Lex" },
      {
        intent: { ...horario, name: "FallbackIntent", state: "InProgress" },
        interpretationSource: "Lex",
      },
    ]);
  });

  it("answers what is near a sample utterance, with the score of their likeness", async () => {
    const [first] = await ranking("a qué hora abre hoy la biblioteca");
    expect(first?.[0]).to.equal("Horario");
    expect(first?.[1]).to.be.within(0.4, 0.99);
  });

  it("fills a slot with the words that stand for it, and asks for one that is missing", async () => {
    const filled = await fixture.ask("renueva La Celestina por favor");
    expect(filled.sessionState?.intent).to.deep.equal({
      name: "Renovar",
      slots: {
        Titulo: {
          shape: "Scalar",
          value: {
            originalValue: "La Celestina",
            interpretedValue: "La Celestina",
            resolvedValues: ["La Celestina"],
          },
        },
      },
      state: "ReadyForFulfillment",
      confirmationState: "None",
    });
    // Three of five words are the sample's own.
    expect(filled.interpretations?.[0]?.nluConfidence).to.deep.equal({ score: 0.8 });
    const missing = await fixture.ask("quiero renovar un préstamo");
    expect(missing.sessionState?.dialogAction).to.deep.equal({ type: "ElicitSlot", slotToElicit: "Titulo" });
    expect(missing.sessionState?.intent?.state).to.equal("InProgress");
    expect(missing.messages).to.deep.equal([{ content: "¿Qué libro?", contentType: "PlainText" }]);
  });

  it("answers the rest with the FallbackIntent, without a score, and then what came nearest", async () => {
    expect(await ranking("xyz")).to.deep.equal([["FallbackIntent", undefined]]);
    const answer = await fixture.ask("¿hay biblioteca de noche en verano?");
    expect(answer.messages).to.deep.equal([{ content: "No te he entendido.", contentType: "PlainText" }]);
    const [first, second] = await ranking("¿hay biblioteca de noche en verano?");
    expect([first, second?.[0]]).to.deep.equal([["FallbackIntent", undefined], "Horario"]);
    expect(second?.[1]).to.be.lessThan(0.4);
  });

  it("considers an intent with input contexts only when they are active", async () => {
    expect((await ranking("reserva una sala"))[0]).to.deep.equal(["FallbackIntent", undefined]);
    expect((await ranking("reserva una sala", ["socio"]))[0]).to.deep.equal(["Sala", 1]);
  });

  it("answers by what was built, and knows sample utterances only until the build has ended", async () => {
    const horario = intent("Horario", { sampleUtterances: utterances("cuándo cierra la biblioteca") });
    await fixture.import(localeExport(root, { [`${root}Intents/Horario/Intent.json`]: horario }));
    expect(await refusal(fixture.ask("cuándo cierra la biblioteca"))).to.equal(
      "400 ValidationException: The bot locale is NotBuilt: build it before it can answer.",
    );
    await fixture.startBuild();
    expect(await refusal(fixture.ask("cuándo cierra la biblioteca"))).to.equal(
      "502 BadGatewayException: The bot is still building.",
    );
    fixture.clock.advance(5);
    expect((await ranking("cuándo cierra la biblioteca"))[0]).to.deep.equal(["Horario", 1]);
    expect((await ranking("cuándo cierra hoy la biblioteca"))[0]).to.deep.equal([
      "FallbackIntent",
      undefined,
    ]);
    fixture.clock.advance(5);
    expect((await ranking("cuándo cierra hoy la biblioteca"))[0]?.[0]).to.equal("Horario");
  });

  it("refuses texts of no or more than 1,024 characters, bad sessions and what does not exist", async () => {
    const ask = (changes: object) =>
      refusal(
        fixture.runtime.send(
          new RecognizeTextCommand({
            botId: LexFixture.botId,
            botAliasId: "TSTALIASID",
            localeId: "es_ES",
            sessionId: "s1",
            text: "hola",
            ...changes,
          }),
        ),
      );
    expect(await ask({ text: "a".repeat(1_024) })).to.equal("no refusal");
    expect(await ask({ text: "a".repeat(1_025) })).to.match(/^400 ValidationException: .*text: Too big/);
    expect(await ask({ text: "" })).to.match(/^400 ValidationException: .*text: Too small/);
    expect(await ask({ sessionId: "a b" })).to.equal(
      "400 ValidationException: a b is not a session identifier.",
    );
    expect(await ask({ botAliasId: "ABCDEFGHIJ" })).to.equal(
      "404 ResourceNotFoundException: The alias ABCDEFGHIJ of the bot BIBLIOTECA does not exist.",
    );
    expect(await ask({ localeId: "it_IT" })).to.equal(
      "404 ResourceNotFoundException: The locale it_IT of the bot BIBLIOTECA, version DRAFT, does not exist.",
    );
  });

  it("throttles a third conversation at once on the test alias", async () => {
    await fixture.close();
    const served: number[] = [];
    fixture = await LexFixture.open({
      delays: { recognize: 10 },
      onRequest: ({ status }) => {
        served.push(status);
        // The third is refused while the other two wait; then they may go on.
        if (status === 429) {
          fixture.clock.advance(10);
        }
      },
    });
    const answers = await Promise.all([1, 2, 3].map(() => refusal(fixture.ask("hola"))));
    expect(answers.sort()).to.deep.equal([
      "429 ThrottlingException: The alias BIBLIOTECA/TSTALIASID holds 2 conversations at most.",
      "no refusal",
      "no refusal",
    ]);
    expect(served).to.deep.equal([429, 200, 200]);
  });
});
