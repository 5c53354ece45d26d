import { afterEach, describe, expect, it } from "vitest";
import { Problem } from "../../src/domain/problem.ts";
import { serveOne } from "../support/http/serve-one.ts";
import { serveExamples } from "./example-tools.ts";
import { closeAll, post, start, statusWith, token } from "./http-world.ts";
import { callOf, headersFor, initialize, readAnswer, request } from "./wire.ts";

afterEach(closeAll);

describe("who may talk to the endpoint", () => {
  it.each(["localhost", "127.0.0.1", "[::1]"])("a request for %s is served", async (name) => {
    const url = await start();
    const message = initialize(1, "2025-11-25");
    expect(await statusWith(url, { Host: `${name}:${new URL(url).port}` }, "GET")).toBe(405);
    expect((await post(url, message, "2025-11-25", { Origin: `http://${name}:6274` })).status).toBe(200);
  });

  it.each(["attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example:3000", "0.0.0.0"])(
    "Host %s gets 403",
    async (host) => {
      expect(await statusWith(await start(), { Host: host })).toBe(403);
    },
  );

  it.each(["https://attacker.example", "http://localhost.attacker.example", "null", "file://"])(
    "Origin %s gets 403",
    async (origin) => {
      const url = await start();
      expect((await post(url, initialize(1, "2025-11-25"), "2025-11-25", { Origin: origin })).status).toBe(403);
      expect((await fetch(url.replace("/mcp", "/healthz"), { headers: { Origin: origin } })).status).toBe(403);
    },
  );

  it("no answer invites a browser page of another origin", async () => {
    const response = await fetch(await start(), { method: "OPTIONS" });
    expect(response.status).toBe(405);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("a token", () => {
  it.each(["", "Bearer", "Bearer wrong", `Bearer ${token}x`, `Basic ${token}`, token])(
    "Authorization %j gets 401 with a challenge",
    async (authorization) => {
      const response = await post(
        await start({ token }),
        request(1, "tools/list"),
        "2025-11-25",
        authorization ? { Authorization: authorization } : {},
      );
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer realm="batch-call-mcp"/);
      expect(await response.text()).not.toContain(token);
    },
  );

  it("lets its bearer in, as the caller named http", async () => {
    const response = await post(await start({ token }), callOf(1, "tell_caller"), "2025-11-25", {
      Authorization: `bearer ${token}`,
    });
    expect((await readAnswer(response)).result).toMatchObject({ structuredContent: { principal: "http" } });
  });

  it("without one, the caller is named local", async () => {
    const response = await post(await start(), callOf(1, "tell_caller"), "2025-11-25");
    expect((await readAnswer(response)).result).toMatchObject({ structuredContent: { principal: "local" } });
  });

  it("brings no OAuth metadata, for clients that find some ignore the token", async () => {
    const url = await start({ token });
    for (const document of ["oauth-protected-resource", "oauth-protected-resource/mcp", "oauth-authorization-server"]) {
      expect((await fetch(new URL(`/.well-known/${document}`, url))).status).toBe(404);
    }
  });

  it.each(["0.0.0.0", "::", "192.0.2.1", "example.org", "127.0.0.1.example.org"])(
    "is needed to listen on %s",
    async (host) => {
      const refusal = await serveOne({ ...serveExamples(), host, port: 0 }).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(Problem);
      expect(String(refusal)).toMatch(/BATCH_CALL_HTTP_HOST.*BATCH_CALL_HTTP_TOKEN/);
    },
  );

  it("opens every address, under any name, but not to pages of other origins", async () => {
    const url = (await start({ host: "0.0.0.0", token })).replace("0.0.0.0", "127.0.0.1");
    const headers = {
      ...headersFor(initialize(1, "2025-11-25"), "2025-11-25"),
      Authorization: `Bearer ${token}`,
      Host: "calls.example.org",
    };
    expect(await statusWith(url, headers, "GET")).toBe(405);
    expect(await statusWith(url, { ...headers, Origin: "https://attacker.example" }, "GET")).toBe(403);
  });
});
