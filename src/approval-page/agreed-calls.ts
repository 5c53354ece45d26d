import { html } from "hono/html";
import type { ApprovalRequest, LiveBatch, LiveBatches } from "../campaigns/approve/index.ts";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { sleep } from "../lib/clock.ts";
import type { ApprovalFormParts } from "./answer-question.ts";
import { keysElsewhere } from "./live-view.ts";
import { type Html, hiddenField } from "./views.ts";

/** Calls that somebody agreed to; without `batch` nobody could read how they stand. */
type AgreedCalls = { readonly request: ApprovalRequest; readonly batch?: LiveBatch };

const atOnce = 10;
const mostShown = 20;
const mostRead = 200;
const longestLookMs = 3000;

/** What was over once stays so, and is not asked for again. By what looks, as ids of questions. */
const seenOver = new WeakMap<LiveBatches, Set<string>>();

/**
 * The calls that somebody agreed to and that a phone may still ring for, newest agreement first, each with the way to its live part; nothing
 * where there are none. `shownId` is the question whose live part the page shows already. It waits no longer than 3 s for the API.
 */
export async function agreedCallsView(
  parts: Pick<ApprovalFormParts, "approvals" | "clock" | "log" | "liveOf">,
  action: string,
  shownId?: string,
): Promise<Html | string> {
  const { clock } = parts;
  const asked = parts.approvals.agreed(clock.now(), mostRead).filter(({ id }) => id !== shownId);
  const open = asked.filter((request) => isOpen(request, parts.liveOf?.(request)));
  const elsewhere = parts.liveOf ? asked.filter((request) => !parts.liveOf?.(request)).slice(0, mostShown) : [];
  const unread = elsewhere.map((request) => callsItem({ request }, action, keysElsewhere));
  if (open.length === 0 && unread.length === 0) return "";
  const shown: AgreedCalls[] = [];
  const patience = new AbortController();
  let [isLate, at] = [false, 0];
  const late = sleep(clock, longestLookMs, patience.signal).then(() => {
    isLate = true;
    return "unread" as const;
  });
  for (; at < open.length && shown.length < mostShown && !isLate; at += atOnce) {
    const looks = open.slice(at, at + atOnce).map(async (request) => {
      const batch = await Promise.race([look(parts, request), late]);
      return batch === "over" ? [] : [{ request, ...(batch !== "unread" && { batch }) }];
    });
    shown.push(...(await Promise.all(looks)).flat());
  }
  patience.abort();
  if (shown.length === 0 && at >= open.length && unread.length === 0) return "";
  const others = html`<p class="quiet">Agreements before these were not looked at.</p>`;
  return html`<section><h2>Agreed to, and not over</h2></section>
${shown.map((calls) => callsItem(calls, action))}${unread}${at < open.length ? others : ""}`;
}

function isOpen({ id }: ApprovalRequest, live: LiveBatches | undefined): boolean {
  return live !== undefined && !seenOver.get(live)?.has(id);
}

async function look(
  { liveOf, log }: Pick<ApprovalFormParts, "liveOf" | "log">,
  request: ApprovalRequest,
): Promise<LiveBatch | "over" | "unread"> {
  const live = liveOf?.(request);
  if (!live) return "over";
  try {
    const batch = await live.look(request.summary.batchId);
    if (batch.isOver) seenOver.set(live, (seenOver.get(live) ?? new Set()).add(request.id));
    // Between the answer and its start the batch is a draft.
    return batch.isOver || (batch.isUnstarted && request.state === "used") ? "over" : batch;
  } catch (err) {
    if (!(err instanceof Problem)) log.error({ err }, "a page could not look at calls that were agreed to");
    return err instanceof Problem && err.code === "not_found" ? "over" : "unread";
  }
}

function callsItem({ request: { id, summary }, batch }: AgreedCalls, action: string, unread = unreadNow): Html {
  const done = batch?.facts.find(({ label }) => label === "Done")?.text;
  const state = batch ? `${batch.state}.${done === undefined ? "" : ` Done: ${done}.`}` : unread;
  const isThere = unread === unreadNow && (!batch || batch.canStop);
  const button = !isThere ? "See how it goes" : "See how it goes, or stop it";
  return html`<section><h2>${plainText(summary.name, 200)}</h2>
<p>${state}</p>
<form action="${action}">${hiddenField("id", id)}<button>${button}</button></form></section>`;
}

const unreadNow = "How it stands cannot be read at the moment.";
