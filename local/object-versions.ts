import { S3Error } from "./lex/presigned-urls";

interface Version {
  readonly id: string;
  readonly body: Buffer;
}

/**
 * The versions of the objects in a bucket with versioning. What was there before the server has the version
 * "null", as in a bucket that had no versioning at first.
 */
export class ObjectVersions {
  private readonly currents = new Map<string, string>();
  private readonly older = new Map<string, Version[]>();
  private made = 0;

  current(file: string): string {
    return this.currents.get(file) ?? "null";
  }

  /** Keeps the content that an object had until now. Returns the version of the new one. */
  next(file: string, before: Buffer | undefined): string {
    if (before) {
      this.older.set(file, [{ id: this.current(file), body: before }, ...this.olderOf(file)]);
    }
    const id = `version${++this.made}`;
    this.currents.set(file, id);
    return id;
  }

  /** The newest first. */
  olderOf(file: string): readonly Version[] {
    return this.older.get(file) ?? [];
  }

  /** @throws S3Error when there is none with the id */
  read(file: string, id: string): Buffer {
    const version = this.olderOf(file).find((candidate) => candidate.id === id);
    if (!version) {
      throw new S3Error(404, "NoSuchVersion", "The specified version does not exist.");
    }
    return version.body;
  }

  delete(file: string, id: string): void {
    this.older.set(
      file,
      this.olderOf(file).filter((version) => version.id !== id),
    );
  }
}
