import type { Rejection } from "../artifacts/utterances";
import { isLexName, maxUtteranceLength } from "../lex/quotas";

/**
 * Why no intent can take `text`, which is an utterance after `cleanText`. Braces may hold the name of a slot.
 * Only package knows the intent, so it checks whether the intent has that slot.
 */
export function rejectionOf(text: string): Rejection | undefined {
  if (text === "") {
    return "empty";
  }
  if (text.length > maxUtteranceLength) {
    return "too-long";
  }
  if (invalidCharacter.test(text)) {
    return "invalid-characters";
  }
  if (!/[\p{L}\p{N}]/u.test(text)) {
    return "no-letter-or-digit";
  }
  if (/[{}]/.test(withoutSlots(text))) {
    return "braces";
  }
  return undefined;
}

/**
 * Control characters, unpaired surrogates, marks that change the writing direction, and the replacement
 * character for bytes that could not be decoded.
 */
const invalidCharacter = /[\p{Cc}\p{Cs}\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFFD]/u;

function withoutSlots(text: string): string {
  return text.replace(/\{([^{}]*)\}/g, (braces, name: string) => (isLexName(name) ? "" : braces));
}
