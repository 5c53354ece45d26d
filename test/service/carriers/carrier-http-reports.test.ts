import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BridgeWorld } from "../../support/carriers/bridge-world.ts";
import { type Json, numberOf, ServiceWorld } from "../../support/service-world.ts";

let world: BridgeWorld;
beforeEach(async () => {
  world = await BridgeWorld.start({ callsBack: true });
});
afterEach(async () => {
  expect(world.bridge.unsigned).toEqual([]);
  await world.stop();
});

const recorded = { status: 200, body: { data: { recorded: true } } };
const repeated = { status: 200, body: { data: { recorded: false } } };
const unsigned = { status: 401, body: { message: "Unauthorized", status: "error" } };

/** A call in progress, ten seconds old. */
async function callInProgress(): Promise<{ batchId: string; token: string }> {
  const batchId = await world.launch(1);
  await world.clock.advance({ seconds: 10 });
  return { batchId, token: world.bridge.calls[0]?.token ?? "" };
}

async function task(batchId: string): Promise<Json> {
  const [first] = await world.tasks(batchId);
  return first;
}

test("the bridge is told where to report, and its report ends the call at once", async () => {
  const { batchId, token } = await callInProgress();
  expect(world.bridge.dials[0]).toMatchObject({ callback_url: "https://calls.example.com/carrier/outcomes" });
  expect(await world.report(token)).toMatchObject(recorded);
  expect(await task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
  expect((await world.batch(batchId)).status).toBe("completed");
  await world.clock.advance({ hours: 3 });
  expect(world.bridge.lookUps).toEqual([]);
});

test("a free place is used when a report comes in", async () => {
  await world.stop();
  world = await BridgeWorld.start({ callsBack: true, settings: { maxConcurrent: 1 } });
  await world.launch(2);
  expect(world.bridge.rung).toEqual([numberOf(1)]);
  await world.report(world.bridge.calls[0]?.token ?? "");
  await world.clock.settle();
  expect(world.bridge.rung).toEqual([1, 2].map(numberOf));
});

test("a report that is lost costs a minute: the bridge is asked", async () => {
  const batchId = await world.launch(1);
  await world.clock.advance({ seconds: 59 });
  expect(world.bridge.lookUps).toEqual([]);
  await world.clock.advance({ seconds: 1 });
  expect(await task(batchId)).toMatchObject({ status: "completed" });
});

test("a report that comes twice changes nothing the second time", async () => {
  const { batchId, token } = await callInProgress();
  await world.report(token, { body: { outcome: "busy" } });
  expect(await world.report(token, { body: { outcome: "busy" } })).toMatchObject(repeated);
  expect(await world.report(token, { body: { outcome: "answered" } })).toMatchObject(repeated);
  expect(await task(batchId)).toMatchObject({ status: "failed", outcome: "busy", attempt_count: 1 });
});

test("what the person said comes with a report, and an opt-out with a later one as well", async () => {
  const { batchId, token } = await callInProgress();
  const said = { outcome: "answered", wrong_number: true, call_back_at: "2030-01-01T10:00:00Z" };
  expect(await world.report(token, { body: said })).toMatchObject(recorded);
  const before = await task(batchId);
  expect(before).toMatchObject({ status: "failed", reason: expect.stringContaining("a wrong number") });
  expect(await world.report(token, { body: { ...said, opt_out: "yes" } })).toMatchObject(repeated);
  expect(await task(batchId)).toEqual(before);
  expect((await world.batch(batchId)).opted_out).toBe(1);
});

const wholeEnd = { outcome: "answered", started_at: "2026-03-02T15:00:00Z", ended_at: "2026-03-02T15:00:30Z" };

test("a report of an unknown call lists nobody", async () => {
  const { batchId } = await callInProgress();
  expect((await world.report("task_none:1", { body: { ...wholeEnd, opt_out: true } })).status).toBe(404);
  expect((await world.batch(batchId)).opted_out).toBe(0);
});

test("what became of each report is counted", async () => {
  const { token } = await callInProgress();
  await world.report(token);
  await world.report(token);
  await world.report("task_none:1", { body: wholeEnd });
  await world.call("POST", "/carrier/outcomes", { token });
  const metrics = await world.metrics();
  const fates = { recorded: 1, known_before: 1, no_such_call: 1, not_genuine: 1, not_ended: 0 };
  for (const [fate, count] of Object.entries(fates))
    expect(metrics).toContain(`batch_call_notices_total{fate="${fate}",process="service"} ${count}\n`);
});

test("a report that follows the answer of a look-up changes nothing", async () => {
  const { batchId, token } = await callInProgress();
  await world.clock.advance({ minutes: 1 });
  expect(await task(batchId)).toMatchObject({ status: "completed" });
  expect(await world.report(token, { body: { outcome: "busy" } })).toMatchObject(repeated);
  expect(await task(batchId)).toMatchObject({ status: "completed" });
});

test("a report can overtake the answer to its dial", async () => {
  world.bridge.callMs = 0;
  world.bridge.onRing = async ({ token }) => {
    const report = await world.report(token, { body: { outcome: "busy" } });
    expect(report).toMatchObject(recorded);
  };
  const batchId = await world.launch(2, { retry_config: { enabled: true, max_attempts: 2 } });
  expect((await world.batch(batchId)).counts).toMatchObject({ pending: 2, calling: 0 });
  await world.clock.advance({ hours: 2 });
  expect((await world.batch(batchId)).counts).toMatchObject({ failed: 2 });
  expect(world.bridge.dials).toHaveLength(4);
});

test("a report can overtake its dial, whose answer is lost", async () => {
  world.bridge.onRing = async ({ token }) => void (await world.report(token, { body: { outcome: "no_answer" } }));
  world.bridge.dialFaults = [{ kind: "answer_lost" }];
  const batchId = await world.launch(1);
  await world.clock.advance({ minutes: 5 });
  expect(await task(batchId)).toMatchObject({ status: "failed", outcome: "no_answer", attempt_count: 1 });
  expect(world.bridge.rung).toHaveLength(1);
});

test("a report reaches a service that was started again", async () => {
  const { batchId, token } = await callInProgress();
  await world.stopService();
  await world.startService();
  expect(await world.report(token)).toMatchObject(recorded);
  expect(await task(batchId)).toMatchObject({ status: "completed" });
  await world.stopService();
  await world.startService();
  expect(await world.report(token)).toMatchObject(repeated);
});

test("a report ends the asking, even while an answer is on its way", async () => {
  world.bridge.callMs = 24 * 3_600_000;
  world.bridge.lookUpFaults = [{ kind: "late", seconds: 5 }];
  const batchId = await world.launch(1);
  await world.clock.advance({ seconds: 61 });
  await world.report(world.bridge.calls[0]?.token ?? "");
  await world.clock.advance({ hours: 3 });
  expect(world.bridge.lookUps).toHaveLength(1);
  expect(await task(batchId)).toMatchObject({ status: "completed" });
});

test("a report of a call that this process does not follow frees its place at once", async () => {
  await world.stop();
  world = await BridgeWorld.start({ callsBack: true, settings: { maxConcurrent: 1 } });
  await world.launch(2);
  await world.stopService();
  world.bridge.lookUpFaults = [{ kind: "lost" }];
  await world.startService();
  await world.report(world.bridge.calls[0]?.token ?? "");
  await world.clock.settle();
  expect(world.bridge.rung).toEqual([1, 2].map(numberOf));
});

test("a report of a failed call tells why", async () => {
  const { batchId, token } = await callInProgress();
  await world.report(token, { body: { outcome: "failed", reason: "number not in service" } });
  expect(await task(batchId)).toMatchObject({ reason: expect.stringContaining('"number not in service"') });
});

test("times that lie in the future are taken for now", async () => {
  const { batchId, token } = await callInProgress();
  await world.report(token, { body: { started_at: "2027-01-01T00:00:00Z", ended_at: "2027-01-01T00:05:00Z" } });
  const [attempt] = (await task(batchId)).attempts;
  const now = world.clock.now().getTime();
  expect(attempt).toMatchObject({ started_at: now, ended_at: now });
});

test("times of a clock that is behind bring no retry forward", async () => {
  const batchId = await world.launch(1, {
    retry_config: { enabled: true, max_attempts: 5 },
    retry_rules: [{ condition: "busy", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 60 } }],
  });
  await world.clock.advance({ seconds: 10 });
  const late = { outcome: "busy", started_at: "2020-01-01T00:00:00Z", ended_at: "2020-01-01T00:00:02Z" };
  await world.report(world.bridge.calls[0]?.token ?? "", { body: late });
  await world.clock.advance({ minutes: 59, seconds: 49 });
  expect(world.bridge.rung).toEqual([numberOf(1)]);
  await world.clock.advance({ seconds: 1 });
  expect(world.bridge.rung).toEqual([numberOf(1), numberOf(1)]);
  expect((await task(batchId)).attempts[0].ended_at).toBe(world.clock.now().getTime() - 3_600_000);
});

test.each([
  ["a duration of ages", { ring_ms: 1e16, talk_ms: 1e300 }],
  ["text that no database holds", { transcript: "Hello\u0000there", summary: "x \ud800 y" }],
  ["what is neither text nor a duration", { transcript: 42, summary: [], reason: {}, ring_ms: -1, talk_ms: "long" }],
])("%s does not hold the call open", async (_what, body) => {
  const { batchId, token } = await callInProgress();
  expect(await world.report(token, { body })).toMatchObject(recorded);
  expect(await task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
  expect((await world.batch(batchId)).status).toBe("completed");
});

describe("a report is refused", () => {
  test.each([
    ["without a signature", { signature: "" }],
    ["with the signature of another text", { signature: `v1=${"0".repeat(64)}` }],
    ["with a signature of another length", { signature: "v1=abc" }],
    ["signed more than 5 minutes ago", { secondsOff: -301 }],
    ["signed more than 5 minutes ahead", { secondsOff: 301 }],
  ])("%s", async (_what, changes) => {
    const { batchId, token } = await callInProgress();
    expect(await world.report(token, changes)).toMatchObject(unsigned);
    expect(await task(batchId)).toMatchObject({ status: "calling" });
  });

  test("when it is a recording of an older one", async () => {
    const { token } = await callInProgress();
    const sent: [string, Record<string, string>][] = [];
    const { send } = world;
    world.send = (method, path, body = "", headers = {}) => {
      if (path === "/carrier/outcomes") sent.push([body, headers]);
      return send.call(world, method, path, body, headers);
    };
    await world.report(token);
    const [[body, headers] = ["", {}]] = sent;
    expect(await send.call(world, "POST", "/carrier/outcomes", body, headers)).toMatchObject(repeated);
    await world.clock.advance({ seconds: 301 });
    expect(await send.call(world, "POST", "/carrier/outcomes", body, headers)).toMatchObject(unsigned);
  });

  test("with API keys instead of a signature", async () => {
    expect(await world.call("POST", "/carrier/outcomes", { token: "task_1:1" })).toMatchObject(unsigned);
  });

  test("for a call that nobody placed", async () => {
    const body = { outcome: "busy", started_at: "2026-02-02T15:00:00Z", ended_at: "2026-02-02T15:00:00Z" };
    expect(await world.report("task_1:1", { body })).toMatchObject({
      status: 404,
      body: { message: "Call not found" },
    });
  });

  test("when it does not say how the call ended, or not in our terms", async () => {
    const { batchId, token } = await callInProgress();
    const wrong = await world.report(token, { body: { outcome: "hung_up", ended_at: "soon", started_at: undefined } });
    expect(wrong).toMatchObject({ status: 400, body: { message: "Validation error" } });
    for (const field of ["outcome", "ended_at", "started_at"]) expect(wrong.body.error).toContain(field);
    expect(await world.report(token, { rawBody: "{" })).toMatchObject({ status: 400 });
    expect(await task(batchId)).toMatchObject({ status: "calling" });
  });
});

test("the route is documented where there is a bridge, and exists nowhere else", async () => {
  const { paths } = (await world.send("GET", "/openapi.json")).body;
  expect(paths["/carrier/outcomes"].post).toMatchObject({ "x-extension": true, security: [] });
  const simulated = await ServiceWorld.start();
  expect((await simulated.call("GET", "/openapi.json")).body.paths["/carrier/outcomes"]).toBeUndefined();
  expect((await simulated.call("POST", "/carrier/outcomes", { body: {} })).status).toBe(404);
  await simulated.stop();
});
