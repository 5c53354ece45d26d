import { type Context, Hono, type MiddlewareHandler } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { type Caller, callerKey, type RequestBudget } from "../access/index.ts";
import type { OperatorLogin } from "../approval-page/operator-login.ts";
import { isFromOwnPage, isLoopbackName } from "../approval-page/page-app.ts";
import { mayAgree } from "../domain/access.ts";
import { Problem } from "../domain/problem.ts";
import { isHostOf } from "../domain/public-url.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import { type NodeExchange, readBody } from "../lib/http-listen.ts";
import type { Log } from "../lib/log.ts";
import type { PageHost } from "../mcp/page-host.ts";
import { readView } from "../mcp/view.ts";

export type DashboardParts = {
  /** What a person who is in may ask of the server, of what their organization has. */
  readonly hostOf: (caller: Caller) => Promise<PageHost>;
  readonly clock: Clock;
  readonly log: Log;
  /** Asked for where the server has tokens; on loopback without one the page is open to whoever is on this machine, as the server is. */
  readonly login: OperatorLogin;
  /** Without, nobody has to wait. */
  readonly budget?: RequestBudget;
  /** True when the server is reached from this machine only: a request under another name is then refused. */
  readonly isLoopback: boolean;
  /** Address of the server as browsers have it, where a proxy stands in front; its host is not another name. */
  readonly publicUrl?: string;
  /** Where a person agrees to starts, on this server; absent where their browser is opened instead. */
  readonly approvalPath?: string;
};

const maxBodyBytes = 64 * 1024;
const heartbeatMs = 20_000;

const calling = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) });
const reading = z.object({ uri: z.string().max(2000) });
const paging = z.object({ page: z.int().min(0).max(100_000) });
const entering = z.object({ token: z.string().max(4096) });

/**
 * The page at `/` and what it asks for under `/view`. It shows and stops campaigns; nobody agrees to calls here. Nothing but the page
 * itself may ask, no other site may frame it, and it loads nothing.
 */
export function createDashboard(parts: DashboardParts): Hono<Pick<DashboardEnv, "Bindings">> {
  const { hostOf, login, log, budget, publicUrl } = parts;
  const app = new Hono<DashboardEnv>();
  const guard = guardOf(parts);
  app.get("/", guard, async (context) => {
    const html = await readView("page");
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
    if (policy === undefined) throw new Error("The page has no content security policy");
    context.header("Content-Security-Policy", `${policy}; frame-ancestors 'none'`);
    context.header("X-Frame-Options", "DENY");
    return context.html(html);
  });
  app.use("/view/*", guard, async (context, next) =>
    isAskedByPage(context, publicUrl) ? await next() : refuse(context, 403, "Only the page itself may ask this."),
  );
  app.post("/view/login", async (context) => {
    if (login.isOpen) return context.json({});
    const result = await login.enter(context, (await readJson(context, entering)).token);
    if (result.isIn) return context.json({});
    const { words, retryAfterSeconds } = result;
    if (retryAfterSeconds !== undefined) context.header("Retry-After", String(retryAfterSeconds));
    return refuse(context, retryAfterSeconds === undefined ? 401 : 429, words);
  });
  app.use("/view/*", async (context, next) => {
    const caller = login.callerOf(context);
    if (!caller) return refuse(context, 401, "Log in first.");
    const admission = budget?.enter(callerKey(caller));
    if (admission && "retryAfterSeconds" in admission) {
      context.header("Retry-After", String(admission.retryAfterSeconds));
      return refuse(context, 429, "Too many requests at once or within a minute. Try again in a moment.");
    }
    if (admission) context.env.outgoing.once("close", admission.leave);
    context.set("host", await hostOf(caller));
    return next();
  });
  const request = (context: Context) => ({
    origin: new URL(publicUrl ?? context.req.url).origin,
    signal: context.req.raw.signal,
  });
  app.post("/view/about", (context) => {
    const caller = login.callerOf(context);
    const mayApprove = !login.isOpen && caller !== undefined && mayAgree(caller.access);
    return context.json({ approval_path: mayApprove ? parts.approvalPath : undefined });
  });
  app.post("/view/call", async (context) => {
    const { name, arguments: args } = await readJson(context, calling);
    return context.json(await context.get("host").call(name, args, request(context)));
  });
  app.post("/view/read", async (context) => {
    const text = await context.get("host").read((await readJson(context, reading)).uri, request(context));
    return context.body(text, 200, { "Content-Type": "application/json" });
  });
  app.post("/view/lists", async (context) => context.json({ lists: await context.get("host").lists() }));
  app.post("/view/do-not-call", async (context) =>
    context.json(await context.get("host").doNotCall((await readJson(context, paging)).page)),
  );
  app.post("/view/record", (context) => context.json({ entries: context.get("host").record() }));
  app.post("/view/stopped", async (context) => context.json({ stopped: await context.get("host").stopped() }));
  app.get("/view/events", (context) => streamEvents(context, parts));
  app.all("/view/*", (context) => refuse(context, 404, "There is nothing here."));
  app.onError((error, context) => {
    if (error instanceof Problem) return refuse(context, 422, `${error.code}: ${error.message}`);
    log.error({ err: error }, "the page failed");
    return refuse(context, 500, "The server failed. Its log says why.");
  });
  return new Hono<Pick<DashboardEnv, "Bindings">>().route("/", app);
}

type DashboardEnv = { Bindings: NodeExchange; Variables: { host: PageHost } };

function guardOf({ isLoopback, publicUrl }: DashboardParts): MiddlewareHandler {
  return async (context, next) => {
    context.header("Cache-Control", "no-store");
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
    const host = context.req.header("host") ?? "";
    const isOwn = !isLoopback || isLoopbackName(host) || isHostOf(publicUrl, host);
    return isOwn ? await next() : refuse(context, 403, "This is not its address.");
  };
}

/** A stream of events is asked for by GET, with which browsers send no origin to its own server. */
function isAskedByPage(context: Context, publicUrl: string | undefined): boolean {
  if (context.req.method !== "GET") return isFromOwnPage(context, publicUrl);
  return context.req.header("sec-fetch-site") === "same-origin";
}

function refuse(context: Context, status: 401 | 403 | 404 | 413 | 422 | 429 | 500, error: string): Response {
  return context.json({ error }, status);
}

async function readJson<T>(context: Context, shape: z.ZodType<T>): Promise<T> {
  const body = await readBody(context.req.raw, maxBodyBytes);
  const { data } = shape.safeParse(body && parse(new TextDecoder().decode(body)));
  if (data === undefined)
    throw new Problem("invalid_input", "The page asked for what this server does not know. Load it again.");
  return data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `changed` whenever a batch, or the list of them, may be another. The page reads what is new by itself. */
function streamEvents(context: Context<DashboardEnv>, parts: DashboardParts): Response {
  let tell = (): void => {};
  // Before the answer begins: who may not read is told so.
  const stop = context.get("host").watch(context.req.query("batch"), () => tell());
  return streamSSE(context, async (stream) => {
    const end = new AbortController();
    stream.onAbort(() => end.abort());
    let isChanged = false;
    tell = () => {
      isChanged = true;
      wake.abort();
    };
    let wake = new AbortController();
    for (let caller = parts.login.callerOf(context); caller && !end.signal.aborted; ) {
      wake = new AbortController();
      await stream.writeSSE({ event: isChanged ? "changed" : "still", data: "" });
      isChanged = false;
      await sleep(parts.clock, heartbeatMs, AbortSignal.any([wake.signal, end.signal]));
      caller = parts.login.callerOf(context);
      // Shows that what belongs to their organization is in use.
      if (caller) await parts.hostOf(caller);
    }
    stop();
  });
}
