/** What values a setting takes, in words and in fact. */
export interface SettingType<Value> {
  /** Completes "it must be". */
  readonly allowed: string;
  readonly parse: (text: string) => Value | typeof notAllowed;
  /** How SageMaker carries it as a parameter of the pipeline. */
  readonly parameterType: "String" | "Integer";
  /** All values, where they are few. */
  readonly values?: readonly string[];
  /** A sentence more for a value that is not allowed but that a person has reason to try. */
  readonly advice?: (given: string) => string | undefined;
}

export const notAllowed = Symbol("not allowed");

export function text(pattern: RegExp, allowed: string): SettingType<string> {
  return {
    allowed,
    parse: (value) => (pattern.test(value) ? value : notAllowed),
    parameterType: "String",
  };
}

/** A type whose value may be left out. `without` says what happens then, and completes "or empty". */
export function optional<Value>(type: SettingType<Value>, without: string): SettingType<Value | undefined> {
  return {
    ...type,
    allowed: `${type.allowed}, or empty ${without}`,
    parse: (value) => (value === "" ? undefined : type.parse(value)),
  };
}

/** EventBridge gives `*` and `?` a meaning, and S3 takes every key that begins like the prefix: hence its slash. */
export function prefix(): SettingType<string> {
  return text(
    /^(?=.{2,100}$)([A-Za-z0-9][\w.-]*\/)+$/,
    "folders of letters, digits, '.', '_' and '-', with a slash at the end, up to 100 characters",
  );
}

export function integer(min: number, max: number): SettingType<number> {
  const allows = (value: string) => /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max;
  return {
    allowed: `a whole number from ${min} to ${max}`,
    parse: (value) => (allows(value) ? Number(value) : notAllowed),
    parameterType: "Integer",
  };
}

export function boolean(): SettingType<boolean> {
  return {
    allowed: "true or false",
    parse: (value) => (value === "true" ? true : value === "false" ? false : notAllowed),
    parameterType: "String",
    values: ["true", "false"],
  };
}

export function oneOf<const Value extends string>(...values: readonly Value[]): SettingType<Value> {
  return {
    allowed: values.join(" or "),
    parse: (given) => values.find((value) => value === given) ?? notAllowed,
    parameterType: "String",
    values,
  };
}
