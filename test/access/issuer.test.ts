import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGate } from "../../src/access/gate.ts";
import { createIssuer } from "../../src/access/issuer.ts";
import { silentLog } from "../../src/lib/log.ts";
import { TestClock } from "../support/test-clock.ts";
import { startTestIssuer, type TestIssuer } from "./test-issuer.ts";

const audience = "https://calls.example.com/mcp";
let issuer: TestIssuer;
let clock: TestClock;
beforeEach(async () => {
  issuer = await startTestIssuer();
  clock = new TestClock(new Date().toISOString());
});
afterEach(() => issuer.close());

function gate(
  changes: { readonly issuer?: string; readonly organizationClaim?: string } = { organizationClaim: "organization" },
) {
  const settings = { issuer: issuer.issuer, audience, clock, log: silentLog, keyCooldownMs: 0, ...changes };
  return createGate({ clock, issuer: createIssuer(settings) });
}

const refused = (words: RegExp) => ({ kind: "invalid", message: expect.stringMatching(words) });

describe("a token of the issuer", () => {
  it("tells who calls, of which organization, with which scopes, until when", async () => {
    const token = await issuer.token({ scope: "read approve", resource: audience });
    expect(await gate().identify(token)).toMatchObject({
      principal: "oidc:a-program",
      organization: "acme",
      access: { kind: "scoped", scopes: new Set(["read", "approve"]) },
      proof: { kind: "jwt", expiresAt: expect.any(Date) },
    });
  });

  it("of an issuer that names no claim for it is the operator's own organization's", async () => {
    const token = await issuer.token({ scope: "read", resource: audience });
    expect(await gate({}).identify(token)).not.toHaveProperty("organization");
  });

  it("without the claim that says whose data it may see is refused", async () => {
    const token = await issuer.token({ scope: "read", resource: audience });
    expect(await gate({ organizationClaim: "tenant" }).identify(token)).toMatchObject(refused(/claim "tenant"/));
    for (const organization of [7, "", " acme", "a\nb", ["acme"], null])
      expect(await gate().identify(await issuer.sign({ aud: audience, organization }))).toMatchObject(
        refused(/claim "organization"/),
      );
  });

  it("for another audience is refused, also one of this issuer", async () => {
    const token = await issuer.token({ scope: "read", resource: "https://other.example.com/mcp" });
    expect(await gate().identify(token)).toMatchObject(refused(/claim "aud"/));
    expect(await gate().identify(await issuer.sign({}))).toMatchObject(refused(/claim "aud"/));
  });

  it("that names another issuer is refused", async () => {
    expect(await gate().identify(await issuer.sign({ aud: audience, iss: "https://attacker.example" }))).toMatchObject(
      refused(/claim "iss"/),
    );
  });

  it("is refused once it is expired, half a minute of two clocks that differ aside", async () => {
    const { exp } = { exp: Math.floor(clock.now().getTime() / 1000) + 60 };
    const token = await issuer.sign({ aud: audience, exp });
    const own = gate();
    await clock.advance({ seconds: 85 });
    const caller = await own.identify(token);
    if (!("principal" in caller)) throw new Error("It was refused before its time");
    expect(own.isGood(caller)).toBe(true);
    await clock.advance({ seconds: 10 });
    expect(await own.identify(token)).toMatchObject(refused(/It is expired/));
    expect(own.isGood(caller)).toBe(false);
  });

  it("that has no end, or does not count yet, is refused", async () => {
    expect(await gate().identify(await issuer.sign({ aud: audience, exp: undefined }))).toMatchObject(
      refused(/claim "exp"/),
    );
    const nbf = Math.floor(clock.now().getTime() / 1000) + 120;
    expect(await gate().identify(await issuer.sign({ aud: audience, nbf }))).toMatchObject(refused(/claim "nbf"/));
  });

  it("without a signature, or with the public key as a secret, is refused", async () => {
    expect(await gate().identify(issuer.unsigned({ aud: audience }))).toMatchObject(
      refused(/algorithm|not a valid JWT/),
    );
    expect(await gate().identify(await issuer.signWithPublicKey({ aud: audience }))).toMatchObject(
      refused(/algorithm/),
    );
  });

  it("with a key that the issuer does not have is refused, and so is one that was changed", async () => {
    expect(await gate().identify(await issuer.sign({ aud: audience }, { kid: "another" }))).toMatchObject(
      refused(/key that its issuer does not have/),
    );
    const [head, , signature] = (await issuer.sign({ aud: audience })).split(".");
    const [, claims] = (await issuer.sign({ aud: audience, scope: "read operate approve" })).split(".");
    expect(await gate().identify(`${head}.${claims}.${signature}`)).toMatchObject(refused(/not a valid JWT/));
  });

  it("for something else than access is refused", async () => {
    for (const typ of ["logout+jwt", "secevent+jwt", "dpop+jwt"])
      expect(await gate().identify(await issuer.sign({ aud: audience }, { typ }))).toMatchObject(
        refused(/not an access token/),
      );
  });

  it("is taken with a new key once the issuer has one, and with the old one no more", async () => {
    const own = gate();
    const before = await issuer.token({ scope: "read", resource: audience });
    expect(await own.identify(before)).toHaveProperty("principal");
    await issuer.rotate();
    expect(await own.identify(await issuer.token({ scope: "read", resource: audience }))).toHaveProperty("principal");
    expect(await own.identify(before)).toMatchObject(refused(/key that its issuer does not have/));
  });

  it("cannot be judged while the issuer is away, and is neither taken nor called wrong", async () => {
    const token = await issuer.token({ scope: "read", resource: audience });
    await issuer.close();
    expect(await gate().identify(token)).toMatchObject({ kind: "away" });
    issuer = await startTestIssuer();
  });

  it.each([
    ["is another issuer's", () => ({ issuer: "https://attacker.example", jwks_uri: `${issuer.issuer}/jwks` })],
    ["names keys at an address without https", (own: string) => ({ issuer: own, jwks_uri: "http://keys.example.com" })],
    ["is found only where a redirect leads", () => undefined],
  ])("is not taken by a document that %s", async (_what, documentOf) => {
    // Its keys are those that the token is signed with: nothing but the document is wrong.
    const liar = createServer(({ url }, response) => {
      const right = { issuer: origin, jwks_uri: `${issuer.issuer}/jwks` };
      const document = url === "/moved" ? right : documentOf(origin);
      if (document) response.end(JSON.stringify(document));
      else response.writeHead(302, { Location: `${origin}/moved` }).end();
    });
    await new Promise<void>((listening) => liar.listen(0, "127.0.0.1", listening));
    const origin = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    const token = await issuer.sign({ aud: audience, iss: origin });
    expect(await gate({ issuer: origin }).identify(token)).toMatchObject({ kind: "away" });
    await new Promise((closed) => liar.close(closed).closeAllConnections());
  });

  it("whose subject could not stand in the record is refused", async () => {
    for (const sub of ["", "a\nb", "x".repeat(201), "a\u202eb"])
      expect(await gate().identify(await issuer.sign({ aud: audience, sub }))).toMatchObject(
        refused(/subject|claim "sub"/),
      );
  });
});
