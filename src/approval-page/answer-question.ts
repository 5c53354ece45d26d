import {
  type AnswerResult,
  type ApprovalRequest,
  type ApprovalStore,
  answerMessage,
  notANumberMessage,
  parseTypedCount,
  wrongCountMessage,
} from "../campaigns/approve/index.ts";
import type { Answerer } from "../campaigns/records/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { type Html, messageView, type QuestionView, questionView } from "./views.ts";

/** What both pages need to show a question and to take its answer. */
export type ApprovalFormParts = {
  readonly approvals: ApprovalStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Called once for a question, when a person agreed; it starts the batch. The page does not wait for it. */
  readonly onApproved: (request: ApprovalRequest) => void | Promise<void>;
};

/** How a page names a question in its form. */
export type FormPlace = Pick<QuestionView, "action" | "id">;

/** The question while it is open; else only how it ended, without the list. */
export function showQuestion(
  { approvals, clock }: ApprovalFormParts,
  id: string,
  place: FormPlace,
  error?: string,
): Html {
  const now = clock.now();
  const request = approvals.get(id, now);
  if (request?.state !== "waiting") return messageView(answerMessage(request));
  return questionView({ request, now, ...place, ...(error && { error }) });
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
