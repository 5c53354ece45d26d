import type { Issue } from "./problem.ts";
import { isLoopback, Secret } from "./secret.ts";

/** Where events are told, and what they are signed with. */
export type WebhookSettings = {
  /** Each can hold a secret of the receiver in its path or query. */
  readonly urls: readonly Secret[];
  /** `whsec_` and base64, as Standard Webhooks writes it. */
  readonly secret: Secret;
};

const mostUrls = 5;
const secretPrefix = "whsec_";
const [shortestKey, longestKey] = [24, 64];

/**
 * Reads URLs with a comma between them: https, or http to this machine, without a user and a fragment. Names everything that is wrong, by
 * the place of the URL: the URL itself may hold a secret.
 */
export function parseWebhookUrls(text: string): readonly Secret[] | Issue {
  const given = text.split(",").map((part) => part.trim());
  const wrong = given.flatMap((url, index) => {
    const why = given.indexOf(url) < index ? "is there twice" : whyNotUrl(url);
    return why === undefined ? [] : [`URL ${index + 1} ${why}`];
  });
  const tooMany = given.length > mostUrls ? [`there are ${given.length} URLs, and ${mostUrls} are the most`] : [];
  const faults = [...wrong, ...tooMany];
  if (faults.length === 0) return given.map((url) => new Secret(url));
  const message = `${faults.join("; ")}. Write https URLs with a comma between them (a comma within one as %2C).`;
  return { field: "BATCH_CALL_WEBHOOK_URL", code: "not_a_webhook_url", message };
}

function whyNotUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return "is not an https URL";
  if (url.protocol === "http:" && !isLoopback(url.hostname)) return "is http, which is for this machine only";
  if (url.username || url.password) return "holds a user or password; the signature takes their place";
  return url.hash ? "has a fragment (#…), which is never sent" : undefined;
}

/** Reads a secret of Standard Webhooks: `whsec_` and the base64 of 24 to 64 random bytes. */
export function parseWebhookSecret(text: string): Secret | Issue {
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(text.slice(secretPrefix.length));
  const secret = new Secret(text);
  const { length } = isBase64 ? webhookKey(secret) : new Uint8Array();
  if (text.startsWith(secretPrefix) && length >= shortestKey && length <= longestKey) return secret;
  const message = `must be ${secretPrefix} and the base64 of ${shortestKey} to ${longestKey} random bytes. Make one with: echo "${secretPrefix}$(openssl rand -base64 32)".`;
  return { field: "BATCH_CALL_WEBHOOK_SECRET", code: "not_a_webhook_secret", message };
}

/** The bytes that sign. */
export function webhookKey(secret: Secret): Uint8Array {
  return Uint8Array.from(atob(secret.reveal().slice(secretPrefix.length)), (character) => character.charCodeAt(0));
}
