import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "./clock";

/** How long an upload or download URL of Lex lives, in seconds. */
const lifetime = 300;

/** An answer that refuses a transfer, in S3's words. */
export class S3Error extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  get xml(): string {
    return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${this.code}</Code><Message>${this.message}</Message></Error>`;
  }
}

/** URLs that give access for five minutes, like S3's presigned URLs. */
export class PresignedUrls {
  private readonly secret = randomBytes(32);

  constructor(private readonly clock: Clock) {}

  /** A URL for one path. `origin` is the server as the client reaches it. */
  sign(origin: string, path: string): string {
    const url = new URL(path, origin);
    const date = new Date(this.clock.now()).toISOString().replace(/[-:]|\.\d+/g, "");
    url.searchParams.set("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    url.searchParams.set("X-Amz-Date", date);
    url.searchParams.set("X-Amz-Expires", `${lifetime}`);
    url.searchParams.set("X-Amz-SignedHeaders", "host");
    url.searchParams.set("X-Amz-Signature", this.signature(url.pathname, date));
    return url.href;
  }

  /** @throws S3Error when the URL was not signed for its path, or has expired. */
  check(url: URL): void {
    const date = url.searchParams.get("X-Amz-Date") ?? "";
    const given = Buffer.from(url.searchParams.get("X-Amz-Signature") ?? "");
    const expected = Buffer.from(this.signature(url.pathname, date));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw signatureMismatch();
    }
    // The date in a URL has whole seconds.
    const signed = Date.parse(date.replace(/^(.{4})(..)(.{5})(..)(...)$/, "$1-$2-$3:$4:$5"));
    if (Math.floor((this.clock.now() - signed) / 1000) > lifetime) {
      throw expired();
    }
  }

  private signature(path: string, date: string): string {
    return createHmac("sha256", this.secret).update(`${path}\n${date}`).digest("hex");
  }
}

export function expired(): S3Error {
  return new S3Error(403, "AccessDenied", "Request has expired");
}

export function signatureMismatch(): S3Error {
  return new S3Error(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided.",
  );
}

export function tooLarge(): S3Error {
  return new S3Error(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
}
