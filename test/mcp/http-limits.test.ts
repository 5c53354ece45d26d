import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { closeAll, post, start, token } from "./http-world.ts";
import { callOf, enveloped, handshakeRevisions, headersFor, readAnswer, request, statelessRevision } from "./wire.ts";

afterEach(closeAll);

describe("paths, methods and sizes", () => {
  it("/healthz says who is there, without the token", async () => {
    const url = (await start({ token })).replace("/mcp", "/healthz");
    expect(await (await fetch(url)).json()).toEqual({ status: "ok", service: "batch-call-mcp", version: "1.2.3" });
    expect((await fetch(url, { method: "POST" })).status).toBe(405);
  });

  it.each(["GET", "DELETE", "PUT", "HEAD"])(
    "%s on /mcp gets 405, which tells a client that there are no sessions",
    async (method) => {
      const response = await fetch(await start(), { method });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("POST");
    },
  );

  it.each(["/", "/mcp/", "/mcp/x", "/sse", "/mcpx"])("%s gets 404", async (path) => {
    expect((await fetch(new URL(path, await start()), { method: "POST" })).status).toBe(404);
  });

  it("an unknown method is -32601 in every revision", async () => {
    const url = await start();
    for (const revision of [...handshakeRevisions, statelessRevision]) {
      expect((await readAnswer(await post(url, request(1, "tools/dial"), revision))).error?.code).toBe(-32601);
    }
  });

  it.each([
    ["{", 400],
    ["[]", 400],
    ['"text"', 400],
    ["", 400],
  ])("the body %j gets %i and no stack", async (body, status) => {
    const response = await fetch(await start(), {
      method: "POST",
      body,
      headers: headersFor(request(1, "x"), "2025-11-25"),
    });
    expect(response.status).toBe(status);
    expect(await response.text()).not.toMatch(/ at .*\.(m?js|ts)/);
  });

  it("a body that is no JSON by its own word gets 415", async () => {
    expect(
      (await fetch(await start(), { method: "POST", body: "a=1", headers: { "Content-Type": "text/plain" } })).status,
    ).toBe(415);
  });

  it("a body over 8 MiB gets 413, and the server goes on", async () => {
    const url = await start();
    const huge = callOf(1, "add_numbers", { a: "x".repeat(9 * 1024 * 1024) });
    expect((await post(url, huge, "2025-11-25")).status).toBe(413);
    expect((await fetch(url.replace("/mcp", "/healthz"))).status).toBe(200);
  });

  it("a body of unknown length is cut at the same size", async () => {
    const url = await start();
    const chunk = new Uint8Array(1024 * 1024).fill(0x20);
    let chunks = 0;
    const body = new ReadableStream({
      pull: (controller) => (chunks++ < 9 ? controller.enqueue(chunk) : controller.close()),
    });
    const headers = headersFor(request(1, "tools/list"), "2025-11-25");
    expect((await fetch(url, { method: "POST", body, headers, duplex: "half" })).status).toBe(413);
  });

  it("a body of unknown length and legal size is read", async () => {
    const message = request(1, "tools/list");
    const bytes = new TextEncoder().encode(JSON.stringify(message));
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes.subarray(0, 7));
        controller.enqueue(bytes.subarray(7));
        controller.close();
      },
    });
    const headers = headersFor(message, "2025-11-25");
    const answer = await readAnswer(await fetch(await start(), { method: "POST", body, headers, duplex: "half" }));
    expect(answer.result?.tools).toHaveLength(5);
  });

  it("a body that breaks off leaves the server running", async () => {
    const url = await start();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    const head = ["POST /mcp HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Content-Length: 1000"];
    socket.write([...head, "", "{"].join("\r\n"), () => socket.destroy());
    await once(socket, "close");
    const answer = await readAnswer(await post(url, request(1, "tools/list"), "2025-11-25"));
    expect(answer.result?.tools).toHaveLength(5);
  });

  it.each(["2025-11-25", statelessRevision])(
    "arguments nested 50,000 deep are refused like any others (%s)",
    async (revision) => {
      const url = await start();
      const deep = "[".repeat(50_000) + "]".repeat(50_000);
      const message = callOf(1, "add_numbers", "DEEP");
      const body = JSON.stringify(revision === statelessRevision ? enveloped(message) : message).replace(
        '"DEEP"',
        `{"a":${deep},"b":1}`,
      );
      const response = await fetch(url, { method: "POST", body, headers: headersFor(message, revision) });
      expect((await readAnswer(response)).result).toMatchObject({
        isError: true,
        content: [{ text: expect.stringMatching(/^invalid_input: /) }],
      });
    },
  );
});
