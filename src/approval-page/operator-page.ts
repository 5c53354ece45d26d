import { Hono } from "hono";
import { html } from "hono/html";
import type { Answerer } from "../campaigns/records/index.ts";
import type { Secret } from "../domain/secret.ts";
import { type ApprovalFormParts, isAgreed, showPeople, showQuestion, takeAnswer } from "./answer-question.ts";
import { answerMs, OperatorLogin } from "./operator-login.ts";
import { createPageApp, isLoopbackName } from "./page-app.ts";
import { type Html, livePageLink, loginView, questionListView } from "./views.ts";

const root = "/approve";
const place = { action: `${root}/answer`, people: `${root}/people`, question: `${root}/question` };

export type OperatorPageParts = ApprovalFormParts & {
  /** What a person logs in with: the token of the HTTP server. */
  readonly token: Secret;
  /** Shared with the other pages of the server; one of its own unless given. */
  readonly login?: OperatorLogin;
  /** True when the server is reached from this machine only: a request under another name is then refused. */
  readonly isLoopback: boolean;
  /** Who has the token, for the record. */
  readonly principal: string;
};

/** To be served at `/approve`: after a login it lists the questions that wait, and takes answers for 15 minutes. */
export function createOperatorPage(parts: OperatorPageParts): Hono {
  const { log, isLoopback, principal, login = new OperatorLogin(parts) } = parts;
  const by: Answerer = { channel: "page", principal };
  const isOwnHost = (host: string): boolean => !isLoopback || isLoopbackName(host);

  const page = createPageApp({ first: `${root}/questions`, isOwnHost, log }, (app) => {
    app.post("/login", (context) => {
      const result = login.enter(context, context.get("fields").get("token") ?? "");
      if (result.isIn) return context.html(questionList(parts));
      const { words, retryAfterSeconds } = result;
      if (retryAfterSeconds !== undefined) context.header("Retry-After", String(retryAfterSeconds));
      return context.html(loginView(`${root}/login`, words), retryAfterSeconds === undefined ? 401 : 429);
    });
    app.use(async (context, next) => {
      if (!login.isIn(context, answerMs)) return context.html(loginView(`${root}/login`), 401);
      return next();
    });
    app.post("/questions", (context) => context.html(questionList(parts)));
    app.post("/question", async (context) => {
      const id = context.get("fields").get("id") ?? "";
      return context.html(withWayBack(await showQuestion(parts, id, { ...place, id })));
    });
    app.post("/people", async (context) => {
      const fields = context.get("fields");
      const id = fields.get("id") ?? "";
      return context.html(await showPeople(parts, id, fields, { ...place, id }));
    });
    app.post("/answer", async (context) => {
      const fields = context.get("fields");
      const id = fields.get("id") ?? "";
      const view = await takeAnswer(parts, id, fields, by, { ...place, id });
      const asked = parts.approvals.get(id, parts.clock.now());
      return context.html(
        withWayBack(asked && isAgreed(asked) ? html`${view}${livePageLink(asked.summary.batchId)}` : view),
      );
    });
  });
  return new Hono().route("/", page);
}

function questionList({ approvals, clock }: OperatorPageParts): Html {
  const now = clock.now();
  return questionListView(approvals.openAll(now), now, root);
}

function withWayBack(view: Html): Html {
  return html`${view}<section><form action="${root}/questions"><button>All questions</button></form></section>`;
}
