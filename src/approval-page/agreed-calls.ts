import { html } from "hono/html";
import type { ApprovalRequest, LiveBatch } from "../campaigns/approve/index.ts";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { sleep } from "../lib/clock.ts";
import type { ApprovalFormParts } from "./answer-question.ts";
import { keysElsewhere } from "./live-view.ts";
import { type Html, hiddenField, hiddenText } from "./views.ts";

type LookingParts = Pick<ApprovalFormParts, "approvals" | "clock" | "log" | "liveOf">;

/**
 * Calls that somebody agreed to and that a phone may still ring for; without `batch` nobody could read how they stand. `unread`: why, where
 * nobody can read it from here.
 */
type AgreedCalls = { readonly request: ApprovalRequest; readonly batch?: LiveBatch; readonly unread?: string };

/** What a look at the calls of a question found. `over`: no phone rings by that agreement any more. */
type Look = { readonly kind: "open"; readonly batch: LiveBatch } | { readonly kind: "over" | "unread" };

const atOnce = 10;
const mostShown = 20;
const mostRead = 200;
const longestLookMs = 3000;

/**
 * The list of the calls that somebody agreed to and that a phone may still ring for, for the pages on which people agree. One of these
 * stands behind a page: a batch that was over stays so, and is not asked for again.
 */
export class AgreedCallsList {
  readonly #action: string;
  /** Ids of the questions whose batches were over. */
  readonly #over = new Set<string>();

  /** `action`: the path that shows the live part of one of them. */
  constructor(action: string) {
    this.#action = action;
  }

  /**
   * Newest agreement first, each with the way to its live part; nothing where there are none. `shownId` is the question whose live part
   * the page shows already. It waits no longer than 3 s for the API.
   */
  async view(parts: LookingParts, shownId?: string): Promise<Html | string> {
    const agreed = parts.approvals
      .agreed(parts.clock.now(), mostRead)
      .filter(({ id }) => id !== shownId && !this.#over.has(id));
    const { liveOf } = parts;
    const elsewhere = liveOf ? agreed.filter((request) => !liveOf(request)) : [];
    const { calls, isWhole } = await this.#findOpen(
      parts,
      agreed.filter((request) => !elsewhere.includes(request)),
    );
    const closed = elsewhere.slice(0, mostShown).map((request) => ({ request, unread: keysElsewhere }));
    if (calls.length === 0 && closed.length === 0 && isWhole) return "";
    const rest = isWhole ? "" : html`<p class="quiet">Agreements before these were not looked at.</p>`;
    return html`<section><h2>Agreed to, and not over</h2></section>
${[...calls, ...closed].map((one) => callsItem(one, this.#action))}${rest}`;
  }

  /** `isWhole`: all of them were looked at, before enough were found and the time was up. */
  async #findOpen(
    parts: LookingParts,
    agreed: readonly ApprovalRequest[],
  ): Promise<{ readonly calls: readonly AgreedCalls[]; readonly isWhole: boolean }> {
    const { clock } = parts;
    const patience = new AbortController();
    const timeIsUp = sleep(clock, longestLookMs, patience.signal).then((): Look => ({ kind: "unread" }));
    const endsAtMs = clock.monotonicMs() + longestLookMs;
    const calls: AgreedCalls[] = [];
    const toLookAt = [...agreed];
    while (toLookAt.length > 0 && calls.length < mostShown && clock.monotonicMs() < endsAtMs) {
      const next = toLookAt.splice(0, atOnce);
      const looks = await Promise.all(next.map((request) => Promise.race([this.#look(parts, request), timeIsUp])));
      for (const [at, request] of next.entries()) {
        const look = looks[at];
        if (look?.kind === "open") calls.push({ request, batch: look.batch });
        if (look?.kind === "unread") calls.push({ request });
      }
    }
    patience.abort();
    return { calls, isWhole: toLookAt.length === 0 };
  }

  async #look({ liveOf, log }: LookingParts, request: ApprovalRequest): Promise<Look> {
    try {
      const batch = await liveOf?.(request)?.look(request.summary.batchId);
      if (batch?.isOver) this.#over.add(request.id);
      return batch && mayRing(batch, request) ? { kind: "open", batch } : { kind: "over" };
    } catch (err) {
      if (err instanceof Problem) return { kind: err.code === "not_found" ? "over" : "unread" };
      log.error({ err }, "a page could not look at calls that were agreed to");
      return { kind: "unread" };
    }
  }
}

/**
 * Whether a phone may still ring by that agreement. A draft whose agreement was used was put back before its time, and starts only with
 * another one; while it is not used, the start is about to leave.
 */
function mayRing({ isOver, isUnstarted }: LiveBatch, { state }: ApprovalRequest): boolean {
  const needsAnotherAnswer = isUnstarted && state === "used";
  return !isOver && !needsAnotherAnswer;
}

function callsItem({ request: { id, summary }, batch, unread }: AgreedCalls, action: string): Html {
  const name = plainText(summary.name, 200);
  const done = batch?.facts.find(({ label }) => label === "Done")?.text;
  const state = batch ? `${batch.state}.${done === undefined ? "" : ` Done: ${done}.`}` : (unread ?? unreadNow);
  const mayStop = batch ? batch.canStop : unread === undefined;
  const button = mayStop ? "See how it goes, or stop it" : "See how it goes";
  return html`<section><h3>${name}</h3>
<p>${state}</p>
<form action="${action}">${hiddenField("id", id)}<button>${button}${hiddenText(`: ${name}`)}</button></form></section>`;
}

const unreadNow = "How it stands cannot be read at the moment.";
