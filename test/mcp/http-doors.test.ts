import { once } from "node:events";
import { type IncomingMessage, request as nodeRequest } from "node:http";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { closeAll, start, token } from "./http-world.ts";
import { callOf, enveloped, headersFor, initialize, initialized, type Message, statelessRevision } from "./wire.ts";

afterEach(closeAll);

const revisions = ["2025-03-26", "2025-11-25", statelessRevision];

function send(url: string, body: unknown, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body), headers });
}

function inRevision(message: Message, revision: string): Message {
  return revision === statelessRevision ? enveloped(message) : message;
}

describe.each(revisions)("Accept in protocol %s", (revision) => {
  const call = inRevision(callOf(7, "add_numbers", { a: 2, b: 3 }), revision);
  const { Accept: _both, ...headers } = headersFor(call, revision);

  it.each(["application/json", "*/*", "application/json;q=0.9, */*;q=0.1", "text/plain"])(
    "%s is answered with JSON",
    async (accept) => {
      const url = await start();
      const response = await send(url, call, { ...headers, Accept: accept });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toMatch(/^application\/json/);
      expect(await response.json()).toMatchObject({ id: 7, result: { structuredContent: { sum: 5 } } });
    },
  );

  it("text/event-stream is answered with a stream of events", async () => {
    const response = await send(await start(), call, { ...headers, Accept: "text/event-stream" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const [, data = ""] = /^data: (.*)$/m.exec(await response.text()) ?? [];
    expect(JSON.parse(data)).toMatchObject({ id: 7, result: { structuredContent: { sum: 5 } } });
  });

  it("a stream of events ends with the connection where the client asked for that", async () => {
    const streamed = { ...headers, Accept: "text/event-stream" };
    const sent = nodeRequest(await start(), { method: "POST", headers: streamed, agent: false });
    sent.end(JSON.stringify(call));
    const [response]: IncomingMessage[] = await once(sent, "response");
    expect([response?.headers["content-type"], response?.headers.connection]).toEqual(["text/event-stream", "close"]);
    const closed = once(response?.socket ?? sent, "close");
    expect(await text(response ?? Readable.from([]))).toContain('"sum":5');
    await closed;
  });

  it("none at all is answered with JSON", async () => {
    const sent = nodeRequest(await start(), { method: "POST", headers });
    sent.end(JSON.stringify(call));
    const [response]: IncomingMessage[] = await once(sent, "response");
    expect(JSON.parse(await text(response ?? Readable.from([])))).toMatchObject({
      result: { structuredContent: { sum: 5 } },
    });
  });
});

describe("a body that cannot be read gets its JSON-RPC error", () => {
  const headers = headersFor(callOf(1, "x"), "2025-11-25");

  it.each([
    ["{bad json", null, -32700],
    ['{"jsonrpc":"2.0","id":4,"method":', 4, -32700],
    ["", null, -32700],
    [[], null, -32600],
    [{ jsonrpc: "2.0", id: 5, method: "tools/list", params: null }, 5, -32600],
    [{ jsonrpc: "2.0", id: 6, method: "tools/call", params: { name: "x", _meta: null } }, 6, -32600],
    [{ jsonrpc: "2.0", id: 1.5, method: "ping" }, 1.5, -32600],
    [{ jsonrpc: "2.0", id: null, method: "ping" }, null, -32600],
    [{ id: 7, method: "ping" }, 7, -32600],
    [{ jsonrpc: "2.0", id: 8, method: "tools/list", params: { cursor: 5 } }, 8, -32602],
    [
      { jsonrpc: "2.0", id: 9, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {} } },
      9,
      -32602,
    ],
  ])("%j", async (body, id, code) => {
    const response = await send(await start(), body, headers);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", id, error: { code } });
  });

  it.each(revisions)("arguments that are null count as none (%s)", async (revision) => {
    const call = inRevision(callOf(1, "tell_caller", null), revision);
    const response = await send(await start(), call, { ...headersFor(call, revision), Accept: "application/json" });
    expect(await response.json()).toMatchObject({ result: { structuredContent: { principal: "local" } } });
  });
});

describe("a batch over HTTP", () => {
  it.each(["application/json", "application/json, text/event-stream", "text/event-stream"])(
    "gets its answers, those that cannot be read included (Accept %s)",
    async (accept) => {
      const readable = [
        callOf(1, "add_numbers", { a: 1, b: 1 }),
        initialized,
        callOf(2, "add_numbers", { a: 2, b: 2 }),
      ];
      const headers = { ...headersFor(callOf(1, "x"), "2025-03-26"), Accept: accept };
      const url = await start();
      const response = await send(url, [...readable, { id: 3, method: "ping" }, initialize(4, "2025-03-26")], headers);
      const sent = await response.text();
      const answers = sent.startsWith("[")
        ? JSON.parse(sent)
        : [...sent.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ""));
      expect(answers).toHaveLength(4);
      for (const id of [1, 2, 3, 4]) expect(answers).toContainEqual(expect.objectContaining({ id }));
      expect((await send(url, [initialized], headers)).status).toBe(202);
    },
  );

  it("ends with the connection where the client asked for that", async () => {
    const headers = headersFor(callOf(1, "x"), "2025-03-26");
    const sent = nodeRequest(await start(), { method: "POST", headers, agent: false });
    sent.end(JSON.stringify([callOf(1, "add_numbers", { a: 2, b: 3 })]));
    const [response]: IncomingMessage[] = await once(sent, "response");
    expect([response?.headers["content-type"], response?.headers.connection]).toEqual(["text/event-stream", "close"]);
    expect(await text(response ?? Readable.from([]))).toContain('"sum":5');
  });
});

describe("pages of this machine", () => {
  const origin = "http://localhost:6274";

  it("may ask whether they may, before they have a token, and read what they get", async () => {
    const url = await start({ token });
    const asked = await fetch(url, {
      method: "OPTIONS",
      headers: {
        Origin: origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version",
      },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-origin")).toBe(origin);
    expect(asked.headers.get("access-control-allow-methods")).toContain("POST");
    expect(asked.headers.get("access-control-allow-headers")).toMatch(/authorization.*mcp-protocol-version/i);
    expect(asked.headers.get("vary")).toMatch(/origin/i);

    const call = callOf(1, "add_numbers", { a: 1, b: 1 });
    const headers = { ...headersFor(call, "2025-11-25"), Origin: origin };
    const withToken = await send(url, call, { ...headers, Authorization: `Bearer ${token}` });
    const without = await send(url, call, headers);
    expect([withToken.status, without.status]).toEqual([200, 401]);
    for (const response of [withToken, without])
      expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    expect(without.headers.get("access-control-expose-headers")).toMatch(/WWW-Authenticate/i);
  });

  it("of elsewhere are told what would open the door, and may not read it", async () => {
    const url = await start();
    const headers = { Origin: "https://attacker.example", "Access-Control-Request-Method": "POST" };
    for (const method of ["OPTIONS", "POST"]) {
      const response = await fetch(url, { method, headers });
      expect(response.status).toBe(403);
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(await response.text()).toMatch(/localhost, 127\.0\.0\.1, \[::1\]/);
    }
  });

  it("do not get at the pages on which a person agrees", async () => {
    const { Hono } = await import("hono");
    const approvalPage = new Hono().get("/", (context) => context.text("page"));
    const url = (await start({ approvalPage })).replace("/mcp", "/approve");
    const response = await fetch(url, { headers: { Origin: origin } });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});
