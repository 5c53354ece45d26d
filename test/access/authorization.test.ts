import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { parseSettings } from "../../src/config/settings.ts";
import { callOf, enveloped, headersFor, type Message, readAnswer, request, statelessRevision } from "../mcp/wire.ts";
import { type RunningHttp, startRunningHttp } from "../support/http/running-http.ts";
import { clientKinds, connectHttp } from "../support/mcp-clients.ts";
import { startTestIssuer, type TestIssuer } from "./test-issuer.ts";

let issuer: TestIssuer;
let server: RunningHttp;
let resource: string;
beforeEach(async () => {
  issuer = await startTestIssuer();
  const port = await freePort();
  resource = `http://127.0.0.1:${port}/mcp`;
  server = await startRunningHttp({
    BATCH_CALL_HTTP_PORT: String(port),
    BATCH_CALL_HTTP_PUBLIC_URL: resource,
    BATCH_CALL_OIDC_ISSUER: issuer.issuer,
    BATCH_CALL_OIDC_ORGANIZATION_CLAIM: "organization",
  });
});
afterEach(async () => {
  await server.stop();
  await issuer.close();
});

async function freePort(): Promise<number> {
  const taken = createServer();
  await new Promise<void>((listening) => taken.listen(0, "127.0.0.1", listening));
  const { port } = taken.address() as AddressInfo;
  await new Promise((closed) => taken.close(closed));
  return port;
}

function post(message: Message, token?: string, revision = statelessRevision): Promise<Response> {
  const body = JSON.stringify(revision === statelessRevision ? enveloped(message) : message);
  const authorization = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return fetch(server.url, { method: "POST", body, headers: { ...headersFor(message, revision), ...authorization } });
}

const metadata = z.object({
  resource: z.string(),
  authorization_servers: z.array(z.string()),
  scopes_supported: z.array(z.string()),
  bearer_methods_supported: z.array(z.string()),
});

describe("who has no token yet", () => {
  it("is told where the document is that names the issuer, and the document does (RFC 9728)", async () => {
    const response = await post(request(1, "tools/list"));
    expect(response.status).toBe(401);
    const challenge = String(response.headers.get("www-authenticate"));
    const address = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? "";
    expect(address).toBe(resource.replace("/mcp", "/.well-known/oauth-protected-resource/mcp"));
    expect(challenge).toContain('scope="read operate"');
    for (const url of [address, address.replace(/\/mcp$/, "")])
      expect(metadata.parse(await (await fetch(url)).json())).toEqual({
        resource,
        authorization_servers: [issuer.issuer],
        scopes_supported: ["read", "operate", "approve"],
        bearer_methods_supported: ["header"],
      });
  });
});

describe.each([statelessRevision, "2025-11-25"])("protocol %s", (revision) => {
  it("a call without its scope gets 403 and the scope to ask for", async () => {
    const token = await issuer.token({ scope: "read", resource });
    const response = await post(callOf(1, "pause_batch", { batch_id: "batch_1" }), token, revision);
    expect(response.status).toBe(403);
    expect(response.headers.get("www-authenticate")).toMatch(
      /^Bearer error="insufficient_scope".*scope="operate".*resource_metadata="[^"]+oauth-protected-resource\/mcp"/,
    );
  });

  it("a call with its scope is served", async () => {
    const token = await issuer.token({ scope: "read", resource });
    const { result } = await readAnswer(await post(callOf(1, "list_batches"), token, revision));
    expect(result).not.toMatchObject({ isError: true });
  });
});

it.each(clientKinds)("a client built on %s works with a token of the issuer", async (kind) => {
  const client = await connectHttp(kind, server.url, await issuer.token({ scope: "read operate", resource }));
  const made = await client.callTool("create_batch_call", {
    name: "June",
    agent_id: "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21",
    from_number: "+14155550100",
    tasks: [{ to_number: "+12015550101" }],
  });
  expect(made).toMatchObject({ isError: false });
  await client.close();
});

it("a token for another resource gets 401, and a token with a name is taken beside the issuer's", async () => {
  const foreign = await issuer.token({ scope: "read", resource: "https://other.example.com/mcp" });
  const refused = await post(request(1, "tools/list"), foreign);
  expect(refused.status).toBe(401);
  expect(refused.headers.get("www-authenticate")).toMatch(/error="invalid_token".*claim 'aud'.*resource_metadata=/);
  expect((await post(request(1, "tools/list"), await server.addToken("ana"))).status).toBe(200);
});

it("while the issuer is away a request is told to come again", async () => {
  const token = await issuer.token({ scope: "read", resource });
  await issuer.close();
  const response = await post(request(1, "tools/list"), token);
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
});

describe("the settings of an issuer", () => {
  const errorsOf = (env: Record<string, string>) => {
    const settings = parseSettings({ os: "linux", env, timezone: "UTC" });
    return "errors" in settings ? settings.errors.join("\n") : "";
  };

  it("take no issuer over http on another machine, and none without the address of this server", () => {
    const url = { BATCH_CALL_HTTP_PUBLIC_URL: "https://calls.example.com/mcp" };
    expect(errorsOf({ ...url, BATCH_CALL_OIDC_ISSUER: "http://id.example.com" })).toContain(
      "BATCH_CALL_OIDC_ISSUER: must be an https URL",
    );
    expect(errorsOf({ ...url, BATCH_CALL_OIDC_ISSUER: "https://id.example.com" })).toBe("");
    expect(errorsOf({ BATCH_CALL_OIDC_ISSUER: "https://id.example.com" })).toContain(
      "BATCH_CALL_HTTP_PUBLIC_URL is missing",
    );
    expect(errorsOf({ BATCH_CALL_OIDC_AUDIENCE: "calls" })).toContain("BATCH_CALL_OIDC_ISSUER is missing");
  });
});
