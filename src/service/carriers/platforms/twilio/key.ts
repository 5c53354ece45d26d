import type { Secret } from "../../../../domain/secret.ts";

/**
 * Two forms of a key: `AC…:<auth token>`, the account and its token, or `AC…:SK…:<secret>`, the account and an API key of it. What follows
 * the account is the name and password of the latter.
 */
function partsOf(key: Secret): { readonly account: string; readonly login: string } {
  const text = key.reveal();
  const [account = "", ...rest] = text.split(":");
  return { account, login: rest.length > 1 ? rest.join(":") : text };
}

export function accountPathOf(key: Secret): string {
  return `/2010-04-01/Accounts/${encodeURIComponent(partsOf(key).account)}`;
}

export function basicHeaders(key: Secret): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(partsOf(key).login).toString("base64")}` };
}
