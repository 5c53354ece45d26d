import { describe, expect, test } from "vitest";
import type { BatchCallApi } from "../../src/client/api.ts";
import {
  json,
  oversized,
  raw,
  reset,
  resetInBody,
  ScriptedServer,
  type Step,
  silence,
  truncated,
} from "./scripted-server.ts";
import { batch, connect, problemOf, serve } from "./support.ts";

const page = { page: 0, limit: 2 };
const reads: [string, (api: BatchCallApi) => Promise<unknown>, unknown][] = [
  ["getBatch", (api) => api.getBatch("batch_1"), batch],
  ["listBatches", (api) => api.listBatches(page), { batch_calls: [batch] }],
  ["listBatches with a filter", (api) => api.listBatches({ ...page, name: ["June"] }), { batch_calls: [batch] }],
  ["listTasks", (api) => api.listTasks("batch_1", page), { tasks: [] }],
  ["getCall", (api) => api.getCall("call_1"), { call_id: "call_1", call_status: "ended" }],
  [
    "recentCalls",
    (api) => api.recentCalls({ numbers: ["+14155550101"], since: new Date(0), exceptBatchIds: ["batch_1"] }),
    { calls: [] },
  ],
  ["listAgents", (api) => api.listAgents(page), { agents: [] }],
  ["getAgent", (api) => api.getAgent("agent_1"), { agent_id: "agent_1" }],
  ["listPhoneNumbers", (api) => api.listPhoneNumbers(page), { phone_numbers: [] }],
  ["listDoNotCall", (api) => api.listDoNotCall(page), { numbers: [] }],
  ["findDoNotCall", (api) => api.findDoNotCall(["+14155550101"]), { listed: [] }],
];

const passing: [string, Step][] = [
  ["reset before the answer", reset],
  ["reset in the answer's body", resetInBody],
  ["an answer that ends early", truncated],
  ...[408, 429, 500, 502, 503, 504].map((status): [string, Step] => [String(status), json(status, {})]),
];

describe.each(reads)("%s", (_name, read, data) => {
  const success = json(200, { data });

  test.each(passing)("is repeated three times after %s", async (_what, fault) => {
    const server = await serve(fault, fault, fault, success);
    const { api, clock } = connect(server.url);
    const answer = read(api);
    expect([await clock.passWait(), await clock.passWait(), await clock.passWait()]).toEqual([375, 750, 1500]);
    await answer;
    expect(server.seen).toHaveLength(4);
  });

  test.each(passing)("gives up after the fourth time: %s", async (what, fault) => {
    const server = await serve(fault);
    const { api, clock } = connect(server.url);
    const problem = problemOf(read(api));
    for (let repeat = 0; repeat < 3; repeat++) await clock.passWait();
    expect(await problem).toMatchObject({ code: what === "429" ? "rate_limited" : "unavailable" });
    expect(server.seen).toHaveLength(4);
  });

  test.each([
    ["a 200 that is not JSON", raw(200, "<html>")],
    ["a 200 without the data", json(200, { data: { other: true } })],
    ["an empty 200", raw(200, "")],
    ["an answer over 8 MiB", oversized],
  ])("is a bad_response at once after %s", async (_what, step) => {
    const server = await serve(step);
    expect(await problemOf(read(connect(server.url).api))).toMatchObject({ code: "bad_response" });
    expect(server.seen).toHaveLength(1);
  });

  test.each([301, 302, 303, 307, 308])(
    "does not follow a redirect (%i), and the keys go nowhere else",
    async (status) => {
      const elsewhere = await serve(success);
      const server = await serve(raw(status, "", { location: elsewhere.url }));
      expect(await problemOf(read(connect(server.url).api))).toMatchObject({ code: "bad_response" });
      expect(elsewhere.seen).toHaveLength(0);
    },
  );
});

test("silence for 30 s is not waited for again", async () => {
  const server = await serve(silence);
  const { api, clock } = connect(server.url);
  const problem = problemOf(api.getBatch("batch_1"));
  await server.received(1);
  await clock.advance({ seconds: 30 });
  expect(await problem).toMatchObject({ code: "unavailable", message: expect.stringContaining("within 30 s") });
  expect(server.seen).toHaveLength(1);
});

test("a body that stops coming is silence as well", async () => {
  const server = await serve((response) => response.writeHead(200).write('{"data":'));
  const { api, clock } = connect(server.url);
  const problem = problemOf(api.getBatch("batch_1"));
  await server.received(1);
  await clock.advance({ seconds: 30 });
  expect(await problem).toMatchObject({ code: "unavailable", message: expect.stringContaining("within 30 s") });
});

describe("Retry-After", () => {
  const answer = json(200, batch);

  test("is waited for", async () => {
    const server = await serve(json(429, {}, { "retry-after": "7" }), answer);
    const { api, clock } = connect(server.url);
    const read = api.getBatch("batch_1");
    expect(await clock.passWait()).toBe(7_050);
    expect(await read).toMatchObject({ batchId: "batch_1" });
  });

  test("of more than 10 s is passed on instead", async () => {
    const server = await serve(json(429, {}, { "retry-after": "11" }), answer);
    const problem = await problemOf(connect(server.url).api.getBatch("batch_1"));
    expect(problem).toMatchObject({ code: "rate_limited", message: expect.stringContaining("in 11 s") });
    expect(server.seen).toHaveLength(1);
  });

  test("that is no number of seconds is as if it were not there", async () => {
    const server = await serve(json(429, {}, { "retry-after": "-5" }), answer);
    const { api, clock } = connect(server.url);
    const read = api.getBatch("batch_1");
    expect(await clock.passWait()).toBe(375);
    await read;
  });
});

test("a read finds the service again that moved to another port", async () => {
  const deserted = await ScriptedServer.deserted();
  const server = await serve(json(200, batch));
  const { api, clock } = connect(async () => (clock.now() < restartedAt ? deserted : server.url));
  const restartedAt = new Date(clock.now().getTime() + 1_000);
  const read = api.getBatch("batch_1");
  for (let waitedMs = 0; waitedMs < 1_000; ) waitedMs += await clock.passWait();
  expect(await read).toMatchObject({ batchId: "batch_1" });
});

test("repeats are spread: no two readers that failed together come back together", async () => {
  const server = await serve(json(503, {}));
  const waits = await Promise.all(
    [0, 0.999].map(async (jitter) => {
      const { api, clock } = connect(server.url, { random: () => jitter });
      const problem = problemOf(api.getBatch("batch_1"));
      const wait = await clock.passWait();
      await clock.passWait();
      await clock.passWait();
      await problem;
      return wait;
    }),
  );
  expect(waits[0]).toBe(250);
  expect(waits[1]).toBe(499);
});

test("looking for a service that moved does not use up the repeats of a read", async () => {
  const deserted = await ScriptedServer.deserted();
  const server = await serve(json(503, {}), json(503, {}), json(503, {}), json(200, batch));
  const { api, clock } = connect(async () => (clock.now() < restartedAt ? deserted : server.url));
  const restartedAt = new Date(clock.now().getTime() + 750);
  const read = api.getBatch("batch_1");
  for (let wait = 0; wait < 5 + 3; wait++) await clock.passWait();
  expect(await read).toMatchObject({ batchId: "batch_1" });
});

test("no deadline outlives its request", async () => {
  const server = await serve(json(200, batch), reset, json(200, batch));
  const { api, clock } = connect(server.url);
  await api.getBatch("batch_1");
  const read = api.getBatch("batch_1");
  await clock.passWait();
  await read;
  expect(clock.openDeadlines).toBe(0);
});
