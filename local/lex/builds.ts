import type { Intent, Locale } from "../../scripts/lex/locale";
import { isFallback, takesSampleUtterances } from "../../scripts/lex/sample-utterances";
import { Recognizer } from "./recognizer";
import type { BotLocale, State } from "./state";

/**
 * Begins to build a locale: Building, then ReadyExpressTesting, then Built; or Failed, with the content left
 * as it is.
 */
export function startBuild(state: State, locale: BotLocale): void {
  const duration = state.faults.buildMilliseconds ?? state.delays.build;
  const { content } = locale;
  locale.status = "Building";
  locale.failureReasons = [];
  // Grows always, because clients tell by it that a build has begun.
  locale.lastBuildSubmitted = Math.max(state.clock.now(), (locale.lastBuildSubmitted ?? 0) + 1);
  state.clock.after(duration / 2, () => {
    const problems = state.faults.strikes("build-fails")
      ? ["The build failed because a fault was injected (build-fails)."]
      : buildProblems(content);
    if (problems.length > 0) {
      locale.status = "Failed";
      locale.failureReasons = problems;
      return;
    }
    locale.recognizer = new Recognizer(content);
    locale.status = "ReadyExpressTesting";
    state.clock.after(duration / 2, () => {
      locale.status = "Built";
    });
  });
}

/** Builds a locale at once. A locale that cannot be built stays NotBuilt. */
export function buildNow(locale: BotLocale): void {
  if (buildProblems(locale.content).length > 0) {
    return;
  }
  locale.recognizer = new Recognizer(locale.content);
  locale.status = "Built";
}

/** Why a locale cannot be built. Lex documents the rules; the messages are ours. */
function buildProblems(locale: Locale): string[] {
  const intents = [...locale.intents.values()].filter(takesSampleUtterances);
  if (
    !intents.some(
      (intent) => intent.parentIntentSignature === undefined && intent.sampleUtterances.length > 0,
    )
  ) {
    return ["The locale needs at least one custom intent with at least one sample utterance."];
  }
  if (![...locale.intents.values()].some(isFallback)) {
    return ["The locale has no FallbackIntent."];
  }
  const owners = new Map<string, Intent>();
  const problems: string[] = [];
  for (const intent of intents) {
    for (const utterance of intent.sampleUtterances) {
      // The intent's contexts are part of the key: the same utterance may mean two things in two contexts.
      const key = JSON.stringify([sameText(utterance), intent.inputContexts.toSorted()]);
      const owner = owners.get(key) ?? intent;
      owners.set(key, owner);
      if (owner !== intent) {
        problems.push(
          `The sample utterance ${JSON.stringify(utterance)} is in the intents ${owner.name} and ${intent.name}.`,
        );
      }
    }
  }
  return problems;
}

function sameText(utterance: string): string {
  return utterance.normalize("NFC").replace(/\s+/gu, " ").trim().toLowerCase();
}
