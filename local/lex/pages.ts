import { z } from "zod";
import { invalid } from "./errors";

/** The request of an operation that lists. */
export const pageRequest = z.strictObject({
  maxResults: z.number().int().min(1).max(1_000).optional(),
  nextToken: z.string().optional(),
});

/** Small, so that tests find a client that does not ask for the next page. */
const defaultPageSize = 10;

/** The items of the page asked for, and the token for the next, if there is one. */
export function pageOf<T>(
  items: Iterable<T>,
  { maxResults = defaultPageSize, nextToken = "" }: z.infer<typeof pageRequest>,
): { items: T[]; nextToken: string | undefined } {
  if (!/^\d{0,9}$/.test(nextToken)) {
    throw invalid("The token for the next page is not one of this API.");
  }
  const all = [...items];
  const start = Number(nextToken);
  const end = start + maxResults;
  return { items: all.slice(start, end), nextToken: end < all.length ? `${end}` : undefined };
}
