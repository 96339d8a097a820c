/**
 * Two utterances are the same when they have the same key: NFC, white space collapsed, lower case, and
 * without sentence punctuation around it.
 *
 * "no" and "No." are the same. What changes the meaning stays: "C#", "100%", "-5", ".5", "año". A text that
 * has only punctuation keeps it.
 */
export function comparisonKey(text: string): string {
  const key = cleanText(text).toLowerCase().normalize("NFC");
  return withoutSentencePunctuation(key) || key;
}

/**
 * The text to add to a bot: the user's spelling in NFC, white space collapsed, without invisible characters.
 */
export function cleanText(text: string): string {
  if (plainText.test(text)) {
    return text;
  }
  return text.replace(invisible, "").normalize("NFC").replace(/\s+/gu, " ").trim();
}

/** Most texts are already clean, and to find that out is much faster than to clean them. */
const plainText = /^(?:[!-~¡-¬®-ÿ]+ )*[!-~¡-¬®-ÿ]+$/;

/**
 * Zero-width space, word joiner, byte order mark and soft hyphen. The zero-width joiners stay, because emoji
 * and some scripts need them.
 */
const invisible = /[\u200B\u2060\uFEFF\u00AD]/gu;

const sentencePunctuation = new Set(" .,;:!?¡¿…\"'«»“”‘’()[]。、！？");

/**
 * Scans from both ends, because a regular expression for the end of a text takes quadratic time on many
 * punctuation marks in a row.
 */
function withoutSentencePunctuation(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && sentencePunctuation.has(text.charAt(start)) && !isDecimalPoint(text, start)) {
    start++;
  }
  while (start < end && sentencePunctuation.has(text.charAt(end - 1))) {
    end--;
  }
  return text.slice(start, end);
}

/** Whether the character at `index` begins a number such as ".5". */
function isDecimalPoint(text: string, index: number): boolean {
  return /[.,]/.test(text.charAt(index)) && /\d/.test(text.charAt(index + 1));
}
