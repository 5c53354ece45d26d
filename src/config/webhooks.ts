import type { WebhookSettings } from "../domain/webhooks.ts";
import { parseWebhookSecret, parseWebhookUrls } from "../domain/webhooks.ts";
import { readBy, type SettingRow } from "./setting-row.ts";

export const webhookSchemas = {
  BATCH_CALL_WEBHOOK_URL: readBy(parseWebhookUrls).optional(),
  BATCH_CALL_WEBHOOK_SECRET: readBy(parseWebhookSecret).optional(),
} as const;

export const webhookRows: readonly SettingRow[] = [
  {
    name: "BATCH_CALL_WEBHOOK_URL",
    shownDefault: "none, nobody is told",
    about:
      "Where our own service and workers tell what happens to batches and calls (docs/webhooks.md): https or on this machine, one URL or up to 5 with `,` between them. The same for every process on one database.",
  },
  {
    name: "BATCH_CALL_WEBHOOK_SECRET",
    shownDefault: "none",
    about: "What these events are signed with: `whsec_` and the base64 of 24 to 64 random bytes.",
  },
];

type Values = {
  readonly BATCH_CALL_WEBHOOK_URL?: WebhookSettings["urls"] | undefined;
  readonly BATCH_CALL_WEBHOOK_SECRET?: WebhookSettings["secret"] | undefined;
};

/** The two go together. `given` has the names of what is set, be it right or wrong. */
export function webhookErrors(given: ReadonlySet<string>): string[] {
  const [url, secret] = [given.has("BATCH_CALL_WEBHOOK_URL"), given.has("BATCH_CALL_WEBHOOK_SECRET")];
  if (url && !secret)
    return ["BATCH_CALL_WEBHOOK_SECRET is missing: events are signed, so that the receiver knows whose they are."];
  if (secret && !url) return ["BATCH_CALL_WEBHOOK_URL is missing: a secret alone tells nobody."];
  return [];
}

export function toWebhookSettings(values: Values): WebhookSettings | undefined {
  const { BATCH_CALL_WEBHOOK_URL: urls, BATCH_CALL_WEBHOOK_SECRET: secret } = values;
  return urls && secret ? { urls, secret } : undefined;
}
