import type { ServerResponse } from "node:http";
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
import type { HeaderReader } from "./quick-way.ts";
import type { MakeContext } from "./served.ts";

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
  /** The record of approvals, starts, stops and refusals. */
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

/** Why a request was not let in, before anything of it was looked at. */
export type Turned = {
  readonly status: 400 | 401 | 403 | 429 | 503;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Lets a request in that has these headers, with what its organization has. It counts as under way until `outgoing` is closed. */
export async function admit(
  { gate, openOrganization, budget, challenge: told }: DoorParts,
  headers: HeaderReader,
  outgoing: ServerResponse,
): Promise<Visit | Turned> {
  const caller = await gate.authenticate(headers);
  if (isRefused(caller)) return turn(caller, told);
  const admission = budget?.enter(callerKey(caller));
  if (admission && "retryAfterSeconds" in admission) return toWait(admission.retryAfterSeconds);
  // Whoever went away while their token was looked at has closed it already.
  if (admission && outgoing.closed) admission.leave();
  else if (admission) outgoing.once("close", admission.leave);
  try {
    const organization = await openOrganization(caller);
    return { ...organization, organization, caller };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { status: error.code === "unauthorized" ? 403 : 503, message: error.message };
  }
}

export function isTurned(admitted: Visit | Turned): admitted is Turned {
  return "status" in admitted;
}

/** Puts with a request what its organization has, or refuses it. */
export function letIn(parts: DoorParts): MiddlewareHandler<VisitEnv> {
  return async (context, next) => {
    const admitted = await admit(parts, context.req.raw.headers, context.env.outgoing);
    if (isTurned(admitted)) return turnAway(context, admitted);
    context.set("visit", admitted);
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

function turn({ kind, message }: Refused, told: Challenge): Turned {
  switch (kind) {
    case "keys":
      return { status: 400, message };
    case "away":
      return { status: 503, message, headers: { "Retry-After": "5" } };
    case "missing":
      return { status: 401, message, headers: { "WWW-Authenticate": challenge(told) } };
    case "invalid":
      return { status: 401, message, headers: { "WWW-Authenticate": challenge(told, "invalid_token", message) } };
  }
}

function turnAway(context: Context, { status, message, headers = {} }: Turned): Response {
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
  return fail(context, status, message);
}

function toWait(retryAfterSeconds: number): Turned {
  return {
    status: 429,
    message: `Too many requests of this caller at once or within a minute; others are served meanwhile. Nothing was done. Try again in ${retryAfterSeconds} s.`,
    headers: { "Retry-After": String(retryAfterSeconds) },
  };
}
