import { afterEach, expect, test } from "vitest";
import { toSummaryFacts } from "../../src/campaigns/approve/index.ts";
import { toSteeringState } from "../../src/domain/batch/steering-text.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { request, startWorld, type World, type WorldSetup } from "../support/world.ts";

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
});

async function worldOf(setup: WorldSetup = { carrierEnvironment: "live" }): Promise<World> {
  const world = await startWorld({ now: "2026-03-02T15:00:00Z", ...setup });
  worlds.push(world);
  return world;
}

const retryAfterAnHour = {
  condition: "no_answer",
  enabled: true,
  retry_timing: { type: "AFTER", duration_minutes: 60 },
};
const canary = { share: 5, pause_if: [{ outcome: "failed", above_percent: 20 }], afterwards: "go_on" };

test("a canary is told in preview, question and status, holds by its limit, and goes on when a person agrees to the others", async () => {
  const world = await worldOf();
  const args = request(40, { canary, stop_when: { calls: 90, at: "2026-03-09T09:00" }, timezone: "America/New_York" });
  const words = [
    "The first 5% of the list are called, then the others; with more than 20% failed the batch is held until a person resumes it",
    "The batch ends after 90 calls at most, retries included, or at 2026-03-09 09:00 in America/New_York, for everybody at once (2026-03-09T13:00Z): who still waits then is not called",
  ];
  const preview = await world.tool("preview_batch_call", args);
  expect(preview.outlook.rules).toEqual(expect.arrayContaining(words));
  const earlier =
    "it may stop earlier: at 2026-03-09 09:00 in America/New_York, for everybody at once (2026-03-09T13:00Z)";
  expect(await world.text("preview_batch_call", args)).toContain(`${earlier}; these are estimates`);
  const ten = { ...args, stop_when: { outcome: "answered", count: 10 } };
  expect(await world.text("preview_batch_call", ten)).toContain(
    "it may stop earlier: when 10 people have the outcome answered;",
  );
  expect(await world.text("preview_batch_call", { ...args, stop_when: { calls: 90 } })).not.toContain("earlier");
  const { batch } = await world.tool("create_batch_call", args);
  const id = { batch_id: batch.batch_id };
  expect((await world.tool("get_batch_status", id)).rules).toEqual(expect.arrayContaining(words));
  expect((await world.tool("get_batch_status", id)).batch.steering).toEqual([
    "Canary waiting: 0 of its 2 people called.",
  ]);

  world.person.willAnswer({ kind: "accepted", typedRecipients: 40 });
  const [first, second] = await world.api.listTasks(batch.batch_id, { page: 0, limit: 100 }).then(({ rows }) => rows);
  world.carrier.script(first?.toNumber ?? "", "failed");
  world.carrier.script(second?.toNumber ?? "", "answered");
  await world.tool("start_batch", { ...id, start: "now" });
  const asked = JSON.stringify(world.person.asked.flatMap(toSummaryFacts));
  for (const line of [...words, earlier]) expect(asked).toContain(line.slice(0, 60));
  await world.clock.advance({ minutes: 10 });
  expect(world.carrier.rings).toHaveLength(2);
  const held = (await world.tool("get_batch_status", id)).batch;
  expect(held.held_reason).toBe(
    "The first 2 people were called: 1 failed (50%), more than 20%. Nobody else is called until resume_batch, which goes on with the other 38.",
  );
  const numbers = "The first 2 people were called: 1 failed (50%), more than 20%.";
  expect(held.steering).toEqual([`Canary held the batch: ${numbers}`]);

  world.person.willAnswer({ kind: "accepted", typedRecipients: 38 });
  await world.tool("resume_batch", id);
  expect(world.person.asked).toHaveLength(2);
  const again = JSON.stringify(world.person.asked.slice(1).flatMap(toSummaryFacts));
  expect(again).toContain(numbers);
  expect(again).not.toContain("The first 5% of the list");
  await world.clock.advance({ minutes: 30 });
  expect(world.carrier.rings).toHaveLength(40);
  const ended = await world.tool("get_batch_status", id);
  expect(ended.batch.steering).toEqual([`Canary held the batch until it was resumed: ${numbers}`]);
  expect(ended.rules).toEqual(expect.not.arrayContaining([words[0]]));
});

test("a canary that held is not resumed when the person declines", async () => {
  const world = await worldOf();
  const { batch } = await world.tool("create_batch_call", request(20, { canary: { count: 3 } }));
  world.person.willAnswer({ kind: "accepted", typedRecipients: 20 });
  await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
  await world.clock.advance({ minutes: 10 });
  world.person.willAnswer({ kind: "declined" });
  await world.problem("resume_batch", { batch_id: batch.batch_id });
  await world.clock.advance({ hours: 1 });
  expect(world.carrier.rings).toHaveLength(3);
});

test("update_batch changes pace with no question and no hold; another stop_when holds until a person agrees", async () => {
  const world = await worldOf({ carrierEnvironment: "live", service: { maxConcurrent: 6, startsPerSecond: 50 } });
  const { batch } = await world.tool("create_batch_call", request(60, { stop_when: { calls: 40 } }));
  const id = { batch_id: batch.batch_id };
  world.person.willAnswer({ kind: "accepted", typedRecipients: 60 });
  await world.tool("start_batch", { ...id, start: "now" });
  await world.clock.settle();
  const slower = await world.tool("update_batch", { ...id, pace: { at_once: 3 } });
  expect(slower).toMatchObject({ starts_by_itself: true, batch: { is_paused: false } });
  expect(slower.batch.steering).toEqual(["Pace set to at most 3 calls at once."]);
  await world.clock.advance({ seconds: 35 });
  expect((await world.tool("get_batch_status", id)).batch.counts.calling).toBe(3);
  expect((await world.tool("update_batch", { ...id, pace: {} })).batch.steering).toBeUndefined();
  await world.clock.settle();
  expect((await world.tool("get_batch_status", id)).batch.counts.calling).toBe(6);
  expect(world.person.asked).toHaveLength(1);
  const other = await world.tool("update_batch", { ...id, stop_when: { calls: 50 } });
  expect(other).toMatchObject({ starts_by_itself: false, batch: { is_paused: true } });
  expect((await world.tool("get_batch_status", id)).rules).toEqual(
    expect.arrayContaining([expect.stringContaining("after 50 calls at most")]),
  );
});

test("what is expected, and what it costs, ends with the budget and goes at the pace that was set, in preview and in each question", async () => {
  const spend = { maxPerDay: 100, pricePerCall: 0.1, currency: "EUR" };
  const world = await worldOf({
    carrierEnvironment: "live",
    policy: { limits: { maxRecipientsPerStart: 100, maxRecipientsPerDay: 100, spend } },
  });
  const args = request(60, { stop_when: { calls: 40 }, start: "now" });
  const { outlook } = await world.tool("preview_batch_call", args);
  expect(outlook).toMatchObject({ calls: 40, cost: { most: 4, likely: 4 } });
  const { batch } = await world.tool(
    "create_batch_call",
    request(60, { stop_when: { calls: 40 }, canary: { count: 7 } }),
  );
  const id = { batch_id: batch.batch_id };
  world.person.willAnswer({ kind: "accepted", typedRecipients: 60 });
  await world.tool("start_batch", { ...id, start: "now" });
  await world.clock.advance({ minutes: 10 });
  await world.tool("update_batch", { ...id, pace: { at_once: 1, per_second: 1 } });
  world.person.willAnswer({ kind: "accepted", typedRecipients: 53 });
  await world.tool("resume_batch", id);
  expect(world.person.asked.map((summary) => summary.outlook?.calls)).toEqual([40, 33]);
  expect(world.person.asked[1]?.outlook?.assumes).toContain("at most 1 call at once and 1 start a second");
  expect((await world.tool("get_batch_status", id)).batch.steering).toContain(
    "Pace set to at most 1 call at once and 1 start a second.",
  );
});

test("a pace above what the account allows is told with the limit that holds", async () => {
  const world = await worldOf({ carrierEnvironment: "live", service: { maxConcurrent: 6, startsPerSecond: 5 } });
  const { batch } = await world.tool("create_batch_call", request(3));
  const id = { batch_id: batch.batch_id };
  const paced = await world.tool("update_batch", { ...id, pace: { at_once: 1000, per_second: 1000 } });
  expect(paced.batch.steering).toEqual([
    "Pace set to at most 1,000 calls at once and 1,000 starts a second; the account allows 6 calls at once and 5 starts a second.",
  ]);
  const kept = await world.tool("update_batch", { ...id, pace: { at_once: 6, per_second: 1000 } });
  expect(kept.batch.steering).toEqual([
    "Pace set to at most 6 calls at once and 1,000 starts a second; the account allows 5 starts a second.",
  ]);
  const within = await world.tool("update_batch", { ...id, pace: { at_once: 2 } });
  expect(within.batch.steering).toEqual(["Pace set to at most 2 calls at once."]);
});

test.each([
  [
    { canary: { count: 2, pause_if: [{ outcome: "failed", above_percent: 100 }], afterwards: "go_on" } },
    "above_percent 100",
  ],
  [{ canary: { count: 2, pause_if: [{ said: "opt_out", below_percent: 0 }], afterwards: "go_on" } }, "below_percent 0"],
  [{ stop_when: { outcome: "answered", count: 50 } }, "counts 50 people"],
] as const)("a bound that %j can never reach is warned of in preview and create", async (rules, words) => {
  const world = await worldOf();
  for (const tool of ["preview_batch_call", "create_batch_call"]) {
    const { warnings = [] } = await world.tool(tool, request(5, rules));
    expect(warnings).toEqual([expect.stringContaining(words)]);
  }
});

test.each([
  { canary: { count: 2, pause_if: [{ outcome: "failed", above_percent: 99 }] } },
  { stop_when: { outcome: "answered", count: 5 } },
  // A budget is a bound that is kept all the same.
  { stop_when: { calls: 9 } },
])("nothing is warned of with %j, which can be reached", async (rules) => {
  const world = await worldOf();
  expect((await world.tool("create_batch_call", request(5, rules))).warnings).toBeUndefined();
});

test.each(["live", undefined] as const)(
  "an edit of a batch that its canary holds leaves the reason why (%s)",
  async (carrierEnvironment) => {
    const world = await worldOf(carrierEnvironment ? { carrierEnvironment } : {});
    const { batch } = await world.tool("create_batch_call", request(5, { canary: { count: 2 } }));
    const id = { batch_id: batch.batch_id };
    if (carrierEnvironment) world.person.willAnswer({ kind: "accepted", typedRecipients: 5 });
    await world.tool("start_batch", { ...id, start: "now" });
    await world.clock.advance({ minutes: 10 });
    const { batch: held } = await world.tool("get_batch_status", id);
    expect(held.held_reason).toMatch(/^The first 2 people were called/);
    const { batch: edited } = await world.tool("update_batch", { ...id, stop_when: { calls: 4 } });
    expect(edited).toMatchObject({ is_paused: true, held_reason: held.held_reason });
  },
);

test("an edit of a simulated batch that was paused says nothing of an agreement", async () => {
  const world = await worldOf({});
  const { batch } = await world.tool("create_batch_call", request(40));
  const id = { batch_id: batch.batch_id };
  await world.tool("start_batch", { ...id, start: "now" });
  await world.tool("pause_batch", id);
  const { batch: edited } = await world.tool("update_batch", { ...id, stop_when: { calls: 35 } });
  expect(edited).toMatchObject({ is_paused: true });
  expect(edited.held_reason).toBeUndefined();
});

test("no retry is expected after the time at which a batch ends", async () => {
  const world = await worldOf();
  const rules = { retry_config: { enabled: true, max_attempts: 3 }, retry_rules: [retryAfterAnHour] };
  const args = request(60, { ...rules, stop_when: { at: "2026-03-02T15:30Z" }, timezone: "UTC", start: "now" });
  expect((await world.tool("preview_batch_call", args)).outlook.ends).toMatchObject({ time: "15:04" });
});

test.each([{ share: 100 }, { count: 99 }])("a canary of %j is everybody, and promises no hold", async (all) => {
  const world = await worldOf();
  const args = request(3, { canary: all });
  const said = "Canary: everybody on the list is in it, so nobody is left to hold";
  expect((await world.tool("preview_batch_call", args)).outlook.rules).toContain(said);
  const { batch } = await world.tool("create_batch_call", args);
  const id = { batch_id: batch.batch_id };
  expect((await world.tool("get_batch_status", id)).rules).toContain(said);
  world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
  await world.tool("start_batch", { ...id, start: "now" });
  expect(JSON.stringify(world.person.asked.flatMap(toSummaryFacts))).toContain(said);
  await world.clock.advance({ minutes: 10 });
  expect((await world.tool("get_batch_status", id)).batch).toMatchObject({
    status: "completed",
    steering: ["Canary not judged: the batch ended when 3 people had been called."],
  });
});

test("a batch that ends within its canary says how many were called", async () => {
  const world = await worldOf();
  const { batch } = await world.tool(
    "create_batch_call",
    request(9, { canary: { count: 4 }, stop_when: { calls: 1 } }),
  );
  const id = { batch_id: batch.batch_id };
  world.person.willAnswer({ kind: "accepted", typedRecipients: 9 });
  await world.tool("start_batch", { ...id, start: "now" });
  await world.clock.advance({ minutes: 10 });
  expect((await world.tool("get_batch_status", id)).batch.steering).toEqual([
    "Canary not judged: the batch ended when 1 person had been called.",
    "Ended early: stop_when: the one call of the budget was made.",
  ]);
});

test("an amount becomes calls by the operator's price, and is refused without one", async () => {
  const limits = { maxRecipientsPerStart: 100, maxRecipientsPerDay: 100 };
  const spend = { maxPerDay: 100, pricePerCall: 0.1, currency: "EUR" };
  const world = await worldOf({ policy: { limits: { ...limits, spend } } });
  const preview = await world.tool("preview_batch_call", request(9, { stop_when: { spend: 0.3 } }));
  expect(preview.outlook.rules).toEqual(
    expect.arrayContaining([
      expect.stringContaining("after 3 calls at most, retries included (at most EUR 0.30, EUR 0.10 a call)"),
    ]),
  );
  const { batch } = await world.tool("create_batch_call", request(9, { stop_when: { spend: 0.3 } }));
  expect((await world.tool("get_batch_status", { batch_id: batch.batch_id })).rules.join()).toContain("EUR 0.30");
  const tooLittle = await world.problem("create_batch_call", request(9, { stop_when: { spend: 0.05 } }));
  expect(tooLittle.issues).toMatchObject([{ field: "stop_when.spend" }]);
  const free = await worldOf({ policy: { limits } });
  const refused = await free.problem("create_batch_call", request(9, { stop_when: { spend: 5 } }));
  expect(refused.issues).toMatchObject([
    { field: "stop_when.spend", message: expect.stringContaining("BATCH_CALL_PRICE_PER_CALL") },
  ]);
});

test.each([
  [{ canary: { share: 5, count: 3 } }, "canary"],
  [{ canary: {} }, "canary"],
  [{ canary: { count: 3, pause_if: [{ above_percent: 5 }] } }, "canary.pause_if[0].outcome"],
  [{ canary: { count: 3, pause_if: [{ outcome: "failed" }] } }, "canary.pause_if"],
  [{ stop_when: { outcome: "answered" } }, "stop_when.count"],
  [{ stop_when: { at: "2026-03-01T09:00" } }, "stop_when.at"],
  [{ stop_when: { at: "soon" } }, "stop_when.at"],
])("%j is refused by the name of its argument, and nothing is made", async (args, field) => {
  const world = await worldOf();
  const problem = await world.problem("create_batch_call", request(9, args));
  expect(problem.code).toBe("invalid_input");
  expect(problem.issues.map((issue) => issue.field)).toEqual([field]);
  expect((await world.tool("list_batches")).batches).toEqual([]);
});

test("a share of nothing is refused by each tool alike, in our own words", async () => {
  const world = await worldOf();
  const { batch } = await world.tool("create_batch_call", request(9));
  const calls: [string, object][] = [
    ["preview_batch_call", request(9)],
    ["create_batch_call", request(9)],
    ["update_batch", { batch_id: batch.batch_id }],
  ];
  for (const [tool, args] of calls) {
    const { issues } = await world.problem(tool, { ...args, canary: { share: 0 } });
    expect(issues).toMatchObject([{ field: "canary.share", message: "Too small: above 0, not 0 (a number)." }]);
  }
});

test("update_batch gives, changes and takes away a canary before a batch begins, and not after", async () => {
  const world = await worldOf();
  const { batch } = await world.tool("create_batch_call", request(20));
  const id = { batch_id: batch.batch_id };
  await world.tool("update_batch", { ...id, canary: { share: 50 } });
  await world.tool("update_batch", { ...id, canary: {} });
  expect((await world.tool("get_batch_status", id)).batch.steering).toBeUndefined();
  const changed = await world.tool("update_batch", { ...id, canary: { count: 2 } });
  expect(changed.batch.steering).toEqual(["Canary waiting: 0 of its 2 people called."]);
  const both = await world.problem("update_batch", { ...id, canary: { count: 2, share: 3 } });
  expect(both.issues).toMatchObject([{ field: "canary", code: "contradiction" }]);
  world.person.willAnswer({ kind: "accepted", typedRecipients: 20 });
  await world.tool("start_batch", { ...id, start: "now" });
  await world.clock.advance({ minutes: 10 });
  expect(world.carrier.rings).toHaveLength(2);
  const late = await world.problem("update_batch", { ...id, canary: { count: 9 } });
  expect(late).toMatchObject({ code: "wrong_state", message: expect.stringContaining("canary cannot change") });
});

test("an API without our extensions is refused, and sent nothing", async () => {
  const hosted = await HostedApi.start();
  const world = await worldOf({ upstream: () => hosted.url });
  const args = { agent_id: "agent_1", canary, stop_when: { calls: 5 } };
  for (const tool of ["create_batch_call", "preview_batch_call"]) {
    const problem = await world.problem(tool, request(3, args));
    expect(problem).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("no canary and no stop_when"),
    });
  }
  const { batch } = await world.tool("create_batch_call", request(3, { agent_id: "agent_1" }));
  const before = JSON.stringify(hosted.seen).length;
  const problem = await world.problem("update_batch", { batch_id: batch.batch_id, pace: { at_once: 2 } });
  expect(problem.code).toBe("unsupported");
  expect(JSON.stringify(hosted.seen.slice()).slice(before)).not.toMatch(/PATCH|PUT/);
  await hosted.stop();
});

test("who is asked to let a canary go on reads examples and blanks of those who will still be called, and of nobody else", async () => {
  const world = await worldOf();
  // The two shortest and all but one of the blanks are in the canary.
  const names = ["", "Al", "", "Alexandra Katherine", "Benedict", ""];
  const tasks = names.map((first_name, index) => ({
    to_number: `+1201555010${index}`,
    dynamic_variables: { first_name },
  }));
  const { batch } = await world.tool("create_batch_call", request(6, { tasks, canary: { count: 3 } }));
  const id = { batch_id: batch.batch_id };
  world.person.willAnswer({ kind: "accepted", typedRecipients: 6 });
  await world.tool("start_batch", { ...id, start: "now" });
  await world.clock.advance({ minutes: 10 });
  world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
  await world.tool("resume_batch", id);
  const [first, second] = world.person.asked.map(toSummaryFacts);
  const linesOf = (facts: typeof first, label: string) => facts?.find((fact) => fact.label === label)?.lines.join("; ");
  expect(linesOf(first, "Blank")).toContain("first_name is blank in 3 rows (1, 3, 6)");
  expect(linesOf(first, "For example")).toMatch(/row 1,/);
  expect(linesOf(second, "How many")).toBe("3 people");
  expect(linesOf(second, "Blank")).toContain("first_name is blank in 1 row (6)");
  expect(linesOf(second, "For example")).toMatch(/row 4,/);
  expect(linesOf(second, "For example")).not.toMatch(/row [123],/);
});

test.each(["policy", "host"] as const)(
  "with approval by %s a canary that held waits for a person all the same, once",
  async (approval) => {
    // By the client's own prompt at most ten are called.
    const people = approval === "host" ? 9 : 40;
    const limits = { maxRecipientsPerStart: 100, maxRecipientsPerDay: 100 };
    const world = await worldOf({ carrierEnvironment: "live", policy: { approval, limits } });
    const { batch } = await world.tool("create_batch_call", request(people, { canary: { count: 3 } }));
    const id = { batch_id: batch.batch_id };
    const asked = await world.tool("start_batch", { ...id, start: "now" }).catch((problem: Error) => problem.message);
    if (approval === "host") {
      const [, fingerprint] = /fingerprint "(\w+)/.exec(String(asked)) ?? [];
      await world.tool("start_batch", { ...id, start: "now", expected_recipients: people, fingerprint });
    }
    await world.clock.advance({ minutes: 10 });
    expect(world.carrier.rings).toHaveLength(3);
    expect((await world.problem("resume_batch", id)).code).toBe("needs_approval");
    await world.clock.advance({ minutes: 10 });
    expect(world.carrier.rings).toHaveLength(3);

    world.person.willAnswer({ kind: "accepted", typedRecipients: people - 3 });
    await world.tool("resume_batch", id);
    await world.clock.advance({ seconds: 1 });
    await world.tool("pause_batch", id);
    await world.clock.advance({ minutes: 30 });
    // What was resumed once is paused as any other batch is.
    if (approval === "policy") await world.tool("resume_batch", id);
    await world.clock.advance({ minutes: 10 });
    expect(world.carrier.rings.length).toBeGreaterThan(3);
    expect(world.person.asked).toHaveLength(1);
  },
);

test.each([
  ["after an edit", (world: World, id: object) => world.tool("update_batch", { ...id, stop_when: { calls: 5 } })],
  [
    "a long while after a pause",
    async (world: World, id: object) => {
      await world.tool("pause_batch", id);
      await world.clock.advance({ minutes: 30 });
    },
  ],
  [
    "after a stop of all calls",
    async (world: World, id: object) => {
      await world.tool("pause_batch", id);
      world.killSwitch.set(true, "operator", world.clock.now());
      await world.clock.advance({ minutes: 1 });
      world.killSwitch.set(false, "operator", world.clock.now());
    },
  ],
] as const)("with approval by host a person agrees to a resume %s", async (_when, stop) => {
  const world = await worldOf({
    carrierEnvironment: "live",
    policy: { approval: "host" },
    service: { maxConcurrent: 2, startsPerSecond: 50 },
  });
  const { batch } = await world.tool("create_batch_call", request(6));
  const id = { batch_id: batch.batch_id };
  const asked = await world.problem("start_batch", { ...id, start: "now" });
  const [, fingerprint] = /fingerprint "(\w+)/.exec(asked.message) ?? [];
  await world.tool("start_batch", { ...id, start: "now", expected_recipients: 6, fingerprint });
  await world.clock.advance({ seconds: 2 });
  await stop(world, id);
  await world.clock.advance({ minutes: 2 });
  expect(world.carrier.rings).toHaveLength(2);
  const refused = await world.problem("resume_batch", id);
  expect(refused.message).not.toContain("start_batch");
  expect(refused.message).toContain("in the browser of the person at this computer");
  await world.clock.advance({ minutes: 2 });
  expect(world.carrier.rings).toHaveLength(2);
  world.person.willAnswer({ kind: "accepted", typedRecipients: 4 });
  await world.tool("resume_batch", id);
  await world.clock.advance({ minutes: 10 });
  expect(world.carrier.rings.length).toBeGreaterThan(3);
});

test.each([
  ["the budget", { calls: 2 }, "all 2 calls of the budget were made"],
  ["people with an outcome", { outcome: "answered", count: 2 }, "2 of 2 people have the outcome answered"],
] as const)("nobody is asked to let a batch go on that has reached %s", async (_what, end, why) => {
  const world = await worldOf();
  const { batch } = await world.tool("create_batch_call", request(5, { canary: { count: 2 } }));
  const id = { batch_id: batch.batch_id };
  world.person.willAnswer({ kind: "accepted", typedRecipients: 5 });
  await world.tool("start_batch", { ...id, start: "now" });
  await world.clock.advance({ minutes: 10 });
  const { batch: held } = await world.tool("update_batch", { ...id, stop_when: end });
  expect(held.is_paused).toBe(true);
  const refused = await world.problem("resume_batch", id);
  expect(refused.code).toBe("refused_by_limit");
  expect(refused.message).toContain(why);
  expect(refused.message).toMatch(/another stop_when.*update_batch.*cancel_batch/s);
  expect(world.person.asked).toHaveLength(1);
  // With an end that lies ahead they are asked about what is left of it, and read what was changed.
  await world.tool("update_batch", { ...id, stop_when: { calls: 4 } });
  world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
  await world.tool("resume_batch", id);
  expect(world.person.asked[1]?.outlook?.calls).toBe(2);
  expect(world.person.asked[1]?.changes).toEqual(["When the batch ends before everybody is called"]);
  await world.clock.advance({ minutes: 10 });
  const { batch: over } = await world.tool("get_batch_status", id);
  expect(world.carrier.rings).toHaveLength(4);
  expect(over.steering[0]).toMatch(/^Canary held the batch until it was resumed: /);
});

test("a canary that held is told as resumed, though nobody was called after the resume", () => {
  const verdict = { state: "held", why: "The first 2 people were called." } as const;
  const rules = { canary: { count: 2, pauseIf: [], afterwards: "pause" } } as const;
  const over = { people: 5, dialed: 2, isPaused: false, isOver: true };
  expect(toSteeringState({ rules, steering: { canary: { ...verdict, isResumed: true } } }, over)).toEqual([
    "Canary held the batch until it was resumed: The first 2 people were called.",
  ]);
  expect(toSteeringState({ rules, steering: { canary: verdict } }, over)).toEqual([
    "Canary held the batch: The first 2 people were called.",
  ]);
});

test("nobody is asked to let a batch go on after the time at which it ends", async () => {
  const world = await worldOf();
  const { batch } = await world.tool("create_batch_call", request(5, { canary: { count: 2 } }));
  const id = { batch_id: batch.batch_id };
  world.person.willAnswer({ kind: "accepted", typedRecipients: 5 });
  await world.tool("start_batch", { ...id, start: "now" });
  await world.clock.advance({ minutes: 10 });
  await world.tool("update_batch", { ...id, stop_when: { at: "2026-03-02T15:20Z" } });
  await world.clock.advance({ minutes: 12 });
  const refused = await world.problem("resume_batch", id);
  expect(refused.message).toContain("stop_when: it is 2026-03-02T15:20Z");
});

test("another stop_when holds nothing when all that is left are last calls in progress", async () => {
  const world = await worldOf();
  const { batch } = await world.tool("create_batch_call", request(3, { stop_when: { calls: 10 } }));
  const id = { batch_id: batch.batch_id };
  world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
  await world.tool("start_batch", { ...id, start: "now" });
  await world.clock.advance({ seconds: 2 });
  expect((await world.tool("get_batch_status", id)).batch.counts).toMatchObject({ pending: 0, calling: 3 });
  const changed = await world.tool("update_batch", { ...id, stop_when: { calls: 5 } });
  expect(changed).toMatchObject({ starts_by_itself: true, batch: { is_paused: false, status: "sent" } });
  await world.clock.advance({ minutes: 10 });
  expect((await world.tool("get_batch_status", id)).batch).toMatchObject({ status: "completed" });
  expect(world.carrier.rings).toHaveLength(3);
});

test("another stop_when waits for a person where a call in progress may be followed by a retry", async () => {
  const world = await worldOf();
  const rules = { retry_config: { enabled: true, max_attempts: 2 }, retry_rules: [retryAfterAnHour] };
  const { batch } = await world.tool("create_batch_call", request(3, { ...rules, stop_when: { calls: 10 } }));
  const id = { batch_id: batch.batch_id };
  world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
  await world.tool("start_batch", { ...id, start: "now" });
  await world.clock.advance({ seconds: 2 });
  const changed = await world.tool("update_batch", { ...id, stop_when: { calls: 5 } });
  expect(changed).toMatchObject({ starts_by_itself: false, batch: { is_paused: true } });
});
