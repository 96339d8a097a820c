import { boolean, notAllowed } from "../../pipeline/setting-types";
import {
  isStageSetting,
  parseSetting,
  requirementOf,
  settingNames,
  variableOf,
  type StageSettingName,
  type StageSettings,
} from "../../pipeline/settings";
import type { ExecutionVariable } from "../../pipeline/stages";
import { UserError } from "../messages/user-error";
import type { Stage } from "./stage";

/**
 * The value of a setting, from the step's environment.
 *
 * @throws UserError when a required setting is missing, or when its value is not allowed
 */
export function settingOf<Name extends StageSettingName>(stage: Stage, name: Name): StageSettings[Name] {
  const variable = variableOf(name);
  const given = stage.environment[variable] ?? "";
  const value = parseSetting(name, given);
  if (value !== notAllowed) {
    return value;
  }
  throw given === ""
    ? notSetError(variable)
    : new UserError(`${variable} is ${JSON.stringify(given)}: ${requirementOf(name, given)}`);
}

/**
 * Makes sure that every setting of the execution is allowed, also those that only later steps read.
 *
 * @throws UserError as {@link settingOf} does
 */
export function checkSettings(step: Stage): void {
  for (const name of settingNames) {
    if (isStageSetting(name)) {
      settingOf(step, name);
    }
  }
}

/**
 * The value of an optional setting that this stage needs.
 *
 * @throws UserError as {@link settingOf} does
 */
export function neededSettingOf<Name extends StageSettingName>(
  stage: Stage,
  name: Name,
): NonNullable<StageSettings[Name]> {
  const value = settingOf(stage, name);
  if (value === undefined) {
    throw notSetError(variableOf(name));
  }
  return value;
}

/**
 * A fact about the stage's execution, from its environment.
 *
 * @throws UserError when it is missing
 */
export function executionVariable(stage: Stage, name: ExecutionVariable): string {
  const value = stage.environment[name];
  if (value === undefined || value === "") {
    throw notSetError(name);
  }
  return value;
}

/**
 * Whether a stage follows that publishes.
 *
 * @throws UserError when it is neither true nor false
 */
export function publishFollows(stage: Stage): boolean {
  const given = executionVariable(stage, "PUBLISHES");
  const { parse, allowed } = boolean();
  const value = parse(given);
  if (value === notAllowed) {
    throw new UserError(`PUBLISHES is ${JSON.stringify(given)}: it must be ${allowed}.`);
  }
  return value;
}

function notSetError(variable: string): UserError {
  return new UserError(`The environment variable ${variable} is not set, and this stage needs it.`);
}
