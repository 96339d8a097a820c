/** The values that a setting may have. */
export interface SettingType<Value> {
  /** Completes "it must be". */
  readonly allowed: string;
  readonly parse: (text: string) => Value | typeof notAllowed;
  /** The type of the pipeline's parameter for it. */
  readonly parameterType: "String" | "Integer";
  /** All values, when they are few. */
  readonly values?: readonly string[];
  /** An extra sentence about a value that people try but that is not allowed. */
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

/** A type whose value may be left out. `without` says what happens then and completes "or empty". */
export function optional<Value>(type: SettingType<Value>, without: string): SettingType<Value | undefined> {
  return {
    ...type,
    allowed: `${type.allowed}, or empty ${without}`,
    parse: (value) => (value === "" ? undefined : type.parse(value)),
  };
}

/**
 * It does not allow `*` and `?`, which EventBridge would read as a pattern. It must end with a slash, because
 * S3 finds every key that begins with the prefix.
 */
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
