/** What Lex takes as a sample utterance. Where its documents do not say, this is the stricter reading. */

/** The slots that an utterance names in braces, such as `City` in `flights to {City}`. */
export function slotsNamedIn(utterance: string): string[] {
  return [...utterance.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
}

/**
 * What is wrong with the braces of an utterance meant for an intent with these slots, in words that fit after
 * "it", or undefined.
 *
 * Braces are slot syntax (CreateIntent in the Lex V2 API Reference), and a slot that the intent does not have
 * fails. In Lex V1 a slot may stand only once and only between white space; the V2 guide neither repeats nor
 * lifts that rule.
 */
export function bracesProblem(
  utterance: string,
  slots: ReadonlySet<string> | ReadonlyMap<string, unknown>,
): string | undefined {
  const named = slotsNamedIn(utterance);
  if (/[{}]/.test(utterance.replace(/\{[^{}]*\}/g, ""))) {
    return "has a brace that opens or closes nothing";
  }
  const unknown = named.find((slot) => !slots.has(slot));
  if (unknown !== undefined) {
    return `names the slot {${unknown}}, which the intent does not have`;
  }
  if (new Set(named).size < named.length) {
    return "names a slot twice";
  }
  if (/[^\s]\{|\}[^\s]/.test(utterance)) {
    return "has no space between a slot and the word next to it";
  }
  return undefined;
}

/** Lex's own intents, told by their parent, take no sample utterances, except AMAZON.QnAIntent. */
export function takesSampleUtterances(intent: {
  readonly parentIntentSignature: string | undefined;
}): boolean {
  return intent.parentIntentSignature === undefined || intent.parentIntentSignature === "AMAZON.QnAIntent";
}

export function isFallback(intent: { readonly parentIntentSignature: string | undefined }): boolean {
  return intent.parentIntentSignature === "AMAZON.FallbackIntent";
}

/** Whether a label is the name that Lex gives the FallbackIntent. A bot may have another name for it. */
export function isFallbackLabel(label: string): boolean {
  return /^(AMAZON\.)?FallbackIntent$/i.test(label);
}
