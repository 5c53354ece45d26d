import { afterEach, expect, it, vi } from "vitest";
import { serveOverStdio } from "../../src/mcp/stdio.ts";
import { createAskingTool } from "./asking-tool.ts";
import { serveExamples } from "./example-tools.ts";
import { closeAll, closeLater } from "./http-world.ts";
import { callOf, createPipe, initialize, initialized, request } from "./wire.ts";

const minuteMs = 60_000;

afterEach(async () => {
  vi.useRealTimers();
  await closeAll();
});

/** A connection of the 2025 era that has made a call of the tool. */
async function callAsk(capabilities: object = { elicitation: {} }) {
  const asking = createAskingTool();
  const pipe = createPipe();
  const ending = new AbortController();
  const over = serveOverStdio({ ...serveExamples({ tools: [asking.tool] }), ...pipe, signal: ending.signal });
  closeLater(async () => {
    ending.abort();
    await over;
  });
  pipe.send(initialize(100, "2025-06-18", capabilities));
  await pipe.answerTo(100);
  pipe.send(initialized);
  pipe.send(callOf(101, "ask"));
  return { asking, over, ...pipe };
}

/** The same, with the form that the server has sent. */
async function callAndSeeForm() {
  const connection = await callAsk();
  // The server numbers its own requests from 0.
  const form = await connection.answerTo(0);
  expect(form).toMatchObject({
    method: "elicitation/create",
    params: { message: expect.stringContaining("42 people") },
  });
  return connection;
}

it.each([
  ["no action but a number", { result: { action: 1 } }],
  ["nothing", { result: {} }],
  ["an unknown action", { result: { action: "agree", content: { recipients: 42, agree: true } } }],
  ["content in the wrong place", { result: { action: "accept", recipients: 42, agree: true } }],
  ["nested content", { result: { action: "accept", content: { recipients: { typed: 42 }, agree: true } } }],
  ["a number as text", { result: { action: "accept", content: { recipients: "42", agree: true } } }],
  ["an error", { error: { code: -32601, message: "Method not found" } }],
])("%s in answer to a form counts for nothing", async (_what, answer) => {
  const { send, answerTo } = await callAndSeeForm();
  send(JSON.stringify({ jsonrpc: "2.0", id: 0, ...answer }));
  expect((await answerTo(101)).result).toMatchObject({ structuredContent: { answer: { kind: "closed" } } });
});

it("a client that only opens pages has no forms", async () => {
  const { answerTo } = await callAsk({ elicitation: { url: {} } });
  expect((await answerTo(101)).result).toMatchObject({ structuredContent: { answer: { kind: "unsupported" } } });
});

it("a form is open for ten minutes; then the client is told to close it", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { arrived, answerTo, send } = await callAndSeeForm();
  vi.advanceTimersByTime(10 * minuteMs - 1);
  send(request(102, "ping"));
  await answerTo(102);
  expect(arrived.join()).not.toContain("notifications/cancelled");
  vi.advanceTimersByTime(1);
  expect((await answerTo(101)).result).toMatchObject({ structuredContent: { answer: { kind: "closed" } } });
  expect(arrived.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({
      method: "notifications/cancelled",
      params: expect.objectContaining({ requestId: 0 }),
    }),
  );
});

it("a form is closed when the connection ends", async () => {
  const { asking, input, over } = await callAndSeeForm();
  input.end();
  await over;
  await asking.answered;
  expect(asking.answers).toEqual([{ kind: "closed" }]);
});
