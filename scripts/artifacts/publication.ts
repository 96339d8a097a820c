import { z } from "zod";
import { JsonArtifact } from "./artifact";

const publicationSchema = z.object({
  botAliasId: z.string(),
  localeId: z.string(),
  /** The versions that the alias points to now and pointed to before. */
  version: z.string(),
  replacedVersion: z.string(),
  /** Versions that this attempt of the step deleted to make room. */
  prunedVersions: z.array(z.string()),
  /** The phrase that was asked through the alias at the end, and the intent that answered. */
  smoke: z.object({ phrase: z.string(), intent: z.string() }),
});
export type Publication = z.infer<typeof publicationSchema>;

/** The result of publishing. */
export const publicationFile = new JsonArtifact("publish", "report", "publish.json", publicationSchema);
