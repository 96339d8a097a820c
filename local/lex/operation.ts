import type { z } from "zod";
import type { State } from "./state";
import type { Transfers } from "./transfers";

/** A call as an operation sees it. */
export interface Call {
  readonly state: State;
  readonly transfers: Transfers;
  /** The server as the client reaches it. */
  readonly origin: string;
  /** A parameter of the path. */
  readonly param: (name: string) => string;
  readonly query: URLSearchParams;
  /** The body as the operation's schema has it. */
  readonly parse: <T>(schema: z.ZodType<T>) => T;
}

/** An operation of the API. Paths and statuses are those of AWS's service models. */
export interface Operation {
  readonly name: string;
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** With its parameters in braces. A slash at the end does not matter. */
  readonly path: string;
  readonly status: 200 | 202;
  readonly answer: (call: Call) => object | Promise<object>;
}
