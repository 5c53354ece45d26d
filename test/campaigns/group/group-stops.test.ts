import { afterEach, describe, expect, test } from "vitest";
import type { BatchCallApi } from "../../../src/client/api.ts";
import { Problem } from "../../../src/domain/problem.ts";
import { longFile, longRequest } from "../../support/campaigns/long-list.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { startWorld, type World } from "../../support/world.ts";

const people = 2010;

let world: World;
afterEach(() => world.stop());

type Watch = (api: BatchCallApi) => Partial<BatchCallApi>;

/** A live group that runs, slowly, with ids of its parts. */
async function running(watch: Watch = () => ({})) {
  world = await startWorld({
    carrierEnvironment: "live",
    service: { startsPerSecond: 1 },
    policy: { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 } },
    watchApi: (api) => ({ ...api, ...watch(api) }),
  });
  await world.file("long.csv", longFile(people));
  const { batch } = await world.tool("create_batch_call", longRequest());
  world.person.willAnswer({ kind: "accepted", typedRecipients: people });
  await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
  return {
    id: batch.batch_id as string,
    ids: batch.parts.map((part: { batch_id: string }) => part.batch_id) as string[],
  };
}

const status = (batch_id: string, by = world) => by.tool("get_batch_status", { batch_id });
const pausedOf = (ids: readonly string[], by: World) =>
  Promise.all(ids.map(async (id) => (await by.api.getBatch(id)).isPaused));
const statusesOf = (ids: readonly string[], by: World) =>
  Promise.all(ids.map(async (id) => (await by.api.getBatch(id)).status));
const away = () => Promise.reject(new Problem("unavailable", "The API cannot be reached."));

describe("a crash in the middle", () => {
  /** The process dies when its second request for that arrives. */
  const dyingAtSecond = (name: "pauseBatch" | "cancelBatch"): Watch => {
    let left = 2;
    return (api) => ({
      async [name](id: string) {
        if (--left === 0) world.crash();
        return api[name](id, { isResumable: true });
      },
    });
  };

  test("of a pause: whoever looks next pauses the parts that are left, and says so", async () => {
    const { id, ids } = await running(dyingAtSecond("pauseBatch"));
    void world.tool("pause_batch", { batch_id: id }).catch(() => {});
    const next = world.another();
    await waitUntil("one part is paused", async () => (await pausedOf(ids, next)).includes(true));
    expect(await pausedOf(ids, next)).toContain(false);
    expect((await status(id, next)).launch).toMatch(/Not all parts are paused yet\. That is tried again by itself/);
    await waitUntil("all parts are paused", async () => !(await pausedOf(ids, next)).includes(false));
    await waitUntil("nothing is left to say", async () => (await status(id, next)).launch === undefined);
  });

  test("of a pause: it is over once the group goes on again", async () => {
    const { id, ids } = await running(dyingAtSecond("pauseBatch"));
    void world.tool("pause_batch", { batch_id: id }).catch(() => {});
    const next = world.another();
    await waitUntil("one part is paused", async () => (await pausedOf(ids, next)).includes(true));
    await next.tool("resume_batch", { batch_id: id });
    await next.campaigns.takeUp();
    await world.clock.advance({ minutes: 1 });
    expect(await pausedOf(ids, next)).toEqual([false, false, false]);
  });

  test("of a cancel: a restart cancels the parts that are left, and none is started or resumed meanwhile", async () => {
    const { id, ids } = await running(dyingAtSecond("cancelBatch"));
    void world.tool("cancel_batch", { batch_id: id }).catch(() => {});
    const next = world.another();
    await waitUntil("one is cancelled", async () => (await statusesOf(ids, next)).includes("cancelled"));
    expect((await next.problem("resume_batch", { batch_id: id })).message).toMatch(/was cancelled/);
    expect((await next.problem("start_batch", { batch_id: id, start: "now" })).code).toBe("wrong_state");
    await next.campaigns.takeUp();
    await waitUntil("all are", async () => (await statusesOf(ids, next)).every((one) => one === "cancelled"));
  });
});

describe("a part that fails", () => {
  test("also when it is read, holds up no other part, is named, and is paused by itself once that can be done", async () => {
    let isAway = false;
    const { id, ids } = await running((api) => ({
      getBatch: (batchId) => (isAway && batchId === ids[0] ? away() : api.getBatch(batchId)),
    }));
    isAway = true;
    const { code, message } = await world.problem("pause_batch", { batch_id: id });
    expect(code).toBe("unavailable");
    expect(message).toMatch(
      /1 of 3 parts could not be paused\. Parts 2, 3 of 3: paused\. part 1 \(.*cannot be reached/,
    );
    expect(message).toContain("tried again by itself until it is done, or the group is started or resumed");
    expect(await pausedOf(ids.slice(1), world)).toEqual([true, true]);
    await world.clock.advance({ seconds: 20 });
    isAway = false;
    await world.clock.advance({ minutes: 1 });
    await waitUntil("all parts are paused", async () => !(await pausedOf(ids, world)).includes(false));
  });

  test("for good is not tried again", async () => {
    let tried = 0;
    const { id, ids } = await running((api) => ({
      async pauseBatch(batchId, options) {
        if (batchId !== ids[1]) return api.pauseBatch(batchId, options);
        tried += 1;
        throw new Problem("unsupported", "This API has no pause.");
      },
    }));
    const { message } = await world.problem("pause_batch", { batch_id: id });
    expect(message).toMatch(/part 2 \(.*repeat the call for what is left/);
    await world.clock.advance({ minutes: 5 });
    expect(tried).toBe(1);
    expect(await pausedOf(ids, world)).toEqual([true, false, true]);
  });

  test("after the last step does not hide that all parts were paused", async () => {
    let isAway = false;
    const { id } = await running((api) => ({
      getBatch: (batchId) => (isAway ? away() : api.getBatch(batchId)),
      async pauseBatch(batchId, options) {
        const paused = await api.pauseBatch(batchId, options);
        isAway = (await pausedOf(ids0, world)).every(Boolean);
        return paused;
      },
    }));
    const ids0 = (await status(id)).batch.parts.map((part: { batch_id: string }) => part.batch_id);
    const { message } = await world.problem("pause_batch", { batch_id: id });
    expect(message).toMatch(/reading group_.* back: all of its parts were paused/);
  });
});

test("the parts that run are paused before a start that is on its way is waited for", async () => {
  let release = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    release = resolve;
  });
  world = await startWorld({
    carrierEnvironment: "live",
    service: { startsPerSecond: 1 },
    policy: { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 } },
    watchApi: (api) => ({
      ...api,
      async executeBatch(batchId, grant) {
        if (batchId === ids[0]) await arrived;
        return api.executeBatch(batchId, grant);
      },
    }),
  });
  await world.file("long.csv", longFile(people));
  const { batch } = await world.tool("create_batch_call", longRequest());
  const ids: string[] = batch.parts.map((part: { batch_id: string }) => part.batch_id);
  world.person.willAnswer({ kind: "accepted", typedRecipients: people });
  const starting = world.tool("start_batch", { batch_id: batch.batch_id, start: "now" }).catch(() => {});
  const launched = () => world.audit.read(100).filter(({ kind }) => kind === "launched");
  await waitUntil("two run", async () => launched().length === 2);
  const pausing = world.tool("pause_batch", { batch_id: batch.batch_id });
  await waitUntil("they are paused", async () => (await pausedOf(ids, world)).filter(Boolean).length === 2);
  release();
  await world.whileTimePasses(pausing);
  await starting;
  expect(await pausedOf(ids, world)).toEqual([true, true, true]);
});
