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
    if (!intent) {
      continue;
    }
    locale.update(
      withUtterances(locale.content, new Map([[intent.name, ["added by somebody else"]]])),
      state.clock.now(),
    );
    buildNow(locale);
  }
}
