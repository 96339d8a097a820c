import { z } from "zod";
import { JsonArtifact } from "./artifact";

/** What was told of a retraining that was taken back. */
export const rollbackFile = new JsonArtifact(
  "restore",
  "report",
  "restore.json",
  z.object({ message: z.string() }),
);
