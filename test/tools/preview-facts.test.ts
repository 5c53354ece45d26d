import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toSummaryFacts } from "../../src/campaigns/approve/index.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld({
    now: "2026-03-02T19:00:00Z",
    carrierEnvironment: "live",
    policy: {
      hours: { start: "09:00", end: "20:00" },
      limits: {
        maxRecipientsPerStart: 1000,
        maxRecipientsPerDay: 5000,
        spend: { maxPerDay: 1000, pricePerCall: 0.25, currency: "EUR" },
      },
    },
  });
});
afterEach(() => world.stop());

const list = [
  "Name,Mobile,first_name,appointment_date,appointment_time",
  `Ann Lee,${numberOf(1)},Ann,June 3,9:30`,
  `Bob Ray,${numberOf(1)},Bob,June 3,9:45`,
  "Cid Fox,12,Cid,June 3,10:00",
  `Dee Roy,${numberOf(2)},Dee,Wednesday the third of June,half past ten in the morning`,
  `Eve Ash,+12135550103,,June 4,9:30`,
  `Fay Orr,${numberOf(4)},Fay,June 4,9:45`,
  `Gil Poe,${numberOf(5)},Gil,June 4,10:15`,
].join("\n");

const rules = {
  retry_config: { enabled: true, max_attempts: 3 },
  retry_rules: [
    { condition: "no_answer", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 60 } },
    { condition: "busy", enabled: true, retry_timing: { type: "AT", time: "13:00" } },
  ],
  timezone: "America/New_York",
};

const ruleTexts = [
  "Each is called up to 3 times: after no answer 60 minutes later, after busy at 13:00; not again after voicemail or a call that failed",
  "No calls from 20:00 to 13:00 in America/New_York",
];

/** What is read of the list wherever somebody looks at it. */
const facts: Readonly<Record<string, readonly string[]>> = {
  "Not called": [
    "1 with a number that another row has",
    "1 with a number without its country",
    "1 on the do-not-call list",
  ],
  Countries: ["United States: 4"],
  "Time zones": ["America/New_York: 3", "America/Los_Angeles: 1"],
  Rules: ruleTexts,
  "First and last ring": [
    "not before Monday 2 March 2026, 11:00 in America/Los_Angeles",
    "at the latest Wednesday 11 March 2026, 14:59 in America/New_York, by the rules",
  ],
  Expected: [
    "about 6 calls in 1 minute of calling, the last around Tuesday 3 March 2026, 13:00 in America/New_York",
    "about 1 person will probably answer none of them",
    "these are estimates: at most 10 calls at once and 5 starts a second, if nothing else runs; 50% answered, 60 s an answered call",
  ],
  Cost: ["at most EUR 3.00", "about EUR 1.50 expected"],
};

async function previewed() {
  await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(5)] });
  const { tasks: _, ...args } = request(1, { ...rules, tasks_csv: list, start: "now" }) as { tasks: unknown };
  return args;
}

test("the preview tells what a person is asked to agree to, in the same words", async () => {
  const args = await previewed();
  const text = await world.text("preview_batch_call", args);
  for (const [label, told] of Object.entries(facts)) expect(text).toContain(`${label}: ${told.join("; ")}\n`);
  world.person.willAnswer({ kind: "declined" });
  await world.problem("create_batch_call", args);
  const [summary] = world.person.asked;
  if (!summary) throw new Error("Nobody was asked");
  const read = Object.fromEntries(toSummaryFacts(summary).map(({ label, lines }) => [label, lines]));
  expect(read).toMatchObject(facts);
  expect(read).toMatchObject({
    Blank: ["first_name is blank in 1 row (6)"],
    "For example": [
      'row 2, +1 *** *** 0101 (shortest values): "Hello Ann, this is a reminder of your appointment on June 3 at 9:30. Can you make it?"',
      'row 5, +1 *** *** 0102 (longest values): "Hello Dee, this is a reminder of your appointment on Wednesday the third of June at half past ten in the morning. Can you make it?"',
      'row 6, +1 *** *** 0103 (with a blank): "Hello [first_name: blank], this is a reminder of your appointment on June 4 at 9:30. Can you make it?"',
    ],
  });
  for (const line of read["For example"] ?? []) expect(text).toContain(`Example: ${line}\n`.trim());
});

test("the status of a batch says its rules and the time on its clock, before and after a change of them", async () => {
  const { batch } = await world.tool("create_batch_call", { ...(await previewed()), start: "draft" });
  const status = () => world.tool("get_batch_status", { batch_id: batch.batch_id });
  expect(await status()).toMatchObject({
    now: { local: "2026-03-02T14:00", utc: "2026-03-02T19:00:00Z" },
    rules: ruleTexts,
  });
  expect(await world.text("get_batch_status", { batch_id: batch.batch_id })).toContain(
    `${ruleTexts.join("\n")}\nNow: 2026-03-02T14:00 in America/New_York (2026-03-02T19:00:00Z)`,
  );
  const changed = { batch_id: batch.batch_id, retry_config: { enabled: false, max_attempts: 3 } };
  await world.tool("update_batch", changed);
  expect((await status()).rules).toEqual(["Each is called once", ruleTexts[1]]);
});

test("a retry within quiet hours is told with the minute that it becomes, and made then", async () => {
  const moved = "A retry at 13:00 falls into the hours without calls and is made at 15:30 in America/New_York";
  const quiet_hours = { enabled: true, start_time: "12:00", end_time: "15:30" };
  const args = request(1, { ...rules, quiet_hours, start: "at_time", start_at: "2026-03-03T16:00" });
  const preview = await world.tool("preview_batch_call", args);
  expect(preview.outlook.rules).toContain(moved);
  world.carrier.script(numberOf(1), "busy");
  world.person.willAnswer({ kind: "accepted", typedRecipients: 1 });
  const { batch } = await world.tool("create_batch_call", args);
  const [summary] = world.person.asked;
  const told = summary && toSummaryFacts(summary).find(({ label }) => label === "Rules")?.lines;
  expect(told).toEqual(preview.outlook.rules);
  expect((await world.tool("get_batch_status", { batch_id: batch.batch_id })).rules).toContain(moved);
  await world.clock.advance({ days: 3 });
  expect(world.carrier.dials.map(({ at }) => at.toISOString().slice(0, 16))).toEqual([
    "2026-03-03T21:00",
    "2026-03-04T20:30",
  ]);
});

test("after another list a person reads of the people that it has", async () => {
  const { batch, list_id: listId } = await world.tool("create_batch_call", { ...(await previewed()), start: "draft" });
  const changed = await world.tool("change_list", { list_id: listId, leave_out: [2, 6] });
  await world.tool("update_batch", { batch_id: batch.batch_id, list_id: changed.list_id });
  world.person.willAnswer({ kind: "declined" });
  await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
  const [summary] = world.person.asked;
  expect(summary).toMatchObject({ recipients: 3, blanks: [], outlook: { unreached: 1 } });
  expect(summary?.examples?.map(({ row }) => row)).toEqual([3, 5]);
  expect(summary?.leftOut).toContainEqual({ code: "left_out", rows: 2 });
});

test("a preview of a draft tells no times, and one without a price no cost", async () => {
  const plain = await startWorld();
  const { outlook } = await plain.tool("preview_batch_call", request());
  await plain.stop();
  for (const key of ["rings", "ends", "cost"]) expect(outlook).not.toHaveProperty(key);
  expect(outlook).toMatchObject({ calls: 3, unreached: 2, rules: ["Each is called once"] });
});

test("an end that comes before the start leaves nobody a minute, and is refused with both", async () => {
  const start = { start: "at_time", start_at: "2026-03-15T12:00", timezone: "America/New_York" };
  const at = (stop: string) => request(1, { ...start, stop_when: { at: stop } });
  const { issues } = await world.problem("preview_batch_call", at("2026-03-15T11:00"));
  expect(issues).toEqual([
    {
      field: "stop_when.at",
      code: "no_calling_time",
      message:
        "The batch would end at 2026-03-15T11:00, before anybody is called: it starts at 2026-03-15T12:00 (both in America/New_York). Give a later time, or an earlier start_at.",
    },
  ]);
  // Of one person no more than one is not reached.
  const { outlook } = await world.tool("preview_batch_call", at("2026-03-15T12:01"));
  expect(outlook.unreached).toBeLessThanOrEqual(1);
});

describe("when the last call comes", () => {
  const people = Array.from({ length: 40 }, (_, n) => ({
    to_number: numberOf(n + 1),
    dynamic_variables: { first_name: "P" },
  }));
  const args = () => ({ ...request(1), tasks: people, start: "now" });
  const worlds: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of worlds.splice(0)) await one.stop();
  });

  test("goes by the limits of our own service, and that is when it comes", async () => {
    const slow = await startWorld({ service: { maxConcurrent: 2, startsPerSecond: 1 } });
    worlds.push(slow);
    const { outlook } = await slow.tool("preview_batch_call", args());
    expect(outlook.assumes).toBe(
      "at most 2 calls at once and 1 start a second, if nothing else runs; 50% answered, 60 s an answered call",
    );
    // 40 calls of 42.5 s, two at a time: a little over 14 minutes.
    expect(outlook).toMatchObject({ minutes: 15, ends: { time: "10:14" } });
    slow.carrier.callMs = 42_500;
    await slow.tool("create_batch_call", args());
    await slow.clock.advance({ minutes: 30 });
    expect(slow.carrier.dials).toHaveLength(40);
    expect(slow.carrier.dials.at(-1)?.at.toISOString().slice(0, 15)).toBe("2026-03-02T15:1");
  });

  test("goes by a usual pace where an API tells no limits, and says so", async () => {
    const hosted = await HostedApi.start();
    worlds.push(hosted);
    const there = await startWorld({ upstream: () => hosted.url });
    worlds.push(there);
    const { outlook } = await there.tool("preview_batch_call", { ...args(), agent_id: "agent_1" });
    expect(outlook.assumes).toBe(
      "a usual pace of 10 calls at once, since the limits are not known; 50% answered, 60 s an answered call",
    );
  });
});
