import { afterEach, describe, expect, it } from "vitest";
import { serveOne } from "../support/http/serve-one.ts";
import { clientKinds, connectHttp } from "../support/mcp-clients.ts";
import { createPatientTool, serveExamples } from "./example-tools.ts";
import { closeAll, closeLater, post, start, token } from "./http-world.ts";
import {
  callOf,
  enveloped,
  handshakeRevisions,
  headersFor,
  initialize,
  initialized,
  readAnswer,
  request,
  statelessRevision,
} from "./wire.ts";

afterEach(closeAll);

describe.each(handshakeRevisions)("protocol %s over HTTP", (revision) => {
  it("opens, lists and calls", async () => {
    const url = await start();
    const opened = await readAnswer(await post(url, initialize(1, revision), revision));
    expect(opened.result).toMatchObject({
      protocolVersion: revision,
      serverInfo: { name: "batch-call-mcp", version: "1.2.3" },
    });
    expect(opened.result?.instructions).toContain("Calls every number");
    expect((await post(url, initialized, revision)).status).toBe(202);

    const listed = await readAnswer(await post(url, request(2, "tools/list"), revision));
    expect(listed.result?.tools).toHaveLength(5);
    const called = await readAnswer(await post(url, callOf(3, "add_numbers", { a: 2, b: 3 }), revision));
    expect(called).toMatchObject({ id: 3, result: { structuredContent: { sum: 5 } } });
  });
});

it("answers a batch of answers that nobody can read with 202 and no body: an empty list is no answer", async () => {
  const body = JSON.stringify([{ jsonrpc: "1.0", id: 1, result: {} }]);
  const headers = headersFor(request(1, "ping"), "2025-03-26");
  const answer = await fetch(await start(), { method: "POST", body, headers });
  expect([answer.status, await answer.text()]).toEqual([202, ""]);
});

describe("protocol 2026-07-28 over HTTP", () => {
  it("is discovered, lists and calls without a handshake", async () => {
    const url = await start();
    const found = await readAnswer(await post(url, request(1, "server/discover"), statelessRevision));
    expect(found.result).toMatchObject({ supportedVersions: [statelessRevision], capabilities: { tools: {} } });
    const listed = await readAnswer(await post(url, request(2, "tools/list"), statelessRevision));
    expect(listed.result?.tools).toHaveLength(5);
    const called = await readAnswer(await post(url, callOf(3, "add_numbers", { a: 2, b: 3 }), statelessRevision));
    expect(called).toMatchObject({ id: 3, result: { resultType: "complete", structuredContent: { sum: 5 } } });
  });

  it("refuses a header that says another method than the body", async () => {
    const response = await post(await start(), request(1, "tools/list"), statelessRevision, {
      "Mcp-Method": "tools/call",
    });
    expect(response.status).toBe(400);
    expect((await readAnswer(response)).error?.code).toBe(-32020);
  });

  it("refuses a revision that does not exist and names those that do", async () => {
    const message = enveloped(request(1, "tools/list"));
    const body = JSON.stringify(message).replaceAll(statelessRevision, "2031-01-01");
    const response = await fetch(await start(), { method: "POST", body, headers: headersFor(message, "2031-01-01") });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(statelessRevision);
  });
});

describe.each(clientKinds)("a client built on %s over HTTP", (kind) => {
  it("lists the tools and calls one, with and without a token", async () => {
    for (const options of [{}, { token }]) {
      const client = await connectHttp(kind, await start(options), options.token);
      closeLater(() => client.close());
      expect(client.instructions).toContain("Calls every number");
      expect(await client.listTools()).toHaveLength(5);
      expect(await client.callTool("add_numbers", { a: 20, b: 22 })).toMatchObject({
        structured: { sum: 42 },
        isError: false,
      });
      expect(await client.callTool("add_numbers", { a: "20" })).toMatchObject({
        isError: true,
        text: expect.stringMatching(/^invalid_input: /),
      });
    }
  });
});

describe("many at once, giving up, stopping", () => {
  it("fifty calls with the same id each get their own answer", async () => {
    const url = await start();
    const sums = Array.from({ length: 50 }, async (_, n) => {
      const { result } = await readAnswer(
        await post(url, callOf(1, "add_numbers", { a: n, b: 1000 }), n % 2 ? "2025-11-25" : statelessRevision),
      );
      return result?.structuredContent;
    });
    expect(await Promise.all(sums)).toEqual(Array.from({ length: 50 }, (_, n) => ({ sum: n + 1000 })));
  });

  it.each(["2025-11-25", statelessRevision])("a call whose connection breaks is told so (%s)", async (revision) => {
    const patient = createPatientTool();
    const url = await start({ tools: [patient.tool] });
    const message = callOf(1, "wait_for_abort");
    const body = JSON.stringify(revision === statelessRevision ? enveloped(message) : message);
    const given = new AbortController();
    const pending = fetch(url, {
      method: "POST",
      body,
      headers: headersFor(message, revision),
      signal: given.signal,
    }).then((response) => response.text());
    pending.catch(() => {});
    await patient.started;
    given.abort();
    await patient.aborted;
    await expect(pending).rejects.toThrow();
  });

  it.each(["2025-11-25", statelessRevision])(
    "closing ends a call in progress and frees the port (%s)",
    async (revision) => {
      const patient = createPatientTool();
      const server = await serveOne({
        ...serveExamples({ tools: [patient.tool] }),
        host: "127.0.0.1",
        port: 0,
      });
      const pending = post(server.url, callOf(1, "wait_for_abort"), revision).then((response) => response.text());
      pending.catch(() => {});
      await patient.started;
      await server.close();
      await patient.aborted;
      const again = await serveOne({
        ...serveExamples(),
        host: "127.0.0.1",
        port: Number(new URL(server.url).port),
      });
      await again.close();
    },
  );

  it("a port that is taken is named together with the setting", async () => {
    const port = Number(new URL(await start()).port);
    const refusal = await serveOne({ ...serveExamples(), host: "127.0.0.1", port }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(new RegExp(`port ${port}.*BATCH_CALL_HTTP_PORT`)),
    });
  });
});
