import { createHmac } from "node:crypto";

import type { Secret } from "../../domain/secret.ts";
import { webhookKey } from "../../domain/webhooks.ts";

/**
 * The headers of Standard Webhooks 1.0 (standardwebhooks.com): who sent this, when, and that nobody changed it. `id` is the same for every try,
 * the time that of this one.
 */
export function signedHeaders(secret: Secret, id: string, sentAt: Date, body: string): Record<string, string> {
  const timestamp = String(Math.floor(sentAt.getTime() / 1000));
  const mac = createHmac("sha256", webhookKey(secret)).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${mac}` };
}
