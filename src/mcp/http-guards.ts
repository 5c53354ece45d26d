import { isIPv6 } from "node:net";
import { localhostAllowedHostnames, validateHostHeader, validateOriginHeader } from "@modelcontextprotocol/server";
import type { Context, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Scope } from "../domain/access.ts";
import { isHostOf, isOriginOf } from "../domain/public-url.ts";
import { isLoopback } from "../domain/secret.ts";

/** The names under which a server is reached, besides that of this machine. */
export type ServedNames = {
  readonly host: string;
  /** Address of `/mcp` as clients are given it, where a proxy stands in front. */
  readonly publicUrl?: string;
};

/**
 * Keeps pages in a browser on this machine from reaching the server, directly or by DNS rebinding: a foreign `Origin`
 * gets 403, and on loopback a foreign `Host` does too. The public URL's host is no foreign one, and what a proxy says of another name
 * (`X-Forwarded-Host`, `Forwarded`) is not looked at. Elsewhere the names that lead here are unknown, and there is
 * always a token, which such a page does not have.
 */
export function refuseForeignBrowsers(served: ServedNames): readonly [MiddlewareHandler, ...MiddlewareHandler[]] {
  const { host, publicUrl } = served;
  const names = ownNames(host);
  const shown = publicUrl === undefined ? names : [...names, new URL(publicUrl).hostname];
  const isOwnOrigin = (given: string | undefined) =>
    validateOriginHeader(given, names).ok || isOriginOf(publicUrl, given);
  const isOwnHost = ownHost(served);
  const origin = guardWith("origin", isOwnOrigin, foreignOrigin(shown));
  if (!isLoopback(host)) return [origin];
  return [guardWith("host", isOwnHost, foreignHost(shown)), origin];
}

/** Tells by its `Host` whether a request is for this server. */
export function ownHost({ host, publicUrl }: ServedNames): (given: string | undefined) => boolean {
  const names = ownNames(host);
  return (given) => validateHostHeader(given, names).ok || isHostOf(publicUrl, given ?? "");
}

function ownNames(host: string): string[] {
  return [...new Set([...localhostAllowedHostnames(), isIPv6(host) ? `[${host}]` : host])];
}

const foreignOrigin = (names: readonly string[]): string =>
  `Pages of that Origin are not let in. Open the page from ${names.join(", ")} (any port); a program that is not a browser sends no Origin.`;

const foreignHost = (names: readonly string[]): string =>
  `That Host is not served here. Use the address with ${names.join(", ")}; for the name of a proxy in front set BATCH_CALL_HTTP_PUBLIC_URL, for another set BATCH_CALL_HTTP_HOST to an address that other machines reach, with a token.`;

function guardWith(
  header: string,
  isLetIn: (given: string | undefined) => boolean,
  message: string,
): MiddlewareHandler {
  return async (context, next) => (isLetIn(context.req.header(header)) ? await next() : fail(context, 403, message));
}

const shareWithPages = cors({
  origin: (origin) => origin,
  allowMethods: ["GET", "POST"],
  exposeHeaders: ["WWW-Authenticate", "Allow", "Retry-After"],
  maxAge: 600,
});

/**
 * Lets a page read its answers; comes after the guard that lets its Origin in, and before the token, which a browser does
 * not send with the question whether it may ask.
 */
export const letPagesRead: MiddlewareHandler = (context, next) =>
  context.req.header("origin") ? shareWithPages(context, next) : next();

/** What a client is told of where its user gets a token; nothing where there is no issuer: clients that find one ignore a token they were given. */
export type Challenge = { readonly resourceMetadataUrl?: string };

/** The value of `WWW-Authenticate` (RFC 6750, section 3; RFC 9728, section 5.1). */
export function challenge(
  { resourceMetadataUrl }: Challenge,
  error?: "invalid_token" | "insufficient_scope",
  description?: string,
  needed: readonly Scope[] = ["read", "operate"],
): string {
  const parts = [
    `realm="batch-call-mcp"`,
    ...(error ? [`error="${error}"`] : []),
    ...(description ? [`error_description="${description.replace(/[^\x20-\x7e]|["\\]/g, "'")}"`] : []),
    ...(resourceMetadataUrl || error === "insufficient_scope" ? [`scope="${needed.join(" ")}"`] : []),
    ...(resourceMetadataUrl ? [`resource_metadata="${resourceMetadataUrl}"`] : []),
  ];
  return `Bearer ${parts.join(", ")}`;
}

/** Responds with an error before or outside the protocol. `allowed` is the method that the path does take. */
export function fail(context: Context, status: ContentfulStatusCode, message: string, allowed?: string): Response {
  return context.json(protocolError(message), status, allowed ? { Allow: allowed } : {});
}

/** A message in the form that clients parse anyway. */
export function protocolError(message: string): object {
  return { jsonrpc: "2.0", error: { code: -32000, message }, id: null };
}
