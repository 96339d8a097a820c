import { withUtterances } from "../../scripts/lex/locale";
import { takesSampleUtterances } from "../../scripts/lex/sample-utterances";
import { buildNow } from "./builds";
import type { BotLocale, State } from "./state";

/** Drift, when the fault says so: adds an utterance to each of the locales and builds it. */
export function injectDrift(
  state: State,
  fault: "draft-changed" | "draft-changed-in-export" | "draft-changed-in-version",
  locales: Iterable<BotLocale>,
): void {
  if (!state.faults.strikes(fault)) {
    return;
  }
  for (const locale of locales) {
    const intent = [...locale.content.intents.values()].find(takesSampleUtterances);
    if (intent) {
      addUtterance(state, locale, intent.name, "added by somebody else");
    }
  }
}

/** Adds an utterance to a locale and builds it. Returns whether the locale was free for that. */
export function addUtterance(state: State, locale: BotLocale, intent: string, utterance: string): boolean {
  if (!["Built", "NotBuilt", "Failed"].includes(locale.status)) {
    return false;
  }
  locale.update(withUtterances(locale.content, new Map([[intent, [utterance]]])), state.clock.now());
  buildNow(locale);
  return true;
}
