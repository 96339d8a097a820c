import { createHash } from "node:crypto";
import { expect } from "chai";
import type { Evaluation } from "../../../scripts/artifacts/evaluation";
import { comparisonOf, type TwiceAsked } from "../../../scripts/evaluation/comparison";
import { judge } from "../../../scripts/evaluation/gate";
import { evaluationHtml } from "../../../scripts/evaluation/report";
import { additions, asked, understood } from "./asks";

const hostile = `<script>alert("1")</script><img src=x onerror='a()'>&amp;`;
const changes = additions({ Pagar: [hostile, "cuánto debo"] });

function report(phrases: readonly TwiceAsked[], more: Partial<Evaluation> = {}): string {
  const comparison = comparisonOf(phrases, changes);
  const judgement = judge(comparison, { maxRegressions: 0, maxLeakage: 0 });
  return evaluationHtml(
    { ...judgement, goldenFile: "golden.csv", leftOut: 0, ...comparison, ...more },
    changes,
  );
}

/** The text that a reader sees, with white space collapsed. */
function textOf(page: string): string {
  return page
    .replace(/^[^]*<body>/, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
}

describe("the report of an evaluation", () => {
  it("says the judgement, the figures and, for each flip, both answers and the most likely cause", () => {
    const page = report([
      {
        ...asked("golden", "cuánto debo leer", "Leer", "Leer", "Pagar"),
        row: { file: "golden.csv", line: 7 },
      },
      asked("added", "cuánto debo", "Pagar", "FallbackIntent", "Pagar"),
      asked("added", "otra", "Pagar", { error: "no Lambda" }, understood("Pagar", true)),
    ]);
    const text = textOf(page);
    expect(text).to.include("The retraining is refused");
    expect(text).to.include("1 golden phrase turned from right to wrong (maxRegressions is 0).");
    expect(text).to.include("Golden phrases 1 1 100 % 0 0 %");
    expect(text).to.include("Added utterances 1 0 0 % 1 100 %");
    expect(text).to.include("Out of scope 0 0 0");
    expect(text).to.include("The golden phrases are those of golden.csv.");
    expect(text).to.include("A language model (Bedrock) chose 0 of the answers before and 1 after");
    expect(text).to.match(
      / cuánto debo leer Golden phrases, golden\.csv, line 7 Leer → Pagar The most similar utterance .* cuánto debo , misses\.csv, line 3 /,
    );
    expect(text).to.include("Recovered (1)");
    expect(text).to.match(/Failed instead of being answered \(1\) otra.*Before: no Lambda/);
    expect(page).to.include('<bdi lang="es-ES">cuánto debo</bdi>');
  });

  it("says that a sample takes the place of a golden set, and what was not asked", () => {
    const recovered = asked("added", "cuánto debo", "Pagar", "FallbackIntent", "Pagar");
    const text = textOf(report([recovered], { goldenFile: null, leftOut: 2 }));
    expect(text).to.include("The retraining is kept");
    expect(text).to.include("There is no golden set: a sample of the bot");
    expect(text).to.include("Not asked: 2 phrases with a slot or of more than 1,024 characters.");
    expect(text).not.to.include("Bedrock");
    expect(text).not.to.include("Turned from right to wrong");
  });

  it("shows what others wrote as text everywhere", () => {
    const page = report(
      [
        { ...asked("golden", hostile, hostile, hostile, "Pagar"), row: { file: hostile, line: 1 } },
        asked("golden", hostile, "Horario", "Horario", hostile),
        asked("added", hostile, hostile, "FallbackIntent", hostile),
        asked("golden", hostile, "Horario", { error: hostile }, { error: hostile }),
      ],
      { goldenFile: hostile, summary: hostile },
    );
    expect(page).not.to.match(/<(script|img)/);
    expect(page).to.include(
      "&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#60;img src=x onerror=&#39;a()&#39;&#62;&#38;amp;",
    );
  });

  it("loads and runs nothing, and announces its style so that the browser takes it", () => {
    const page = report([]);
    expect(page).to.match(/^<!doctype html>\s*<html lang="en">/);
    expect(page).to.match(
      /content="default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'"/,
    );
    expect(page).not.to.match(/<(script|link|img|iframe)|style="|@import|url\(|https?:/);
    const [, announced] = /'sha256-([^']*)'/.exec(page) ?? [];
    const [, style = ""] = /<style>([^]*)<\/style>/.exec(page) ?? [];
    expect(createHash("sha256").update(style).digest("base64")).to.equal(announced);
  });
});
