import type { Rejection } from "../artifacts/utterances";
import { isLexName, maxUtteranceLength } from "../lex/quotas";

/**
 * Why no intent can take `text`, an utterance after `cleanText`. Braces may hold the name of a slot; whether the intent has that slot is
 * for package to say, which knows the intent.
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

/** Controls, unpaired surrogates, marks that turn the writing direction, and the character that stands for an undecodable one. */
const invalidCharacter = /[\p{Cc}\p{Cs}\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFFD]/u;

function withoutSlots(text: string): string {
  return text.replace(/\{([^{}]*)\}/g, (braces, name: string) => (isLexName(name) ? "" : braces));
}
