/** The HTTP status of each error of the Lex V2 APIs, and of our own for an operation that is not served. */
const statuses = {
  ValidationException: 400,
  ServiceQuotaExceededException: 402,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  PreconditionFailedException: 412,
  ThrottlingException: 429,
  InternalServerException: 500,
  NotServedByLocalLexException: 501,
  BadGatewayException: 502,
} as const;

/** An answer that refuses a call, in Lex's form: the type in `x-amzn-ErrorType`, the message in the body. */
export class LexError extends Error {
  readonly status: number;

  constructor(
    readonly type: keyof typeof statuses,
    message: string,
  ) {
    super(message);
    this.status = statuses[type];
  }
}

export function notFound(what: string): LexError {
  return new LexError("ResourceNotFoundException", `${what} does not exist.`);
}

export function invalid(message: string): LexError {
  return new LexError("ValidationException", message);
}

export function notServed(what: string): LexError {
  return new LexError("NotServedByLocalLexException", `The local Lex does not serve ${what}.`);
}
