import { Problem } from "../domain/problem.ts";

/** Where the API is. `prefix` is what stands before every path of a route: empty, or `/…` without a slash at its end. */
export type BaseUrl = { readonly origin: string; readonly prefix: string };

/**
 * Reads a base URL. The keys go there, so it is https, or http to this machine. A trailing `/api` is dropped: routes
 * that have it say so themselves, and batch routes have none (C26).
 */
export function parseBaseUrl(text: string): BaseUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username || url.password || url.search || url.hash)
    throw refused("It must look like https://api.example.com.");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw refused(
      `It is ${url.protocol}//${url.host}; the keys are sent only over https, or over http to this machine.`,
    );
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, "").replace(/\/api$/, "") };
}

// The URL parser has already brought every spelling of an IPv4 address into dotted form.
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function refused(reason: string): Problem {
  return new Problem(
    "unavailable",
    `The address of the API cannot be used; nothing was sent. ${reason} Correct BATCH_CALL_API_URL.`,
  );
}
