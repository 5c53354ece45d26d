import { rm } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { html } from "hono/html";
import type { ApprovalRequest, ApprovalStore } from "../campaigns/approve/index.ts";
import type { Answerer } from "../campaigns/records/index.ts";
import { listen } from "../lib/http-listen.ts";
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
import type { Desktop } from "./open-in-browser.ts";
import { createPageApp, type PageEnv } from "./page-app.ts";
import { RedirectFiles, redirectDir } from "./redirect-files.ts";
import { Secrets, WrongSecrets } from "./secrets.ts";
import { type Html, messageView } from "./views.ts";

// As long as a page that stayed open says how its question ended, and stops the calls of a working day.
const rememberedForMs = 12 * 60 * 60 * 1000;
const place = {
  action: "/answer",
  people: "/people",
  question: "/question",
  live: { live: "/live", stop: "/stop" },
};

export type ApprovalPage = {
  /**
   * Address of the page for one question. The secret in its fragment lets whoever has it answer: it goes to the
   * person's terminal and nowhere else. A browser is given `fileFor`.
   */
  urlFor(request: ApprovalRequest): string;
  /**
   * Address of a file that only this user can read and that leads there, removed once the page was shown. It can stand in
   * the arguments of a browser, which all users of the machine can read. Throws where the file could not be kept private.
   */
  fileFor(request: ApprovalRequest): Promise<string>;
  close(): Promise<void>;
};

export type OneTimePageParts = ApprovalFormParts & {
  readonly approvals: ApprovalStore;
  /** Whose browser it is, for the record. */
  readonly principal: string;
  readonly desktop: Desktop;
  /** Where files of this user's are kept, absolute. */
  readonly dataDir: string;
};

/** The question that a secret was made for, its batch, and the file that told the secret to a browser. */
type Link = { readonly requestId: string; readonly batchId: string; readonly file?: string };

/** Serves questions on 127.0.0.1, any free port, each only to the browser that was sent there with its secret. */
export async function startApprovalPage(parts: OneTimePageParts): Promise<ApprovalPage> {
  const links = new Secrets<Link>(parts.clock);
  const files = new RedirectFiles(redirectDir(parts.dataDir, parts.desktop));
  let origin = "";
  const app = buildApp(parts, links, (host) => `http://${host}` === origin);
  const listener = await listen((request) => app.fetch(request), {
    host: "127.0.0.1",
    port: 0,
    badRequest: { error: "This is not a valid HTTP/1.1 request." },
    // An open question does not keep the process alive once its client is gone.
    isInBackground: true,
  });
  origin = listener.origin;
  const toLink = (secret: string): string => `${origin}/#${secret}`;
  return {
    urlFor: (request) => toLink(links.issue(linkTo(request), keptUntil(request))),
    async fileFor(request) {
      const file = files.newPath(request.expiresAt);
      const secret = links.issue({ ...linkTo(request), file }, keptUntil(request));
      await files.write(file, toLink(secret), parts.clock.now());
      return pathToFileURL(file).href;
    },
    async close() {
      await Promise.all(links.all().map(removeFile));
      await listener.cut();
    },
  };
}

function linkTo({ id, summary }: ApprovalRequest): Link {
  return { requestId: id, batchId: summary.batchId };
}

function keptUntil({ expiresAt }: ApprovalRequest): Date {
  return new Date(expiresAt.getTime() + rememberedForMs);
}

async function removeFile({ file }: Link): Promise<void> {
  if (file !== undefined) await rm(file, { force: true });
}

type OneTimeEnv = { Variables: PageEnv["Variables"] & { link: Link } };

function buildApp(parts: OneTimePageParts, links: Secrets<Link>, isOwnHost: (host: string) => boolean) {
  const by: Answerer = { channel: "page", principal: parts.principal };
  const { approvals, clock } = parts;
  const newestOf = ({ batchId }: Link) => approvals.openFor(batchId, clock.now())[0];
  /** A page may have shown a later question about its batch than the one it was opened for, and no other. */
  const shownBy = ({ batchId, requestId }: Link, id: string): string =>
    approvals.get(id, clock.now())?.summary.batchId === batchId ? id : requestId;
  /** Calls that were agreed to, of any batch: this person may stop them all, and agrees to none of them here. */
  const agreedBy = (link: Link, id: string): string => {
    const request = approvals.get(id, clock.now());
    return request && isAgreed(request) ? id : shownBy(link, id);
  };
  const withOthers = async (view: Promise<Html>, shownId: string): Promise<Html> => {
    const [shown, others] = await Promise.all([view, agreedCallsView(parts, "/calls", shownId)]);
    return html`${shown}${others}`;
  };
  const wrongSecrets = new WrongSecrets(parts, "requests for an approval page came without a right secret");
  return createPageApp<OneTimeEnv>({ first: "/question", isOwnHost, log: parts.log }, (app) => {
    app.use(async (context, next) => {
      const link = links.find(context.req.header("x-approval-secret"));
      if (!link) {
        wrongSecrets.count();
        return context.html(wrongLink, 403);
      }
      await removeFile(link);
      context.set("link", link);
      return next();
    });
    app.post("/question", async (context) => {
      const link = context.get("link");
      const id = newestOf(link)?.id ?? link.requestId;
      return context.html(await withOthers(showQuestion(parts, id, { ...place, id }), id));
    });
    app.post("/people", async (context) => {
      const { link, fields } = context.var;
      const id = shownBy(link, fields.get("id") ?? "");
      return context.html(await showPeople(parts, id, fields, { ...place, id }));
    });
    app.post("/calls", async (context) => {
      const { link, fields } = context.var;
      const id = agreedBy(link, fields.get("id") ?? "");
      return context.html(html`${await showCalls(parts, id, { ...place, id })}${wayToQuestion}`);
    });
    app.post("/live", async (context) => {
      const { link, fields } = context.var;
      return context.html(await showLive(parts, agreedBy(link, fields.get("id") ?? ""), place));
    });
    app.post("/stop", async (context) => {
      const { link, fields } = context.var;
      return context.html(await stopLive(parts, agreedBy(link, fields.get("id") ?? ""), by, place));
    });
    app.post("/answer", async (context) => {
      const { link, fields } = context.var;
      const id = shownBy(link, fields.get("id") ?? "");
      const view = await withOthers(takeAnswer(parts, id, fields, by, { ...place, id }), id);
      const newest = newestOf(link);
      return context.html(newest && newest.id !== id ? withNewer(view) : view);
    });
  });
}

function withNewer(view: Html): Html {
  return html`${view}<section><form action="/question"><button>Show the newer question</button></form></section>`;
}

const wayToQuestion = html`<section><form action="/question"><button>Back to the question</button></form></section>`;

const wrongLink = messageView({
  title: "This link opens nothing",
  text: "The link is not complete, is too old, or belongs to a program that has ended. Nothing was agreed, and nobody is called because of it.",
});
