import type { Access } from "../domain/access.ts";
import { scopes } from "../domain/access.ts";
import { Secret } from "../domain/secret.ts";
import type { Clock } from "../lib/clock.ts";
import { isSameSecret } from "../lib/same-secret.ts";
import type { AccountKeys, Caller } from "./caller.ts";
import type { Issuer } from "./issuer.ts";
import type { NamedTokens } from "./named-tokens.ts";

/** Why a request was not let in. `missing`: no token; `invalid`: not one that is good; `keys`: half of a pair of keys; `away`: the issuer does not answer. */
export type Refused = { readonly kind: "missing" | "invalid" | "keys" | "away"; readonly message: string };

/** Tells who sends a request. The one place that does, for every path of the server. */
export type Gate = {
  /** Whether nobody needs a token: no token was ever made, none is set, and no issuer is. */
  isOpen(): boolean;
  /** By `Authorization` and, where the caller has an account of their own at the API, `X-API-KEY` and `X-API-SECRET`. */
  authenticate(headers: Pick<Headers, "get">): Promise<Caller | Refused>;
  /** By a token alone, as somebody types it into a page. */
  identify(token: string): Promise<Caller | Refused>;
  /** Whether what a caller showed before is good now: for what goes on after its request. */
  isGood(caller: Caller): boolean;
};

export type GateParts = {
  readonly clock: Clock;
  /** The token of the settings, which may everything. */
  readonly token?: Secret;
  readonly tokens?: NamedTokens;
  readonly issuer?: Issuer;
};

const everything: Access = { kind: "scoped", scopes: new Set(scopes) };
/** Whoever reaches a server that asks nobody for a token. */
export const anybody: Caller = { principal: "local", access: { kind: "open" }, proof: { kind: "none" } };

export function isRefused(found: Caller | Refused): found is Refused {
  return "message" in found;
}

export function createGate({ clock, token, tokens, issuer }: GateParts): Gate {
  const isOpen = (): boolean => token === undefined && issuer === undefined && !tokens?.hasAny();

  async function identify(given: string): Promise<Caller | Refused> {
    if (token && isSameSecret(given, token.reveal()))
      return { principal: "http", access: everything, proof: { kind: "setting" } };
    const named = tokens?.find(given);
    if (named) {
      const { name, organization } = named;
      const access: Access = { kind: "scoped", scopes: new Set(named.scopes) };
      const proof = { kind: "named", name } as const;
      return { principal: name, access, proof, ...(organization !== undefined && { organization }) };
    }
    if (issuer && isJwt(given)) return identifyJwt(issuer, given);
    return invalid;
  }

  return {
    isOpen,
    identify,
    async authenticate(headers) {
      const keys = readKeys(headers);
      if (keys && "message" in keys) return keys;
      const given = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
      if (given === undefined) return isOpen() ? withKeys(anybody, keys) : missing;
      const found = isOpen() ? anybody : await identify(given);
      return isRefused(found) ? found : withKeys(found, keys);
    },
    isGood({ proof }) {
      switch (proof.kind) {
        case "none":
          return isOpen();
        case "setting":
          return true;
        case "named":
          return tokens?.isGood(proof.name) ?? false;
        case "jwt":
          return clock.now() < proof.expiresAt;
      }
    },
  };
}

async function identifyJwt(issuer: Issuer, token: string): Promise<Caller | Refused> {
  const result = await issuer.verify(token);
  if ("away" in result) return away;
  if ("refused" in result) return { kind: "invalid", message: `The token is not taken. ${result.refused}` };
  const { subject, organization, expiresAt } = result;
  return {
    principal: `oidc:${subject}`,
    access: { kind: "scoped", scopes: result.scopes },
    proof: { kind: "jwt", expiresAt },
    ...(organization !== undefined && { organization }),
  };
}

function isJwt(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
}

function withKeys(caller: Caller, accountKeys: AccountKeys | undefined): Caller {
  return accountKeys ? { ...caller, accountKeys } : caller;
}

function readKeys(headers: Pick<Headers, "get">): AccountKeys | Refused | undefined {
  const [apiKey, apiSecret] = [headers.get("x-api-key"), headers.get("x-api-secret")];
  if (!apiKey && !apiSecret) return undefined;
  if (!apiKey || !apiSecret)
    return { kind: "keys", message: "X-API-KEY and X-API-SECRET go together. Nothing was done." };
  return { apiKey: new Secret(apiKey), apiSecret: new Secret(apiSecret) };
}

const missing: Refused = {
  kind: "missing",
  message:
    "A bearer token is needed: Authorization: Bearer <token>, one of `batch-call-mcp token add`, or BATCH_CALL_HTTP_TOKEN of this server.",
};
const invalid: Refused = { kind: "invalid", message: "That bearer token is not one of this server, or was revoked." };
const away: Refused = {
  kind: "away",
  message: "The issuer of this token does not answer, so nobody knows whether it is good. Try again in a moment.",
};
