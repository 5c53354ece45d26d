import { afterEach, beforeEach, expect, test } from "vitest";
import { batchOf, numberOf, ServiceWorld, tasksOf } from "../../support/service-world.ts";

type Line = { readonly message: string } & Readonly<Record<string, unknown>>;

let world: ServiceWorld;
let lines: Line[];
beforeEach(async () => {
  lines = [];
  const note = (fields: object, message: string): void => void lines.push({ ...fields, message });
  world = await ServiceWorld.start({ log: { debug() {}, info: note, warn: note, error: note } });
});
afterEach(() => world.stop());

const running = { status: undefined, send_now: true };

/** Without the label that every series has. */
async function scrape(): Promise<string> {
  const response = await fetch(new URL("/metrics", world.url));
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  return text.replaceAll(',process="service"', "").replaceAll('{process="service"}', "");
}

/** The value of a series, labels included in its name. */
async function read(series: string): Promise<number> {
  const line = (await scrape()).split("\n").find((text) => text.startsWith(`${series} `));
  if (!line) throw new Error(`There is no series ${series}`);
  return Number(line.slice(series.length + 1));
}

test("attempts are counted by their outcomes", async () => {
  expect(await read('batch_call_attempts_total{outcome="busy"}')).toBe(0);
  world.carrier.script(numberOf(1), "busy");
  await world.create({ ...running, tasks: tasksOf(4) });
  await world.clock.advance({ minutes: 1 });
  expect(await read('batch_call_attempts_total{outcome="busy"}')).toBe(1);
  expect(await read('batch_call_attempts_total{outcome="answered"}')).toBe(3);
  expect(await read('batch_call_attempts_total{outcome="unknown"}')).toBe(0);
});

test("lateness is the time from when a dial was due, and its hours were open, to its start", async () => {
  const quiet_hours = { enabled: true, start_time: "21:00", end_time: "11:00" };
  await world.create({ ...running, tasks: tasksOf(1), quiet_hours });
  await world.clock.advance({ hours: 2 });
  expect(await read("batch_call_dial_lateness_seconds_count")).toBe(1);
  expect(await read("batch_call_dial_lateness_seconds_sum")).toBe(0);

  // Ten lines, calls of 30 s: the last two of twelve wait for half a minute.
  await world.create({ ...running, tasks: tasksOf(12) });
  await world.clock.advance({ minutes: 2 });
  expect(await read("batch_call_dial_lateness_seconds_count")).toBe(13);
  expect(await read('batch_call_dial_lateness_seconds_bucket{le="15"}')).toBe(11);
  expect(await read('batch_call_dial_lateness_seconds_bucket{le="60"}')).toBe(13);
});

test("the queue tells who waits, for what, and who is being called", async () => {
  await world.create({ ...running, tasks: tasksOf(12) });
  await world.clock.advance({ seconds: 5 });
  const paused = await world.create({ ...running, tasks: tasksOf(3) });
  await world.call("POST", `/batch-call/${paused}/pause`);
  const trigger_timestamp = world.clock.now().getTime() + 3_600_000;
  await world.create({ status: "scheduled", trigger_timestamp, tasks: tasksOf(4) });
  await world.create({ tasks: tasksOf(5) });

  const states = ["calling", "waiting", "paused", "scheduled"];
  const queue = await Promise.all(states.map((state) => read(`batch_call_queue{state="${state}"}`)));
  expect(queue).toEqual([10, 2, 3, 4]);
  expect(await read("batch_call_in_flight")).toBe(10);
  expect(await read("process_resident_memory_bytes")).toBeGreaterThan(1e6);
});

test("no number, name or id is in the figures", async () => {
  const id = await world.create({ ...running, name: "Unmistakable", tasks: tasksOf(3) });
  await world.clock.advance({ minutes: 1 });
  expect(await scrape()).not.toMatch(new RegExp(`Unmistakable|${id}|org_|55501|\\+1`));
});

test("the log has one line for each change of a batch's state, with ids and no number or name", async () => {
  const id = await world.create({ ...batchOf({ name: "Unmistakable" }) });
  await world.call("PATCH", `/batch-call/${id}`, { body: { name: "Another name" } });
  await world.call("POST", `/batch-call/${id}/execute`);
  await world.call("POST", `/batch-call/${id}/pause`);
  await world.call("POST", `/batch-call/${id}/resume`);
  await world.clock.advance({ minutes: 5 });
  await world.call("DELETE", `/batch-call/${id}`);

  const told = lines.filter(({ batchId }) => batchId === id);
  expect(told.map(({ message, status, isPaused }) => [message, status, isPaused])).toEqual([
    ["A batch was created", "draft", false],
    ["A batch was changed", "sent", false],
    ["A batch was changed", "sent", true],
    ["A batch was changed", "sent", false],
    ["A batch ended", "completed", false],
    ["A batch was deleted", undefined, undefined],
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/Unmistakable|55501|\+1/);
});
