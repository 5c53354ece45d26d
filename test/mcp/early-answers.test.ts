import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answerEarly } from "../../src/mcp/early-answers.ts";
import { prepareAnswers } from "../../src/mcp/prepare-answers.ts";
import { serveOverStdio } from "../../src/mcp/stdio.ts";
import { serveExamples } from "./example-tools.ts";

const prepared = await prepareAnswers(false);

const opening = {
  jsonrpc: "2.0",
  id: "first",
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: { roots: {} }, clientInfo: { name: "a", version: "1" } },
};
const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };
const listTools = { jsonrpc: "2.0", id: 2, method: "tools/list" };
const toLines = (...messages: readonly unknown[]): string =>
  messages.map((message) => `${JSON.stringify(message)}\n`).join("");

let ending: AbortController;
beforeEach(() => {
  ending = new AbortController();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function begin() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const over = answerEarly(prepared, { input, output, signal: ending.signal });
  const told = () =>
    (output.read() ?? "")
      .toString()
      .split("\n")
      .filter(Boolean)
      .map((line: string) => JSON.parse(line));
  return { input, output, over, told };
}

describe("a plain opening", () => {
  it("is answered at once, and the server gets every byte of it", async () => {
    const { input, over, told } = begin();
    const lines = toLines(opening, initialized, listTools);
    input.write(lines.slice(0, 100));
    input.write(lines.slice(100));
    const handed = await over;
    expect(told()).toEqual([
      { jsonrpc: "2.0", id: "first", result: prepared.initialize["2025-06-18"] },
      { jsonrpc: "2.0", id: 2, result: prepared.toolsList },
    ]);
    expect([...handed.answered.keys()]).toEqual(["first", 2]);
    input.end();
    expect(await text(handed.input)).toBe(lines);
  });

  it("of each revision has that revision's own answer", () => {
    expect(Object.keys(prepared.initialize)).toContain("2025-11-25");
    for (const [version, answer] of Object.entries(prepared.initialize))
      expect(answer).toMatchObject({ protocolVersion: version });
  });

  it("waits for the list for 100 ms, and no longer", async () => {
    const { input, over } = begin();
    input.write(toLines(opening));
    await vi.waitFor(() => expect(input.readableLength).toBe(0));
    await vi.advanceTimersByTimeAsync(100);
    expect((await over).answered.size).toBe(1);
  });

  it("whose client has gone is handed over as it is", async () => {
    const { input, over } = begin();
    input.end(toLines(opening));
    const handed = await over;
    expect([handed.answered.size, await text(handed.input)]).toEqual([1, toLines(opening)]);
  });
});

it("nobody asks anything: the rest comes up after 100 ms", async () => {
  const { over } = begin();
  await vi.advanceTimersByTimeAsync(100);
  expect((await over).answered.size).toBe(0);
});

it("a process that is asked to end waits for nothing", async () => {
  const { over } = begin();
  ending.abort();
  expect((await over).answered.size).toBe(0);
});

describe("what has to be judged is left to the server, with all that comes after it", () => {
  const params = opening.params;
  it.each([
    ["another method", [{ jsonrpc: "2.0", id: 1, method: "server/discover", params: {} }]],
    ["a list before the opening", [listTools]],
    ["a revision that is not known", [{ ...opening, params: { ...params, protocolVersion: "1999-01-01" } }]],
    ["a client without a version", [{ ...opening, params: { ...params, clientInfo: { name: "a" } } }]],
    ["capabilities of another type", [{ ...opening, params: { ...params, capabilities: { roots: true } } }]],
    ["an opening with _meta", [{ ...opening, params: { ...params, _meta: {} } }]],
    ["an id that is not whole", [{ ...opening, id: 1.5 }]],
    ["another JSON-RPC", [{ ...opening, jsonrpc: "1.0" }]],
    ["a batch", [[opening, listTools]]],
  ])("%s", async (_what, messages) => {
    const { input, over, told } = begin();
    const lines = toLines(...messages, listTools);
    input.write(lines);
    const handed = await over;
    expect([told(), handed.answered.size]).toEqual([[], 0]);
    input.end();
    expect(await text(handed.input)).toBe(lines);
  });

  it.each([
    ["a page of the list", { ...listTools, params: { cursor: "x" } }],
    ["a second opening", { ...opening, id: 3 }],
    ["the same id again", { ...listTools, id: "first" }],
  ])("after the opening: %s", async (_what, message) => {
    const { input, over, told } = begin();
    input.write(toLines(opening, initialized, message));
    const handed = await over;
    expect([told().length, handed.answered.size]).toEqual([1, 1]);
  });
});

it("the server that takes over does not answer twice, knows the client, and says where its own answer is another", async () => {
  vi.useRealTimers();
  const { input, output, over } = begin();
  input.write(toLines(opening, initialized, listTools));
  const handed = await over;
  handed.answered.set("first", "{}");
  const warnings: object[] = [];
  const served = serveExamples();
  const serving = serveOverStdio({
    ...served,
    ...handed,
    log: { ...served.log, warn: (fields) => warnings.push(fields) },
    output,
    signal: ending.signal,
  });
  input.end(toLines({ jsonrpc: "2.0", id: 4, method: "ping" }));
  await serving;
  output.end();
  const ids = (await text(output))
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line).id);
  expect(ids).toEqual(["first", 2, 4]);
  // The examples have tools of their own.
  expect(warnings).toEqual([{ id: "first" }, { id: 2 }]);
});
