import { Artifact } from "./artifact";

/** The locale as it was when the run read it: what a rollback puts back. */
export const backupArchive = new Artifact("package", "backup", "locale-export.zip");

/** The locale with what the run adds. */
export const importArchive = new Artifact("package", "package", "lex-import.zip");
