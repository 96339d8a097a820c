import { notAllowed, type SettingType } from "./setting-types";

/** An expression of EventBridge Scheduler, which starts something again and again. */
export function schedule(): SettingType<string> {
  return {
    allowed: "rate(7 days), a cron expression of six fields in UTC",
    parse: (value) => (isRate(value) || isCron(value) ? value : notAllowed),
    parameterType: "String",
    advice: (given) =>
      given.startsWith("rate")
        ? "The unit is minute, hour or day for 1, as in rate(1 day), and minutes, hours or days for more."
        : given.startsWith("cron")
          ? "The fields are minute, hour, day, month, weekday and year, with ? for either the day or the weekday."
          : undefined,
  };
}

function isRate(value: string): boolean {
  return /^rate\((1 (minute|hour|day)|(?!1 )[1-9]\d* (minute|hour|day)s)\)$/.test(value);
}

/** What a field of a cron expression may be, besides `*`, ranges and steps. */
interface CronField {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
  readonly special?: RegExp;
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** Minute, hour, day, month, weekday and year. */
const cronFields: readonly CronField[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31, special: /^(\?|L|LW|([1-9]|[12]\d|3[01])W)$/ },
  { min: 1, max: 12, names: months },
  { min: 1, max: 7, names: weekdays, special: /^(\?|L|[1-7]L|[1-7]#[1-5])$/ },
  { min: 1970, max: 2199 },
];

function isCron(value: string): boolean {
  const fields = /^cron\((.+)\)$/.exec(value)?.[1]?.split(" ") ?? [];
  const [, , day, , weekday] = fields;
  return (
    fields.length === cronFields.length &&
    cronFields.every((field, place) => fits(fields[place] ?? "", field)) &&
    (day === "?") !== (weekday === "?")
  );
}

/** Whether a field is something special, or a list of values and ranges, which may have steps. */
function fits(text: string, { min, max, names = [], special }: CronField): boolean {
  const isValue = (value: string) =>
    names.includes(value) || (/^\d{1,4}$/.test(value) && Number(value) >= min && Number(value) <= max);
  const isItem = (item: string) => {
    const [, range = "", step = "1"] = /^([^/]+)(?:\/([1-9]\d{0,3}))?$/.exec(item) ?? [];
    const ends = range.split("-");
    return (range === "*" || (ends.length <= 2 && ends.every(isValue))) && Number(step) <= max;
  };
  return special?.test(text) === true || text.split(",").every(isItem);
}
