import type { Parameter } from "./definition-schema";
import { isStageSetting, rowOf, settingNames, type SettingName, type StageSettings } from "./settings";

/** Where the files of an execution are. */
export interface Places {
  readonly InputBucket: string;
  /** The key of a CSV, or the prefix of several. */
  readonly InputKey: string;
  /** S3 URI without a slash at its end. A run writes under `<this URI>/<execution id>/`. */
  readonly OutputDataUri: string;
  /** S3 URI of the golden set. Without one, the evaluation asks a sample of the bot's own utterances. */
  readonly GoldenSetUri: string | undefined;
}

/**
 * The parameters of a pipeline. Each has a default, so that an execution can start without arguments. A
 * setting or place that is undefined does not become a parameter.
 */
export function parametersOf(settings: StageSettings, places: Places): Parameter[] {
  const { GoldenSetUri, ...files } = places;
  const values: Readonly<Record<string, string | number | boolean | undefined>> = {
    ...settings,
    goldenSetKey: GoldenSetUri,
  };
  return [
    ...Object.entries(files).map(([Name, DefaultValue]) => ({ Name, Type: "String" as const, DefaultValue })),
    ...settingNames.flatMap((setting) => {
      const [name, value] = [parameterNameOf(setting), values[setting]];
      return name === undefined || value === undefined ? [] : [parameterOf(setting, name, value)];
    }),
  ];
}

/** The parameter for a setting, if it has one. */
export function parameterNameOf(setting: SettingName): string | undefined {
  const sameName = setting.charAt(0).toUpperCase() + setting.slice(1);
  return rowOf(setting).parameter ?? (isStageSetting(setting) ? sameName : undefined);
}

function parameterOf(setting: SettingName, Name: string, value: string | number | boolean): Parameter {
  const { parameterType, values } = rowOf(setting).type;
  return {
    Name,
    Type: parameterType,
    DefaultValue: typeof value === "boolean" ? String(value) : value,
    ...(values && { EnumValues: [...values] }),
  };
}
