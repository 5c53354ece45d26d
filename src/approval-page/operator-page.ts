import { type Context, Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type { Answerer } from "../campaigns/records/index.ts";
import type { Secret } from "../domain/secret.ts";
import { counted } from "../domain/text.ts";
import { isSameSecret } from "../lib/same-secret.ts";
import { type ApprovalFormParts, showPeople, showQuestion, takeAnswer } from "./answer-question.ts";
import { createPageApp } from "./page-app.ts";
import { GuessDelay, Secrets, WrongSecrets } from "./secrets.ts";
import { type Html, loginView, questionListView } from "./views.ts";

const root = "/approve";
const place = { action: `${root}/answer`, people: `${root}/people`, question: `${root}/question` };
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

/** To be served at `/approve`: after a login it lists the questions that wait, and takes answers for 15 minutes. */
export function createOperatorPage(parts: OperatorPageParts): Hono {
  const { clock, log, isLoopback, token, principal } = parts;
  const sessions = new Secrets<true>(clock);
  const delay = new GuessDelay(clock);
  const wrongTokens = new WrongSecrets(parts, "wrong tokens were given to the approval page");
  const by: Answerer = { channel: "page", principal };
  const isOwnHost = (host: string): boolean => !isLoopback || loopbackName.test(host);

  const page = createPageApp({ first: `${root}/questions`, isOwnHost, log }, (app) => {
    app.post("/login", (context) => {
      const waitSeconds = Math.ceil(delay.waitMs / 1000);
      if (waitSeconds > 0) {
        context.header("Retry-After", String(waitSeconds));
        return context.html(loginView(`${root}/login`, tooManyTries(waitSeconds)), 429);
      }
      if (!isSameSecret(context.get("fields").get("token") ?? "", token.reveal())) {
        delay.wrong();
        wrongTokens.count();
        return context.html(loginView(`${root}/login`, "That is not the token of this server."), 401);
      }
      delay.right();
      keepSession(context, sessions.issue(true, new Date(clock.now().getTime() + sessionMs)));
      return context.html(questionList(parts));
    });
    app.use(async (context, next) => {
      if (!sessions.find(getCookie(context, cookieName))) return context.html(loginView(`${root}/login`), 401);
      return next();
    });
    app.post("/questions", (context) => context.html(questionList(parts)));
    app.post("/question", (context) => {
      const id = context.get("fields").get("id") ?? "";
      return context.html(withWayBack(showQuestion(parts, id, { ...place, id })));
    });
    app.post("/people", async (context) => {
      const fields = context.get("fields");
      const id = fields.get("id") ?? "";
      return context.html(await showPeople(parts, id, fields, { ...place, id }));
    });
    app.post("/answer", (context) => {
      const fields = context.get("fields");
      const id = fields.get("id") ?? "";
      return context.html(withWayBack(takeAnswer(parts, id, fields, by, { ...place, id })));
    });
  });
  return new Hono().route("/", page);
}

function tooManyTries(waitSeconds: number): string {
  return `Too many wrong tokens were given. This one was not looked at; try again in ${counted(waitSeconds, "second")}.`;
}

function questionList({ approvals, clock }: OperatorPageParts): Html {
  const now = clock.now();
  return questionListView(approvals.openAll(now), now, root);
}

function withWayBack(view: Html): Html {
  return html`${view}<section><form action="${root}/questions"><button>All questions</button></form></section>`;
}

/** Only a page that came over TLS can take back a cookie marked `Secure`. */
function keepSession(context: Context, session: string): void {
  setCookie(context, cookieName, session, {
    path: root,
    maxAge: sessionMs / 1000,
    httpOnly: true,
    sameSite: "Strict",
    secure: context.req.header("origin")?.startsWith("https:") ?? false,
  });
}
