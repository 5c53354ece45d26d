import type { Clock } from "../lib/clock-type.ts";
import { answerWords, noNumberWords, wrongCountWords } from "../campaigns/approve/approval-messages.ts";
import type { Answerer, AnswerResult, ApprovalBook, ApprovalRequest } from "../campaigns/approve/approval.ts";
import { parseTypedCount } from "../campaigns/approve/typed-count.ts";
import type { Log } from "../lib/log.ts";
import type { Html } from "./html.ts";
import { messageView, type QuestionView, questionView } from "./views.ts";

/** What both pages need to show a question and to take its answer. */
export type DeskParts = {
  readonly book: ApprovalBook;
  readonly clock: Clock;
  readonly log: Log;
  /** Called once for a question, when a person agreed; it launches. The page does not wait for it. */
  readonly onApproved: (request: ApprovalRequest) => void | Promise<void>;
};

/** How a page names a question in its form. */
export type FormPlace = Pick<QuestionView, "action" | "id">;

/** The question while it is open; else only what became of it, without the list. */
export function showQuestion({ book, clock }: DeskParts, id: string, place: FormPlace, error?: string): Html {
  const now = clock.now();
  const request = book.get(id, now);
  if (request?.state !== "waiting") return messageView(answerWords(request));
  return questionView({ request, now, ...place, ...(error && { error }) });
}

/** Takes what the form sent: `answer` is `call` or `no`, `typed` what stands in the field. */
export function takeAnswer(desk: DeskParts, id: string, fields: URLSearchParams, by: Answerer, place: FormPlace): Html {
  switch (fields.get("answer")) {
    case "no":
      return afterAnswer(desk, id, desk.book.decline(id, by, desk.clock.now()), "declined", place);
    case "call": {
      const typed = parseTypedCount(fields.get("typed") ?? "");
      if (typed === undefined) return showQuestion(desk, id, place, noNumberWords);
      const result = desk.book.approve(id, typed, by, desk.clock.now());
      if (result === "approved") void launch(desk, id);
      return afterAnswer(desk, id, result, "approved", place);
    }
    default:
      return showQuestion(desk, id, place);
  }
}

function afterAnswer(desk: DeskParts, id: string, result: AnswerResult, wanted: AnswerResult, place: FormPlace): Html {
  const request = desk.book.get(id, desk.clock.now());
  if (result === "wrong_count") return showQuestion(desk, id, place, wrongCountWords(request?.triesLeft ?? 0));
  const words = answerWords(request);
  if (result === wanted || (result !== "used" && result !== "declined")) return messageView(words);
  return messageView({ ...words, text: `It was answered before; this answer changed nothing. ${words.text}` });
}

async function launch({ book, clock, log, onApproved }: DeskParts, id: string): Promise<void> {
  try {
    const request = book.get(id, clock.now());
    if (request) await onApproved(request);
  } catch (err) {
    log.error({ err }, "a launch that a person agreed to on the page went wrong");
  }
}
