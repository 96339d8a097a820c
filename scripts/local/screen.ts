import type { WriteStream } from "node:tty";
import { counted, printable, shortened } from "../printable";
import { verdictNames } from "../utterances/verdicts";
import type { Outcome } from "./retraining";
import type { ExecutionEvent } from "./runner";

const shownReviews = 5;

/** Shows a line for each step, with its time: while it runs on a terminal, and once it has ended everywhere. */
export class Progress {
  private start = 0;
  private line = "";
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly screen: WriteStream) {}

  show(event: ExecutionEvent): void {
    switch (event.kind) {
      case "started":
        this.start = performance.now();
        this.line = "";
        if (this.screen.isTTY)
          this.timer = setInterval(() => {
            this.redraw(event.step);
          }, 100).unref();
        break;
      case "line":
        this.line = printable(event.line);
        break;
      case "ended":
        clearInterval(this.timer);
        if (this.screen.isTTY) this.screen.write("\r\u001b[K");
        this.screen.write(
          `${stepLine(event.step, event.milliseconds)}  ${event.failure === undefined ? this.line : "failed"}\n`,
        );
    }
  }

  private redraw(step: string): void {
    const text = `${stepLine(step, performance.now() - this.start)}  ${this.line}`;
    this.screen.write(`\r\u001b[K${text.slice(0, this.screen.columns - 1)}`);
  }
}

/** What came of a run, for people. */
export function outcomeText(outcome: Outcome): string {
  return [
    ...verdictLines(outcome),
    ...additionLines(outcome),
    ...reviewLines(outcome),
    ...endLines(outcome),
    "",
  ].join("\n");
}

/** The same for programs: one object on one line. */
export function jsonLine({ execution, runFolder, summary, asked }: Outcome): string {
  const { id, status, failureReason } = execution;
  return `${JSON.stringify({ executionId: id, status, failureReason, runFolder, ...summary, asked })}\n`;
}

function verdictLines({ execution, summary }: Outcome): string[] {
  if (!summary) return [];
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
  if (additions.length === 0 || execution.status !== "Succeeded") return [];
  return [
    "",
    "Added, by intent:",
    ...additions.map(([intent, count]) => `  ${String(count).padStart(6)}  ${printable(intent)}`),
  ];
}

function reviewLines({ reviews }: Outcome): string[] {
  if (reviews.length === 0) return [];
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

function endLines({ execution, runFolder, asked }: Outcome): string[] {
  return [
    "",
    ...(asked
      ? [
          `“${printable(asked.utterance)}”`,
          `  before: ${printable(asked.before)}`,
          `  after:  ${printable(asked.after)}`,
          "",
        ]
      : []),
    ...(execution.failureReason === undefined ? [] : [printable(execution.failureReason), ""]),
    `${execution.status}. The run's files: ${runFolder}`,
  ];
}

function stepLine(step: string, milliseconds: number): string {
  return `${step.padEnd(12)} ${(milliseconds / 1000).toFixed(1).padStart(6)} s`;
}
