import { html } from "hono/html";
import {
  type AnswerResult,
  type ApprovalRequest,
  type ApprovalStore,
  answerMessage,
  type ListAskedPeople,
  notANumberMessage,
  parseTypedCount,
  wrongCountMessage,
} from "../campaigns/approve/index.ts";
import type { Answerer } from "../campaigns/records/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { peopleView, wayBack } from "./people-view.ts";
import { type Html, messageView, type QuestionPlace, questionView } from "./views.ts";

/** Of the questions that wait, what a page needs. */
export type Questions = Pick<ApprovalStore, "get" | "openAll" | "approve" | "decline">;

/** What both pages need to show a question and to take its answer. */
export type ApprovalFormParts = {
  readonly approvals: Questions;
  readonly clock: Clock;
  readonly log: Log;
  /** Shows the list that is asked about; a page goes without where nobody can. */
  readonly listPeople?: ListAskedPeople;
  /** Called once for a question, when a person agreed; it starts the batch. The page does not wait for it. */
  readonly onApproved: (request: ApprovalRequest) => void | Promise<void>;
};

/** How a page names a question in its forms. */
export type FormPlace = QuestionPlace & {
  /** Path of the question itself. */
  readonly question: string;
};

/** The question while it is open; else only how it ended, without the list. */
export function showQuestion(
  { approvals, clock, listPeople }: ApprovalFormParts,
  id: string,
  place: FormPlace,
  error?: string,
): Html {
  const now = clock.now();
  const request = approvals.get(id, now);
  if (request?.state !== "waiting") return messageView(answerMessage(request));
  return questionView({ request, now, ...shownPlace(place, listPeople), ...(error && { error }) });
}

function shownPlace({ action, id, people }: FormPlace, listPeople: ListAskedPeople | undefined): QuestionPlace {
  return { action, ...(id !== undefined && { id }), ...(listPeople && people !== undefined && { people }) };
}

const peopleOnAPage = 50;

/** The list of an open question, a page of it: read only, every number masked. */
export async function showPeople(
  { approvals, clock, log, listPeople }: ApprovalFormParts,
  id: string,
  fields: URLSearchParams,
  place: FormPlace,
): Promise<Html> {
  const request = approvals.get(id, clock.now());
  if (request?.state !== "waiting" || !listPeople) return messageView(answerMessage(request));
  const page = parsePage(fields.get("page"));
  try {
    const found = await listPeople(request, { page, limit: peopleOnAPage });
    if (found) return peopleView({ shown: found.people, total: found.total, page, limit: peopleOnAPage, place });
    return html`${messageView(changedSinceAsked)}${wayBack(place)}`;
  } catch (err) {
    log.warn({ err }, "the list of a question could not be read");
    return html`${messageView(unreadable)}${wayBack(place)}`;
  }
}

const changedSinceAsked = {
  title: "The batch was changed",
  text: "It is not any more what you were asked about. An answer to this question starts nothing; let your assistant ask again.",
};
const unreadable = {
  title: "The list cannot be read",
  text: "The API did not give it. Nothing was agreed. Go back and try again in a moment.",
};

/** A page of the list, from 0; the first for what is none. */
function parsePage(text: string | null): number {
  return text !== null && /^\d{1,4}$/.test(text) ? Number(text) : 0;
}

/** Takes what the form sent: `answer` is `call` or `no`, `typed` what stands in the field. */
export function takeAnswer(
  parts: ApprovalFormParts,
  id: string,
  fields: URLSearchParams,
  by: Answerer,
  place: FormPlace,
): Html {
  switch (fields.get("answer")) {
    case "no":
      return afterAnswer(parts, id, parts.approvals.decline(id, by, parts.clock.now()), "declined", place);
    case "call": {
      const typed = parseTypedCount(fields.get("typed") ?? "");
      if (typed === undefined) return showQuestion(parts, id, place, notANumberMessage);
      const result = parts.approvals.approve(id, typed, by, parts.clock.now());
      if (result === "approved") void start(parts, id);
      return afterAnswer(parts, id, result, "approved", place);
    }
    default:
      return showQuestion(parts, id, place);
  }
}

function afterAnswer(
  parts: ApprovalFormParts,
  id: string,
  result: AnswerResult,
  wanted: AnswerResult,
  place: FormPlace,
): Html {
  const request = parts.approvals.get(id, parts.clock.now());
  if (result === "wrong_count") return showQuestion(parts, id, place, wrongCountMessage(request?.triesLeft ?? 0));
  const words = answerMessage(request);
  if (result === wanted || (result !== "used" && result !== "declined")) return messageView(words);
  return messageView({ ...words, text: `It was answered before; this answer changed nothing. ${words.text}` });
}

async function start({ approvals, clock, log, onApproved }: ApprovalFormParts, id: string): Promise<void> {
  try {
    const request = approvals.get(id, clock.now());
    if (request) await onApproved(request);
  } catch (err) {
    log.error({ err }, "a start that a person agreed to on the page went wrong");
  }
}
