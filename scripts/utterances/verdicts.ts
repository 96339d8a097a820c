import type { UnlabelledMode } from "../../pipeline/settings";
import type { Rejection, Utterance } from "../artifacts/utterances";
import type { Reason, Verdict, VerdictName } from "../artifacts/verdicts";
import type { Intent, Locale } from "../lex/locale";
import {
  isLexName,
  maxIntentsPerLocale,
  maxUtteranceCharactersPerLocale,
  maxUtterancesPerIntent,
} from "../lex/quotas";
import { bracesProblem, isFallback, takesSampleUtterances } from "../lex/sample-utterances";
import { UserError } from "../messages/user-error";
import { comparisonKey } from "./comparison-key";
import { IntentMatcher, minScore, type Match } from "./matcher";

const suggestionCount = 3;

/**
 * Decides a verdict for each utterance, in the same order. Utterances that the locale already has never
 * change.
 */
export function decide(
  utterances: readonly Utterance[],
  locale: Locale,
  unlabelled: UnlabelledMode,
): Verdict[] {
  const quota = new RemainingQuota(locale);
  const rules = new VerdictRules(locale, unlabelled);
  const verdicts = utterances.map((utterance) => rules.verdictOn(utterance));
  // When Lex's quotas do not allow all additions, the utterances with the most misses come first.
  const additions = verdicts.flatMap((verdict, index) =>
    verdict.verdict === "add" ? [{ verdict, index }] : [],
  );
  additions.sort((a, b) => b.verdict.utterance.count - a.verdict.utterance.count || a.index - b.index);
  for (const { verdict, index } of additions) {
    verdicts[index] = quota.take(verdict);
  }
  return verdicts;
}

/**
 * The intent for unlabelled utterances in mode `companion`, because the FallbackIntent cannot have
 * utterances.
 */
function companionNameOf(locale: Locale): string {
  const name = `${fallbackOf(locale).name}Companion`;
  if (!isLexName(name)) {
    throw new UserError(
      `The intent ${name} cannot be made: the name is too long for Lex. Use unlabelledUtterances review.`,
    );
  }
  return name;
}

/** The intent that answers when no other fits. Every locale has one. */
export function fallbackOf(locale: Locale): Intent {
  const fallback = [...locale.intents.values()].find(isFallback);
  if (!fallback) {
    throw new UserError(`Locale ${locale.id} has no FallbackIntent: build it in the Lex console first.`);
  }
  return fallback;
}

/**
 * A sentence that the locale does not have this intent, with the name that the user may have meant.
 *
 * @param shown how the sentence calls the intent
 */
export function noSuchIntent(name: string, locale: Locale, shown = name): string {
  const near = [...locale.intents.keys()].find((intent) => simplified(intent) === simplified(name));
  return `The bot has no intent ${shown} in ${locale.id}.${near === undefined ? "" : ` Did you mean ${near}?`}`;
}

class VerdictRules {
  private readonly intentsByKey = new Map<string, string[]>();
  private readonly fallback: string;
  private readonly companion: string | undefined;
  private readonly matcher: IntentMatcher;

  constructor(
    private readonly locale: Locale,
    unlabelled: UnlabelledMode,
  ) {
    for (const { name, sampleUtterances } of locale.intents.values()) {
      for (const key of new Set(sampleUtterances.map(comparisonKey))) {
        this.intentsByKey.set(key, [...(this.intentsByKey.get(key) ?? []), name]);
      }
    }
    this.fallback = fallbackOf(locale).name;
    this.companion = unlabelled === "companion" ? companionNameOf(locale) : undefined;
    this.matcher = new IntentMatcher(
      [...locale.intents.values()].map(({ name, sampleUtterances }) => [name, sampleUtterances]),
    );
  }

  verdictOn(utterance: Utterance): Verdict {
    const { rejection, key, text } = utterance;
    if (rejection !== undefined) {
      return verdictOf(
        utterance,
        "reject",
        rejection,
        utterance.labels[0]?.intent,
        rejectionSentence(rejection),
      );
    }

    const labels = utterance.labels.filter(({ intent }) => intent !== this.fallback);
    const [label, otherLabel] = labels;
    if (label && otherLabel) {
      const where = labels.map(({ intent, file, line }) => `${intent} (${file}, line ${line})`).join(" and ");
      return verdictOf(
        utterance,
        "conflict",
        "two-labels",
        label.intent,
        `The rows disagree: ${where}. Keep only one of them.`,
      );
    }

    const holders = this.intentsByKey.get(key) ?? [];
    const target = label?.intent ?? this.companion;
    const [holder] = holders;
    if (holder !== undefined && (target === undefined || holders.includes(target))) {
      return verdictOf(
        utterance,
        "known",
        "already-there",
        target ?? holder,
        `${target ?? holder} has it already.`,
      );
    }
    if (target === undefined) {
      const suggestions = this.matcher
        .rank(text)
        .filter(({ score }) => score >= minScore)
        .slice(0, suggestionCount);
      return {
        ...verdictOf(utterance, "review", "unlabelled", undefined, reviewSentence(suggestions)),
        suggestions,
      };
    }
    const problem = this.targetProblem(target) ?? this.slotProblem(target, text);
    if (problem) {
      return verdictOf(utterance, "reject", problem.reason, target, problem.explanation);
    }
    if (holder !== undefined) {
      const explanation = `${holder} has it already, so Lex could not tell the two apart. Remove it there, or label it ${holder}.`;
      return verdictOf(utterance, "conflict", "in-another-intent", holder, explanation);
    }
    return label
      ? verdictOf(utterance, "add", "labelled", target, `Added to ${target}.`)
      : verdictOf(
          utterance,
          "add",
          "companion",
          target,
          `Added to ${target}, which answers as ${this.fallback} does.`,
        );
  }

  private targetProblem(target: string): { reason: Reason; explanation: string } | undefined {
    const intent = this.locale.intents.get(target);
    if (intent && !takesSampleUtterances(intent)) {
      return {
        reason: "built-in-intent",
        explanation: `${target} is Lex's own intent (${intent.parentIntentSignature ?? ""}) and takes no utterances.`,
      };
    }
    if (intent || target === this.companion) {
      return undefined;
    }
    return { reason: "unknown-intent", explanation: noSuchIntent(target, this.locale) };
  }

  private slotProblem(target: string, text: string): { reason: Reason; explanation: string } | undefined {
    const problem = bracesProblem(text, this.locale.intents.get(target)?.slots ?? new Set());
    return problem === undefined
      ? undefined
      : { reason: "unknown-slot", explanation: `It ${problem}: ${target}.` };
  }
}

/** What a locale may still get under Lex's quotas. */
class RemainingQuota {
  private readonly utterances: Map<string, number>;
  private characters: number;

  constructor(private readonly locale: Locale) {
    const intents = [...locale.intents.values()];
    this.utterances = new Map(intents.map(({ name, sampleUtterances }) => [name, sampleUtterances.length]));
    this.characters = intents
      .flatMap(({ sampleUtterances, slots }) => [
        sampleUtterances,
        ...[...slots.values()].map((slot) => slot.sampleUtterances),
      ])
      .flat()
      .reduce((total, utterance) => total + utterance.length, 0);
  }

  /**
   * Uses quota for the addition and returns its verdict, or a rejection that names the quota when it is used
   * up.
   */
  take(addition: Verdict): Verdict {
    const { utterance, intent = "" } = addition;
    const present = this.utterances.get(intent);
    if (present === undefined && this.utterances.size >= maxIntentsPerLocale(this.locale.id)) {
      const explanation = `The locale has ${this.utterances.size} intents, the most that Lex takes, so ${intent} cannot be made.`;
      return verdictOf(utterance, "reject", "locale-full", intent, explanation);
    }
    if (present === maxUtterancesPerIntent) {
      const explanation = `${intent} would have more than ${maxUtterancesPerIntent} utterances, the most that Lex takes.`;
      return verdictOf(utterance, "reject", "intent-full", intent, explanation);
    }
    const most = maxUtteranceCharactersPerLocale(this.locale.id);
    if (this.characters + utterance.text.length > most) {
      const explanation = `The utterances of ${this.locale.id} would have more than ${most} characters, the most that Lex takes.`;
      return verdictOf(utterance, "reject", "locale-full", intent, explanation);
    }
    this.utterances.set(intent, (present ?? 0) + 1);
    this.characters += utterance.text.length;
    return addition;
  }
}

function verdictOf(
  utterance: Utterance,
  name: VerdictName,
  reason: Reason,
  intent: string | undefined,
  explanation: string,
): Verdict {
  return { utterance, verdict: name, reason, intent, explanation, suggestions: [] };
}

function rejectionSentence(rejection: Rejection): string {
  switch (rejection) {
    case "empty":
      return "There is no utterance in this row.";
    case "too-long":
      return "It has more than 500 characters, the most that Lex takes.";
    case "invalid-characters":
      return "It holds characters that cannot be read or seen: type it again.";
    case "no-letter-or-digit":
      return "It has no letter and no digit, so it teaches nothing.";
    case "braces":
      return "It has braces that are not a slot such as {City}: Lex would read them as a slot.";
  }
}

function reviewSentence([best]: readonly Match[]): string {
  return best
    ? `No row says which intent it belongs to; it looks most like “${best.nearest}” of ${best.intent}. Write the intent beside it and drop the file in again.`
    : "No row says which intent it belongs to, and it does not look like anything that the bot knows. Write the intent beside it and drop the file in again.";
}

/** A name without the differences that people make by mistake: case, accents, spaces and hyphens. */
function simplified(name: string): string {
  return name
    .normalize("NFD")
    .replace(/[^0-9a-z]/gi, "")
    .toLowerCase();
}
