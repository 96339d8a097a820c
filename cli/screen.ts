import type { WriteStream } from "node:tty";
import type { Outcome } from "../local/retraining";
import type { ExecutionEvent } from "../local/runner";
import type { Flip } from "../scripts/artifacts/evaluation";
import { phraseSets } from "../scripts/artifacts/phrases";
import { verdictNames } from "../scripts/artifacts/verdicts";
import { counted, printable, shortened } from "../scripts/messages/printable";

const shownReviews = 5;
const shownFlips = 3;

/**
 * Shows a line for each step, with its time: while it runs on a terminal, and once it has ended everywhere.
 */
export class Progress {
  private start = 0;
  private line = "";
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly screen: WriteStream,
    private readonly stop: AbortSignal,
  ) {}

  show(event: ExecutionEvent): void {
    switch (event.kind) {
      case "started":
        this.start = performance.now();
        this.line = "";
        if (this.screen.isTTY) {
          this.timer = setInterval(() => {
            this.redraw(event.step);
          }, 100).unref();
        }
        break;
      case "line":
        this.line = shortened(event.line);
        break;
      case "ended":
        clearInterval(this.timer);
        if (this.screen.isTTY) {
          this.screen.write("\r\u001b[K");
        }
        this.screen.write(
          `${stepLine(event.step, event.milliseconds)}  ${this.stop.aborted ? "stopped" : endOf(event, this.line)}\n`,
        );
    }
  }

  private redraw(step: string): void {
    const text = `${stepLine(step, performance.now() - this.start)}  ${this.line}`;
    this.screen.write(`\r\u001b[K${text.slice(0, this.screen.columns - 1)}`);
  }
}

function endOf({ failure }: { failure: string | undefined }, lastLine: string): string {
  return failure === undefined ? lastLine : "failed (below)";
}

/** What came of a run, for people. */
export function outcomeText(outcome: Outcome): string {
  const parts = [verdictLines, additionLines, reviewLines, evaluationLines, endLines].map((lines) =>
    lines(outcome),
  );
  return parts.flat().join("\n");
}

/** The same for programs. */
export function outcomeObject({ execution, runFolder, summary, evaluation, asked }: Outcome): object {
  const { id, status, failureReason } = execution;
  return { executionId: id, status, failureReason, runFolder, ...summary, evaluation, asked };
}

function verdictLines({ execution, summary }: Outcome): string[] {
  if (!summary) {
    return [];
  }
  const meaning = {
    add: execution.status === "Succeeded" ? "added to the bot" : "were to be added",
    known: "the bot has them already",
    conflict: "two intents want them",
    review: "need an intent from you",
    reject: "cannot be used",
  };
  return [
    "",
    `${counted(summary.utterances, "distinct utterance")}:`,
    ...verdictNames.map(
      (name) => `  ${String(summary.verdicts[name]).padStart(6)}  ${name.padEnd(8)}  ${meaning[name]}`,
    ),
  ];
}

function additionLines({ execution, summary }: Outcome): string[] {
  const additions = Object.entries(summary?.additions ?? {});
  if (additions.length === 0 || execution.status !== "Succeeded") {
    return [];
  }
  return [
    "",
    "Added, by intent:",
    ...additions.map(([intent, count]) => `  ${String(count).padStart(6)}  ${printable(intent)}`),
  ];
}

function reviewLines({ reviews }: Outcome): string[] {
  if (reviews.length === 0) {
    return [];
  }
  const more = reviews.length - shownReviews;
  return [
    "",
    "For you to label, in review.csv:",
    ...reviews
      .slice(0, shownReviews)
      .map(
        ({ utterance, count, suggestion }) =>
          `  ${String(count).padStart(6)}  ${shortened(utterance)}${suggestion ? `  → ${printable(suggestion)}?` : ""}`,
      ),
    ...(more > 0 ? [`          and ${more} more`] : []),
  ];
}

function evaluationLines({ execution, evaluation, asked }: Outcome): string[] {
  if (!evaluation) {
    return [];
  }
  const names = { golden: "golden phrases", added: "added utterances", outOfScope: "out of scope" };
  return [
    "",
    "Asked before and after, and answered right:",
    ...phraseSets.map((set) => {
      const { asked: count, before, after } = evaluation.sets[set];
      return `  ${names[set].padEnd(16)}  ${String(before).padStart(4)}  →${String(after).padStart(4)}  of ${count}`;
    }),
    ...flipLines(evaluation.flips),
    ...(asked && execution.status === "Succeeded"
      ? [
          "",
          `“${printable(asked.utterance)}”`,
          `  before: ${printable(asked.before)}`,
          `  after:  ${printable(asked.after)}`,
        ]
      : []),
  ];
}

function flipLines(flips: readonly Flip[]): string[] {
  if (flips.length === 0) {
    return [];
  }
  const more = flips.length - shownFlips;
  return [
    "",
    "Right before, and wrong now:",
    ...flips
      .slice(0, shownFlips)
      .map(
        ({ phrase, before, after }) => `  “${shortened(phrase)}”  ${printable(before)} → ${printable(after)}`,
      ),
    ...(more > 0 ? [`  and ${more} more, in report.html`] : []),
  ];
}

function endLines({ execution, runFolder, evaluation }: Outcome): string[] {
  return [
    "",
    ...(execution.status === "Succeeded" && evaluation ? [printable(evaluation.message), ""] : []),
    ...(execution.failureReason === undefined ? [] : [printable(execution.failureReason), ""]),
    `${execution.status}. The run's files: ${runFolder}`,
  ];
}

function stepLine(step: string, milliseconds: number): string {
  return `${step.padEnd(12)} ${(milliseconds / 1000).toFixed(1).padStart(6)} s`;
}
