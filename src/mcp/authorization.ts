import {
  type AuthInfo,
  buildOAuthProtectedResourceMetadata,
  getOAuthProtectedResourceMetadataUrl,
} from "@modelcontextprotocol/server";
import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Caller } from "../access/index.ts";
import { scopes } from "../domain/access.ts";

/** How a client learns where its user gets a token (RFC 9728). Holds no secret. */
export type Authorization = {
  readonly metadataUrl: string;
  /** The document, to be served at `/.well-known/oauth-protected-resource`. */
  readonly routes: Hono;
};

/** `resourceUrl` is the address of `/mcp` as clients are given it. Throws where the issuer is neither https nor on this machine. */
export function describeAuthorization(issuer: string, resourceUrl: string): Authorization {
  const resource = new URL(resourceUrl);
  const metadata = buildOAuthProtectedResourceMetadata({
    // Of the issuer's own document only its name is told here: clients read the rest from the issuer.
    oauthMetadata: {
      issuer,
      authorization_endpoint: issuer,
      token_endpoint: issuer,
      response_types_supported: ["code"],
    },
    resourceServerUrl: resource,
    scopesSupported: [...scopes],
    resourceName: "Batch calls",
  });
  const document = { ...metadata, authorization_servers: [issuer], bearer_methods_supported: ["header"] };
  const routes = new Hono();
  routes.use(cors({ origin: "*", allowMethods: ["GET"] }));
  // With the path of the resource behind it (section 3.1), and without for clients that try that.
  const paths = resource.pathname === "/" ? ["/"] : ["/", resource.pathname];
  for (const path of paths) routes.get(path, (context) => context.json(document));
  return { metadataUrl: getOAuthProtectedResourceMetadataUrl(resource), routes };
}

/**
 * What the SDK asks about a request before it challenges for another scope: of whoever can get one, with a token of the issuer.
 * The token itself goes no further than the gate.
 */
export function toAuthInfo(caller: Caller, authorization: Authorization | undefined): { readonly authInfo?: AuthInfo } {
  const { proof, access, principal } = caller;
  if (proof.kind !== "jwt" || access.kind !== "scoped" || !authorization) return {};
  const authInfo = { token: "", clientId: principal, scopes: [...access.scopes] };
  return { authInfo: { ...authInfo, resourceMetadataUrl: authorization.metadataUrl } };
}
