/** Text that is already HTML and is not escaped again. */
export class Html {
  constructor(readonly text: string) {}
}

type Content = Html | string | number | readonly Content[];

/** A template that escapes its values, except those that are already HTML. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.map((part, index) => part + escaped(values[index] ?? "")).join(""));
}

function escaped(value: Content): string {
  if (value instanceof Html) {
    return value.text;
  }
  if (typeof value === "string" || typeof value === "number") {
    return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  }
  return value.map(escaped).join("");
}
