/**
 * Lex V2's quotas. Where they count characters, those are UTF-16 code units, as in JavaScript's `length`.
 * Source: "Quotas" in the Lex V2 Developer Guide and Lex quotas in the AWS General Reference.
 */

export const maxUtteranceLength = 500;
export const maxUtterancesPerIntent = 1_500;

const largeLocales = new Set(["en_AU", "en_GB", "en_US"]);

/** Characters that all sample utterances of a locale, of intents and slots together, may hold. */
export function maxUtteranceCharactersPerLocale(localeId: string): number {
  return largeLocales.has(localeId) ? 2_000_000 : 200_000;
}

/** Intents that a locale may hold. */
export function maxIntentsPerLocale(localeId: string): number {
  return largeLocales.has(localeId) ? 1_000 : 250;
}

/** Names of intents, slots and slot types: the pattern of Lex's `Name` type. No accents, spaces or dots. */
export function isLexName(name: string): boolean {
  return /^([0-9a-zA-Z][_-]?){1,100}$/.test(name);
}

/** Numbered versions that a bot may have. This quota cannot be raised. */
export const maxBotVersions = 100;

/** Text conversations at once: on the test alias, and on every other alias. */
export const testAliasConversations = 2;
export const aliasConversations = 50;

/** Characters of a text that RecognizeText takes: `text` in the Lex V2 API Reference. */
export const maxTextLength = 1_024;
