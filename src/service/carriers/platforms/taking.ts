import { counted } from "../../../domain/text.ts";
import type { Clock } from "../../../lib/clock.ts";
import { commandText } from "../../../lib/command-text.ts";
import type { DialAnswer } from "../carrier.ts";

/** So many calls in a row of which the platform did not say what became of them: each leaves somebody `unknown`. */
const mostDoubts = 3;
/** So long a platform may take no call before somebody is told. */
const longestRefusalMs = 60 * 60_000;
/** What holds one batch holds the others whose turn comes shortly after. Whose turn comes later was resumed, or started: one call is tried. */
const holdsForMs = 60_000;
const oneAtATimeMs = 1_000;

type Hold = Extract<DialAnswer, { readonly kind: "hold" }>;
type NotNow = Extract<DialAnswer, { readonly kind: "not_now" }>;

/**
 * Whether a platform takes calls, by what became of the last ones of this process. One that leaves calls in doubt gets them one at a
 * time and then none, one that takes none for an hour gets none: batches are held, and nobody is dropped.
 */
export type Taking = {
  /** Why no call may be sent now; undefined when one may. `onTheirWay`: calls that are being created. */
  whyNot(onTheirWay: number): Hold | NotNow | undefined;
  /** It took a call, or refused one as such. */
  answered(): void;
  /** It has not said what became of a call. */
  leftOpen(why: string): void;
  /** It took no call for now; returns what to answer the dialer. */
  notNow(answer: NotNow): Hold | NotNow;
};

export function createTaking(name: string, clock: Clock): Taking {
  let doubts: { readonly count: number; readonly why: string } | undefined;
  let refused: { readonly since: Date; readonly lastAt: Date; readonly why: string } | undefined;
  /** When the first batch was held for what came last. */
  let heldAt: Date | undefined;

  function whyHeld(): Hold | undefined {
    const reason = heldReason();
    if (reason === undefined) return undefined;
    const now = clock.now();
    heldAt ??= now;
    if (now.getTime() - heldAt.getTime() >= holdsForMs) return undefined;
    return { kind: "hold", reason: `${reason} ${whatToDo(name, new Date(heldAt.getTime() + holdsForMs))}` };
  }

  function heldReason(): string | undefined {
    if (doubts && doubts.count >= mostDoubts)
      return `${name} did not say what became of the last ${counted(doubts.count, "call")} that it was sent: ${doubts.why}. These are looked for and not made again; nobody else was called.`;
    if (refused && refused.lastAt.getTime() - refused.since.getTime() >= longestRefusalMs)
      return `${name} has taken no call since ${refused.since.toISOString()}: ${refused.why}. Nobody was called, and no attempt was used up.`;
    return undefined;
  }

  return {
    whyNot(onTheirWay) {
      const held = whyHeld();
      if (held || !doubts || onTheirWay === 0) return held;
      return { kind: "not_now", why: "it did not say what became of the last call", retryAfterMs: oneAtATimeMs };
    },
    answered() {
      doubts = undefined;
      refused = undefined;
      heldAt = undefined;
    },
    leftOpen(why) {
      doubts = { count: (doubts?.count ?? 0) + 1, why };
      heldAt = undefined;
    },
    notNow(answer) {
      const now = clock.now();
      // After a night without calls it begins anew.
      const isNew = !refused || now.getTime() - refused.lastAt.getTime() > longestRefusalMs + holdsForMs;
      const since = refused && !isNew ? refused.since : now;
      refused = { since, lastAt: now, why: answer.why };
      heldAt = undefined;
      return whyHeld() ?? answer;
    },
  };
}

/** `from`: until then whatever is resumed would be held for the same. */
function whatToDo(name: string, from: Date): string {
  return `Look at ${name}'s status page and limits, and run \`${commandText("doctor")}\`; when it is well again, resume the batch, not before ${from.toISOString()}: until then every batch is held for this, and from then on one call is tried.`;
}
