import { z } from "zod";
import { JsonArtifact } from "./artifact";

/** The message about a rollback. */
export const rollbackFile = new JsonArtifact(
  "restore",
  "report",
  "restore.json",
  z.object({ message: z.string() }),
);
