import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answerer } from "../campaigns/records/index.ts";
import type { Secret } from "../domain/secret.ts";
import { type ApprovalFormParts, showQuestion, takeAnswer } from "./approval-form.ts";
import { renderDocument } from "./document.ts";
import { guarded, isFromOwnPage, readFields, sendHtml, sendRefusal } from "./exchange.ts";
import { type Html, html } from "./html.ts";
import { loginView, questionListView } from "./operator-views.ts";
import { Secrets } from "./secrets.ts";

const root = "/approve";
const place = { action: `${root}/answer` };
const sessionMs = 15 * 60 * 1000;
const cookieName = "batch_call_session";
const loopbackName = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

export type OperatorPageParts = ApprovalFormParts & {
  /** What a person logs in with: the token of the HTTP server. */
  readonly token: Secret;
  /** True when the server is reached from this machine only: a request under another name is then refused. */
  readonly isLoopback: boolean;
  /** Who has the token, for the record. */
  readonly principal: string;
};

/** Returns a request and says so, or returns false when the path is not its own. */
export type SidePage = (request: IncomingMessage, response: ServerResponse) => boolean;

/** `/approve` of the HTTP server: after a login it lists the questions that wait, and takes answers for 15 minutes. */
export function createOperatorPage(parts: OperatorPageParts): SidePage {
  const sessions = new Secrets<true>(parts.clock);
  const serve = guarded((request, response) => answer(request, response, parts, sessions), parts.log);
  return (request, response) => {
    const path = pathOf(request);
    if (path !== root && !path.startsWith(`${root}/`)) return false;
    serve(request, response);
    return true;
  };
}

const document = renderDocument(`${root}/questions`);

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: OperatorPageParts,
  sessions: Secrets<true>,
): Promise<void> {
  const isForeign = parts.isLoopback && !loopbackName.test(request.headers.host ?? "");
  if (isForeign) return sendRefusal(response, 403, "This is not its address.");
  const path = pathOf(request);
  if (request.method === "GET" && path === root) return sendHtml(response, 200, document);
  if (request.method !== "POST") return sendRefusal(response, 404, "There is nothing here.");
  if (!isFromOwnPage(request)) return sendRefusal(response, 403, "Only the page itself may ask this.");
  const fields = await readFields(request);
  if (!fields) return sendRefusal(response, 413, "This is too large for an answer.");
  if (path === `${root}/login`) return logIn(request, response, fields, parts, sessions);
  if (!sessions.find(cookieOf(request))) return sendHtml(response, 401, loginView(`${root}/login`));
  const view = viewFor(path, fields, parts);
  return view ? sendHtml(response, 200, view) : sendRefusal(response, 404, "There is nothing here.");
}

function viewFor(path: string, fields: URLSearchParams, parts: OperatorPageParts): Html | undefined {
  const id = fields.get("id") ?? "";
  const by: Answerer = { channel: "page", principal: parts.principal };
  switch (path) {
    case `${root}/questions`:
      return questionList(parts);
    case `${root}/question`:
      return withWayBack(showQuestion(parts, id, { ...place, id }));
    case `${root}/answer`:
      return withWayBack(takeAnswer(parts, id, fields, by, { ...place, id }));
    default:
      return undefined;
  }
}

function questionList({ approvals, clock }: OperatorPageParts): Html {
  const now = clock.now();
  return questionListView(approvals.openAll(now), now, root);
}

function withWayBack(view: Html): Html {
  return html`${view}<section><form action="${root}/questions"><button>All questions</button></form></section>`;
}

function logIn(
  request: IncomingMessage,
  response: ServerResponse,
  fields: URLSearchParams,
  parts: OperatorPageParts,
  sessions: Secrets<true>,
): void {
  if (!isSame(fields.get("token") ?? "", parts.token.reveal())) {
    parts.log.warn({}, "somebody gave a wrong token to the approval page");
    sendHtml(response, 401, loginView(`${root}/login`, "That is not the token of this server."));
    return;
  }
  const session = sessions.issue(true, new Date(parts.clock.now().getTime() + sessionMs));
  sendHtml(response, 200, questionList(parts), { "Set-Cookie": toCookie(session, request) });
}

/** Only a page that came over TLS can take back a cookie marked `Secure`. */
function toCookie(session: string, { headers }: IncomingMessage): string {
  const secure = headers.origin?.startsWith("https:") ? "; Secure" : "";
  return `${cookieName}=${session}; Path=${root}; Max-Age=${sessionMs / 1000}; HttpOnly; SameSite=Strict${secure}`;
}

function cookieOf({ headers }: IncomingMessage): string | undefined {
  const pairs = (headers.cookie ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1);
}

function pathOf({ url }: IncomingMessage): string {
  return (url ?? "/").split("?")[0] ?? "/";
}

function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
