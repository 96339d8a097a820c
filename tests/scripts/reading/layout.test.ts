import { expect } from "chai";
import { UserError } from "../../../scripts/messages/user-error";
import { layoutOf } from "../../../scripts/reading/layout";

function layout(
  head: string,
): [delimiter: string | null, utterance: number, intent: number | null, count: number | null] {
  const { delimiter, columns } = layoutOf(head, "misses.csv");
  return [delimiter, columns.utterance, columns.intent, columns.count];
}

describe("layoutOf", () => {
  for (const delimiter of [",", ";", "\t", "|"]) {
    it(`finds the columns of a header separated by ${JSON.stringify(delimiter)}`, () => {
      const header = ["Fecha", "MISSED Count", " Enunciado ", "Intención"].join(delimiter);
      expect(layout(`${header}\n1${delimiter}2${delimiter}hola${delimiter}Saludar\n`)).to.deep.equal([
        delimiter,
        2,
        3,
        1,
      ]);
    });
  }

  for (const name of [
    "utterance",
    "Utterances",
    "text",
    "phrase",
    "transcript",
    "inputTranscript",
    "Input",
    "USER_INPUT",
    "frase",
    "Texto",
    "enunciado",
  ]) {
    it(`knows ${name} as the column of utterances`, () => {
      expect(layout(`id,${name}\n1,hola\n`)).to.deep.equal([",", 1, null, null]);
    });
  }

  for (const name of [
    "intent",
    "Target Intent",
    "label",
    "INTENCIÓN",
    "intencion",
    "intencio\u0301n",
    "etiqueta",
  ]) {
    it(`knows ${name} as the column of intents`, () => {
      expect(layout(`frase;${name}\nhola;Saludar\n`)).to.deep.equal([";", 0, 1, null]);
    });
  }

  for (const name of ["count", "missedCount", "missed_count", "Missed Count", "n", "total", "veces"]) {
    it(`knows ${name} as the column of counts`, () => {
      expect(layout(`frase;${name}\nhola;3\n`)).to.deep.equal([";", 0, null, 1]);
    });
  }

  it("prefers the first known name when two columns could hold the utterances", () => {
    expect(layout("input,text,utterance\nText,x,hola\n")).to.deep.equal([",", 2, null, null]);
  });

  it("takes whole lines under a header of one column", () => {
    expect(layout("utterance\nhola, quiero un libro, por favor\nadiós, gracias, otra vez\n")).to.deep.equal([
      null,
      0,
      null,
      null,
    ]);
  });

  it("takes whole lines of sentences with commas", () => {
    expect(layout("hola, quiero un libro\nsí, gracias\n")).to.deep.equal([null, 0, null, null]);
    expect(layout("hola, quiero un libro\nno\n")).to.deep.equal([null, 0, null, null]);
    expect(layout("hola, buenas, quiero un libro\n")).to.deep.equal([null, 0, null, null]);
  });

  it("takes pairs of an utterance and an intent, even if some intents are missing", () => {
    expect(layout('"hola, qué tal",Saludar\nadiós,\n')).to.deep.equal([",", 0, 1, null]);
    expect(layout("hola;Saludar\nadiós;FallbackIntent\n")).to.deep.equal([";", 0, 1, null]);
  });

  it("takes whole lines if one record is not a pair", () => {
    expect(layout("hola,Saludar\nadiós\n")).to.deep.equal([null, 0, null, null]);
    expect(layout("hola,Saludar\nadiós,\n")).to.deep.equal([",", 0, 1, null]);
    expect(layout("hola,\nadiós,\n")).to.deep.equal([null, 0, null, null]);
  });

  it("obeys Excel's sep= line", () => {
    expect(layoutOf("sep=|\nfrase|intent\nhola|Saludar\n", "misses.csv")).to.deep.equal({
      delimiter: "|",
      columns: { utterance: 0, intent: 1, count: null },
      header: ["frase", "intent"],
      leadingRecords: 2,
    });
    expect(layoutOf('"sep=;"\nhola;Saludar\n', "misses.csv")).to.deep.equal({
      delimiter: ";",
      columns: { utterance: 0, intent: 1, count: null },
      leadingRecords: 1,
    });
  });

  it("accepts an empty file", () => {
    expect(layout("")).to.deep.equal([null, 0, null, null]);
    expect(layout("sep=;\n")).to.deep.equal([";", 0, null, null]);
  });

  const help =
    "Give the file a header that calls the utterances utterance, utterances, text, phrase, transcript, inputTranscript, input, user_input, frase, texto or enunciado, and their intents, if any, intent, target_intent, label, intención or etiqueta.";
  for (const [what, head, columns] of [
    ["a header with an intent and no utterance", "id;intent\n1;Saludar\n", "2 columns"],
    ["more than two columns without a header", "1,hola,Saludar\n2,adiós,Despedir\n", "3 columns"],
    ["two columns when neither is an intent", "1;quiero un libro\n2;otra cosa\n", "2 columns"],
    ["too many columns after a sep= line", "sep=,\na,b,c\n", "3 columns"],
    ["a name that would write to the terminal", "\u001B[31mid;intent\n1;Saludar\n", "2 columns"],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => layoutOf(head, "misses.csv")).to.throw(
        UserError,
        `misses.csv has no column that is known to hold utterances; its first line has ${columns}. ${help}`,
      );
    });
  }
});
