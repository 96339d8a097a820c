import { createHash } from "node:crypto";
import { objectAt, withIntent, type Intent, type Locale } from "./locale";

/**
 * The locale with a custom intent that answers as the FallbackIntent does: it has the same responses and code
 * hooks. Only in this form does Lex allow to add utterances "to the fallback".
 */
export function withCompanion(locale: Locale, fallback: Intent, name: string): Locale {
  const content = objectAt(locale.archive, fallback.path);
  return withIntent(locale, {
    ...content,
    name,
    identifier: identifierOf(name),
    description: `Answers as ${fallback.name} does, for utterances that are known to belong to no other intent.`,
    parentIntentSignature: null,
    sampleUtterances: null,
  });
}

/**
 * Ten capital letters and digits, as Lex has them. The same name gives the same identifier, so that two runs
 * pack the same bytes.
 */
function identifierOf(name: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const digest = createHash("sha256").update(name).digest();
  return Array.from(digest.subarray(0, 10), (byte) => alphabet.charAt(byte % alphabet.length)).join("");
}
