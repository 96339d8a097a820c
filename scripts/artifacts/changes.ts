import { z } from "zod";
import { UserError } from "../messages/user-error";
import { settingOf } from "../stage/settings";
import type { Stage } from "../stage/stage";
import { JsonArtifact } from "./artifact";

/** A sample utterance that a run adds, with its first row and the number of its misses. */
const additionSchema = z.object({
  utterance: z.string(),
  count: z.number().int().positive(),
  file: z.string(),
  line: z.number().int().positive(),
});

export const changesSchema = z.object({
  botId: z.string(),
  localeId: z.string(),
  /** When the packaged DRAFT was last updated, in ISO 8601. */
  lastUpdatedDateTime: z.iso.datetime(),
  intents: z.array(z.object({ name: z.string(), added: z.array(additionSchema).min(1), isNew: z.boolean() })),
});
export type Changes = z.infer<typeof changesSchema>;

/** What package decided and later stages do. Without intents, there is nothing to do. */
export const changesFile = new JsonArtifact("package", "package", "changes.json", changesSchema);

/**
 * The changes that package decided.
 *
 * @throws UserError when they are for another bot or locale than the one in the settings, or there are none
 */
export function readChanges(stage: Stage): Changes {
  const changes = changesFile.read(stage);
  const [botId, localeId] = [settingOf(stage, "botId"), settingOf(stage, "botLocaleId")];
  if (changes.botId !== botId || changes.localeId !== localeId) {
    throw new UserError(
      `The package is for bot ${changes.botId}, locale ${changes.localeId}, not for ${botId}, ${localeId}.`,
    );
  }
  if (changes.intents.length === 0) {
    throw new UserError("The package adds nothing, so there is nothing to do.");
  }
  return changes;
}
