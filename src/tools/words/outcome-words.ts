import { type Outcome, outcomes } from "../../domain/batch/batch.ts";

/** What people call the outcomes of calls. */
const sameOutcome: ReadonlyMap<string, Outcome> = new Map([
  ["reached", "answered"],
  ["connected", "answered"],
  ["pickedup", "answered"],
  ["success", "answered"],
  ["unanswered", "no_answer"],
  ["missed", "no_answer"],
  ["error", "failed"],
  ["machine", "voicemail"],
  ...outcomes.map((outcome) => [lettersOf(outcome), outcome] as const),
]);

/** The outcome that is meant by another word for it; undefined for what is none. */
export function outcomeMeant(word: unknown): Outcome | undefined {
  return typeof word === "string" ? sameOutcome.get(lettersOf(word)) : undefined;
}

function lettersOf(word: string): string {
  return word.toLowerCase().replace(/[^a-z]/g, "");
}
