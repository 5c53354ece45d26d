import { afterEach, beforeEach, expect, test } from "vitest";
import { fromBatchBody } from "../../../src/contract/batch/batch.ts";
import { batchOf, type Json, ServiceWorld, tasksOf } from "../../support/service-world.ts";

let world: ServiceWorld;
beforeEach(async () => {
  world = await ServiceWorld.start({ settings: { maxConcurrent: 8, startsPerSecond: 50 } });
  world.carrier.environment = "live";
});
afterEach(() => world.stop());

const patch = (id: string, body: Json) => world.call("PATCH", `/batch-call/${id}`, { body });

/** Starts it as a person agreed to it. */
async function start(id: string): Promise<Json> {
  const { content_digest, total, max_attempts } = await world.batch(id);
  const last_timestamp = world.clock.now().getTime() + 24 * 3_600_000;
  const grant = { content_digest, channel: "page", principal: "somebody", max_recipients: total, max_attempts };
  const reply = await world.call("POST", `/batch-call/${id}/execute`, {
    body: { grant: { ...grant, last_timestamp } },
  });
  expect(reply.status).toBe(200);
  await world.clock.settle();
  return world.batch(id);
}

const canary = {
  share: 5,
  pause_if: [
    { outcome: "failed", above_percent: 20 },
    { said: "opt_out", above_percent: 2 },
  ],
};

test("a canary and the conditions of the end are kept, shown and part of what is agreed to", async () => {
  const stop_when = { calls: 500, outcome: "answered", count: 30, at: world.clock.now().getTime() + 86_400_000 };
  const id = await world.create({ tasks: tasksOf(40), canary, stop_when });
  const draft = await world.batch(id);
  expect(draft.steering).toEqual({
    canary: { ...canary, afterwards: "pause" },
    stop_when,
    canary_state: "waiting",
    called: 0,
    never_called: 0,
  });
  expect(fromBatchBody(draft)?.steered).toMatchObject({
    rules: { canary: { share: 5, afterwards: "pause" }, stopWhen: { calls: 500, count: 30, atMs: stop_when.at } },
  });
  await patch(id, { stop_when: { calls: 400 } });
  const other = await world.batch(id);
  expect(other.steering.stop_when).toEqual({ calls: 400 });
  expect(other.content_digest).not.toBe(draft.content_digest);
  await patch(id, { canary: {}, stop_when: {} });
  expect((await world.batch(id)).steering).toBeUndefined();
});

test("a canary that holds its batch ends the agreement, so that it goes on under a new one only, and only once", async () => {
  const id = await world.create({ tasks: tasksOf(40), canary });
  const { grant } = await start(id);
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings).toHaveLength(2);
  const held = await world.batch(id);
  expect(held).toMatchObject({ is_paused: true, grant: { state: "ended" }, steering: { canary_state: "held" } });
  expect(held.held_reason).toBe(
    `${held.steering.canary_why} Nobody else is called until resume_batch, which goes on with the other 38.`,
  );
  const early = await world.call("POST", `/batch-call/${id}/resume`, { body: { grant_id: grant.grant_id } });
  expect(early.status).toBe(409);
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings).toHaveLength(2);
  expect((await world.call("POST", `/batch-call/${id}/resume`, { body: {} })).status).toBe(200);
  await world.clock.advance({ minutes: 10 });
  expect(world.carrier.rings).toHaveLength(40);
  expect(await world.batch(id)).toMatchObject({ status: "completed", steering: { canary_state: "held" } });
});

test("pace is halved and doubled on a running batch, at once and with no new agreement", async () => {
  world.carrier.callMs = 5_000;
  const id = await world.create({ tasks: tasksOf(200) });
  const before = await start(id);
  expect(before.counts.calling).toBe(8);
  for (const atOnce of [4, 8, 2]) {
    expect((await patch(id, { pace: { at_once: atOnce, per_second: 10 } })).status).toBe(200);
    await world.clock.settle();
    if (atOnce === 8) expect((await world.batch(id)).counts.calling).toBe(8);
    await world.clock.advance({ seconds: 6 });
    const { counts, steering, content_digest, grant, is_paused } = await world.batch(id);
    expect(counts.calling).toBe(atOnce);
    expect(steering.pace).toEqual({ at_once: atOnce, per_second: 10 });
    expect({ content_digest, grant, is_paused }).toEqual({
      content_digest: before.content_digest,
      grant: before.grant,
      is_paused: false,
    });
  }
  await patch(id, { pace: {} });
  await world.clock.settle();
  expect((await world.batch(id)).counts.calling).toBe(8);
});

test("another condition of the end holds a running batch to which a person agreed", async () => {
  const id = await world.create({ tasks: tasksOf(40), stop_when: { calls: 20 } });
  await start(id);
  expect((await patch(id, { stop_when: { calls: 30 } })).status).toBe(200);
  expect(await world.batch(id)).toMatchObject({ is_paused: true, grant: { state: "ended" } });
});

test.each([
  [{ canary: { share: 5, count: 3 } }, "canary"],
  [{ canary: { pause_if: [{ outcome: "failed", above_percent: 20 }] } }, "canary"],
  [{ canary: { share: 0 } }, "canary.share"],
  [{ canary: { share: 101 } }, "canary.share"],
  [{ canary: { count: 5, pause_if: [{ outcome: "failed" }] } }, "canary.pause_if"],
  [{ canary: { count: 5, pause_if: [{ above_percent: 5 }] } }, "canary.pause_if[0].outcome"],
  [
    { canary: { count: 5, pause_if: [{ outcome: "failed", said: "opt_out", above_percent: 5 }] } },
    "canary.pause_if[0].outcome",
  ],
  [{ stop_when: { count: 5 } }, "stop_when.count"],
  [{ stop_when: { outcome: "answered" } }, "stop_when.count"],
  [{ stop_when: { outcome: "answered", answer: "confirmed", count: 5 } }, "stop_when"],
  [{ stop_when: { value: "yes", calls: 5 } }, "stop_when.value"],
  [{ stop_when: { at: 1_600_000_000_000 } }, "stop_when.at"],
  [{ stop_when: { calls: 0 } }, "stop_when.calls"],
])("%j is refused by the name of its field, in a new batch and in a change", async (body, field) => {
  const created = await world.call("POST", "/batch-call", { body: batchOf(body) });
  expect(created.status).toBe(400);
  expect(JSON.stringify(created.body)).toContain(field);
  const id = await world.create();
  const changed = await patch(id, body);
  expect(changed.status).toBe(400);
  expect(JSON.stringify(changed.body)).toContain(field);
  expect((await world.batch(id)).steering).toBeUndefined();
});

test("batches of one campaign are told so, have one pace, and stay in it; a canary of one batch is not made that of a campaign unasked", async () => {
  const campaign_id = "campaign_1";
  const first = await world.create({ tasks: tasksOf(3), campaign_id });
  const second = await world.create({ tasks: tasksOf(3) });
  expect((await patch(second, { campaign_id })).status).toBe(200);
  expect((await world.batch(second)).campaign_id).toBe(campaign_id);
  await patch(second, { pace: { per_second: 2 } });
  for (const id of [first, second]) expect((await world.batch(id)).steering.pace).toEqual({ per_second: 2 });
  const third = await world.create({ tasks: tasksOf(3), campaign_id });
  expect((await world.batch(third)).steering.pace).toEqual({ per_second: 2 });
  const moved = await patch(second, { campaign_id: "campaign_2" });
  expect(moved.status).toBe(400);
  expect(JSON.stringify(moved.body)).toContain("a part of another campaign for good");
  const alone = await world.create({ tasks: tasksOf(3), canary });
  const joined = await patch(alone, { campaign_id });
  expect(joined.status).toBe(400);
  expect(JSON.stringify(joined.body)).toContain("set for this batch alone");
  expect((await patch(alone, { campaign_id, canary: { count: 2 } })).status).toBe(200);
});
