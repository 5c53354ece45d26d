import { Hono } from "hono";
import { html } from "hono/html";
import type { Caller } from "../access/index.ts";
import type { ApprovalRequest } from "../campaigns/approve/index.ts";
import type { Answerer } from "../campaigns/records/index.ts";
import { lackOf, mayAgree } from "../domain/access.ts";
import { isHostOf } from "../domain/public-url.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { agreedCallsView } from "./agreed-calls.ts";
import {
  type ApprovalFormParts,
  isAgreed,
  showCalls,
  showLive,
  showPeople,
  showQuestion,
  stopLive,
  takeAnswer,
} from "./answer-question.ts";
import { answerMs, type OperatorLogin } from "./operator-login.ts";
import { createPageApp, isLoopbackName, type PageEnv } from "./page-app.ts";
import { dashboardLink, type Html, loginView, messageView, questionListView } from "./views.ts";

const root = "/approve";
const place = {
  action: `${root}/answer`,
  people: `${root}/people`,
  question: `${root}/question`,
  live: { live: `${root}/live`, stop: `${root}/stop` },
};
const calls = `${root}/calls`;
const questions = `${root}/questions`;
/** What is open to who agreed, to look on and to stop. */
const livePaths: ReadonlySet<string> = new Set([calls, place.live.live, place.live.stop]);

export type OperatorQuestions = ApprovalFormParts & {
  /** Whether the page at `/` shows that person the batch of a question: one of another account is not there, or is another's of the same id. */
  readonly isOnDashboard: (request: ApprovalRequest) => boolean;
};

export type OperatorPageParts = {
  readonly clock: Clock;
  readonly log: Log;
  /** Shared with the other pages of the server. */
  readonly login: OperatorLogin;
  /** The questions of a person's organization, and how they are answered. */
  readonly questionsOf: (caller: Caller) => Promise<OperatorQuestions>;
  /** True when the server is reached from this machine only: a request under another name is then refused. */
  readonly isLoopback: boolean;
  /** Address of the server as browsers have it, where a proxy stands in front; its host is not another name. */
  readonly publicUrl?: string;
};

type OperatorEnv = { Variables: PageEnv["Variables"] & { parts: OperatorQuestions; by: Answerer; caller: Caller } };

/** To be served at `/approve`: after a login with a token that may agree it lists the questions that wait, and takes answers for 15 minutes. */
export function createOperatorPage({ login, log, isLoopback, publicUrl, questionsOf }: OperatorPageParts): Hono {
  const isOwnHost = (host: string): boolean => !isLoopback || isLoopbackName(host) || isHostOf(publicUrl, host);
  const guards = { isOwnHost, log, ...(publicUrl !== undefined && { publicUrl }) };

  const page = createPageApp<OperatorEnv>({ first: questions, ...guards }, (app) => {
    app.post("/login", async (context) => {
      const result = await login.enter(context, context.get("fields").get("token") ?? "");
      if (result.isIn) {
        const { access } = result.caller;
        if (!mayAgree(access)) return context.html(mayNot, 403);
        return context.html(await questionList(await questionsOf(result.caller)));
      }
      const { words, retryAfterSeconds } = result;
      if (retryAfterSeconds !== undefined) context.header("Retry-After", String(retryAfterSeconds));
      return context.html(loginView(`${root}/login`, words), retryAfterSeconds === undefined ? 401 : 429);
    });
    app.use(async (context, next) => {
      // Who agreed looks on, and can stop the calls, for a working day; another agreement takes another login.
      const { path } = context.req;
      const caller = login.callerOf(context, livePaths.has(path) ? undefined : answerMs);
      if (!caller) {
        const watcher = path === questions ? login.callerOf(context) : undefined;
        const mayWatch = watcher !== undefined && mayAgree(watcher.access);
        const agreed = mayWatch ? await agreedCallsView(await questionsOf(watcher), calls) : "";
        return context.html(html`${loginView(`${root}/login`)}${agreed}`, 401);
      }
      if (!mayAgree(caller.access)) return context.html(mayNot, 403);
      context.set("parts", await questionsOf(caller));
      context.set("caller", caller);
      context.set("by", { channel: "page", principal: caller.principal });
      return next();
    });
    app.post("/questions", async (context) => context.html(await questionList(context.get("parts"))));
    app.post("/question", async (context) => {
      const { parts, fields, caller } = context.var;
      const id = fields.get("id") ?? "";
      return context.html(withWaysOn(await showQuestion(parts, id, { ...place, id }), parts, id, caller));
    });
    app.post("/people", async (context) => {
      const fields = context.get("fields");
      const id = fields.get("id") ?? "";
      return context.html(await showPeople(context.get("parts"), id, fields, { ...place, id }));
    });
    app.post("/answer", async (context) => {
      const { parts, fields, by, caller } = context.var;
      const id = fields.get("id") ?? "";
      return context.html(withWaysOn(await takeAnswer(parts, id, fields, by, { ...place, id }), parts, id, caller));
    });
    app.post("/calls", async (context) => {
      const { parts, fields, caller } = context.var;
      const id = fields.get("id") ?? "";
      return context.html(withWaysOn(await showCalls(parts, id, { ...place, id }), parts, id, caller));
    });
    app.post("/live", async (context) => {
      const { parts, fields } = context.var;
      return context.html(await showLive(parts, fields.get("id") ?? "", place));
    });
    app.post("/stop", async (context) => {
      const { parts, fields, by } = context.var;
      return context.html(await stopLive(parts, fields.get("id") ?? "", by, place));
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

async function questionList(parts: OperatorQuestions): Promise<Html> {
  const { approvals, clock } = parts;
  const agreed = await agreedCallsView(parts, calls);
  const now = clock.now();
  return questionListView(approvals.openAll(now), now, root, agreed);
}

function withWaysOn(view: Html, parts: OperatorQuestions, id: string, { access }: Caller): Html {
  const asked = parts.approvals.get(id, parts.clock.now());
  const isShown = asked && isAgreed(asked) && parts.isOnDashboard(asked) && lackOf(access, "read") === undefined;
  return html`${view}${isShown ? dashboardLink(asked.summary.batchId) : ""}<section><form action="${questions}"><button>All questions</button></form></section>`;
}
