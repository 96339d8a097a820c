import { createHash } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** An identifier as Lex makes them, ten capitals and digits, the same for the same seed. */
export function identifierFrom(seed: string): string {
  const digest = createHash("sha256").update(seed).digest();
  return [...digest.subarray(0, 10)].map((byte) => alphabet.charAt(byte % alphabet.length)).join("");
}

/** The identifier that an export gives, where it gives a valid one, else one made from the seed. */
export function identifierOr(seed: string, given: string | null | undefined): string {
  return given && /^[0-9A-Z]{10}$/.test(given) ? given : identifierFrom(seed);
}
