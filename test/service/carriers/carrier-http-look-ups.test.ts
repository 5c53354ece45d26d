import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BridgeWorld } from "../../support/carriers/bridge-world.ts";
import type { BridgeFault } from "../../support/carriers/scripted-bridge.ts";
import { numberOf } from "../../support/service-world.ts";
import { waitUntil } from "../../support/wait-until.ts";

let world: BridgeWorld;
beforeEach(async () => {
  world = await BridgeWorld.start();
});
afterEach(async () => {
  expect(world.bridge.unsigned).toEqual([]);
  await world.stop();
});

const answer = (status: number, body = "", rings = false): BridgeFault => ({ kind: "answer", status, body, rings });

async function task(batchId: string) {
  const [first] = await world.tasks(batchId);
  return first;
}

describe("a look-up", () => {
  const ended = {
    state: "ended",
    outcome: "busy",
    started_at: "2026-02-02T15:00:00Z",
    ended_at: "2026-02-02T15:00:00Z",
  };
  const times = { startedAt: new Date(ended.started_at), endedAt: new Date(ended.ended_at) };

  test.each<[number, object, object]>([
    [404, { state: "not_placed" }, { state: "not_placed" }],
    [200, { state: "ongoing", since: "10:00" }, { state: "ongoing" }],
    [200, { state: "cannot_tell" }, { state: "cannot_tell" }],
    [200, ended, { state: "ended", result: { outcome: "busy", ringMs: 0, talkMs: 0, ...times } }],
    [
      200,
      { ...ended, ring_ms: 4000.4, talk_ms: 12.5, transcript: "Hello.", summary: null, reason: " line\u0007 busy " },
      {
        state: "ended",
        result: { outcome: "busy", ringMs: 4000, talkMs: 13, transcript: "Hello.", reason: "line busy", ...times },
      },
    ],
    [
      200,
      { ...ended, started_at: "2026-02-02T16:01:00+01:00", ended_at: "2026-02-02T16:03:00+01:00" },
      { state: "ended", result: { outcome: "busy", ringMs: 0, talkMs: 0, ...times } },
    ],
  ])("%i %o is understood", async (status, body, expected) => {
    world.bridge.lookUpFaults = [answer(status, JSON.stringify(body))];
    const carrier = world.openCarrier();
    expect(await carrier.lookUp("task_1:1")).toEqual(expected);
    carrier.close();
  });

  test.each<[number, string]>([
    [404, ""],
    [404, "<html>Not found</html>"],
    [404, JSON.stringify({ state: "ongoing" })],
    [404, JSON.stringify({ message: "Not found", status: 404 })],
    [200, JSON.stringify({ state: "not_placed" })],
    [200, ""],
    [200, "<html>Welcome</html>"],
    [200, JSON.stringify({ state: "queued" })],
    [200, JSON.stringify({ ...ended, outcome: "hung_up" })],
    [200, JSON.stringify({ ...ended, ended_at: "yesterday" })],
    [204, ""],
    [301, ""],
    [401, ""],
    [403, ""],
    [410, JSON.stringify({ state: "not_placed" })],
    [429, ""],
    [500, JSON.stringify({ state: "not_placed" })],
    [503, ""],
  ])("%i %s is not a word of the bridge: it must be asked again", async (status, body) => {
    world.bridge.lookUpFaults = [answer(status, body)];
    const carrier = world.openCarrier();
    await expect(carrier.lookUp("task_1:1")).rejects.toThrow(/bridge/i);
    carrier.close();
  });

  test("whose answer is larger than 8 MiB is broken off", async () => {
    const filler = "x".repeat(8 * 1024 * 1024);
    world.bridge.lookUpFaults = [answer(200, JSON.stringify({ state: "ongoing", filler }))];
    const carrier = world.openCarrier();
    await expect(carrier.lookUp("task_1:1")).rejects.toThrow("larger than");
    carrier.close();
  });

  test("that is not answered within 10 s is broken off", async () => {
    world.bridge.lookUpFaults = [{ kind: "late", seconds: 60 }];
    const carrier = world.openCarrier();
    const asking = expect(carrier.lookUp("task_1:1")).rejects.toThrow("10 s");
    await world.clock.advance({ seconds: 10 });
    await asking;
    carrier.close();
  });

  test("whose answer says that the bridge cannot tell leaves the call unknown, and it is not repeated", async () => {
    world.bridge.dialFaults = [{ kind: "lost" }];
    world.bridge.lookUpFaults = [answer(200, JSON.stringify({ state: "cannot_tell" }))];
    const batchId = await world.launch(1);
    await world.clock.advance({ hours: 5 });
    expect(await task(batchId)).toMatchObject({ status: "unknown" });
    expect(world.bridge.dials).toEqual([]);
  });
});

describe("a call of which no end is heard", () => {
  const asked = () => world.bridge.lookUps.length;

  test("is asked for after two hours and then given up as unknown", async () => {
    world.bridge.callMs = 24 * 3_600_000;
    const batchId = await world.launch(1);
    await world.clock.advance({ hours: 1, minutes: 59, seconds: 59 });
    expect(await task(batchId)).toMatchObject({ status: "calling" });
    const before = asked();
    await world.clock.advance({ seconds: 1 });
    expect(asked()).toBe(before + 1);
    expect(await task(batchId)).toMatchObject({ status: "unknown" });
    await world.clock.advance({ hours: 30 });
    expect([asked(), world.bridge.dials.length]).toEqual([before + 1, 1]);
  });

  test("is unknown as soon as the bridge says that it cannot tell", async () => {
    world.bridge.lookUpFaults = [answer(200, JSON.stringify({ state: "cannot_tell" }))];
    const batchId = await world.launch(1);
    await world.clock.advance({ seconds: 3 });
    expect(await task(batchId)).toMatchObject({ status: "unknown" });
  });

  test("is not dialed again when the bridge says that it does not have it", async () => {
    const nothing = answer(404, JSON.stringify({ state: "not_placed" }));
    world.bridge.lookUpFaults = Array.from({ length: 1000 }, () => nothing);
    const batchId = await world.launch(1);
    await world.clock.advance({ hours: 1, minutes: 59 });
    expect(await task(batchId)).toMatchObject({ status: "calling" });
    await world.clock.advance({ minutes: 1 });
    expect(await task(batchId)).toMatchObject({ status: "unknown" });
    expect(world.bridge.dials).toHaveLength(1);
  });

  test("that ended just then keeps its outcome", async () => {
    world.bridge.callMs = 2 * 3_600_000;
    const batchId = await world.launch(1);
    await world.clock.advance({ hours: 2 });
    expect(await task(batchId)).toMatchObject({ status: "completed" });
  });

  test("is not given up while the bridge does not answer", async () => {
    world.bridge.callMs = 60_000;
    world.bridge.lookUpFaults = Array.from({ length: 400 }, () => ({ kind: "lost" }));
    const batchId = await world.launch(1);
    await world.clock.advance({ hours: 3 });
    expect(await task(batchId)).toMatchObject({ status: "calling" });
    world.bridge.lookUpFaults = [];
    await world.clock.advance({ minutes: 1 });
    expect(await task(batchId)).toMatchObject({ status: "completed" });
  });
});

describe("a service that is started again", () => {
  test("hears of calls that ended meanwhile, and follows those that go on", async () => {
    const batchId = await world.launch(2);
    await world.stopService();
    await world.clock.advance({ seconds: 20 });
    await world.startService();
    expect((await world.batch(batchId)).counts).toMatchObject({ calling: 2 });
    await world.stopService();
    await world.clock.advance({ hours: 3 });
    await world.startService();
    expect((await world.batch(batchId)).counts).toMatchObject({ completed: 2 });
    expect(world.bridge.dials).toHaveLength(2);
  });

  test("dials at once, and not as an older request, what the bridge does not have", async () => {
    world.bridge.dialFaults = [{ kind: "lost" }];
    world.bridge.lookUpFaults = [{ kind: "lost" }];
    await world.launch(1);
    await world.stopService();
    await world.startService();
    expect(world.bridge.dials).toHaveLength(1);
    expect(world.bridge.rung).toEqual([numberOf(1)]);
  });

  test("asks nothing more once it is stopped", async () => {
    await world.launch(2);
    await world.stopService();
    const before = world.bridge.lookUps.length;
    await world.clock.advance({ hours: 5 });
    expect(world.bridge.lookUps).toHaveLength(before);
  });
});

test("a carrier that is closed breaks off what is on its way and what waits for a connection", async () => {
  const asked = 150;
  world.bridge.lookUpFaults = Array.from({ length: asked }, () => ({ kind: "late", seconds: 60 }));
  const carrier = world.openCarrier();
  const asking = Array.from({ length: asked }, (_, n) => expect(carrier.lookUp(`task_${n}:1`)).rejects.toThrow());
  await waitUntil("128 look-ups are held", () => world.bridge.held.size >= 128);
  carrier.close();
  await Promise.all(asking);
  expect(world.bridge.held.size).toBe(128);
});
