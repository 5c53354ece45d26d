import { afterEach, describe, expect, it } from "vitest";
import type { ServedTools } from "../../src/mcp/server.ts";
import { serveOverStdio } from "../../src/mcp/stdio.ts";
import { createPatientTool, serveExamples } from "./example-tools.ts";
import {
  callOf,
  createPipe,
  enveloped,
  handshakeRevisions,
  initialize,
  initialized,
  type Message,
  request,
  statelessRevision,
} from "./wire.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function connect(overrides: Partial<ServedTools> = {}) {
  const pipe = createPipe();
  const ending = new AbortController();
  const over = serveOverStdio({
    ...serveExamples(overrides),
    signal: ending.signal,
    input: pipe.input,
    output: pipe.output,
  });
  stops.push(async () => {
    ending.abort();
    await over;
  });
  return { ...pipe, over, abort: () => ending.abort() };
}

function open(connection: ReturnType<typeof connect>, revision = "2025-11-25"): void {
  connection.send(initialize(0, revision));
  connection.send(initialized);
}

describe.each(handshakeRevisions)("protocol %s over stdio", (revision) => {
  it("opens, lists and calls", async () => {
    const { send, answerTo } = connect();
    send(initialize(1, revision));
    expect((await answerTo(1)).result).toMatchObject({
      protocolVersion: revision,
      serverInfo: { name: "batch-call-mcp" },
    });
    send(initialized);
    send(request(2, "tools/list"));
    expect((await answerTo(2)).result?.tools).toHaveLength(5);
    send(callOf(3, "add_numbers", { a: 2, b: 3 }));
    expect((await answerTo(3)).result).toMatchObject({
      structuredContent: { sum: 5 },
      content: [{ text: "The sum is 5." }],
    });
  });
});

describe("protocol 2026-07-28 over stdio", () => {
  it("is discovered, lists and calls without a handshake", async () => {
    const { send, answerTo } = connect();
    send(enveloped(request(1, "server/discover")));
    expect((await answerTo(1)).result).toMatchObject({ supportedVersions: [statelessRevision] });
    send(enveloped(request(2, "tools/list")));
    expect((await answerTo(2)).result?.tools).toHaveLength(5);
    send(enveloped(callOf(3, "add_numbers", { a: 2, b: 3 })));
    expect((await answerTo(3)).result).toMatchObject({ structuredContent: { sum: 5 } });
  });

  it("may be discovered first and then opened the old way, as some clients do", async () => {
    const { send, answerTo } = connect();
    send(enveloped(request(1, "server/discover")));
    await answerTo(1);
    send(initialize(2, "2025-11-25"));
    expect((await answerTo(2)).result).toMatchObject({ protocolVersion: "2025-11-25" });
    send(callOf(3, "add_numbers", { a: 2, b: 3 }));
    expect((await answerTo(3)).result).toMatchObject({ structuredContent: { sum: 5 } });
  });
});

describe("the connection", () => {
  it("carries nothing but one JSON-RPC message a line, whatever comes in", async () => {
    const connection = connect();
    open(connection);
    for (const line of ["{", "null", "[]", '{"jsonrpc":"1.0"}', "\u0000", '{"jsonrpc":"2.0","id":7}'])
      connection.send(line);
    connection.send(callOf(1, "break_down"));
    connection.send(callOf(2, "add_numbers", { a: 1, b: 1 }));
    await connection.answerTo(2);
    for (const line of connection.arrived) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  });

  it("answers calls as they end, not in the order in which they came", async () => {
    const patient = createPatientTool();
    const connection = connect({ tools: [patient.tool, ...serveExamples().tools] });
    open(connection);
    connection.send(callOf(1, "wait_for_abort"));
    await patient.started;
    for (let id = 2; id < 40; id++) connection.send(callOf(id, "add_numbers", { a: id, b: 1 }));
    for (let id = 2; id < 40; id++)
      expect((await connection.answerTo(id)).result).toMatchObject({ structuredContent: { sum: id + 1 } });
  });

  it("passes a cancellation on to the call it names", async () => {
    const patient = createPatientTool();
    const connection = connect({ tools: [patient.tool] });
    open(connection);
    connection.send(callOf(1, "wait_for_abort"));
    await patient.started;
    const cancelled: Message = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
    connection.send(cancelled);
    await patient.aborted;
  });

  it("takes a message of 9 MB and arguments nested 50,000 deep for bad input", async () => {
    const connection = connect();
    open(connection);
    connection.send(callOf(1, "add_numbers", { a: "x".repeat(9_000_000), b: 1 }));
    const deep = "[".repeat(50_000) + "]".repeat(50_000);
    connection.send(JSON.stringify(callOf(2, "add_numbers", "DEEP")).replace('"DEEP"', `{"a":${deep},"b":1}`));
    for (const id of [1, 2]) {
      const { result } = await connection.answerTo(id);
      expect(result).toMatchObject({
        isError: true,
        content: [{ text: expect.stringMatching(/^invalid_input: .{1,2000}$/s) }],
      });
    }
  });
});

describe("the end", () => {
  it("comes when the client closes its side, and aborts what is in progress", async () => {
    const patient = createPatientTool();
    const connection = connect({ tools: [patient.tool] });
    open(connection);
    connection.send(callOf(1, "wait_for_abort"));
    await patient.started;
    connection.input.end();
    await connection.over;
    await patient.aborted;
  });

  it("comes when the process is asked to stop, before anything was said too", async () => {
    const silent = connect();
    silent.abort();
    await silent.over;

    const busy = connect();
    open(busy);
    await busy.answerTo(0);
    busy.abort();
    await busy.over;
  });

  it("comes at once when the process was asked to stop before it began", async () => {
    const { input, output } = createPipe();
    await serveOverStdio({ ...serveExamples(), signal: AbortSignal.abort(), input, output });
  });

  it("comes when one message is larger than 10 MB", async () => {
    const connection = connect();
    open(connection);
    connection.send(callOf(1, "add_numbers", { a: "x".repeat(11_000_000) }));
    await connection.over;
  });
});
