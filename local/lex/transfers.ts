import type { IncomingHttpHeaders } from "node:http";
import { archiveLimits } from "../../scripts/lex/archive";
import { injectDrift } from "./drift";
import { type PresignedUrls, S3Error, expired, signatureMismatch, tooLarge } from "./presigned-urls";
import type { State } from "./state";

/** The S3 part of the local Lex: the files behind its upload and download URLs. */
export class Transfers {
  constructor(
    private readonly state: State,
    private readonly urls: PresignedUrls,
  ) {}

  uploadUrl(origin: string, importId: string): string {
    return this.urls.sign(origin, `/uploads/${importId}`);
  }

  downloadUrl(origin: string, exportId: string, fileName: string): string {
    return this.urls.sign(origin, `/downloads/${exportId}/${fileName}`);
  }

  /** @throws S3Error when there is no such export, or the URL has expired. */
  download(url: URL): Buffer {
    this.urls.check(url);
    const asked = this.state.exports.get(url.pathname.split("/")[2] ?? "");
    if (!asked?.zip) {
      throw new S3Error(404, "NoSuchKey", "The specified key does not exist.");
    }
    injectDrift(this.state, "draft-changed-in-export", asked.locales);
    return asked.zip;
  }

  /**
   * Checks the headers of a PUT. A presigned URL takes plain bytes of a known length; its signature does not
   * cover a second authorization or a content type.
   *
   * @throws S3Error when a header asks for more
   */
  checkUpload(url: URL, headers: IncomingHttpHeaders): void {
    if (this.state.faults.strikes("upload-url-expired")) {
      throw expired();
    }
    this.urls.check(url);
    if (headers.authorization !== undefined) {
      throw new S3Error(
        400,
        "InvalidArgument",
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified",
      );
    }
    if (headers["transfer-encoding"] !== undefined) {
      throw new S3Error(
        501,
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
      );
    }
    if (headers["content-type"] !== undefined) {
      throw signatureMismatch();
    }
    if (Number(headers["content-length"]) > archiveLimits.zippedBytes) {
      throw tooLarge();
    }
  }

  /** @throws S3Error when the import has begun, because what it reads must not change */
  upload(url: URL, content: Buffer): void {
    const asked = this.state.imports.get(url.pathname.split("/")[2] ?? "");
    if (!asked || asked.started) {
      throw new S3Error(403, "AccessDenied", "Access Denied");
    }
    asked.upload = content;
  }
}
