import { Hono } from "hono";
import { html } from "hono/html";
import type { Caller } from "../access/index.ts";
import type { Answerer } from "../campaigns/records/index.ts";
import { mayAgree } from "../domain/access.ts";
import { isHostOf } from "../domain/public-url.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { type ApprovalFormParts, isAgreed, showPeople, showQuestion, takeAnswer } from "./answer-question.ts";
import { answerMs, type OperatorLogin } from "./operator-login.ts";
import { createPageApp, isLoopbackName, type PageEnv } from "./page-app.ts";
import { type Html, livePageLink, loginView, messageView, questionListView } from "./views.ts";

const root = "/approve";
const place = { action: `${root}/answer`, people: `${root}/people`, question: `${root}/question` };

export type OperatorPageParts = {
  readonly clock: Clock;
  readonly log: Log;
  /** Shared with the other pages of the server. */
  readonly login: OperatorLogin;
  /** The questions of a person's organization, and how they are answered. */
  readonly questionsOf: (caller: Caller) => Promise<ApprovalFormParts>;
  /** True when the server is reached from this machine only: a request under another name is then refused. */
  readonly isLoopback: boolean;
  /** Address of the server as browsers have it, where a proxy stands in front; its host is not another name. */
  readonly publicUrl?: string;
};

type OperatorEnv = { Variables: PageEnv["Variables"] & { parts: ApprovalFormParts; by: Answerer } };

/** To be served at `/approve`: after a login with a token that may agree it lists the questions that wait, and takes answers for 15 minutes. */
export function createOperatorPage({ login, log, isLoopback, publicUrl, questionsOf }: OperatorPageParts): Hono {
  const isOwnHost = (host: string): boolean => !isLoopback || isLoopbackName(host) || isHostOf(publicUrl, host);
  const guards = { isOwnHost, log, ...(publicUrl !== undefined && { publicUrl }) };

  const page = createPageApp<OperatorEnv>({ first: `${root}/questions`, ...guards }, (app) => {
    app.post("/login", async (context) => {
      const result = await login.enter(context, context.get("fields").get("token") ?? "");
      if (result.isIn) {
        const { access } = result.caller;
        if (!mayAgree(access)) return context.html(mayNot, 403);
        return context.html(questionList(await questionsOf(result.caller)));
      }
      const { words, retryAfterSeconds } = result;
      if (retryAfterSeconds !== undefined) context.header("Retry-After", String(retryAfterSeconds));
      return context.html(loginView(`${root}/login`, words), retryAfterSeconds === undefined ? 401 : 429);
    });
    app.use(async (context, next) => {
      const caller = login.callerOf(context, answerMs);
      if (!caller) return context.html(loginView(`${root}/login`), 401);
      if (!mayAgree(caller.access)) return context.html(mayNot, 403);
      context.set("parts", await questionsOf(caller));
      context.set("by", { channel: "page", principal: caller.principal });
      return next();
    });
    app.post("/questions", (context) => context.html(questionList(context.get("parts"))));
    app.post("/question", async (context) => {
      const id = context.get("fields").get("id") ?? "";
      return context.html(withWayBack(await showQuestion(context.get("parts"), id, { ...place, id })));
    });
    app.post("/people", async (context) => {
      const fields = context.get("fields");
      const id = fields.get("id") ?? "";
      return context.html(await showPeople(context.get("parts"), id, fields, { ...place, id }));
    });
    app.post("/answer", async (context) => {
      const fields = context.get("fields");
      const parts = context.get("parts");
      const id = fields.get("id") ?? "";
      const view = await takeAnswer(parts, id, fields, context.get("by"), { ...place, id });
      const asked = parts.approvals.get(id, parts.clock.now());
      return context.html(
        withWayBack(asked && isAgreed(asked) ? html`${view}${livePageLink(asked.summary.batchId)}` : view),
      );
    });
  });
  const app = new Hono();
  // Without tokens a page is opened in the browser of the person instead.
  app.use(async (context, next) => (login.isOpen ? context.text("There is nothing here.", 404) : await next()));
  return app.route("/", page);
}

const mayNot = html`${messageView({
  title: "This token may not agree to calls",
  text: "It lacks the scope approve. Nothing was agreed, and the question stays open. Log in with a token that has it.",
})}${loginView(`${root}/login`)}`;

function questionList({ approvals, clock }: Pick<ApprovalFormParts, "approvals" | "clock">): Html {
  const now = clock.now();
  return questionListView(approvals.openAll(now), now, root);
}

function withWayBack(view: Html): Html {
  return html`${view}<section><form action="${root}/questions"><button>All questions</button></form></section>`;
}
