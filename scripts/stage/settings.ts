import { UserError } from "../messages/user-error";
import type { Stage } from "./stage";

/** A stage's settings come from the step's environment; without one the stage does not start. */
export function setting(stage: Stage, name: string): string {
  const value = stage.environment[name];
  if (value === undefined || value === "") {
    throw new UserError(`The environment variable ${name} is not set, and this stage needs it.`);
  }
  return value;
}

/** A setting that is one of a few words. */
export function choice<T extends string>(stage: Stage, name: string, allowed: readonly T[]): T {
  const value = setting(stage, name);
  const found = allowed.find((word) => word === value);
  if (found === undefined) {
    throw new UserError(`${name} is ${JSON.stringify(value)}; it must be one of ${allowed.join(", ")}.`);
  }
  return found;
}

/** A setting that is a number above zero. */
export function positiveNumber(stage: Stage, name: string): number {
  const value = Number(setting(stage, name));
  if (!(value > 0 && Number.isFinite(value))) {
    throw new UserError(`${name} must be a number above 0.`);
  }
  return value;
}

/** A setting that is a whole number, 0 among them. */
export function wholeNumber(stage: Stage, name: string): number {
  const value = setting(stage, name);
  if (!/^\d{1,9}$/.test(value)) {
    throw new UserError(`${name} must be a whole number from 0 up.`);
  }
  return Number(value);
}
