import { createSecretKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportSPKI, importJWK, type JWK, type JWTHeaderParameters, SignJWT } from "jose";
import Provider from "oidc-provider";

const organizationClaim = "organization";
const client = { id: "a-program", secret: "a-secret-of-a-program-that-is-long" };

export type TestIssuer = {
  readonly issuer: string;
  /** A token from the issuer's own token endpoint, as a program with a client of its own gets it. */
  token(order: { readonly scope: string; readonly resource: string }): Promise<string>;
  /** One with the claims of such a token, and what a test wants otherwise, signed with the issuer's key. */
  sign(claims: Record<string, unknown>, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** The same claims with the public key taken for a secret (HS256), or with no signature at all. */
  signWithPublicKey(claims: Record<string, unknown>): Promise<string>;
  unsigned(claims: Record<string, unknown>): string;
  /** From now on the issuer has another key, and the earlier one no more. */
  rotate(): Promise<void>;
  close(): Promise<void>;
};

/** An OpenID Connect issuer on a free port of this machine. Its tokens are JWTs for whichever resource was asked for, and of the organization of that name. */
export async function startTestIssuer(organization: string | undefined = "acme"): Promise<TestIssuer> {
  let serve: RequestListener = () => {};
  const server = createServer((request, response) => serve(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let key = await makeKey();
  const start = (): void => {
    const provider = new Provider(issuer, {
      jwks: { keys: [key] },
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          grant_types: ["client_credentials"],
          redirect_uris: [],
          response_types: [],
          id_token_signed_response_alg: "ES256",
        },
      ],
      scopes: ["read", "operate", "approve"],
      extraTokenClaims: () => (organization === undefined ? {} : { [organizationClaim]: organization }),
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_context, resource) => ({
            scope: "read operate approve",
            audience: resource,
            accessTokenFormat: "jwt",
            jwt: { sign: { alg: "ES256" } },
          }),
        },
      },
    });
    serve = provider.callback();
  };
  start();
  const complete = (claims: Record<string, unknown>) => {
    const now = Math.floor(Date.now() / 1000);
    const own = { iss: issuer, sub: client.id, iat: now, exp: now + 600, scope: "read operate", jti: randomUUID() };
    return { ...own, ...(organization !== undefined && { [organizationClaim]: organization }), ...claims };
  };
  const publicPem = async () => {
    const { d: _private, ...open } = key;
    return exportSPKI((await importJWK(open, "ES256")) as Parameters<typeof exportSPKI>[0]);
  };
  return {
    issuer,
    async token({ scope, resource }) {
      const response = await fetch(`${issuer}/token`, {
        method: "POST",
        headers: { Authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}` },
        body: new URLSearchParams({ grant_type: "client_credentials", scope, resource }),
      });
      const text = await response.text();
      const { access_token: token } = JSON.parse(text);
      if (!response.ok || typeof token !== "string") throw new Error(`The issuer answered ${response.status}: ${text}`);
      return token;
    },
    sign: async (claims, header = {}) =>
      new SignJWT(complete(claims))
        .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: String(key.kid), ...header })
        .sign(await importJWK(key, "ES256")),
    signWithPublicKey: async (claims) =>
      new SignJWT(complete(claims))
        .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: String(key.kid) })
        .sign(createSecretKey(Buffer.from(await publicPem()))),
    unsigned(claims) {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      return `${part({ alg: "none", typ: "at+jwt" })}.${part(complete(claims))}.`;
    },
    async rotate() {
      key = await makeKey();
      start();
    },
    close: () => new Promise((closed) => server.close(() => closed()).closeAllConnections()),
  };
}

async function makeKey(): Promise<JWK> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: "ES256", use: "sig" };
}
