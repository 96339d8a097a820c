import { createHash } from "node:crypto";
import type { Changes } from "../artifacts/changes";
import type { Evaluation, Flip, Score } from "../artifacts/evaluation";
import type { Phrase, PhraseSet } from "../artifacts/phrases";
import { counted } from "../messages/printable";
import { html, Html } from "./html";

/**
 * `report.html` for the bot's owner: what a retraining did to the answers. The page does not load or run
 * anything.
 */
export function evaluationHtml(evaluation: Evaluation, { botId, localeId }: Changes): string {
  const phrase = phraseHtmlIn(localeId);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Evaluation of ${botId} (${localeId})</title>
        ${styleElement}
      </head>
      <body>
        <header class="${evaluation.gate}">
          <p>Bot ${botId}, locale ${localeId}</p>
          <h1>${headline(evaluation)}</h1>
        </header>
        <p>${evaluation.summary}</p>
        ${figures(evaluation)} ${flips(evaluation, phrase)} ${recovered(evaluation, phrase)}
        ${executionErrors(evaluation, phrase)}
      </body>
    </html> `;
  return page.text;
}

function headline({ gate }: Evaluation): string {
  return gate === "passed" ? "The retraining is kept" : "The retraining is refused";
}

const setNames: Readonly<Record<PhraseSet, string>> = {
  golden: "Golden phrases",
  added: "Added utterances",
  outOfScope: "Out of scope",
};

function figures({ sets, goldenFile, leftOut, answeredByBedrock }: Evaluation): Html {
  const { before, after } = answeredByBedrock;
  return html`<table>
      <thead>
        <tr>
          <th scope="col">Phrases</th>
          <th scope="col">asked</th>
          <th scope="col">right before</th>
          <th scope="col">right after</th>
        </tr>
      </thead>
      <tbody>
        ${figuresRow("golden", sets.golden)} ${figuresRow("added", sets.added)}
        ${figuresRow("outOfScope", sets.outOfScope)}
      </tbody>
    </table>
    <p class="note">
      ${
        goldenFile === null
          ? "There is no golden set: a sample of the bot's own utterances takes its place, without phrases that are out of scope. "
          : `The golden phrases are those of ${goldenFile}. Out of scope, the FallbackIntent is the right answer. `
      }${leftOut > 0 ? `Not asked: ${counted(leftOut, "phrase")} with a slot or of more than 1,024 characters. ` : ""}${
        before + after > 0
          ? `A language model (Bedrock) chose ${before} of the answers before and ${after} after; it may choose differently the next time. `
          : ""
      }
    </p>`;
}

function figuresRow(set: PhraseSet, { asked, before, after }: Score): Html {
  return html`<tr>
    <th scope="row">${setNames[set]}</th>
    <td>${asked}</td>
    <td>${before}${share(before, asked)}</td>
    <td>${after}${share(after, asked)}</td>
  </tr>`;
}

function share(right: number, asked: number): Html {
  return asked === 0 ? html`` : html` <small>${Math.round((100 * right) / asked)} %</small>`;
}

type PhraseHtml = (text: string) => Html;

/** Isolates a phrase from the writing direction around it, and tells a screen reader its language. */
function phraseHtmlIn(localeId: string): PhraseHtml {
  return (text) => html`<q><bdi lang="${localeId.replace("_", "-")}">${text}</bdi></q>`;
}

function flips({ flips: list }: Evaluation, phrase: PhraseHtml): Html {
  return section("Turned from right to wrong", list, (flip) => {
    const { set, before, after, row, nearest } = flip;
    return html`${phrase(flip.phrase)} <small>${setNames[set]}${place(row)}</small><br />
      ${before} → <strong>${after}</strong>${
        nearest
          ? html`<br />The most similar utterance that was added to ${nearest.intent}:
              ${phrase(nearest.utterance)}${place(nearest)}`
          : ""
      }`;
  });
}

function recovered({ recovered: list }: Evaluation, phrase: PhraseHtml): Html {
  return section("Recovered", list, (miss) => html`${phrase(miss.phrase)} → ${miss.intent}`);
}

function executionErrors({ executionErrors: list }: Evaluation, phrase: PhraseHtml): Html {
  return section(
    "Failed instead of being answered",
    list,
    ({ phrase: text, before, after }) =>
      html`${phrase(text)}${before === undefined ? "" : html`<br />Before: ${before}`}${after === undefined ? "" : html`<br />After: ${after}`}`,
  );
}

function section<T>(title: string, items: readonly T[], itemHtml: (item: T) => Html): Html {
  if (items.length === 0) {
    return html``;
  }
  return html`<h2>${title} (${items.length})</h2>
    <ul>
      ${items.map((item) => html`<li>${itemHtml(item)}</li> `)}
    </ul>`;
}

function place(row: Phrase["row"] | Flip["nearest"]): string {
  return row ? `, ${row.file}, line ${row.line}` : "";
}

const style = `
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 0 auto; padding: 1rem; }
li, p { overflow-wrap: anywhere; }
header { border-left: .4rem solid; padding-left: 1rem; }
header.passed { border-color: #1a7f37; }
header.refused { border-color: #cf222e; }
header p, h1 { margin: 0; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; margin: 1.5rem 0 .5rem; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #8886; padding: .4rem .3rem; text-align: right; vertical-align: bottom; }
th:first-child { text-align: left; }
ul { list-style: none; margin: 0; padding: 0; }
li { border-bottom: 1px solid #8886; padding: .5rem 0; }
small, .note, header p { font-size: .875rem; opacity: .75; }
`;

/** The browser applies a style only if its hash, white space included, is in the security policy. */
const styleElement = new Html(`<style>${style}</style>`);
const styleHash = `sha256-${createHash("sha256").update(style).digest("base64")}`;
