import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { folderOf, type StageName } from "../../pipeline/stages";
import { UserError } from "../messages/user-error";
import type { Stage } from "../stage/stage";

/** A file that a stage writes to one of its outputs, for later stages and for people. */
export class Artifact {
  constructor(
    private readonly writer: StageName,
    private readonly output: string,
    readonly fileName: string,
  ) {}

  /** Where its stage writes it. */
  outputPath(stage: Stage): string {
    return join(stage.output(this.folder), this.fileName);
  }

  /** Where a later stage reads it. */
  inputPath(stage: Stage): string {
    return join(stage.handedOn(this.folder), this.fileName);
  }

  /** Its path inside the folder of a run. */
  get runPath(): string {
    return `${this.folder}/${this.fileName}`;
  }

  private get folder(): string {
    return folderOf({ stage: this.writer, output: this.output });
  }
}

/** An artifact that holds a JSON value. */
export class JsonArtifact<T> extends Artifact {
  constructor(
    writer: StageName,
    output: string,
    fileName: string,
    private readonly schema: z.ZodType<T>,
  ) {
    super(writer, output, fileName);
  }

  write(stage: Stage, content: T): void {
    writeFileSync(this.outputPath(stage), JSON.stringify(content, null, 2));
  }

  read(stage: Stage): T {
    return this.parse(readFileSync(this.inputPath(stage), "utf8"));
  }

  parse(text: string): T {
    return this.schema.parse(JSON.parse(text));
  }

  /**
   * What a run left in its folder. Undefined when the run ended before its stage.
   *
   * @throws UserError when the file is damaged
   */
  find(runFolder: string): T | undefined {
    const file = join(runFolder, this.runPath);
    if (!existsSync(file)) {
      return undefined;
    }
    try {
      return this.parse(readFileSync(file, "utf8"));
    } catch {
      throw damaged(file);
    }
  }
}

/** The error for a file in a run's folder that is missing or changed. */
export function damaged(file: string): UserError {
  return new UserError(
    `${file} is not as the run left it: copy the run's folder again from where it is kept.`,
  );
}
