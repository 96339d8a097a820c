import { z } from "zod";
import { JsonArtifact } from "./artifact";
import { changesSchema } from "./changes";

const importSchema = z.object({
  /** What Lex added by itself. */
  gained: z.array(z.string()).readonly(),
  changes: changesSchema,
});

/** The result of the import. */
export const importFile = new JsonArtifact("import", "report", "import.json", importSchema);
