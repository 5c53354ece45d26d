import type { Context, MiddlewareHandler } from "hono";
import { type Caller, callerKey, type Gate, isRefused, type Refused, type RequestBudget } from "../access/index.ts";
import { lackOf, organizationOwner as owner, type Scope } from "../domain/access.ts";
import { Problem } from "../domain/problem.ts";
import type { NodeExchange } from "../lib/http-listen.ts";
import type { Transfer } from "../lib/watch-transfer.ts";
import type { Tool } from "../tools/tool.ts";
import { requireAccess } from "./access.ts";
import { askNobody } from "./ask-person.ts";
import { type Challenge, challenge, fail } from "./http-guards.ts";
import type { MakeContext } from "./server.ts";

/** Keeps a list that a client sends, or throws a `Problem` and keeps nothing. */
export type KeepUpload = (sent: {
  readonly name: string;
  readonly owner: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly announcedSize?: number;
}) => Promise<{ readonly upload: string; readonly expiresAt: Date; readonly now: Date; readonly size: number }>;

/** Hands out a file that was kept for that owner, once, or throws a `Problem`. */
export type TakeDownload = (
  id: string,
  owner: string,
  transfer: Transfer,
) => Promise<{
  readonly fileName: string;
  readonly mimeType: string;
  /** In bytes. */
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
}>;

/** What a server has for one organization, and for nobody else. */
export type OpenOrganization = {
  readonly makeContext: MakeContext;
  /** Takes lists that clients send to `/uploads`; nothing is served there without it. */
  readonly keepUpload?: KeepUpload;
  /** Hands out files at `/downloads`; nothing is served there without it. */
  readonly takeDownload?: TakeDownload;
  /** The record of starts, approvals and refusals. */
  readonly audit?: { read(limit: number): readonly object[] };
};

/** Opens what belongs to a caller's organization. Throws `unauthorized` where it has no account that can be used. */
export type OpenOrganizationOf = (caller: Caller) => Promise<OpenOrganization>;

/** A request that was let in. */
export type Visit = OpenOrganization & {
  readonly caller: Caller;
  readonly organization: OpenOrganization;
};
export type VisitEnv = { Bindings: NodeExchange; Variables: { visit: Visit } };

export type DoorParts = {
  readonly gate: Gate;
  readonly openOrganization: OpenOrganizationOf;
  /** Without, nobody has to wait. */
  readonly budget?: RequestBudget;
  /** Told to who is not let in. */
  readonly challenge: Challenge;
};

/** Lets a request in, and puts with it what its organization has; refuses it before anything was looked at. */
export function letIn({ gate, openOrganization, budget, challenge: told }: DoorParts): MiddlewareHandler<VisitEnv> {
  return async (context, next) => {
    const caller = await gate.authenticate(context.req.raw.headers);
    if (isRefused(caller)) return refuse(context, caller, told);
    const admission = budget?.enter(callerKey(caller));
    if (admission && "retryAfterSeconds" in admission) return tellToWait(context, admission.retryAfterSeconds);
    if (admission) context.env.outgoing.once("close", admission.leave);
    try {
      const organization = await openOrganization(caller);
      context.set("visit", { ...organization, organization, caller });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return fail(context, error.code === "unauthorized" ? 403 : 503, error.message);
    }
    return next();
  };
}

/** Comes after `letIn`, where a path takes one scope. */
export function requireScopeAt(scope: Scope, told: Challenge): MiddlewareHandler<VisitEnv> {
  return async (context, next) => {
    const lack = lackOf(context.get("visit").caller.access, scope);
    if (lack === undefined) return next();
    context.header("WWW-Authenticate", challenge(told, "insufficient_scope", lack, [scope]));
    return fail(context, 403, `${lack} Nothing was done.`);
  };
}

/** Comes after `requireScopeAt`, where a path changes something: holds its caller to what a tool of that effect would. */
export function requireAccessAt(effect: Tool["effect"]): MiddlewareHandler<VisitEnv> {
  return async (context, next) => {
    const { caller, makeContext } = context.get("visit");
    const { principal, access } = caller;
    const { signal } = context.req.raw;
    try {
      await requireAccess({ effect }, makeContext({ principal, owner, access, askPerson: askNobody, signal }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return fail(context, error.code === "unauthorized" ? 403 : 503, error.message);
    }
    return next();
  };
}

function refuse(context: Context, { kind, message }: Refused, told: Challenge): Response {
  switch (kind) {
    case "keys":
      return fail(context, 400, message);
    case "away":
      context.header("Retry-After", "5");
      return fail(context, 503, message);
    case "missing":
      context.header("WWW-Authenticate", challenge(told));
      return fail(context, 401, message);
    case "invalid":
      context.header("WWW-Authenticate", challenge(told, "invalid_token", message));
      return fail(context, 401, message);
  }
}

export function tellToWait(context: Context, retryAfterSeconds: number): Response {
  context.header("Retry-After", String(retryAfterSeconds));
  return fail(
    context,
    429,
    `Too many requests of this caller at once or within a minute; others are served meanwhile. Nothing was done. Try again in ${retryAfterSeconds} s.`,
  );
}
