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
import { batch, connect, plan, problemOf, serve } from "./support.ts";

const writes: [string, (api: BatchCallApi) => Promise<unknown>][] = [
  ["createDraft", (api) => api.createDraft(plan, "key-1")],
  ["editBatch", (api) => api.editBatch("batch_1", { name: "July" })],
  ["deleteBatch", (api) => api.deleteBatch("batch_1")],
  ["executeBatch", (api) => api.executeBatch("batch_1")],
  ["pauseBatch", (api) => api.pauseBatch("batch_1")],
  ["resumeBatch", (api) => api.resumeBatch("batch_1", { redialUnknown: false })],
  ["cancelBatch", (api) => api.cancelBatch("batch_1")],
  ["addDoNotCall", (api) => api.addDoNotCall([{ phoneNumber: "+14155550101", reason: "asked" }])],
  ["removeDoNotCall", (api) => api.removeDoNotCall(["+14155550101"])],
];

const unknowns: [string, Step, RegExp][] = [
  ["reset before the answer", reset, /broke \(\w+\) before a whole answer came/],
  ["reset in the answer's body", resetInBody, /broke \(\w+\) before a whole answer came/],
  ["an answer that ends early", truncated, /broke \(\w+\) before a whole answer came/],
  ["a 200 that is not JSON", raw(200, "<html>ok</html>"), /answer \(200\) cannot be understood/],
  ["a 200 that is a list", json(200, []), /answer \(200\) cannot be understood/],
  ["an answer over 8 MiB", oversized, /larger than 8 MiB/],
  ["408", json(408, {}), /answered 408/],
  ["421", json(421, {}), /answered 421/],
  [
    "500",
    json(500, { message: "Failed", status: "error", error: "Database connection failed" }),
    /answered 500\. It said: "Database/,
  ],
  ["502", raw(502, "Bad Gateway"), /answered 502/],
  ["503 with Retry-After", json(503, {}, { "retry-after": "1" }), /answered 503/],
  ["504", raw(504, ""), /answered 504/],
];

describe.each(writes)("%s is sent once, and its outcome is unknown, after", (_name, write) => {
  test.each(unknowns)("%s", async (_what, step, words) => {
    const server = await serve(step);
    const problem = await problemOf(write(connect(server.url).api));
    expect(problem.code).toBe("outcome_unknown");
    expect(problem.message).toMatch(words);
    expect(problem.message).toMatch(/\bmay\b.+(Call |same call again)/);
    expect(server.seen).toHaveLength(1);
  });

  test("silence for 30 s", async () => {
    const server = await serve(silence);
    const { api, clock } = connect(server.url);
    const problem = problemOf(write(api));
    await server.received(1);
    await clock.advance({ seconds: 30 });
    expect(await problem).toMatchObject({ code: "outcome_unknown", message: expect.stringContaining("30 s") });
    expect(server.seen).toHaveLength(1);
  });

  test.each([301, 302, 303, 307, 308])("a redirect (%i), and the keys go nowhere else", async (status) => {
    const elsewhere = await serve(json(200, batch));
    const server = await serve(raw(status, "", { location: `${elsewhere.url}/batch-call` }));
    const problem = await problemOf(write(connect(server.url).api));
    expect(problem).toMatchObject({
      code: "outcome_unknown",
      message: expect.stringContaining(`redirected the request (${status})`),
    });
    expect(server.seen).toHaveLength(1);
    expect(elsewhere.seen).toHaveLength(0);
  });
});

describe.each(writes)("%s", (_name, write) => {
  test("is sent again as long as nobody listens, to wherever the service is by then", async () => {
    const deserted = await ScriptedServer.deserted();
    const server = await serve(json(400, { message: "Validation error", status: "error", error: "reached" }));
    const { api, clock } = connect(async () => (clock.now() < restartedAt ? deserted : server.url));
    const restartedAt = new Date(clock.now().getTime() + 300);
    const problem = problemOf(write(api));
    expect([await clock.passWait(), await clock.passWait()]).toEqual([150, 150]);
    expect((await problem).message).toContain("reached");
    expect(server.seen).toHaveLength(1);
  });

  test("gives up when nobody listens for 3 s, and says that nothing was sent", async () => {
    const { api, clock } = connect(await ScriptedServer.deserted());
    const problem = problemOf(write(api));
    let waitedMs = 0;
    while (waitedMs < 3_000) waitedMs += await clock.passWait();
    expect(await problem).toMatchObject({ code: "unavailable", message: expect.stringContaining("ECONNREFUSED") });
    expect((await problem).message).toContain("Nothing was sent");
  });

  test("is not sent again after 429, whose seconds are passed on", async () => {
    const server = await serve(json(429, { message: "Slow down", status: "error" }, { "retry-after": "17" }));
    const problem = await problemOf(write(connect(server.url).api));
    expect(problem).toMatchObject({ code: "rate_limited", message: expect.stringContaining("Try again in 17 s") });
    expect(server.seen).toHaveLength(1);
  });
});

test("each write has a connection of its own, even while one is kept open for reads", async () => {
  const server = await serve(json(200, { data: batch }));
  const { api } = connect(server.url);
  await api.getBatch("batch_1");
  await api.editBatch("batch_1", { name: "July" });
  await api.getBatch("batch_1");
  await api.createDraft(plan, "key-1");
  const [read, edit, secondRead, create] = server.seen.map((request) => request.connection);
  expect(secondRead).toBe(read);
  expect(new Set([read, edit, create]).size).toBe(3);
});

test("an answer in the last millisecond before the deadline counts", async () => {
  let answer = () => {};
  const server = await serve((response) => {
    answer = () => json(200, batch)(response);
  });
  const { api, clock } = connect(server.url);
  const created = api.createDraft(plan, "key-1");
  await server.received(1);
  await clock.advance({ ms: 29_999 });
  answer();
  expect(await created).toMatchObject({ batchId: "batch_1" });
});

test("a write over TLS that fails before the connection stands was never sent", async () => {
  const plain = await serve(json(200, batch));
  const { api, clock } = connect(plain.url.replace("http:", "https:"));
  const problem = problemOf(api.executeBatch("batch_1"));
  let waitedMs = 0;
  while (waitedMs < 3_000) waitedMs += await clock.passWait();
  expect(await problem).toMatchObject({ code: "unavailable", message: expect.stringContaining("Nothing was sent") });
  expect(plain.seen).toHaveLength(0);
});
