import { createHash } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** An identifier in Lex's form, ten capitals and digits. The same seed gives the same one. */
export function identifierFrom(seed: string): string {
  const digest = createHash("sha256").update(seed).digest();
  return [...digest.subarray(0, 10)].map((byte) => alphabet.charAt(byte % alphabet.length)).join("");
}

/** The identifier of the export if it is valid, otherwise one made from the seed. */
export function identifierOr(seed: string, given: string | null | undefined): string {
  return given && /^[0-9A-Z]{10}$/.test(given) ? given : identifierFrom(seed);
}
