import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostedApi } from "../support/http/hosted-api.ts";
import { usNumber } from "../support/us-numbers.ts";
import { request, startWorld, type World } from "../support/world.ts";

// A batch that was scheduled, or meant, for a time and is then started at once has no other start time any more.

const inTwoHours = { start: "at_time", start_at: "2026-03-02T12:00" };
const policy = { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 } };
const numbers = Array.from({ length: 1200 }, (_, index) => usNumber(index));
const group = (changes: object) =>
  request(1, { tasks: undefined, tasks_csv: ["phone", ...numbers].join("\n"), ...changes });

/** What is said of its start by whatever tells of a batch. */
async function toldOf(world: World, id: string) {
  const status = await world.tool("get_batch_status", { batch_id: id });
  const { batches } = await world.tool("list_batches");
  const listed = batches.find((batch: { batch_id: string }) => batch.batch_id === id);
  return {
    times: [status.batch.scheduled_at, listed.scheduled_at],
    text: await world.text("get_batch_status", { batch_id: id }),
  };
}

describe("a batch that had a time and is started at once tells of it no more", () => {
  let world: World;
  afterEach(() => world.stop());

  test.each(["simulated", "live"] as const)("%s", async (environment) => {
    world = await startWorld(environment === "live" ? { carrierEnvironment: "live" } : {});
    world.person.willAnswer({ kind: "accepted", typedRecipients: 2 }, { kind: "accepted", typedRecipients: 2 });
    const { batch } = await world.tool("create_batch_call", request(2, inTwoHours));
    const started = await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
    expect(started.batch).toMatchObject({ status: "sent" });
    expect(started.batch.scheduled_at).toBeUndefined();
    await world.clock.advance({ minutes: 5 });
    const { times, text } = await toldOf(world, batch.batch_id);
    expect(times).toEqual([undefined, undefined]);
    expect(text).not.toMatch(/Start time/);
  });

  test("as a draft that was given a time", async () => {
    world = await startWorld();
    const { batch } = await world.tool("create_batch_call", request(2));
    const meant = await world.tool("update_batch", { batch_id: batch.batch_id, start_at: inTwoHours.start_at });
    expect(meant.batch.scheduled_at).toBeDefined();
    await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
    expect((await toldOf(world, batch.batch_id)).times).toEqual([undefined, undefined]);
  });

  test("as linked batches", async () => {
    world = await startWorld({ policy });
    const { batch } = await world.tool("create_batch_call", group(inTwoHours));
    expect(batch.scheduled_at).toBeDefined();
    await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
    const { times, text } = await toldOf(world, batch.batch_id);
    expect(times).toEqual([undefined, undefined]);
    expect(text).not.toMatch(/Start time/);
  });
});

test("one that begins at its time goes on telling it", async () => {
  const world = await startWorld();
  const { batch } = await world.tool("create_batch_call", request(2, inTwoHours));
  await world.clock.advance({ hours: 3 });
  const { times, text } = await toldOf(world, batch.batch_id);
  // The short row of a list tells of what is to come.
  expect(times).toEqual([{ local: "2026-03-02T12:00", utc: "2026-03-02T17:00:00Z" }, undefined]);
  expect(text).toMatch(/Start time: 2026-03-02T12:00 local/);
  await world.stop();
});

describe("at an API that keeps the time of a batch that it executes", () => {
  let hosted: HostedApi;
  let world: World;
  beforeEach(async () => {
    hosted = await HostedApi.start();
    world = await startWorld({ upstream: () => hosted.url, policy });
  });
  afterEach(async () => {
    await world.stop();
    await hosted.stop();
  });
  const agree = (people: number) => world.person.willAnswer({ kind: "accepted", typedRecipients: people });

  test("one that was scheduled and is then started at once tells of it no more", async () => {
    agree(2);
    const { batch } = await world.tool("create_batch_call", request(2, { agent_id: "agent_1", ...inTwoHours }));
    expect(batch).toMatchObject({ status: "scheduled" });
    agree(2);
    const started = await world.whileTimePasses(world.tool("start_batch", { batch_id: batch.batch_id, start: "now" }));
    expect(started.batch).toMatchObject({ status: "sent" });
    expect(started.batch.scheduled_at).toBeUndefined();
    const { times, text } = await toldOf(world, batch.batch_id);
    expect(times).toEqual([undefined, undefined]);
    expect(text).not.toMatch(/Start time/);
    expect([...hosted.batches.values()][0]?.scheduled_timestamp).toBe(Date.parse("2026-03-02T17:00:00Z"));
  });

  test("linked batches likewise, and another program knows it too", async () => {
    agree(1200);
    const args = group({ agent_id: "agent_1", ...inTwoHours });
    const { batch } = await world.whileTimePasses(world.tool("create_batch_call", args));
    agree(1200);
    await world.whileTimePasses(world.tool("start_batch", { batch_id: batch.batch_id, start: "now" }));
    const { times, text } = await toldOf(world.another(), batch.batch_id);
    expect(times).toEqual([undefined, undefined]);
    expect(text).not.toMatch(/Start time/);
  });
});
