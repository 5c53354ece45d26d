import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { BatchCallApi } from "../../../src/client/api.ts";
import { HostedApi } from "../../support/http/hosted-api.ts";
import { fromNumber, numberOf, request, startWorld, type World } from "../../support/world.ts";

const agrees = (typedRecipients: number) => ({ kind: "accepted", typedRecipients }) as const;

describe("at an API without pause, a scheduled batch that was put back to draft", () => {
  let hosted: HostedApi;
  let world: World;
  let id: string;
  beforeEach(async () => {
    hosted = await HostedApi.start();
    world = await startWorld({ upstream: () => hosted.url });
    world.person.willAnswer(agrees(3));
    const args = request(3, { agent_id: "agent_1", start: "at_time", start_at: "2026-03-02T12:00" });
    id = (await world.tool("create_batch_call", args)).batch.batch_id;
    await world.tool("pause_batch", { batch_id: id });
  });
  afterEach(async () => {
    await world.stop();
    await hosted.stop();
  });
  const resume = () => world.tool("resume_batch", { batch_id: id });
  const refusal = () => world.problem("resume_batch", { batch_id: id });

  test("is set to its time again when somebody agrees to that", async () => {
    world.person.willAnswer(agrees(3));
    const { batch } = await resume();
    expect(batch).toMatchObject({ status: "scheduled", scheduled_at: { local: "2026-03-02T12:00" } });
    expect(world.person.asked).toHaveLength(2);
  });

  test("stays a draft while nobody does", async () => {
    world.person.willAnswer({ kind: "declined" });
    expect((await refusal()).code).toBe("needs_approval");
    expect(hosted.batches.get(id)?.status).toBe("draft");
  });

  test("refers to start_batch when its time has passed", async () => {
    await world.clock.advance({ hours: 3 });
    expect(await refusal()).toMatchObject({ code: "wrong_state", message: expect.stringContaining("start_batch") });
  });
});

describe("at our own service with a carrier that reaches people", () => {
  let world: World;
  let id: string;
  beforeEach(async () => {
    world = await startWorld({ carrierEnvironment: "live" });
    world.person.willAnswer(agrees(40));
    id = (await world.tool("create_batch_call", request(40, { start: "now" }))).batch.batch_id;
    await world.clock.advance({ seconds: 2 });
    await world.tool("pause_batch", { batch_id: id });
    await world.clock.advance({ minutes: 2 });
  });
  afterEach(() => world.stop());
  const rung = () => world.carrier.rings.length;

  test("a batch goes on within 15 minutes without another question", async () => {
    const before = rung();
    expect(before).toBeLessThan(40);
    await world.tool("resume_batch", { batch_id: id });
    await world.clock.advance({ hours: 1 });
    expect(rung()).toBe(40);
    expect(world.person.asked).toHaveLength(1);
  });

  test("a batch that was paused for longer asks about those who are still to be called", async () => {
    await world.clock.advance({ minutes: 15 });
    const before = rung();
    world.person.willAnswer({ kind: "declined" });
    expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
    await world.clock.advance({ hours: 1 });
    expect(rung()).toBe(before);
    expect(world.person.asked.at(-1)).toMatchObject({ recipients: 40 - before });

    world.person.willAnswer(agrees(40 - before));
    await world.tool("resume_batch", { batch_id: id });
    await world.clock.advance({ hours: 1 });
    expect(rung()).toBe(40);
  });

  test("pausing what is paused does not begin the 15 minutes again", async () => {
    await world.clock.advance({ days: 3 });
    const before = rung();
    world.person.willAnswer({ kind: "declined" });
    await world.tool("pause_batch", { batch_id: id });
    expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
    await world.clock.advance({ hours: 2 });
    expect(rung()).toBe(before);
  });

  test("says how many calls are already with the provider, and that no other is handed over", async () => {
    await world.tool("resume_batch", { batch_id: id });
    await world.clock.advance({ seconds: 1 });
    const calling = world.carrier.ongoing;
    expect(calling).toBeGreaterThan(1);
    const text = await world.text("pause_batch", { batch_id: id });
    expect(text).toContain(`${calling} calls are already with the provider: in progress, or may still ring.`);
    const cancelled = await world.text("cancel_batch", { batch_id: id });
    expect(cancelled).toContain(`${calling} calls are already with the provider: in progress, or may still ring.`);
    await world.clock.advance({ minutes: 5 });
    expect(await world.text("cancel_batch", { batch_id: id })).not.toContain("provider");
  });

  test("a batch that somebody else paused needs a person, whatever the tool paused before", async () => {
    await world.tool("resume_batch", { batch_id: id });
    await world.clock.advance({ seconds: 2 });
    await world.api.pauseBatch(id);
    const before = rung();
    world.person.willAnswer({ kind: "declined" });
    expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
    await world.tool("pause_batch", { batch_id: id });
    expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
    await world.clock.advance({ hours: 2 });
    expect(rung()).toBe(before);
  });

  test("after everything was stopped and released a batch needs a person", async () => {
    const before = rung();
    world.killSwitch.set(true, "operator", world.clock.now());
    await world.clock.advance({ minutes: 1 });
    world.killSwitch.set(false, "operator", world.clock.now());
    world.person.willAnswer({ kind: "declined" });
    expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
    await world.tool("pause_batch", { batch_id: id });
    expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
    await world.clock.advance({ hours: 2 });
    expect(rung()).toBe(before);
  });

  test("calling people again who may have been reached needs a person at once", async () => {
    expect((await world.problem("resume_batch", { batch_id: id, redial_unknown: true })).code).toBe("needs_approval");
  });

  test("nothing goes on while everything is stopped", async () => {
    const before = rung();
    world.killSwitch.set(true, "operator", world.clock.now());
    expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("refused_by_limit");
    await world.clock.advance({ hours: 1 });
    expect(rung()).toBe(before);
  });
});

describe("a batch all of whose people are in calls", () => {
  const night = { enabled: true, start_time: "22:00", end_time: "06:00", timezone: "recipient" };
  const thrice = { enabled: true, max_attempts: 3 };
  async function pauseInCalls(changes: object): Promise<{ world: World; id: string }> {
    const world = await startWorld({ carrierEnvironment: "live", carrier: { [numberOf(1)]: ["busy", "answered"] } });
    onTestFinished(() => world.stop());
    world.person.willAnswer(agrees(3));
    const args = request(3, { start: "now", retry_config: thrice, ...changes });
    const id = (await world.tool("create_batch_call", args)).batch.batch_id;
    await world.clock.advance({ ms: 700 });
    const { batch } = await world.tool("pause_batch", { batch_id: id });
    expect(batch.counts).toMatchObject({ pending: 0, calling: 3 });
    return { world, id };
  }

  test.each([
    ["all at once", {}],
    ["on their own clocks", { quiet_hours: night }],
  ])("goes on, and so do its retries: %s", async (_how, changes) => {
    const { world, id } = await pauseInCalls(changes);
    await world.tool("resume_batch", { batch_id: id });
    await world.clock.advance({ hours: 3 });
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    expect(batch).toMatchObject({ status: "completed", counts: { completed: 3 } });
    expect(world.carrier.rings).toHaveLength(4);
  });

  test("goes on with other rules when somebody agrees to these", async () => {
    const { world, id } = await pauseInCalls({});
    await world.tool("update_batch", { batch_id: id, quiet_hours: night });
    world.person.willAnswer(agrees(0));
    await world.tool("resume_batch", { batch_id: id });
    await world.clock.advance({ hours: 3 });
    expect(world.carrier.rings).toHaveLength(4);
  });

  test("has nothing to go on with once all of them are done", async () => {
    const { world, id } = await pauseInCalls({ retry_config: undefined });
    await world.clock.advance({ hours: 1 });
    const problem = await world.problem("resume_batch", { batch_id: id });
    expect(problem).toMatchObject({ code: "wrong_state" });
  });
});

describe("a start that nobody agreed to here", () => {
  test("does not go on because the tool paused it", async () => {
    const world = await startWorld({ carrierEnvironment: "live" });
    const draft = (await world.tool("create_batch_call", request(40, { start: "draft" }))).batch.batch_id;
    await world.api.executeBatch(draft);
    await world.clock.advance({ seconds: 2 });
    await world.tool("pause_batch", { batch_id: draft });
    const before = world.carrier.rings.length;
    world.person.willAnswer({ kind: "declined" });
    expect((await world.problem("resume_batch", { batch_id: draft })).code).toBe("needs_approval");
    await world.clock.advance({ hours: 1 });
    expect(world.carrier.rings).toHaveLength(before);
    await world.stop();
  });

  test("which was missed and is held, does not go on because the tool paused it", async () => {
    const world = await startWorld({ carrierEnvironment: "live" });
    world.person.willAnswer(agrees(40));
    const args = request(40, { start: "at_time", start_at: "2026-03-02T12:00", timezone: "America/New_York" });
    const id = (await world.tool("create_batch_call", args)).batch.batch_id;
    world.killSwitch.set(true, "operator", world.clock.now());
    await world.clock.advance({ hours: 9 });
    world.killSwitch.set(false, "operator", world.clock.now());
    await world.clock.advance({ minutes: 1 });
    world.person.willAnswer({ kind: "declined" });
    await world.tool("pause_batch", { batch_id: id });
    expect((await world.problem("resume_batch", { batch_id: id })).code).toMatch(/needs_approval|refused_by_limit/);
    await world.clock.advance({ hours: 24 });
    expect(world.carrier.rings).toEqual([]);
    await world.stop();
  });
});

test("a batch that cannot be read is paused within seconds all the same", async () => {
  let isReadable = true;
  let direct: BatchCallApi | undefined;
  const world = await startWorld({
    carrierEnvironment: "live",
    watchApi(api) {
      direct = api;
      return { ...api, getBatch: (id) => (isReadable ? api.getBatch(id) : new Promise(() => {})) };
    },
  });
  onTestFinished(() => world.stop());
  world.person.willAnswer(agrees(40));
  const id = (await world.tool("create_batch_call", request(40, { start: "now" }))).batch.batch_id;
  await world.clock.advance({ seconds: 2 });
  isReadable = false;
  const paused = world.tool("pause_batch", { batch_id: id });
  await world.clock.advance({ seconds: 3 });
  expect((await direct?.getBatch(id))?.isPaused).toBe(true);
  await paused;
  isReadable = true;
  await world.tool("resume_batch", { batch_id: id });
  expect(world.person.asked).toHaveLength(1);
});

test("a resume that is held again at once says why, and does not stand in the way of the next one", async () => {
  const world = await startWorld({
    carrierEnvironment: "live",
    // The dialer is faster than the answer.
    watchApi: (api) => ({
      ...api,
      resumeBatch: async (...args) => {
        const resumed = await api.resumeBatch(...args);
        await world.clock.advance({ seconds: 2 });
        return resumed;
      },
    }),
  });
  onTestFinished(() => world.stop());
  world.carrier.gone.add(fromNumber);
  world.person.willAnswer(agrees(3));
  const id = (await world.tool("create_batch_call", request(3, { start: "now" }))).batch.batch_id;
  await world.clock.advance({ seconds: 2 });
  world.person.willAnswer(agrees(3));
  const { code, message } = await world.problem("resume_batch", { batch_id: id });
  expect(message).toMatch(/held again: .*no such caller id.*update_batch.*call resume_batch again/);
  expect(code).toBe("unavailable");
  world.carrier.gone.clear();
  world.person.willAnswer(agrees(3));
  await world.tool("resume_batch", { batch_id: id });
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings).toHaveLength(3);
});
