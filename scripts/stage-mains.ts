import type { StageName } from "../pipeline/stages";
import { baseline } from "./baseline";
import { evaluate } from "./evaluate";
import { importStage } from "./import";
import { packageStage } from "./package";
import { preprocess } from "./preprocess";
import { publish } from "./publish";
import { restore } from "./restore";
import type { StageMain } from "./stage/stage";

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
