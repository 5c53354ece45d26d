import type { ApprovalRequest } from "../campaigns/approve/index.ts";
import type { Answerer } from "../campaigns/records/index.ts";
import { listen } from "../lib/http-listen.ts";
import { type ApprovalFormParts, showQuestion, takeAnswer } from "./answer-question.ts";
import { createPageApp, type PageEnv } from "./page-app.ts";
import { Secrets } from "./secrets.ts";
import { messageView } from "./views.ts";

// Long enough for a page that stayed open to say how its question ended.
const rememberedForMs = 60 * 60 * 1000;
const place = { action: "/answer" };

export type ApprovalPage = {
  /**
   * Address of the page for one question. The secret in its fragment lets whoever has it answer: it goes to the
   * person's browser or terminal and nowhere else.
   */
  urlFor(request: ApprovalRequest): string;
  close(): Promise<void>;
};

export type OneTimePageParts = ApprovalFormParts & {
  /** Whose browser it is, for the record. */
  readonly principal: string;
};

/** Serves questions on 127.0.0.1, any free port, each only to the browser that was sent there with its secret. */
export async function startApprovalPage(parts: OneTimePageParts): Promise<ApprovalPage> {
  const requestIds = new Secrets<string>(parts.clock);
  let origin = "";
  const app = buildApp(parts, requestIds, (host) => `http://${host}` === origin);
  const listener = await listen((request) => app.fetch(request), {
    host: "127.0.0.1",
    port: 0,
    badRequest: { error: "This is not a valid HTTP/1.1 request." },
    // An open question does not keep the process alive once its client is gone.
    isInBackground: true,
  });
  origin = listener.origin;
  return {
    urlFor({ id, expiresAt }) {
      const secret = requestIds.issue(id, new Date(expiresAt.getTime() + rememberedForMs));
      return `${origin}/#${secret}`;
    },
    close: () => listener.cut(),
  };
}

type OneTimeEnv = { Variables: PageEnv["Variables"] & { requestId: string } };

function buildApp(parts: OneTimePageParts, requestIds: Secrets<string>, isOwnHost: (host: string) => boolean) {
  const by: Answerer = { channel: "page", principal: parts.principal };
  return createPageApp<OneTimeEnv>({ first: "/question", isOwnHost, log: parts.log }, (app) => {
    app.use(async (context, next) => {
      const id = requestIds.find(context.req.header("x-approval-secret"));
      if (id === undefined) {
        parts.log.warn({}, "somebody asked for an approval page without a right secret");
        return context.html(wrongLink, 403);
      }
      context.set("requestId", id);
      return next();
    });
    app.post("/question", (context) => context.html(showQuestion(parts, context.get("requestId"), place)));
    app.post("/answer", (context) =>
      context.html(takeAnswer(parts, context.get("requestId"), context.get("fields"), by, place)),
    );
  });
}

const wrongLink = messageView({
  title: "This link opens nothing",
  text: "The link is not complete, is too old, or belongs to a program that has ended. Nothing was agreed, and nobody is called because of it.",
});
