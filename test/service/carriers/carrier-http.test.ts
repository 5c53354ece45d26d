import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BridgeWorld } from "../../support/carriers/bridge-world.ts";
import type { BridgeFault } from "../../support/carriers/scripted-bridge.ts";
import { agentId, callerId, numberOf } from "../../support/service-world.ts";

let world: BridgeWorld;
beforeEach(async () => {
  world = await BridgeWorld.start();
});
afterEach(async () => {
  expect(world.bridge.unsigned).toEqual([]);
  await world.stop();
});

const answer = (status: number, body = "", rings = false): BridgeFault => ({ kind: "answer", status, body, rings });
const refusal = (reason?: string) => JSON.stringify({ state: "refused", reason });

async function task(batchId: string) {
  const [first] = await world.tasks(batchId);
  return first;
}

test("a call is placed with everything that the bridge needs, and its end is asked for", async () => {
  const tasks = [{ to_number: numberOf(1), dynamic_variables: { first_name: "Zoë", visits: 3 } }];
  const batchId = await world.launch(1, { tasks });
  const { call_id } = await task(batchId);
  expect(world.bridge.dials).toEqual([
    {
      token: expect.stringMatching(/:1$/),
      call_id,
      from_number: callerId,
      to_number: numberOf(1),
      agent_id: agentId,
      variables: { first_name: "Zoë", visits: 3 },
    },
  ]);
  await world.clock.advance({ minutes: 1 });
  expect(await task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
  const call = (await world.call("GET", `/api/calls/${call_id}`)).body.data;
  expect(call).toMatchObject({
    transcript: "Agent: Hello.",
    call_analysis: { call_summary: "They said hello." },
    call_duration: 26_000,
    end_timestamp: Date.parse("2026-02-02T15:00:30Z"),
  });
  expect((await world.batch(batchId)).status).toBe("completed");
});

test("every dial has a connection of its own: one that was kept open could be closing just then", async () => {
  const carrier = world.openCarrier();
  const attempt = { callId: "call_1", fromNumber: callerId, toNumber: numberOf(1), agentId, variables: {} };
  for (const token of ["task_1:1", "task_2:1", "task_3:1"]) await carrier.dial({ ...attempt, token });
  expect(new Set(world.bridge.dialPorts).size).toBe(3);
  carrier.close();
});

test("the service says that its calls are live", async () => {
  const { headers, body } = await world.send("GET", "/healthz");
  expect([headers.get("X-Environment"), body.environment]).toEqual(["live", "live"]);
});

test("a call is asked for every few seconds at first, then ever more rarely, at most half a minute apart", async () => {
  world.bridge.callMs = 3_600_000;
  await world.launch(1);
  const asked: number[] = [];
  for (let second = 1; second <= 200; second += 1) {
    await world.clock.advance({ seconds: 1 });
    while (asked.length < world.bridge.lookUps.length) asked.push(second);
  }
  expect(asked.slice(0, 4)).toEqual([3, 8, 15, 25]);
  const waits = asked.slice(1).map((second, n) => second - (asked[n] ?? 0));
  expect(Math.max(...waits)).toBe(30);
});

describe("a dial that is taken", () => {
  test.each([200, 201, 202, 204, 409])("%i: the call goes on and is rung once", async (status) => {
    world.bridge.dialFaults = [answer(status, "", true)];
    const batchId = await world.launch(1);
    expect(await task(batchId)).toMatchObject({ status: "calling" });
    await world.clock.advance({ minutes: 1 });
    expect(await task(batchId)).toMatchObject({ status: "completed", attempt_count: 1 });
    expect(world.bridge.rung).toEqual([numberOf(1)]);
  });
});

describe("a dial that the bridge has no room for", () => {
  const notNow = JSON.stringify({ state: "not_now", reason: "20 calls", retry_after_seconds: 40 });

  test.each([429, 503])("%i: is dialed again when the bridge said, and uses up no attempt", async (status) => {
    world.bridge.dialFaults = [answer(status, notNow)];
    const batchId = await world.launch(1);
    expect(await task(batchId)).toMatchObject({ status: "pending", attempt_count: 0 });
    await world.clock.advance({ seconds: 39 });
    expect(world.bridge).toMatchObject({ lookUps: [], dials: [] });
    await world.clock.advance({ minutes: 2 });
    expect(await task(batchId)).toMatchObject({ status: "completed", attempt_count: 1 });
    expect(world.bridge.rung).toEqual([numberOf(1)]);
  });

  test("a bare 429 can come from something in between, so the bridge is asked", async () => {
    world.bridge.dialFaults = [answer(429)];
    await world.launch(1);
    expect(world.bridge.lookUps).toHaveLength(1);
  });
});

describe("a dial that is refused", () => {
  test.each([
    [400, "", "HTTP 400"],
    [413, "", "HTTP 413"],
    [422, "", "HTTP 422"],
    [422, refusal(), "HTTP 422"],
    [400, refusal("no such caller id"), "no such caller id"],
    [403, refusal("this country is blocked"), "this country is blocked"],
    [404, refusal("not in service"), "not in service"],
  ])("%i %s: the attempt failed, with the reason", async (status, body, reason) => {
    world.bridge.dialFaults = [answer(status, body)];
    const batchId = await world.launch(1);
    expect(await task(batchId)).toMatchObject({
      status: "failed",
      outcome: "failed",
      attempt_count: 1,
      reason: `a failed call on attempt 1 of 1 (the carrier says: "${reason}")`,
    });
    await world.clock.advance({ hours: 3 });
    expect(world.bridge).toMatchObject({ lookUps: [], dials: [], calls: [] });
    expect((await world.batch(batchId)).status).toBe("failed");
  });

  test("is an attempt like any other: the retry rules decide what follows", async () => {
    world.bridge.dialFaults = [answer(422)];
    const batchId = await world.launch(1, { retry_config: { enabled: true, max_attempts: 2 } });
    expect(await task(batchId)).toMatchObject({ status: "pending", outcome: "failed" });
    await world.clock.advance({ hours: 2 });
    expect(await task(batchId)).toMatchObject({ status: "completed", attempt_count: 2 });
  });

  test("shows no phone number and no control characters in its reason", async () => {
    world.bridge.dialFaults = [answer(422, refusal("\u001b[31m+12015550101 is not\nreachable"))];
    const { reason } = await task(await world.launch(1));
    expect(reason).toContain(`"+1 *** *** 0101 is not reachable"`);
  });
});

describe("a dial that leaves it in doubt whether the call was placed", () => {
  const others = [301, 302, 307, 308, 401, 403, 404, 405, 408, 410, 425, 429, 500, 502, 503, 504, 599];
  const doubts: [string, (rings: boolean) => BridgeFault][] = [
    ...others.map((status): [string, (rings: boolean) => BridgeFault] => [
      String(status),
      (rings) => answer(status, "<html>", rings),
    ]),
    ["a broken connection", (rings) => ({ kind: rings ? "answer_lost" : "lost" })],
  ];

  test.each(doubts)("%s: when the bridge has it, it goes on and is not dialed again", async (_what, fault) => {
    world.bridge.dialFaults = [fault(true)];
    const batchId = await world.launch(1);
    expect(world.bridge.lookUps).toHaveLength(1);
    await world.clock.advance({ minutes: 1 });
    expect(await task(batchId)).toMatchObject({ status: "completed", attempt_count: 1 });
    expect(world.bridge.dials).toHaveLength(1);
  });

  test.each(doubts)(
    "%s: when the bridge does not have it, it is dialed again under its token",
    async (_what, fault) => {
      world.bridge.dialFaults = [fault(false)];
      const batchId = await world.launch(1);
      expect(world.bridge.lookUps).toHaveLength(1);
      await world.clock.advance({ minutes: 2 });
      expect(await task(batchId)).toMatchObject({ status: "completed", attempt_count: 1 });
      expect(world.bridge.dials).toHaveLength(1);
      expect(world.bridge.dials[0]?.["token"]).toBe(world.bridge.lookUps[0]);
      expect(world.bridge.rung).toEqual([numberOf(1)]);
    },
  );

  test("no answer within 10 s: the bridge is asked, and a dial that arrives after that rings nobody", async () => {
    world.bridge.dialFaults = [{ kind: "late", seconds: 25 }];
    const batchId = await world.launch(1);
    await world.clock.advance({ seconds: 9 });
    expect(world.bridge.lookUps).toHaveLength(2);
    const pausing = world.call("POST", `/batch-call/${batchId}/pause`);
    await world.clock.advance({ seconds: 2 });
    expect((await pausing).body.data).toMatchObject({ is_paused: true });
    await world.clock.advance({ minutes: 5 });
    expect(world.bridge).toMatchObject({ rung: [], lookUps: { length: 3 } });
    expect(world.bridge.dials).toHaveLength(1);

    await world.call("POST", `/batch-call/${batchId}/resume`);
    await world.clock.advance({ minutes: 1 });
    expect(world.bridge.rung).toEqual([numberOf(1)]);
    expect((await world.batch(batchId)).status).toBe("completed");
  });

  test("a bridge that is down is asked until it is back; then everybody is called once", async () => {
    world.bridge.dialFaults = Array.from({ length: 12 }, () => ({ kind: "lost" }));
    world.bridge.lookUpFaults = Array.from({ length: 30 }, () => ({ kind: "lost" }));
    const batchId = await world.launch(5);
    await world.clock.advance({ hours: 1 });
    expect(world.bridge.rung.toSorted()).toEqual([1, 2, 3, 4, 5].map(numberOf));
    expect((await world.batch(batchId)).counts).toMatchObject({ completed: 5 });
  });
});

test("a redirect is not followed", async () => {
  const other = await BridgeWorld.start();
  const headers = { location: other.bridge.url };
  world.bridge.dialFaults = [{ kind: "answer", status: 307, headers }];
  world.bridge.lookUpFaults = [{ kind: "answer", status: 302, headers }];
  await world.launch(1);
  await world.clock.advance({ minutes: 2 });
  expect(other.bridge).toMatchObject({ dials: [], lookUps: [], unsigned: [] });
  expect(world.bridge.rung).toEqual([numberOf(1)]);
  await other.stop();
});
