import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Caller, type Gate, RequestBudget } from "../../src/access/index.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { defineTool } from "../../src/tools/tool.ts";
import { addNumbers, createPatientTool } from "./example-tools.ts";
import { closeAll, closeLater, post, start } from "./http-world.ts";
import {
  callOf,
  enveloped,
  handshakeRevisions,
  headersFor,
  initialize,
  type Message,
  readAnswer,
  request,
  statelessRevision,
} from "./wire.ts";

afterEach(closeAll);

const revisions = ["2025-11-25", statelessRevision] as const;

/** A mark that one side sets and the other waits for. */
function mark() {
  let resolve = (): void => {};
  const promise = new Promise<void>((set) => {
    resolve = set;
  });
  return { promise, resolve };
}

const common = {
  title: "A tool of this test",
  description: "Does what the test says.",
  toolset: "account",
  effect: "reads",
  idempotent: true,
} as const;

/** A tool whose call ends when the test says so. */
function createHeldTool() {
  const started = mark();
  const released = mark();
  const tool = defineTool({
    ...common,
    name: "hold",
    input: z.strictObject({}),
    output: z.object({ held: z.boolean() }),
    run: async () => {
      started.resolve();
      await released.promise;
      return { held: true };
    },
    summarize: () => "Held.",
  });
  return { tool, started: started.promise, release: released.resolve };
}

function toHttp(message: Message, revision: string, headers: Record<string, string> = {}): string {
  const body = JSON.stringify(revision === statelessRevision ? enveloped(message) : message);
  const all = { Host: "localhost", ...headersFor(message, revision), ...headers, "Content-Length": body.length };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`POST /mcp HTTP/1.1`, ...head, "", body].join("\r\n");
}

async function openSocket(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  closeLater(async () => void socket.destroy());
  return socket;
}

async function readUntil(socket: Socket, isWhole: (text: string) => boolean): Promise<string> {
  let text = "";
  while (!isWhole(text)) text += String((await once(socket, "data"))[0]);
  return text;
}

/** A door whose guard waits for the test with the first request. */
function createSlowGate() {
  const asked = mark();
  const answered = mark();
  const caller: Caller = {
    principal: "slow",
    access: { kind: "scoped", scopes: new Set(["read"]) },
    proof: { kind: "setting" },
  };
  let count = 0;
  const gate: Gate = {
    isOpen: () => false,
    async authenticate() {
      if (count++ > 0) return caller;
      asked.resolve();
      await answered.promise;
      return caller;
    },
    identify: async () => caller,
    isGood: () => true,
  };
  return { gate, asked: asked.promise, answer: answered.resolve };
}

describe("who goes away in the middle", () => {
  it.each([
    ["by the quick way", "Accept: application/json"],
    ["as a page of a browser", "Origin: http://localhost"],
  ])("is not counted as under way for ever, also where the guard took long (%s)", async (_name, header) => {
    const { gate, asked, answer } = createSlowGate();
    const budget = new RequestBudget(systemClock, { perMinute: 1000, atOnce: 1 });
    const url = await start({ gate, budget });
    const socket = await openSocket(url);
    const [name = "", value = ""] = header.split(": ");
    socket.write(toHttp(request(1, "ping"), "2025-11-25", { [name]: value }));
    await asked;
    socket.destroy();
    // Answered by the same server after it has seen the end of the other connection.
    await fetch(new URL("/healthz", url));
    await fetch(new URL("/healthz", url));
    answer();
    const response = await post(url, request(2, "ping"), "2025-11-25");
    expect(response.status).toBe(200);
  });

  it.each(revisions)("has the work of its call ended, and others' calls go on (%s)", async (revision) => {
    const patient = createPatientTool();
    const held = createHeldTool();
    const url = await start({ tools: [patient.tool, held.tool] });
    const other = post(url, callOf(1, "hold"), revision);
    const socket = await openSocket(url);
    socket.write(toHttp(callOf(1, "wait_for_abort"), revision));
    await Promise.all([patient.started, held.started]);
    socket.destroy();
    await patient.aborted;
    held.release();
    expect((await readAnswer(await other)).result).toMatchObject({ structuredContent: { held: true } });
  });
});

describe("who names another's request", () => {
  it.each(revisions)("cancels nothing, whatever id it says (%s)", async (revision) => {
    const held = createHeldTool();
    const url = await start({ tools: [held.tool] });
    const call = post(url, callOf(1, "hold"), revision);
    await held.started;
    for (const requestId of [1, "1", 2, 0])
      for (const method of ["notifications/cancelled", "notifications/progress"]) {
        const params = { requestId, progressToken: requestId, progress: 1 };
        const notice = { jsonrpc: "2.0", method, params } as const;
        expect((await post(url, notice, "2025-11-25")).status).toBe(202);
      }
    held.release();
    expect((await readAnswer(await call)).result).toMatchObject({ structuredContent: { held: true } });
  });

  it("answers nothing: an answer that nobody asked for goes nowhere", async () => {
    const held = createHeldTool();
    const url = await start({ tools: [held.tool] });
    const call = post(url, callOf(1, "hold"), "2025-11-25");
    await held.started;
    for (const id of [1, 2]) {
      const answer = JSON.stringify({ jsonrpc: "2.0", id, result: { structuredContent: { held: "forged" } } });
      const headers = headersFor(request(id, "x"), "2025-11-25");
      expect((await fetch(url, { method: "POST", body: answer, headers })).status).toBe(202);
    }
    held.release();
    expect((await readAnswer(await call)).result).toMatchObject({ structuredContent: { held: true } });
  });
});

describe("who opens a connection of an older revision", () => {
  it("gets that revision, at the same time as others get theirs", async () => {
    const url = await start();
    const asked = Array.from({ length: 40 }, (_, n) => handshakeRevisions[n % handshakeRevisions.length] ?? "");
    const answers = await Promise.all(
      asked.map(async (revision) => readAnswer(await post(url, initialize(1, revision), revision))),
    );
    expect(answers.map(({ result }) => result?.protocolVersion)).toEqual(asked);
  });

  it("says its name and what it can for nobody else", async () => {
    const seen: unknown[] = [];
    const tool = defineTool({
      ...common,
      name: "see_client",
      input: z.strictObject({}),
      output: z.object({}),
      run: async (_input, { client, clientRoots }) => {
        seen.push(client, clientRoots);
        return {};
      },
      summarize: () => "",
    });
    const url = await start({ tools: [tool] });
    await post(url, initialize(1, "2025-11-25", { roots: {}, elicitation: { form: {} } }), "2025-11-25");
    await post(url, callOf(1, "see_client"), "2025-11-25");
    expect(seen).toEqual([undefined, undefined]);
  });
});

describe("a connection", () => {
  it("on which several requests were sent at once answers them in their order", async () => {
    const held = createHeldTool();
    const url = await start({ tools: [held.tool, addNumbers] });
    const socket = await openSocket(url);
    const asked = [
      callOf(1, "hold"),
      callOf(2, "add_numbers", { a: 1, b: 2 }),
      request(3, "tools/list"),
      request(4, "ping"),
    ];
    socket.write(asked.map((message) => toHttp(message, "2025-11-25")).join(""));
    await held.started;
    // The others are long answered by then, and wait.
    await fetch(new URL("/healthz", url));
    held.release();
    const text = await readUntil(socket, (read) => read.includes('"id":4'));
    const ids = [...text.matchAll(/"jsonrpc":"2.0","id":(\d)|"id":(\d),"jsonrpc"|"id":(\d)\}/g)].map((found) =>
      Number(found[1] ?? found[2] ?? found[3]),
    );
    expect(ids).toEqual([1, 2, 3, 4]);
  });

  it("whose body comes a byte at a time, in chunks, is read as any other", async () => {
    const url = await start();
    const socket = await openSocket(url);
    const body = JSON.stringify(callOf(7, "add_numbers", { a: 3, b: 4 }));
    const head = [
      "POST /mcp HTTP/1.1",
      "Host: localhost",
      "Content-Type: application/json",
      "Transfer-Encoding: chunked",
    ];
    socket.write([...head, "", ""].join("\r\n"));
    for (const letter of body) socket.write(`1\r\n${letter}\r\n`);
    socket.write("0\r\n\r\n");
    expect(await readUntil(socket, (read) => read.includes('"id":7'))).toContain('"sum":7');
  });

  it("that reads late gets an answer larger than its buffers whole, and others are served meanwhile", async () => {
    const tool = defineTool({
      ...common,
      name: "say_much",
      input: z.strictObject({}),
      output: z.object({ much: z.string() }),
      run: async () => ({ much: "x".repeat(12 * 1024 * 1024) }),
      summarize: () => "Much.",
    });
    const url = await start({ tools: [tool, addNumbers] });
    const socket = await openSocket(url);
    socket.pause();
    socket.write(toHttp(callOf(5, "say_much"), "2025-11-25"));
    await once(socket, "readable");
    const other = await readAnswer(await post(url, callOf(6, "add_numbers", { a: 1, b: 1 }), "2025-11-25"));
    expect(other.result).toMatchObject({ structuredContent: { sum: 2 } });
    const text = await readUntil(socket, (read) => read.endsWith("}") && read.includes('"id":5'));
    expect(/content-length: (\d+)/i.exec(text)?.[1]).toBe(String(text.length - text.indexOf("\r\n\r\n") - 4));
  });
});

describe("a whole message by the quick way", () => {
  const whole = (host: string, others: Record<string, string> = {}) =>
    toHttp(callOf(1, "tell_caller"), "2025-11-25", { Host: host, ...others });

  it.each([
    ["a foreign Host", whole("attacker.example")],
    ["a foreign Origin", whole("localhost", { Origin: "https://attacker.example" })],
    ["a Host that is none", whole("local host")],
    ["an Origin that is null", whole("localhost", { Origin: "null" })],
  ])("is not answered with %s", async (_name, text) => {
    const socket = await openSocket(await start());
    socket.write(text);
    const read = await readUntil(socket, (got) => got.includes("\r\n\r\n"));
    expect(read).toMatch(/^HTTP\/1.1 40[03] /);
    expect(read).not.toContain("structuredContent");
  });
});
