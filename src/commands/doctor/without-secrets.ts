import { isPlatform } from "../../config/carrier.ts";
import type { Settings } from "../../config/settings.ts";
import type { Secret } from "../../domain/secret.ts";

/** A driver's words may hold what it was given. */
export function withoutSecrets(
  line: string,
  { upstream, databaseUrl, carrier, httpToken, webhooks }: Settings,
): string {
  const secrets = [
    ...(upstream.kind === "account" ? [upstream.apiKey, upstream.apiSecret] : []),
    ...(carrier.kind === "http" ? [carrier.secret] : []),
    ...(carrier.kind === "hosted" ? [carrier.apiKey, carrier.apiSecret] : []),
    ...(isPlatform(carrier) ? [carrier.apiKey] : []),
    ...(webhooks ? [...webhooks.urls, webhooks.secret] : []),
    ...[databaseUrl, httpToken].filter((secret) => secret !== undefined),
  ].map((secret) => secret.reveal());
  return [...secrets, ...passwordsOf(databaseUrl)].reduce(
    (clean, secret) => clean.replaceAll(secret, "[secret]"),
    line,
  );
}

function passwordsOf(databaseUrl: Secret | undefined): readonly string[] {
  const text = databaseUrl?.reveal() ?? "";
  const password = URL.canParse(text) ? new URL(text).password : "";
  // Read as a query, because that never throws for a percent sign that stands alone.
  const decoded = new URLSearchParams(`p=${password.replaceAll("+", "%2B")}`).get("p") ?? "";
  return password === "" ? [] : [password, decoded];
}
