import { afterEach, describe, expect, it } from "vitest";
import type { ServedTools } from "../../src/mcp/served.ts";
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
});

describe("every line gets an answer", () => {
  const listAgents = { jsonrpc: "2.0", id: 6, method: "tools/call", params: { name: "add_numbers", _meta: null } };

  it.each([
    ["{bad json", null, -32700],
    ['{"jsonrpc":"2.0","id":4,"method":', 4, -32700],
    ["Content-Length: 52", null, -32700],
    ["[]", null, -32600],
    ["null", null, -32600],
    [JSON.stringify({ jsonrpc: "2.0", id: 5, method: "tools/list", params: null }), 5, -32600],
    [JSON.stringify(listAgents), 6, -32600],
    [JSON.stringify({ jsonrpc: "2.0", id: 1.5, method: "ping" }), 1.5, -32600],
    [JSON.stringify({ jsonrpc: "2.0", id: null, method: "ping" }), null, -32600],
    [JSON.stringify({ id: 7, method: "ping" }), 7, -32600],
    [JSON.stringify({ jsonrpc: "2.0", id: 8, method: "tools/list", params: { cursor: 5 } }), 8, -32602],
    [JSON.stringify({ jsonrpc: "2.0", id: 9, method: "tools/call", params: {} }), 9, -32602],
  ])("%s", async (line, id, code) => {
    const connection = connect();
    open(connection);
    await connection.answerTo(0);
    connection.send(line);
    connection.send(callOf(100, "add_numbers", { a: 1, b: 1 }));
    await connection.answerTo(100);
    expect(connection.arrived.slice(1).map((answer) => JSON.parse(answer))).toEqual([
      { jsonrpc: "2.0", id, error: { code, message: expect.any(String) } },
      expect.objectContaining({ id: 100, result: expect.anything() }),
    ]);
  });

  it("also before the connection is open, and to an initialize that lacks something", async () => {
    const connection = connect();
    connection.send("{bad json");
    connection.send(request(1, "initialize", { protocolVersion: "2025-06-18", capabilities: {} }));
    expect((await connection.answerTo(1)).error).toMatchObject({
      code: -32602,
      message: expect.stringMatching(/clientInfo/),
    });
    expect(JSON.parse(connection.arrived[0] ?? "")).toMatchObject({ id: null, error: { code: -32700 } });
    connection.send(initialize(2, "2025-06-18"));
    expect((await connection.answerTo(2)).result).toMatchObject({ protocolVersion: "2025-06-18" });
  });

  it("in protocol 2026-07-28 too", async () => {
    const connection = connect();
    connection.send(enveloped(request(1, "tools/list")));
    await connection.answerTo(1);
    connection.send('{"jsonrpc":"2.0","id":2,"method":"tools/list","params":[]}');
    expect((await connection.answerTo(2)).error?.code).toBe(-32600);
    connection.send(enveloped(request(3, "tools/list", { cursor: 5 })));
    expect((await connection.answerTo(3)).error?.code).toBe(-32602);
    connection.send(JSON.stringify(enveloped(callOf(4, "add_numbers", null))));
    expect((await connection.answerTo(4)).result).toMatchObject({ isError: true });
  });

  it("arguments that are null count as none", async () => {
    const connection = connect();
    open(connection);
    connection.send(callOf(1, "tell_caller", null));
    expect((await connection.answerTo(1)).result).toMatchObject({ structuredContent: { principal: "local" } });
  });

  it("a line over 10 MB is refused by its id, and the connection goes on", async () => {
    const connection = connect();
    open(connection);
    const { params, ...head } = callOf(1, "add_numbers", { a: "x".repeat(11_000_000) });
    connection.send(JSON.stringify({ ...head, params }));
    expect((await connection.answerTo(1)).error).toMatchObject({
      code: -32600,
      message: expect.stringMatching(/at most 10 MB/),
    });
    // As SDK clients write it: the id last.
    connection.send(JSON.stringify({ method: head.method, params, jsonrpc: "2.0", id: 2 }));
    expect((await connection.answerTo(2)).error?.code).toBe(-32600);
    connection.send(callOf(3, "add_numbers", { a: 1, b: 1 }));
    expect((await connection.answerTo(3)).result).toMatchObject({ structuredContent: { sum: 2 } });
  });

  it("an answer that nobody can read gets none, so that two programs cannot answer each other for ever", async () => {
    const connection = connect();
    open(connection);
    connection.send('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}');
    connection.send('{"jsonrpc":"2.0","error":5}');
    connection.send(callOf(1, "add_numbers", { a: 1, b: 1 }));
    await connection.answerTo(1);
    expect(connection.arrived).toHaveLength(2);
  });
});

describe("a batch", () => {
  it("gets its answers in one line, those that cannot be read included", async () => {
    const connection = connect();
    open(connection, "2025-03-26");
    await connection.answerTo(0);
    const readable = [callOf(1, "add_numbers", { a: 1, b: 1 }), initialized, callOf(2, "add_numbers", { a: 2, b: 2 })];
    connection.send(JSON.stringify([...readable, { id: 3, method: "ping" }, initialize(4, "2025-03-26"), 5]));
    const [, line = ""] = await connection.lines(2);
    const answers: unknown[] = JSON.parse(line);
    expect(answers).toHaveLength(5);
    expect(answers).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: 1, result: expect.objectContaining({ structuredContent: { sum: 2 } }) }),
        expect.objectContaining({ id: 2, result: expect.objectContaining({ structuredContent: { sum: 4 } }) }),
        expect.objectContaining({ id: 3, error: expect.objectContaining({ code: -32600 }) }),
        expect.objectContaining({ id: 4, error: expect.objectContaining({ code: -32600 }) }),
        expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32600 }) }),
      ]),
    );
  });

  it("of notifications alone gets none, and one of which a call was cancelled still gets the others", async () => {
    const patient = createPatientTool();
    const connection = connect({ tools: [patient.tool, ...serveExamples().tools] });
    open(connection, "2025-03-26");
    await connection.answerTo(0);
    connection.send(JSON.stringify([initialized]));
    connection.send(JSON.stringify([callOf(1, "wait_for_abort"), callOf(2, "add_numbers", { a: 2, b: 2 })]));
    await patient.started;
    connection.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    await patient.aborted;
    const [, line = ""] = await connection.lines(2);
    expect(JSON.parse(line)).toEqual([expect.objectContaining({ id: 2 })]);
  });
});
