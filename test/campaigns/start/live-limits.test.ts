import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StartPolicy } from "../../../src/domain/start-policy.ts";
import { HostedApi } from "../../support/http/hosted-api.ts";
import { numberOf, request, startWorld, type World } from "../../support/world.ts";

let hosted: HostedApi;
const worlds: World[] = [];
beforeEach(async () => {
  hosted = await HostedApi.start();
});
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
  await hosted.stop();
});

async function worldWith(policy: Partial<StartPolicy> = {}, now = "2026-03-02T15:00:00Z"): Promise<World> {
  const world = await startWorld({ upstream: () => hosted.url, policy, now });
  worlds.push(world);
  return world;
}

const live = (recipients: number, changes: object = {}) => request(recipients, { agent_id: "agent_1", ...changes });
const tasks = (...numbers: string[]) => ({ tasks: numbers.map((to_number) => ({ to_number })) });
const draft = async (world: World, args: object): Promise<string> =>
  (await world.tool("create_batch_call", args)).batch.batch_id;

/** The codes of the limits that a start breaks; nothing may ring, nobody may even be asked. */
async function brokenBy(world: World, args: object, start: object = { start: "now" }): Promise<string[]> {
  const problem = await world.problem("start_batch", { batch_id: await draft(world, args), ...start });
  expect(problem.code).toBe("refused_by_limit");
  expect(problem.message).toMatch(/nobody was called/);
  expect(hosted.dangerous).toEqual([]);
  expect(world.pages).toEqual([]);
  expect(world.audit.read(1)).toMatchObject([{ kind: "refused", detail: expect.stringContaining("refused_by_limit") }]);
  return problem.issues.map(({ code }) => code);
}

const limits = { maxRecipientsPerStart: 1000, maxRecipientsPerDay: 5000 };

describe("a start is refused before anybody is asked", () => {
  test("for a country that is not the caller id's own, though it shares its calling code", async () => {
    expect(await brokenBy(await worldWith(), live(1, tasks("+18765550123")))).toEqual(["country_not_allowed"]);
  });

  test("for a kind of number that is not allowed", async () => {
    expect(await brokenBy(await worldWith(), live(1, tasks("+18005550199")))).toContain("number_type_not_allowed");
  });

  test("for more recipients than a launch may have", async () => {
    const world = await worldWith({ limits: { ...limits, maxRecipientsPerStart: 2 } });
    expect(await brokenBy(world, live(3))).toEqual(["recipients_per_launch"]);
  });

  test("for what it may cost, every attempt counted", async () => {
    const world = await worldWith({ limits: { ...limits, spend: { maxPerDay: 1, pricePerCall: 0.2 } } });
    const retries = { retry_config: { enabled: true, max_attempts: 2 } };
    expect(await brokenBy(world, live(3, retries))).toEqual(["spend_per_day"]);
  });

  test("at an hour that is outside calling hours for somebody on the list", async () => {
    const world = await worldWith({ hours: { start: "08:00", end: "21:00" } });
    // New Jersey at 10:00, Los Angeles at 07:00.
    expect(await brokenBy(world, live(2, tasks("+12015550101", "+12135550102")))).toEqual(["calling_hours"]);
  });

  test("at a time that is outside calling hours", async () => {
    const world = await worldWith({ hours: { start: "08:00", end: "21:00" } });
    const late = { start: "at_time", start_at: "2026-03-02T22:30" };
    expect(await brokenBy(world, live(1), late)).toEqual(["calling_hours"]);
  });

  test("for somebody who came onto the do-not-call list after the batch was made", async () => {
    const world = await worldWith();
    const id = await draft(world, live(2));
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(1)] });
    const problem = await world.problem("start_batch", { batch_id: id, start: "now" });
    expect(problem.issues).toMatchObject([{ code: "do_not_call" }]);
  });

  test("while everything is stopped", async () => {
    const world = await worldWith();
    world.killSwitch.set(true, "operator", world.clock.now());
    expect(await brokenBy(world, live(1))).toEqual([]);
    world.killSwitch.set(false, "operator", world.clock.now());
    const id = await draft(world, live(1));
    expect((await world.problem("start_batch", { batch_id: id, start: "now" })).code).toBe("needs_approval");
  });
});

describe("what was launched counts against the next launch", () => {
  const launch = async (world: World, args: object): Promise<string> => {
    world.person.willAnswer({ kind: "accepted", typedRecipients: 2 });
    const { batch } = await world.tool("start_batch", { batch_id: await draft(world, args), start: "now" });
    return batch.batch_id;
  };
  const refusal = async (world: World, args: object) =>
    (await world.problem("start_batch", { batch_id: await draft(world, args), start: "now" })).issues.map(
      ({ code }) => code,
    );
  const others = (name: string) => live(2, { name, ...tasks(numberOf(11), numberOf(12)) });

  test("by the day, which ends 24 hours later", async () => {
    const world = await worldWith({ limits: { ...limits, maxRecipientsPerDay: 3 } });
    await launch(world, live(2));
    expect(await refusal(world, others("B"))).toEqual(["recipients_per_day"]);
    await world.clock.advance({ hours: 24 });
    await launch(world, others("B"));
  });

  test("also what was launched while a person thought about the next one", async () => {
    const world = await worldWith({ limits: { ...limits, maxRecipientsPerDay: 3 } });
    const id = await draft(world, others("B"));
    expect((await world.problem("start_batch", { batch_id: id, start: "now" })).code).toBe("needs_approval");
    const [page] = world.pages;
    if (!page) throw new Error("No page was opened");
    await launch(world, live(2));
    world.approvals.approve(page.id, 2, { principal: "o", channel: "page" }, world.clock.now());
    await world.campaigns.proceed(page);
    expect(hosted.dangerous).toHaveLength(1);
    expect((await world.tool("get_batch_status", { batch_id: id })).launch).toMatch(/breaks a limit/);
  });

  test("by the number: one batch in 24 hours", async () => {
    const world = await worldWith();
    await launch(world, live(2));
    expect(await refusal(world, live(2, { name: "Again" }))).toEqual(["called_within_a_day"]);
    await world.clock.advance({ hours: 24 });
    await launch(world, live(2, { name: "Again" }));
  });

  test("not when it was put back before its time", async () => {
    const world = await worldWith();
    world.person.willAnswer({ kind: "accepted", typedRecipients: 2 });
    const id = await draft(world, live(2));
    await world.tool("start_batch", { batch_id: id, start: "at_time", start_at: "2026-03-02T12:00" });
    await world.tool("cancel_batch", { batch_id: id });
    await launch(world, live(2, { name: "Instead" }));
  });

  test("in another process as well", async () => {
    const world = await worldWith();
    await launch(world, live(2));
    expect(await refusal(world.another(), live(2, { name: "Again" }))).toEqual(["called_within_a_day"]);
  });
});

test("a limit that is reached while the person thinks holds after their approval too", async () => {
  const world = await worldWith();
  const id = await draft(world, live(1));
  await world.problem("start_batch", { batch_id: id, start: "now" });
  const [page] = world.pages;
  if (!page) throw new Error("No page was opened");
  world.approvals.approve(page.id, 1, { principal: "o", channel: "page" }, world.clock.now());
  world.killSwitch.set(true, "operator", world.clock.now());
  await world.campaigns.proceed(page);
  expect(hosted.dangerous).toEqual([]);
  expect((await world.tool("get_batch_status", { batch_id: id })).launch).toMatch(/stop-all/);
});

test.each(["approved", "waiting"])(
  "what was %s before a stop starts nobody after the release: somebody is asked anew",
  async (before) => {
    const world = await worldWith();
    const id = await draft(world, live(1));
    await world.problem("start_batch", { batch_id: id, start: "now" });
    const [page] = world.pages;
    if (!page) throw new Error("No page was opened");
    const agree = () => world.approvals.approve(page.id, 1, { principal: "o", channel: "page" }, world.clock.now());
    if (before === "approved") agree();
    world.killSwitch.set(true, "operator", world.clock.now());
    world.killSwitch.set(false, "operator", world.clock.now());
    if (before === "waiting") expect(agree()).toBe("voided");
    expect(world.approvals.get(page.id, world.clock.now())?.voidedWhy).toContain("stop-all");
    await world.campaigns.proceed(page);
    expect((await world.tool("get_batch_status", { batch_id: id })).launch).toMatch(/stop-all/);
    expect((await world.problem("start_batch", { batch_id: id, start: "now" })).code).toBe("needs_approval");
    expect(world.pages).toHaveLength(2);
    expect(hosted.dangerous).toEqual([]);
  },
);

describe("quiet hours that are sent to an API that is not ours", () => {
  const sent = () => hosted.seen.find(({ method, path }) => method === "POST" && path === "/batch-call")?.body;
  const hours = { start: "08:00", end: "21:00" };

  test("leave only the hours that suit every zone of the list", async () => {
    const world = await worldWith({ hours }, "2026-05-04T15:00:00Z");
    await draft(world, live(2, { timezone: "America/New_York", ...tasks("+12015550101", "+12135550102") }));
    expect(sent()).toMatchObject({ quiet_hours: { enabled: true, start_time: "21:00", end_time: "11:00" } });
  });

  test("keep to the batch's own as well", async () => {
    const world = await worldWith({ hours });
    const own = { enabled: true, start_time: "17:00", end_time: "09:00", timezone: "America/New_York" };
    await draft(world, live(1, { timezone: "America/New_York", quiet_hours: own }));
    expect(sent()).toMatchObject({ quiet_hours: { start_time: "17:00", end_time: "09:00" } });
  });

  test("do not exist for a list that shares no hour, so no batch is made of it", async () => {
    const world = await worldWith({ hours: { start: "09:00", end: "11:00" }, countries: ["US"] });
    const problem = await world.problem("create_batch_call", live(2, tasks("+12015550101", "+18085550102")));
    expect(problem).toMatchObject({
      code: "refused_by_limit",
      message: expect.stringMatching(/batch for each region/),
    });
    expect(hosted.batches.size).toBe(0);
  });
});

describe("where the operator chose", () => {
  const idOf = (world: World, recipients: number) => draft(world, live(recipients));

  test("host, a start needs the count and the fingerprint, and reaches at most ten people", async () => {
    const world = await worldWith({ approval: "host" });
    const { batch, approval } = await world.tool("create_batch_call", live(3, { start: "now" }));
    expect(approval.how).toMatch(/expected_recipients 3 and fingerprint/);
    expect(hosted.dangerous).toEqual([]);
    const { expected_recipients, fingerprint } = approval;
    const args = { batch_id: batch.batch_id, start: "now", expected_recipients };
    expect((await world.problem("start_batch", args)).code).toBe("needs_approval");
    expect((await world.tool("start_batch", { ...args, fingerprint })).batch.status).toBe("sent");

    const large = { batch_id: await draft(world, live(12, { name: "B" })), start: "now" };
    expect((await world.problem("start_batch", large)).issues[0]?.code).toBe("recipients_per_launch");
  });

  test("policy, nobody is asked within the caps", async () => {
    const world = await worldWith({ approval: "policy", limits: { ...limits, maxRecipientsPerStart: 3 } });
    const { batch } = await world.tool("start_batch", { batch_id: await idOf(world, 3), start: "now" });
    expect(batch.status).toBe("sent");
    expect(world.audit.read(1)).toMatchObject([{ kind: "launched", channel: "policy" }]);
  });
});
