import { type Context, Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { isOriginOf } from "../domain/public-url.ts";
import { readBody } from "../lib/http-listen.ts";
import type { Log } from "../lib/log.ts";
import { renderDocument, sources } from "./document.ts";

const maxBodyBytes = 4096;

/** What every POST route of a page finds. */
export type PageEnv = {
  Variables: {
    /** The fields of the form as the page posted it. */
    fields: URLSearchParams;
  };
};

export type PageAppOptions = {
  /** Path of the first view, which the page fetches by itself. */
  readonly first: string;
  /** Whether a `Host` header leads here. Another name that does so is somebody's DNS rebinding. */
  readonly isOwnHost: (host: string) => boolean;
  /** Where a proxy stands in front: address of the server as browsers have it. */
  readonly publicUrl?: string;
  readonly log: Log;
};

/**
 * What both pages have in common: the document at `/`, which holds no content, and the guards before the POST routes
 * that `addRoutes` puts behind them. Nothing may load but what the document itself holds, by its hash; it may talk to its
 * own server only, and be framed by nobody.
 */
export function createPageApp<E extends PageEnv>(
  { first, isOwnHost, publicUrl, log }: PageAppOptions,
  addRoutes: (app: Hono<E>) => void,
): Hono<E> {
  const app = new Hono<E>();
  const document = renderDocument(first);
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: [sources.script],
        styleSrc: [sources.style],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
      xFrameOptions: "DENY",
      strictTransportSecurity: false,
    }),
  );
  app.use(async (context, next) => {
    context.header("Cache-Control", "no-store");
    if (!isOwnHost(context.req.header("host") ?? "")) return refuse(context, 403, "This is not its address.");
    return next();
  });
  app.get("/", (context) => context.html(document));
  app.use(async (context, next) => {
    if (context.req.method !== "POST") return refuse(context, 404, "There is nothing here.");
    if (!isFromOwnPage(context, publicUrl)) return refuse(context, 403, "Only the page itself may ask this.");
    return next();
  });
  app.use(async (context, next) => {
    const body = await readBody(context.req.raw, maxBodyBytes);
    if (!body) return refuse(context, 413, "This is too large for an answer.");
    context.set("fields", new URLSearchParams(new TextDecoder().decode(body)));
    return next();
  });
  addRoutes(app);
  app.all("*", (context) => refuse(context, 404, "There is nothing here."));
  app.onError((err, context) => {
    log.error({ err }, "the approval page failed");
    return refuse(context, 500, "The program failed.");
  });
  return app;
}

const loopbackName = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/** Whether a `Host` header names this machine as its own browser does. */
export function isLoopbackName(host: string): boolean {
  return loopbackName.test(host);
}

/** Refuses before anything was looked at. Not HTML, so that the page shows words of its own. */
function refuse(context: Context, status: ContentfulStatusCode, reason: string): Response {
  return context.text(reason, status);
}

/**
 * True when the page that sends this was loaded from this server. Browsers name the origin with every POST and let no
 * page forge it; whoever names none is not a browser, and so is not needed here. Hono's own guard would let either of the
 * two headers do, and asks nothing of a body that is not a form.
 */
export function isFromOwnPage({ req }: Context, publicUrl?: string): boolean {
  const site = req.header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin") return false;
  const origin = req.header("origin");
  const host = req.header("host");
  // A proxy may say its own name for the server in `Host`.
  if (isOriginOf(publicUrl, origin)) return true;
  return origin !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
