import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Intent, Locale } from "../../scripts/lex/locale";
import type { Candidate } from "./recognizer";

/**
 * The answer of RecognizeText to one phrase, as the first of its session. It does not call a Lambda function.
 *
 * @param candidates best first, at least one
 */
export function reply(locale: Locale, sessionId: string, candidates: readonly [Candidate, ...Candidate[]]) {
  const [best] = candidates;
  const missing = best.intent.slotPriorities.find(
    (slot) => !best.slotValues.has(slot) && isRequired(locale, best.intent, slot),
  );
  const message =
    missing === undefined ? responseOf(locale, best.intent) : promptOf(locale, best.intent, missing);
  return {
    sessionId,
    messages: message === undefined ? undefined : [{ content: message, contentType: "PlainText" }],
    sessionState: {
      dialogAction: missing === undefined ? { type: "Close" } : { type: "ElicitSlot", slotToElicit: missing },
      intent: intentOf(best, missing === undefined ? "ReadyForFulfillment" : "InProgress"),
      originatingRequestId: randomUUID(),
    },
    interpretations: candidates.map((candidate, index) => ({
      intent: intentOf(candidate, index > 0 || missing !== undefined ? "InProgress" : "ReadyForFulfillment"),
      nluConfidence: candidate.score === undefined ? undefined : { score: candidate.score },
      interpretationSource: "Lex",
    })),
  };
}

function intentOf({ intent, slotValues }: Candidate, state: "InProgress" | "ReadyForFulfillment") {
  return {
    name: intent.name,
    slots: Object.fromEntries(
      [...intent.slots.keys()].map((slot) => [slot, slotOf(slotValues.get(slot))] as const),
    ),
    state,
    confirmationState: "None",
  };
}

function slotOf(value: string | undefined) {
  return value === undefined
    ? null
    : { shape: "Scalar", value: { originalValue: value, interpretedValue: value, resolvedValues: [value] } };
}

const response = z
  .looseObject({
    messageGroupsList: z
      .array(
        z.looseObject({
          message: z.looseObject({ plainTextMessage: z.looseObject({ value: z.string() }).nullish() }),
        }),
      )
      .nullish(),
  })
  .nullish();

const intentFile = z.looseObject({
  intentClosingSetting: z.looseObject({ closingResponse: response }).nullish(),
  initialResponseSetting: z.looseObject({ initialResponse: response }).nullish(),
});

function responseOf(locale: Locale, intent: Intent): string | undefined {
  const { intentClosingSetting, initialResponseSetting } = intentFile.parse(locale.archive.json(intent.path));
  return (
    plainTextOf(intentClosingSetting?.closingResponse) ?? plainTextOf(initialResponseSetting?.initialResponse)
  );
}

const slotFile = z.looseObject({
  valueElicitationSetting: z
    .looseObject({ slotConstraint: z.string().nullish(), promptSpecification: response })
    .nullish(),
});

function promptOf(locale: Locale, intent: Intent, slot: string): string | undefined {
  return plainTextOf(slotSettings(locale, intent, slot)?.promptSpecification);
}

function isRequired(locale: Locale, intent: Intent, slot: string): boolean {
  return slotSettings(locale, intent, slot)?.slotConstraint === "Required";
}

function slotSettings(locale: Locale, intent: Intent, slot: string) {
  const path = intent.slots.get(slot)?.path;
  return path === undefined ? undefined : slotFile.parse(locale.archive.json(path)).valueElicitationSetting;
}

function plainTextOf(of: z.infer<typeof response>): string | undefined {
  return of?.messageGroupsList
    ?.map(({ message }) => message.plainTextMessage?.value)
    .find((text) => text !== undefined);
}
