import { html } from "hono/html";
import {
  type AnswerMessage,
  type AnswerResult,
  type ApprovalRequest,
  type ApprovalStore,
  answerMessage,
  type ListAskedPeople,
  type LiveBatch,
  type LiveBatches,
  notANumberMessage,
  parseTypedCount,
  people,
  wrongCountMessage,
} from "../campaigns/approve/index.ts";
import type { Answerer } from "../campaigns/records/index.ts";
import { Problem } from "../domain/problem.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { keysElsewhere, type LivePlace, type LiveView, liveParts, liveView } from "./live-view.ts";
import { peopleView, wayBack } from "./people-view.ts";
import { type Html, messageView, type QuestionPlace, questionView } from "./views.ts";

/** Of the questions that wait, what a page needs. */
export type Questions = Pick<ApprovalStore, "get" | "openAll" | "agreed" | "approve" | "decline">;

/** What both pages need to show a question and to take its answer. */
export type ApprovalFormParts = {
  readonly approvals: Questions;
  readonly clock: Clock;
  readonly log: Log;
  /** Shows the list that is asked about; a page goes without where nobody can. */
  readonly listPeople?: ListAskedPeople;
  /** What looks at the calls of a question, and stops them: of the account in which it was asked. A page shows none without. */
  readonly liveOf?: (request: ApprovalRequest) => LiveBatches | undefined;
  /** That all calls are stopped on this machine, in words; undefined while they are not. */
  readonly whyStopped?: () => string | undefined;
  /** Called once for a question, when a person agreed; it starts the batch. The page does not wait for it. */
  readonly onApproved: (request: ApprovalRequest) => void | Promise<void>;
};

/** How a page names a question in its forms. */
export type FormPlace = QuestionPlace & {
  /** Path of the question itself. */
  readonly question: string;
  /** Paths of the calls as they go and of what stops them. */
  readonly live?: Pick<LivePlace, "live" | "stop">;
};

/** The question while it is open; else only how it ended, without the list, and the calls that were agreed to. */
export async function showQuestion(
  parts: ApprovalFormParts,
  id: string,
  place: FormPlace,
  error?: string,
): Promise<Html> {
  const { approvals, clock, listPeople } = parts;
  const now = clock.now();
  const request = approvals.get(id, now);
  if (request?.state !== "waiting") return withLive(parts, request, answerMessage(request), place);
  return questionView({ request, now, ...shownPlace(place, listPeople), ...(error && { error }) });
}

function shownPlace({ action, id, people }: FormPlace, listPeople: ListAskedPeople | undefined): QuestionPlace {
  return { action, ...(id !== undefined && { id }), ...(listPeople && people !== undefined && { people }) };
}

const peopleOnAPage = 50;
const longestSearch = 80;

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
  const search = (fields.get("search") ?? "").trim().slice(0, longestSearch);
  try {
    const found = await listPeople(request, { page, limit: peopleOnAPage, search });
    if (found)
      return peopleView({ shown: found.people, total: found.total, page, limit: peopleOnAPage, search, place });
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
export async function takeAnswer(
  parts: ApprovalFormParts,
  id: string,
  fields: URLSearchParams,
  by: Answerer,
  place: FormPlace,
): Promise<Html> {
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

async function afterAnswer(
  parts: ApprovalFormParts,
  id: string,
  result: AnswerResult,
  wanted: AnswerResult,
  place: FormPlace,
): Promise<Html> {
  const request = parts.approvals.get(id, parts.clock.now());
  if (result === "wrong_count") return showQuestion(parts, id, place, wrongCountMessage(request?.triesLeft ?? 0));
  const words = answerMessage(request);
  const isNew = result === wanted || (result !== "used" && result !== "declined");
  const text = isNew ? words.text : `${answeredBefore} ${words.text}`;
  return withLive(parts, request, { ...words, text }, place);
}

/** What a person is told, and below it the calls that somebody agreed to. */
async function withLive(
  parts: ApprovalFormParts,
  request: ApprovalRequest | undefined,
  words: AnswerMessage,
  { live }: FormPlace,
): Promise<Html> {
  if (!live || !request || !isAgreed(request) || !parts.liveOf) return messageView(words);
  if (!parts.liveOf(request)) return html`${messageView(words)}<p>${keysElsewhere}</p>`;
  const found = await look(parts, request);
  const message = messageView(request.state === "used" ? goesOn(words, request, found.batch) : words);
  return html`${message}${liveView({ ...live, id: request.id, ...found })}`;
}

/** Above the calls themselves nobody is sent to the assistant to hear of them. */
function goesOn({ text }: AnswerMessage, { summary }: ApprovalRequest, batch: LiveBatch | undefined): AnswerMessage {
  const again = text.startsWith(answeredBefore) ? `${answeredBefore} ` : "";
  const stop = batch?.canStop ? ", with the button that stops them" : "";
  return {
    title: `Agreed: ${people(summary.recipients)}`,
    text: `${again}The batch was started. Below is how its calls go${stop}.`,
  };
}

const answeredBefore = "It was answered before; this answer changed nothing.";

/** The calls of a question that was agreed to, to be watched and stopped; of any other only how it stands. */
export function showCalls(parts: ApprovalFormParts, id: string, place: FormPlace): Promise<Html> {
  const request = parts.approvals.get(id, parts.clock.now());
  return withLive(parts, request, answerMessage(request), place);
}

/** Whether somebody agreed, and nothing ended that since. */
export function isAgreed({ state }: ApprovalRequest): boolean {
  return state === "approved" || state === "used";
}

/** The parts of the live view of what was agreed to; of anything else nothing is told. */
export async function showLive(parts: ApprovalFormParts, id: string, { live }: FormPlace): Promise<Html> {
  const request = parts.approvals.get(id, parts.clock.now());
  if (!live || !request || !isAgreed(request)) return messageView(answerMessage(request));
  return liveParts({ ...live, id, ...(await look(parts, request)) });
}

/** Stops the calls that were agreed to, for that person. */
export async function stopLive(parts: ApprovalFormParts, id: string, by: Answerer, { live }: FormPlace): Promise<Html> {
  const request = parts.approvals.get(id, parts.clock.now());
  const calls = request && parts.liveOf?.(request);
  if (live && request && isAgreed(request) && parts.liveOf && !calls)
    return liveParts({ ...live, id, words: `It was not stopped. ${keysElsewhere}` });
  if (!live || !calls || !isAgreed(request)) return messageView(answerMessage(request));
  let words: string;
  try {
    const left = await calls.stop(request.summary.batchId, by.principal, "page");
    words = `Stopped: nobody else is called until the batch is resumed. ${left}`.trim();
  } catch (err) {
    words = `It was not stopped. ${toWords(err, parts)}`;
  }
  const { batch } = await look(parts, request);
  return liveParts({ ...live, id, words, ...(batch && { batch }) });
}

async function look(parts: ApprovalFormParts, request: ApprovalRequest): Promise<Pick<LiveView, "batch" | "words">> {
  try {
    const live = parts.liveOf?.(request);
    return live ? { batch: await live.look(request.summary.batchId) } : parts.liveOf ? { words: keysElsewhere } : {};
  } catch (err) {
    return { words: `How the calls stand cannot be read at the moment. ${toWords(err, parts)}` };
  }
}

/** A refusal in its own words; what went wrong otherwise is for the log. */
function toWords(err: unknown, { log }: ApprovalFormParts): string {
  if (err instanceof Problem) return err.message;
  log.error({ err }, "a page could not look at calls or stop them");
  return "The program failed.";
}

async function start({ approvals, clock, log, onApproved }: ApprovalFormParts, id: string): Promise<void> {
  try {
    const request = approvals.get(id, clock.now());
    if (request) await onApproved(request);
  } catch (err) {
    log.error({ err }, "a start that a person agreed to on the page went wrong");
  }
}
