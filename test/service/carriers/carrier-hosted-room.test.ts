import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { showBatch } from "../../../src/service/batches/batch-view.ts";
import { HostedWorld } from "../../support/carriers/hosted-world.ts";
import { numberOf, organizationId } from "../../support/dialing/dialing-world.ts";

let world: HostedWorld | undefined;
afterEach(() => world?.close());

async function open(setup: Parameters<typeof HostedWorld.open>[0] = {}): Promise<HostedWorld> {
  world = await HostedWorld.open(setup);
  return world;
}

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => numberOf(n + 1));

/** As the REST API shows it at this moment. */
async function shown(w: HostedWorld, batchId: string) {
  const { store, clock, dialer: dialing } = w;
  const batch = await store.getBatch(organizationId, batchId);
  if (!batch) throw new Error("No such batch");
  const account = async () => ({ agents: [], phoneNumbers: [] });
  return showBatch({ store, clock, dialing, account, environment: "live" }, batch, { origin: "http://127.0.0.1" });
}

describe("a key that the API refuses in the middle of a campaign", () => {
  test.each([
    ["before the last wave is seen ringing", { waveSize: 2 }, 20_000],
    ["while every place is taken", { waveSize: 5, settings: { maxConcurrent: 5 } }, 0],
  ])("%s holds the batches with people waiting, and the right one lets them go on", async (_when, setup, queueMs) => {
    const w = await open(setup);
    w.phones.queueMs = queueMs;
    const batchId = await w.addBatch({ recipients: 12 });
    w.api.apiKey = "another";
    await w.clock.advance({ seconds: 40 });
    const { isPaused, heldReason } = await w.batch(batchId);
    expect(isPaused).toBe(true);
    expect(heldReason).toMatch(
      /does not say how calls stand.*BATCH_CALL_CARRIER_KEY.*start the service again\. Then resume/,
    );
    w.api.apiKey = undefined;
    await w.resume(batchId);
    await w.clock.advance({ hours: 1 });
    expect(w.rung.toSorted()).toEqual(numbers(12).toSorted());
    expect((await w.batch(batchId)).status).toBe("completed");
  });
});

test("look-ups that fail for longer than three minutes are told as what the others wait for, and hold nobody", async () => {
  const w = await open({ waveSize: 2 });
  w.phones.queueMs = 5_000;
  const batchId = await w.addBatch({ recipients: 6 });
  w.api.html = ({ path }) => (path.startsWith("/batch-call") ? "<html>x</html>" : undefined);
  await w.clock.advance({ minutes: 4 });
  const { line_wait: wait, is_paused: isPaused } = await shown(w, batchId);
  expect(isPaused).toBe(false);
  expect(wait?.reason).toMatch(/has not said since .* which calls ring: .* It is asked again; until/);
  expect(wait?.until_timestamp).toBeGreaterThan(w.clock.now().getTime());
  w.api.html = () => undefined;
  await w.clock.advance({ hours: 1 });
  expect(w.rung.toSorted()).toEqual(numbers(6).toSorted());
});

test("a wave in doubt is told as what the others wait for, until when at the latest, and nobody else counts as being called", async () => {
  const w = await open({ waveSize: 3 });
  w.api.startFaults = ["lost_request"];
  const batchId = await w.addBatch({ recipients: 9 });
  const sentAt = w.clock.now().getTime();
  await w.clock.advance({ minutes: 3 });
  const { line_wait: wait, waits_for: waits, counts, next_attempt_timestamp: next } = await shown(w, batchId);
  expect(counts).toMatchObject({ calling: 3, pending: 6 });
  expect(waits).toEqual({ line: 6 });
  expect(wait?.reason).toMatch(/3 calls handed over are not yet shown as placed; until .* at the latest$/);
  // A place may be free at any moment, so no time is that of the next attempt.
  expect(next).toBeNull();
  expect(Math.abs((wait?.until_timestamp ?? 0) - sentAt - 10 * 60_000)).toBeLessThan(1000);
  await w.clock.advance({ minutes: 30 });
  expect(w.rung.toSorted()).toEqual(numbers(9).slice(3).toSorted());
});

test("no more are claimed than the carrier has room for", async () => {
  const w = await open({ waveSize: 4 });
  w.phones.queueMs = 20_000;
  const batchId = await w.addBatch({ recipients: 20 });
  expect((await w.facts(batchId)).counts).toMatchObject({ calling: 4, pending: 16 });
  await w.clock.advance({ hours: 1 });
  expect(w.rung.toSorted()).toEqual(numbers(20).toSorted());
});

describe("where pace lets fewer start in a second than a wave has", () => {
  const sizes = (w: HostedWorld) => [...w.api.batches.values()].map(({ tasks }) => tasks.length);

  test("the waves that follow one that was kept waiting are gathered to their size", async () => {
    const w = await open({ waveSize: 10, settings: { startsPerSecond: 5 } });
    w.phones.queueMs = 15_000;
    await w.addBatch({ recipients: 45 });
    await w.clock.advance({ minutes: 10 });
    expect(w.rung.toSorted()).toEqual(numbers(45).toSorted());
    expect(sizes(w)).toEqual([5, 10, 10, 10, 10]);
  });

  test("they are gathered for ten seconds at most", async () => {
    const w = await open({ waveSize: 50, settings: { startsPerSecond: 2 } });
    w.phones.queueMs = 40_000;
    await w.addBatch({ recipients: 100 });
    await w.clock.advance({ minutes: 2 });
    expect(sizes(w).slice(0, 2)).toEqual([2, 22]);
  });

  test("a pause while they are gathered lets none of them ring", async () => {
    const w = await open({ waveSize: 10, settings: { startsPerSecond: 1 } });
    w.phones.queueMs = 15_000;
    const batchId = await w.addBatch({ recipients: 20 });
    await w.clock.advance({ seconds: 20 });
    expect((await w.facts(batchId)).counts.calling).toBeGreaterThan(2);
    await w.pause(batchId);
    await w.clock.advance({ minutes: 5 });
    expect(w.rung).toHaveLength(1);
    expect((await w.facts(batchId)).counts).toMatchObject({ completed: 1, pending: 19 });
  });
});

const waveBody = z.object({ from_number: z.string(), tasks: z.array(z.object({ to_number: z.string() })) });

test("a wave holds calls of one caller id, and those of two ring everybody once", async () => {
  const [sanFrancisco, newYork] = ["+14155550100", "+12125550100"];
  const w = await open({ waveSize: 4, settings: { startsPerSecond: 2 } });
  w.api.numbers = [sanFrancisco, newYork];
  w.phones.queueMs = 5_000;
  const near = (area: string) => Array.from({ length: 7 }, (_, n) => `+1${area}55501${10 + n}`);
  // In turn, so that those who are due together are nearest to different ones.
  const people = near("415").flatMap((number, n) => [number, near("212")[n] ?? ""]);
  const tasks = people.map((toNumber) => ({ toNumber, variables: {} }));
  const batchId = await w.addBatch({ tasks, fromNumber: sanFrancisco, rules: { moreFromNumbers: [newYork] } });
  await w.clock.advance({ minutes: 30 });
  expect(w.rung.toSorted()).toEqual(people.toSorted());
  const drafts = w.api.seen.filter(({ method, path }) => method === "POST" && path === "/batch-call");
  const waves = drafts.map(({ body }) => waveBody.parse(body));
  const called = waves.flatMap(({ from_number, tasks: own }) => own.map(({ to_number }) => [to_number, from_number]));
  const nearest = people.map((number) => [number, number.startsWith("+1415") ? sanFrancisco : newYork]);
  expect(called.toSorted()).toEqual(nearest.toSorted());
  expect(waves.length).toBeLessThan(people.length);
  const attempts = await w.attempts(batchId);
  expect(attempts.map(({ toNumber, fromNumber }) => [toNumber, fromNumber]).toSorted()).toEqual(nearest.toSorted());
  expect((await w.batch(batchId)).status).toBe("completed");
});
