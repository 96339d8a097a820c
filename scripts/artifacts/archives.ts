import { Artifact } from "./artifact";

/** The locale as the run found it. A rollback puts it back. */
export const backupArchive = new Artifact("package", "backup", "locale-export.zip");

/** The locale with what the run adds. */
export const importArchive = new Artifact("package", "package", "lex-import.zip");
