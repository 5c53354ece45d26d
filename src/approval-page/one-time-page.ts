import { rm } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import type { ApprovalRequest } from "../campaigns/approve/index.ts";
import type { Answerer } from "../campaigns/records/index.ts";
import { listen } from "../lib/http-listen.ts";
import { type ApprovalFormParts, showQuestion, takeAnswer } from "./answer-question.ts";
import type { Desktop } from "./open-in-browser.ts";
import { createPageApp, type PageEnv } from "./page-app.ts";
import { RedirectFiles, redirectDir } from "./redirect-files.ts";
import { Secrets, WrongSecrets } from "./secrets.ts";
import { messageView } from "./views.ts";

// Long enough for a page that stayed open to say how its question ended.
const rememberedForMs = 60 * 60 * 1000;
const place = { action: "/answer" };

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
  /** Whose browser it is, for the record. */
  readonly principal: string;
  readonly desktop: Desktop;
  /** Where files of this user's are kept, absolute. */
  readonly dataDir: string;
};

/** What a secret leads to, and the file that told it to a browser. */
type Link = { readonly requestId: string; readonly file?: string };

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
    urlFor: ({ id, expiresAt }) => toLink(links.issue({ requestId: id }, keptUntil(expiresAt))),
    async fileFor({ id, expiresAt }) {
      const file = files.newPath(expiresAt);
      const secret = links.issue({ requestId: id, file }, keptUntil(expiresAt));
      await files.write(file, toLink(secret), parts.clock.now());
      return pathToFileURL(file).href;
    },
    async close() {
      await Promise.all(links.all().map(removeFile));
      await listener.cut();
    },
  };
}

function keptUntil(expiresAt: Date): Date {
  return new Date(expiresAt.getTime() + rememberedForMs);
}

async function removeFile({ file }: Link): Promise<void> {
  if (file !== undefined) await rm(file, { force: true });
}

type OneTimeEnv = { Variables: PageEnv["Variables"] & { requestId: string } };

function buildApp(parts: OneTimePageParts, links: Secrets<Link>, isOwnHost: (host: string) => boolean) {
  const by: Answerer = { channel: "page", principal: parts.principal };
  const wrongSecrets = new WrongSecrets(parts, "requests for an approval page came without a right secret");
  return createPageApp<OneTimeEnv>({ first: "/question", isOwnHost, log: parts.log }, (app) => {
    app.use(async (context, next) => {
      const link = links.find(context.req.header("x-approval-secret"));
      if (!link) {
        wrongSecrets.count();
        return context.html(wrongLink, 403);
      }
      await removeFile(link);
      context.set("requestId", link.requestId);
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
