import { describe, expect, test } from "vitest";
import { json, raw, reset, ScriptedServer } from "./scripted-server.ts";
import { batch, connect, plan, problemOf, serve } from "./support.ts";

const numbers = { data: { phone_numbers: [] } };
const ours = { "x-environment": "simulated" };
const others = { "x-environment": "production" };
const missing = { message: "Batch call not found", status: "error", error: "Batch call does not exist" };

describe("environment", () => {
  test.each([
    ["simulated", { "x-environment": "simulated" }],
    ["live", { "x-environment": "live" }],
    ["live", { "x-environment": "something else" }],
    ["live", {}],
  ])("is %s for an upstream that answers with %j", async (environment, headers) => {
    const server = await serve(json(200, numbers, headers as Record<string, string>));
    const { api } = connect(server.url);
    expect(await api.environment()).toBe(environment);
    expect(server.seen).toMatchObject([{ method: "GET", url: "/api/phone-numbers?page=0&limit=1" }]);
  });

  test("is asked once, and not at all after another answer told it", async () => {
    const server = await serve(json(200, { ...batch, ...numbers }, ours));
    const { api } = connect(server.url);
    await api.getBatch("batch_1");
    expect([await api.environment(), await api.environment()]).toEqual(["simulated", "simulated"]);
    expect(server.seen).toHaveLength(1);
  });

  test("is not taken from an error that something in between answered", async () => {
    const server = await serve(raw(404, ""), json(200, numbers, ours));
    const { api } = connect(server.url);
    await problemOf(api.getBatch("batch_1"));
    expect(await api.environment()).toBe("simulated");
  });

  test("is asked again of an upstream that moved", async () => {
    const simulated = await serve(json(200, numbers, ours));
    const live = await serve(json(200, numbers));
    let address = simulated.url;
    const { api } = connect(async () => address);
    expect(await api.environment()).toBe("simulated");
    address = live.url;
    expect(await api.environment()).toBe("live");
  });

  test("is not guessed when the keys are wrong", async () => {
    const { api } = connect((await serve(json(401, {}))).url);
    expect(await problemOf(api.environment())).toMatchObject({ code: "unauthorized" });
  });
});

test("origin is scheme, host and port", async () => {
  expect(await connect("https://proxy.example:8443/zudu/api").api.origin()).toBe("https://proxy.example:8443");
});

describe("an extension that the upstream answers with 404", () => {
  test("is unsupported when the batch is there", async () => {
    const server = await serve(raw(404, "Not Found"), json(200, batch));
    expect(await problemOf(connect(server.url).api.pauseBatch("batch_1"))).toMatchObject({ code: "unsupported" });
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /batch-call/batch_1/pause",
      "GET /batch-call/batch_1",
    ]);
  });

  test("is unsupported when the header is not one of ours", async () => {
    const server = await serve(json(404, missing, others), json(200, batch, others));
    expect(await problemOf(connect(server.url).api.pauseBatch("batch_1"))).toMatchObject({ code: "unsupported" });
  });

  test("is not_found when the batch is not there", async () => {
    const server = await serve(json(404, missing));
    expect(await problemOf(connect(server.url).api.pauseBatch("batch_1"))).toMatchObject({ code: "not_found" });
  });

  test("is not_found without another question when the upstream has the extensions", async () => {
    const server = await serve(json(404, missing, ours));
    expect(await problemOf(connect(server.url).api.pauseBatch("batch_1"))).toMatchObject({ code: "not_found" });
    expect(server.seen).toHaveLength(1);
  });

  test("is unsupported for the do-not-call list", async () => {
    const { api } = connect((await serve(raw(404, ""))).url);
    expect(await problemOf(api.listDoNotCall({ page: 0, limit: 10 }))).toMatchObject({ code: "unsupported" });
    expect(await problemOf(api.addDoNotCall([{ phoneNumber: "+14155550101" }]))).toMatchObject({ code: "unsupported" });
  });
});

test.each([405, 501])("an extension answered with %i is unsupported, whoever answers", async (status) => {
  const server = await serve(json(status, {}, ours), json(200, batch));
  expect(await problemOf(connect(server.url).api.cancelBatch("batch_1"))).toMatchObject({ code: "unsupported" });
});

describe("a create whose outcome is unknown", () => {
  test("is repeated once with the same key and body where the upstream is our service", async () => {
    const server = await serve(json(200, numbers, ours), reset, json(200, batch, ours));
    const { api } = connect(server.url);
    await api.environment();
    expect(await api.createDraft(plan, "key-1")).toMatchObject({ batchId: "batch_1" });
    const [, first, second] = server.seen;
    expect(first?.headers["idempotency-key"]).toBe("key-1");
    expect(second?.headers["idempotency-key"]).toBe("key-1");
    expect(second?.body).toBe(first?.body);
  });

  test.each([{}, others])("is not repeated where the upstream never said that it is (%j)", async (headers) => {
    const server = await serve(json(200, numbers, headers as Record<string, string>), reset);
    const { api } = connect(server.url);
    await api.environment();
    expect(await problemOf(api.createDraft(plan, "key-1"))).toMatchObject({ code: "outcome_unknown" });
    expect(server.seen).toHaveLength(2);
  });

  test.each([
    ["unknown as well", reset],
    ["refused", json(400, {}, ours)],
    ["not let in", json(429, {}, ours)],
  ])("stays unknown when the repeat is %s", async (_what, second) => {
    const server = await serve(json(200, numbers, ours), reset, second);
    const { api } = connect(server.url);
    await api.environment();
    const problem = await problemOf(api.createDraft(plan, "key-1"));
    expect(problem).toMatchObject({
      code: "outcome_unknown",
      message: expect.stringContaining('list_batches with name "June reminders"'),
    });
    expect(server.seen).toHaveLength(3);
  });

  test("stays unknown when nobody listens any more", async () => {
    const server = await serve(json(200, numbers, ours), reset);
    const deserted = await ScriptedServer.deserted();
    const { api, clock } = connect(async () => (server.seen.length < 2 ? server.url : deserted));
    await api.environment();
    const problem = problemOf(api.createDraft(plan, "key-1"));
    for (let waitedMs = 0; waitedMs < 3_000; ) waitedMs += await clock.passWait();
    expect(await problem).toMatchObject({ code: "outcome_unknown" });
  });

  test("is not repeated after a refusal", async () => {
    const server = await serve(json(200, numbers, ours), json(400, {}, ours));
    const { api } = connect(server.url);
    await api.environment();
    expect(await problemOf(api.createDraft(plan, "key-1"))).toMatchObject({ code: "invalid_input" });
    expect(server.seen).toHaveLength(2);
  });
});

test("an answer to a change that only names the batch is followed by a question for the batch", async () => {
  const named = {
    data: { batch_call_id: "batch_1", name: "July", status: "DRAFT", updated_at: "2026-06-01T09:00:00Z" },
  };
  const server = await serve(json(200, named), json(200, { data: { ...batch, name: "July" } }));
  expect(await connect(server.url).api.editBatch("batch_1", { name: "July" })).toMatchObject({
    name: "July",
    total: 1,
  });
  expect(server.seen.map((request) => request.method)).toEqual(["PATCH", "GET"]);
});
