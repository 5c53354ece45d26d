import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { batchOf, type Json, numberOf, ServiceWorld } from "../../support/service-world.ts";

const at = (world: ServiceWorld, minutes: number): number => world.clock.now().getTime() + minutes * 60_000;

let world: ServiceWorld;
beforeEach(async () => {
  world = await ServiceWorld.start();
  world.carrier.environment = "live";
});
afterEach(() => world.stop());

const batchOfId = async (id: string): Promise<Json> => (await world.call("GET", `/batch-call/${id}`)).body.data;
const rings = (): number => world.carrier.rings.length;

let questions = 0;

/** What a person agreed to of a batch as it is, when asked anew. */
async function agreementTo(id: string, others: Json = {}): Promise<Json> {
  const { content_digest, total, max_attempts } = await batchOfId(id);
  const by = { channel: "page", principal: "somebody", approval_id: `question_${++questions}` };
  const most = { max_recipients: total, max_attempts, last_timestamp: at(world, 24 * 60) };
  return { content_digest, ...by, ...most, ...others };
}

async function execute(id: string, grant: Json) {
  return world.call("POST", `/batch-call/${id}/execute`, { body: { grant } });
}

describe("a start under an agreement", () => {
  test("happens when the batch is what was agreed to, and says so", async () => {
    const id = await world.create();
    const grant = await agreementTo(id);
    expect((await execute(id, grant)).status).toBe(200);
    expect(await batchOfId(id)).toMatchObject({
      status: "sent",
      grant: { state: "open", channel: "page", principal: "somebody", last_timestamp: grant.last_timestamp },
    });
    await world.clock.advance({ minutes: 1 });
    expect(rings()).toBeGreaterThan(0);
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    [
      "variables",
      (id) => put(id, { tasks: [{ to_number: numberOf(1), dynamic_variables: { first_name: "you owe" } }] }),
    ],
    ["number", (id) => put(id, { tasks: [{ to_number: numberOf(9) }] })],
    ["rules for retries", (id) => put(id, { retry_config: { enabled: true, max_attempts: 2 } })],
    ["zone", (id) => world.call("PATCH", `/batch-call/${id}`, { body: { timezone: "Asia/Tokyo" } })],
  ])("does not happen when another %s was put into it since", async (_what, change) => {
    const id = await world.create();
    const grant = await agreementTo(id);
    await change(id);
    const before = await batchOfId(id);
    const refused = await execute(id, grant);
    expect(refused).toMatchObject({ status: 409, body: { error: expect.stringContaining("not what was agreed to") } });
    const scheduled = { status: "scheduled", trigger_timestamp: at(world, 60), grant };
    expect((await world.call("PATCH", `/batch-call/${id}`, { body: scheduled })).status).toBe(409);
    expect(await batchOfId(id)).toEqual(before);
    await world.clock.advance({ hours: 2 });
    expect(rings()).toBe(0);
  });

  test.each([
    ["more people", { max_recipients: 1 }],
    ["more attempts", { max_attempts: 1 }],
    ["later hours", { last_timestamp: 1_700_000_000_000 }],
  ])("does not happen for %s than were agreed to", async (_what, bound) => {
    const retries = { retry_config: { enabled: true, max_attempts: 3 } };
    const id = await world.create({ ...retries, tasks: [{ to_number: numberOf(1) }, { to_number: numberOf(2) }] });
    expect((await execute(id, await agreementTo(id, bound))).status).toBe(409);
    expect(await batchOfId(id)).toMatchObject({ status: "draft", grant: null });
  });

  test.each([
    ["who agreed", { principal: "a\u0000b" }],
    ["the client", { client: "\ud83d" }],
    ["people", { max_recipients: 2 ** 40 }],
    ["attempts", { max_attempts: 2 ** 40 }],
    ["the last minute", { last_timestamp: 2 ** 53 - 1 }],
  ])("that no database holds for %s is refused by its field, and nothing is started", async (_what, field) => {
    const id = await world.create();
    const refused = await execute(id, await agreementTo(id, field));
    expect(refused).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining(`grant.${Object.keys(field)}`) },
    });
    expect(await batchOfId(id)).toMatchObject({ status: "draft", grant: null });
  });

  test("uses the answer to a question up: the same request that arrives once more, after a pause, starts nobody", async () => {
    const id = await world.create({ tasks: Array.from({ length: 40 }, (_, n) => ({ to_number: numberOf(n + 1) })) });
    const grant = await agreementTo(id);
    await execute(id, grant);
    await world.clock.advance({ seconds: 2 });
    await world.call("POST", `/batch-call/${id}/pause`);
    const before = rings();
    const again = await world.call("POST", `/batch-call/${id}/resume`, { body: { grant } });
    expect(again).toMatchObject({ status: 409, body: { error: expect.stringContaining("was used already") } });
    await world.clock.advance({ hours: 1 });
    expect(rings()).toBe(before);
  });

  test("survives another name", async () => {
    const id = await world.create();
    const grant = await agreementTo(id);
    await world.call("PATCH", `/batch-call/${id}`, { body: { name: "Another name" } });
    expect((await execute(id, grant)).status).toBe(200);
  });

  test("belongs to a start", async () => {
    const id = await world.create();
    const body = { name: "x", grant: await agreementTo(id) };
    expect((await world.call("PATCH", `/batch-call/${id}`, { body })).status).toBe(400);
  });
});

async function put(id: string, change: Json) {
  const before = await batchOfId(id);
  return world.call("PUT", `/batch-call/${id}`, { body: { ...batchOf(), name: before.name, ...change } });
}

/** An agreement to the batch in the state that it has at this moment. */
async function agreementNow(id: string): Promise<Json> {
  return agreementTo(id, { state_version: (await batchOfId(id)).state_version });
}

describe("a start that was on its way", () => {
  const body = (change: Json) => ({ body: change });
  const step = (id: string, verb: string) => world.call("POST", `/batch-call/${id}/${verb}`);
  const stop = (stopped: boolean) => world.call("PUT", "/stop", body({ stopped }));
  const patch = (id: string, change: Json) => world.call("PATCH", `/batch-call/${id}`, body(change));
  const atMinute = (minutes: number) => ({ status: "scheduled", trigger_timestamp: at(world, minutes) });

  const meanwhile: readonly [string, "draft" | "scheduled", (id: string) => Promise<unknown>][] = [
    ["paused", "scheduled", (id) => step(id, "pause")],
    ["paused and resumed", "scheduled", async (id) => [await step(id, "pause"), await step(id, "resume")]],
    ["put back to draft", "scheduled", (id) => patch(id, { status: "draft" })],
    ["given another time", "scheduled", (id) => patch(id, { trigger_timestamp: at(world, 300) })],
    ["stopped with all others", "scheduled", async () => [await stop(true), await stop(false)]],
    ["a draft, and all calls were stopped", "draft", async () => [await stop(true), await stop(false)]],
    [
      "scheduled and put back to draft",
      "draft",
      async (id) => [await patch(id, atMinute(200)), await patch(id, { status: "draft" })],
    ],
  ];

  test.each(meanwhile)("while the batch was %s sets nothing going", async (_how, status, happens) => {
    const id = await world.create();
    if (status === "scheduled") await patch(id, { ...atMinute(60), grant: await agreementTo(id) });
    const grant = await agreementNow(id);
    await happens(id);
    for (const late of [await execute(id, grant), await patch(id, { ...atMinute(10), grant })]) {
      expect(late.status).toBe(409);
      expect(late.body.error).toContain("while this start was on its way. Nothing was started");
    }
    await world.clock.advance({ minutes: 59 });
    expect(rings()).toBe(0);
    expect((await execute(id, await agreementNow(id))).status).toBe(200);
  });

  test("is taken where only the name was changed meanwhile", async () => {
    const id = await world.create();
    const grant = await agreementNow(id);
    await patch(id, { name: "Other name" });
    expect((await execute(id, grant)).status).toBe(200);
  });
});

describe("a scheduled batch that is changed", () => {
  const schedule = async (grant?: Json): Promise<string> => {
    const id = await world.create();
    const time = { status: "scheduled", trigger_timestamp: at(world, 60) };
    const agreement = grant ? { grant: await agreementTo(id) } : {};
    expect((await world.call("PATCH", `/batch-call/${id}`, { body: { ...time, ...agreement } })).status).toBe(200);
    return id;
  };

  test.each([
    ["zone", { timezone: "Asia/Tokyo" }],
    ["time", { trigger_timestamp: Date.parse("2026-02-02T18:00:00Z") }],
  ])("in its %s is a draft again where a person had agreed to it", async (_what, change) => {
    const id = await schedule({});
    await world.call("PATCH", `/batch-call/${id}`, { body: change });
    expect(await batchOfId(id)).toMatchObject({ status: "draft", grant: { state: "ended" } });
    await world.clock.advance({ hours: 12 });
    expect(rings()).toBe(0);
  });

  test("stays scheduled where the account's own system had started it, which agrees anew by the change", async () => {
    const id = await schedule();
    const before = (await batchOfId(id)).grant;
    await world.call("PATCH", `/batch-call/${id}`, { body: { timezone: "Asia/Tokyo" } });
    const { status, grant } = await batchOfId(id);
    expect({ status, state: grant.state }).toEqual({ status: "scheduled", state: "open" });
    expect(grant.grant_id).not.toBe(before.grant_id);
    await world.clock.advance({ hours: 2 });
    expect(rings()).toBeGreaterThan(0);
  });
});

describe("after a pause", () => {
  const many = { tasks: Array.from({ length: 40 }, (_, n) => ({ to_number: numberOf(n + 1) })) };
  let id: string;
  beforeEach(async () => {
    id = await world.create(many);
    await execute(id, await agreementTo(id));
    await world.clock.advance({ seconds: 2 });
  });
  const pause = (body?: Json) => world.call("POST", `/batch-call/${id}/pause`, { body });
  const resume = (body: Json) => world.call("POST", `/batch-call/${id}/resume`, { body });
  const grantId = async (): Promise<string> => (await batchOfId(id)).grant.grant_id;

  test("a resumable agreement is taken up again within 15 minutes", async () => {
    await pause({ resumable: true });
    const before = await grantId();
    await world.clock.advance({ minutes: 15 });
    expect((await resume({ grant_id: before })).status).toBe(200);
    expect(await batchOfId(id)).toMatchObject({ is_paused: false, grant: { grant_id: before, state: "open" } });
    await world.clock.advance({ hours: 1 });
    expect(rings()).toBe(40);
  });

  test.each<[string, () => Promise<unknown>]>([
    ["after more than 15 minutes", async () => world.clock.advance({ minutes: 15, ms: 1 })],
    [
      "after a second pause, which does not begin them again",
      async () => {
        await world.clock.advance({ minutes: 10 });
        await pause({ resumable: true });
        await world.clock.advance({ minutes: 6 });
      },
    ],
    [
      "after a stop of all calls",
      async () => {
        await world.call("PUT", "/stop", { body: { stopped: true } });
        await world.call("PUT", "/stop", { body: { stopped: false } });
      },
    ],
  ])("it is over %s", async (_what, meanwhile) => {
    await pause({ resumable: true });
    const before = await grantId();
    await meanwhile();
    const called = rings();
    expect((await resume({ grant_id: before })).status).toBe(409);
    await world.clock.advance({ hours: 1 });
    expect(rings()).toBe(called);
    expect((await resume({ grant: await agreementTo(id) })).status).toBe(200);
    await world.clock.advance({ hours: 1 });
    expect(rings()).toBe(40);
  });

  test("it is over on a clock that was set back to before the pause", async () => {
    await pause({ resumable: true });
    const before = await grantId();
    await world.clock.step(-60);
    expect((await resume({ grant_id: before })).status).toBe(409);
  });

  test("that did not say it would go on, a new one is needed at once", async () => {
    await pause();
    expect((await resume({ grant_id: await grantId() })).status).toBe(409);
  });

  test("a start that was on its way while the batch was paused again sets nothing going", async () => {
    await pause({ resumable: true });
    const { state_version, grant } = await batchOfId(id);
    const [anew, asBefore] = [
      { grant: { ...(await agreementTo(id)), state_version } },
      { grant_id: grant.grant_id, state_version },
    ];
    const called = rings();
    await pause({ resumable: true });
    for (const delayed of [anew, asBefore, { ...anew, redial_unknown: true }]) {
      const { status, body } = await resume(delayed);
      expect(status).toBe(409);
      expect(body.error).toContain("while this start was on its way. Nothing was started");
    }
    await world.clock.advance({ hours: 1 });
    expect(rings()).toBe(called);
    expect((await resume({ grant: await agreementNow(id) })).status).toBe(200);
  });

  test("two resumes at once that name one state set it going once, and one that is sent again changes nothing", async () => {
    await pause({ resumable: true });
    const { state_version, grant } = await batchOfId(id);
    const body = { grant_id: grant.grant_id, state_version };
    const both = await Promise.all([resume(body), resume(body)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await resume(body)).status).toBe(200);
    await world.clock.advance({ hours: 1 });
    expect(rings()).toBe(40);
    expect((await batchOfId(id)).grant).toMatchObject({ grant_id: grant.grant_id, state: "open" });
  });

  test("the state that a resume names counts wherever it stands in the body", async () => {
    await pause({ resumable: true });
    const { state_version } = await batchOfId(id);
    const delayed = { grant: await agreementTo(id), state_version };
    const called = rings();
    await pause({ resumable: true });
    expect((await resume(delayed)).status).toBe(409);
    expect((await resume({ state_version })).status).toBe(409);
    await world.clock.advance({ hours: 1 });
    expect(rings()).toBe(called);
  });

  test("nobody of an unknown end is called again by a resume that was on its way while the batch was paused again", async () => {
    await world.clock.advance({ hours: 1 });
    world.carrier.faults.push("lost_for_good");
    const other = await world.create({ tasks: [{ to_number: numberOf(90) }, { to_number: numberOf(91) }] });
    await execute(other, await agreementTo(other));
    await world.clock.advance({ seconds: 2 });
    const step = (verb: string, body?: Json) => world.call("POST", `/batch-call/${other}/${verb}`, { body });
    await step("pause");
    expect((await batchOfId(other)).counts).toMatchObject({ unknown: 1, calling: 1 });
    const { state_version } = await batchOfId(other);
    await step("pause");
    expect((await step("resume", { redial_unknown: true, state_version })).status).toBe(409);
    expect(await batchOfId(other)).toMatchObject({ is_paused: true, counts: { unknown: 1, calling: 1 } });
  });

  test.each([
    ["when all calls were stopped", { stopped: true }],
    ["when a stop was released", { stopped: false }],
  ])("a start of what was held already that was on its way %s sets nothing going", async (_when, { stopped }) => {
    await world.call("PUT", "/stop", { body: { stopped: true } });
    if (stopped) await world.call("PUT", "/stop", { body: { stopped: false } });
    const { state_version, held_reason } = await batchOfId(id);
    expect(held_reason).toContain("stopped");
    const delayed = { grant: await agreementTo(id, { state_version }) };
    const called = rings();
    if (stopped) await world.call("PUT", "/stop", { body: { stopped: true } });
    await world.call("PUT", "/stop", { body: { stopped: false } });
    expect((await resume(delayed)).status).toBe(409);
    await world.clock.advance({ hours: 1 });
    expect(rings()).toBe(called);
    expect((await resume({ grant: await agreementNow(id) })).status).toBe(200);
  });

  test("a start that was on its way when all calls were stopped sets nothing going after the release", async () => {
    await pause({ resumable: true });
    const { state_version } = await batchOfId(id);
    const delayed = { grant: { ...(await agreementTo(id)), state_version } };
    await world.call("PUT", "/stop", { body: { stopped: true } });
    await world.call("PUT", "/stop", { body: { stopped: false } });
    expect((await resume(delayed)).status).toBe(409);
  });

  test("it is not mixed with another one", async () => {
    await pause({ resumable: true });
    const grant_id = await grantId();
    expect((await resume({ grant_id, redial_unknown: true })).status).toBe(400);
    expect((await resume({ grant_id, grant: await agreementTo(id) })).status).toBe(400);
  });
});

test("when the last agreed minute has come, nobody else is called, and the batch says why", async () => {
  const id = await world.create({ tasks: Array.from({ length: 40 }, (_, n) => ({ to_number: numberOf(n + 1) })) });
  await execute(id, await agreementTo(id, { last_timestamp: at(world, 1) }));
  await world.clock.advance({ minutes: 1 });
  const before = rings();
  await world.clock.advance({ hours: 5 });
  expect(rings()).toBe(before);
  expect(before).toBeLessThan(40);
  expect(await batchOfId(id)).toMatchObject({
    status: "sent",
    is_paused: true,
    held_reason: expect.stringContaining("until 2026-02-02 15:01 UTC"),
    grant: { state: "ended" },
  });
});

test("while all calls are stopped nothing can be started, and after the release nothing goes on by itself", async () => {
  const running = await world.create({ tasks: Array.from({ length: 40 }, (_, n) => ({ to_number: numberOf(n + 1) })) });
  await execute(running, await agreementTo(running));
  await world.clock.advance({ seconds: 2 });
  const stopped = await world.call("PUT", "/stop", { body: { stopped: true } });
  expect(stopped.body.data).toEqual({ stopped: true, since: world.clock.now().getTime(), everybody: false, held: 1 });
  const before = rings();
  const draft = await world.create();
  expect((await execute(draft, await agreementTo(draft))).status).toBe(409);
  expect((await world.call("POST", `/batch-call/${draft}/execute`)).status).toBe(409);
  expect(
    (await world.call("POST", "/batch-call", { body: { ...batchOf(), status: undefined, send_now: true } })).status,
  ).toBe(409);
  expect((await world.call("POST", `/batch-call/${running}/resume`)).status).toBe(409);
  expect((await world.call("GET", "/stop", { as: "second" })).body.data.stopped).toBe(false);
  await world.clock.advance({ hours: 1 });
  expect(rings()).toBe(before);

  await world.call("PUT", "/stop", { body: { stopped: false } });
  await world.clock.advance({ hours: 1 });
  expect(rings()).toBe(before);
  expect(await batchOfId(running)).toMatchObject({ is_paused: true, held_reason: expect.stringContaining("stopped") });
  expect((await world.call("POST", `/batch-call/${running}/resume`)).status).toBe(200);
  await world.clock.advance({ hours: 1 });
  expect(rings()).toBe(40);
});

test("a new time for a batch that was stopped starts nobody: the agreement that ended stays ended", async () => {
  const trigger_timestamp = world.clock.now().getTime() + 3_600_000;
  const id = await world.create({ status: undefined, trigger_timestamp });
  const before = rings();
  await world.call("PUT", "/stop", { body: { stopped: true } });
  await world.call("PUT", "/stop", { body: { stopped: false } });
  const later = { trigger_timestamp: trigger_timestamp + 60_000 };
  expect((await world.call("PATCH", `/batch-call/${id}`, { body: later })).body.data.status).toBe("draft");
  await world.clock.advance({ hours: 3 });
  expect(rings()).toBe(before);
});
