import { gunzipSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { Eraser } from "../../cli/erasure";
import { readArchive } from "../../scripts/lex/archive";
import { onlyLocaleOf } from "../../scripts/lex/locale";
import { testZip } from "../support/bots";
import { refusalOf } from "../support/refusal";

const eraser = new Eraser(["Soy Ana, 12345678Z"]);

async function rest(name: string, content: string | Buffer): Promise<string | undefined> {
  return (await eraser.erase(name, Buffer.from(content)))?.content.toString();
}

describe("erasing an utterance", () => {
  it("takes its rows out of a CSV, by the comparison key, and leaves the others", async () => {
    expect(
      await rest(
        "inbox/misses.csv",
        'frase;intención;veces\nhola;Saludar;2\n"¡soy  ana, 12345678z!";Saludar;1\n"a;b";;1\n',
      ),
    ).to.equal('\uFEFFfrase;intención;veces\r\nhola;Saludar;2\r\n"a;b";;1\r\n');
  });

  it("takes lines out of a list without a header, and out of a zipped one", async () => {
    expect(await rest("misses.txt", "hola, qué tal\nsoy Ana, 12345678Z\n")).to.equal(
      '\uFEFF"hola, qué tal"\r\n',
    );
    const zipped = gzipSync('utterance,intent\n"soy Ana, 12345678Z",\nhola,\n');
    const erasure = await eraser.erase("misses.csv.gz", zipped);
    expect(gunzipSync(erasure?.content ?? "").toString()).to.equal("\uFEFFutterance,intent\r\nhola,\r\n");
  });

  it("takes lines out of JSON Lines, also those that were no misses", async () => {
    const lines = [
      '{"inputTranscript":"hola","missedUtterance":true}',
      '{"inputTranscript":"Soy Ana, 12345678Z.","missedUtterance":false}',
      '{"key":"soy ana, 12345678z","text":"soy Ana, 12345678Z"}',
      "",
    ];
    expect(await rest("log.jsonl", lines.join("\n"))).to.equal(`${lines[0] ?? ""}\n`);
  });

  it("takes it out of what a report says of another utterance", async () => {
    const report =
      "\uFEFFutterance;intent;count;looks like;explanation\r\n" +
      "soy Eva;;1;Soy Ana, 12345678Z;looks most like “Soy Ana, 12345678Z” of Saludar.\r\n";
    expect(await rest("package/report/review.csv", report)).to.equal(
      "\uFEFFutterance;intent;count;looks like;explanation\r\n" +
        "soy Eva;;1;(erased);looks most like “(erased)” of Saludar.\r\n",
    );
  });

  it("leaves a mark in JSON, and names the intents that got it", async () => {
    const json = {
      intents: [{ name: "Saludar", added: [{ utterance: "soy Ana, 12345678Z", line: 3 }] }],
      phrases: [{ text: "soy ana 12345678Z" }, { text: "SOY ANA, 12345678Z", expected: "Saludar" }],
      message: "“soy Ana, 12345678Z” went from A to B.",
    };
    const erasure = await eraser.erase("package/package/changes.json", Buffer.from(JSON.stringify(json)));
    expect(JSON.parse(erasure?.content.toString() ?? "")).to.deep.equal({
      intents: [{ name: "Saludar", added: [{ utterance: "(erased)", line: 3 }] }],
      phrases: [{ text: "soy ana 12345678Z" }, { text: "(erased)", expected: "Saludar" }],
      message: "“(erased)” went from A to B.",
    });
    expect(erasure?.intents).to.deep.equal(["Saludar"]);
  });

  it("leaves alone a name that is spelled as the utterance", async () => {
    const intents = new Eraser(["Saludar"]);
    const csv = Buffer.from("utterance,intent\nhola,Saludar\n");
    expect(await intents.erase("misses.csv", csv)).to.equal(undefined);
    expect(await intents.erase("a.json", Buffer.from('{"expected":"Saludar"}'))).to.equal(undefined);
  });

  it("leaves a mark in a page and in Lex's own words", async () => {
    expect(
      await rest("evaluate/report/report.html", "<q lang=es>soy Ana&#44; 12345678Z</q><p>a &#60; b</p>"),
    ).to.equal("<q lang=es>(erased)</q><p>a &#60; b</p>");
    expect(
      await rest("import/details.txt", "The utterance soy ana, 12345678z of Saludar is twice.\n"),
    ).to.equal("The utterance (erased) of Saludar is twice.\n");
  });

  it("takes it out of an archive of Lex, of intents and of slots, and of nothing else there", async () => {
    const zip = testZip({
      Saludar: { utterances: ["hola", "soy Ana, 12345678Z"] },
      Viajar: { utterances: ["viajar"], slots: { City: ["a Roma", "soy Ana, 12345678Z"] } },
      Otro: { utterances: ["otro"] },
    });
    const erasure = await eraser.erase("locale-export.zip", zip);
    const [before, after] = [zip, erasure?.content ?? Buffer.from("")].map((content) =>
      onlyLocaleOf(readArchive(content, "test")),
    );
    expect(after?.intents.get("Saludar")?.sampleUtterances).to.deep.equal(["hola"]);
    expect(after?.intents.get("Viajar")?.slots.get("City")?.sampleUtterances).to.deep.equal(["a Roma"]);
    const other = before?.intents.get("Otro")?.path ?? "";
    expect(after?.archive.get(other)).to.deep.equal(before?.archive.get(other));
    expect(erasure?.intents).to.have.members(["Saludar", "Viajar"]);
  });

  it("finds nothing in what it erased from, and in files of other kinds", async () => {
    const once = await rest("misses.csv", 'utterance\n"soy Ana, 12345678Z"\nhola\n');
    expect(await rest("misses.csv", once ?? "")).to.equal(undefined);
    expect(await rest("a.json", '{"text":"(erased)"}')).to.equal(undefined);
    expect(await rest("node", "soy Ana, 12345678Z")).to.equal(undefined);
  });

  it("says which file it cannot read", async () => {
    expect(await refusalOf(eraser.erase("misses.csv", Buffer.from('utterance\n"hola\n')))).to.match(
      /^misses\.csv, line 2: the row that starts here opens a quote/,
    );
  });
});
