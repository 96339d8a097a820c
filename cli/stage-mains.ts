import type { StageName } from "../pipeline/stages";
import { baseline } from "../scripts/baseline";
import { evaluate } from "../scripts/evaluate";
import { importStage } from "../scripts/import";
import { packageStage } from "../scripts/package";
import { preprocess } from "../scripts/preprocess";
import { publish } from "../scripts/publish";
import { restore } from "../scripts/restore";
import type { StageMain } from "../scripts/stage/stage";

/** What each stage does, for those that run one within their own process. */
export const stageMains: Readonly<Record<StageName, StageMain>> = {
  preprocess,
  package: packageStage,
  baseline,
  import: importStage,
  evaluate,
  publish,
  restore,
};
