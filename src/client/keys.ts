import { headers } from "../contract/routes.ts";
import { Problem } from "../domain/problem.ts";
import type { Secret } from "../domain/secret.ts";

export type Keys = { readonly apiKey: Secret; readonly apiSecret: Secret };

/** Both headers that every request carries. */
export function toKeyHeaders({ apiKey, apiSecret }: Keys): Record<string, string> {
  return { [headers.apiKey]: headerValue(apiKey), [headers.apiSecret]: headerValue(apiSecret) };
}

// Undici refuses such a value too, but in a way that looks like a connection that broke.
function headerValue(secret: Secret): string {
  const value = secret.reveal();
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  const message =
    "The API key or secret is empty or holds a space, a line break or another character that keys do not have.";
  throw new Problem(
    "unauthorized",
    `${message} Nothing was sent. Correct BATCH_CALL_API_KEY and BATCH_CALL_API_SECRET.`,
  );
}

/** The text without the keys, should somebody else have written them into it. */
export function withoutKeys({ apiKey, apiSecret }: Keys, text: string): string {
  return [apiKey, apiSecret].reduce((clean, secret) => clean.replaceAll(secret.reveal(), String(secret)), text);
}
