import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { send } from "../approval-page/page-world.ts";
import { enveloped, headersFor, request, statelessRevision } from "../mcp/wire.ts";
import { type RunningHttp, startRunningHttp } from "../support/http/running-http.ts";
import { account, batchIdOf, bearer, callTool, people } from "./http-calls.ts";

const publicUrl = "https://calls.example.com/mcp";
const publicOrigin = "https://calls.example.com";
const token = "correct-horse-battery-staple";

let server: RunningHttp;
let origin: string;
beforeEach(async () => {
  server = await startRunningHttp({ BATCH_CALL_HTTP_PUBLIC_URL: publicUrl, BATCH_CALL_HTTP_TOKEN: token });
  origin = new URL(server.url).origin;
});
afterEach(() => server.stop());

/** A request as a proxy passes it on. */
const ask = async (path: string, headers: Record<string, string>, method = "GET", body = "") =>
  send(`${origin}${path}`, { method, headers, body });

const list = request(1, "tools/list");
const listing = { body: JSON.stringify(enveloped(list)), headers: headersFor(list, statelessRevision) };

describe("behind a proxy that keeps Host", () => {
  it.each(["calls.example.com", "calls.example.com:443", "Calls.Example.com"])(
    "Host %s is served on every door",
    async (Host) => {
      const answers = [
        await ask("/mcp", { ...listing.headers, ...bearer(token), Host }, "POST", listing.body),
        await ask("/healthz", { Host }),
        await ask("/approve", { Host }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      // 500 where the page was not built.
      expect((await ask("/", { Host })).status).not.toBe(403);
    },
  );

  it.each(["attacker.example", "calls.example.com.attacker.example", "x.calls.example.com"])(
    "Host %s is refused on every door",
    async (Host) => {
      const paths = ["/mcp", "/healthz", "/", "/approve"];
      const answers = await Promise.all(paths.map((path) => ask(path, { ...bearer(token), Host })));
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    },
  );
});

describe.each([
  ["keeps", { Host: "calls.example.com" }],
  ["rewrites", {}],
])("a page behind a proxy that %s Host", (_what, host: Record<string, string>) => {
  const own = { ...host, Origin: publicOrigin, "Sec-Fetch-Site": "same-origin" };

  it("takes logins and answers, and its cookie goes over TLS alone", async () => {
    const fields = new URLSearchParams({ token }).toString();
    const entered = await ask("/approve/login", own, "POST", fields);
    expect([entered.status, String(entered.headers["set-cookie"])]).toEqual([200, expect.stringContaining("Secure")]);
    const Cookie = String(entered.headers["set-cookie"]).split(";")[0] ?? "";
    expect((await ask("/approve/questions", { ...own, Cookie }, "POST")).status).toBe(200);
    expect((await ask("/view/login", own, "POST", JSON.stringify({ token }))).status).toBe(200);
    expect((await ask("/view/about", { ...own, Cookie }, "POST", "{}")).status).toBe(200);
    expect((await ask("/mcp", { ...listing.headers, ...bearer(token), ...own }, "POST", listing.body)).status).toBe(
      200,
    );
  });

  it.each([
    ["another origin", { Origin: "https://attacker.example" }],
    ["a page of another site", { "Sec-Fetch-Site": "cross-site" }],
    ["a forwarded name", { Origin: "https://attacker.example", "X-Forwarded-Host": "attacker.example" }],
  ])("takes nothing from %s", async (_who, changes) => {
    const headers = { ...own, ...changes };
    expect((await ask("/approve/login", headers, "POST", "token=x")).status).toBe(403);
    expect((await ask("/view/login", headers, "POST", "{}")).status).toBe(403);
  });

  it("hands out files under the address that clients have", async () => {
    const told = await callTool(
      server.url,
      "create_batch_call",
      { name: "J", ...account, ...people },
      { ...bearer(token) },
    );
    const exported = await callTool(server.url, "export_batch_results", { batch_id: batchIdOf(told) }, bearer(token));
    expect(exported.structured["uri"]).toMatch(/^https:\/\/calls\.example\.com\/downloads\//);
  });
});

it("a server that other machines reach through its public address is not started while nobody needs a token", async () => {
  await expect(startRunningHttp({ BATCH_CALL_HTTP_PUBLIC_URL: publicUrl })).rejects.toThrow(
    /BATCH_CALL_HTTP_PUBLIC_URL is https:\/\/calls\.example\.com\/mcp.*nobody needs a token\. Nothing was started/,
  );
});
