import { afterEach, describe, expect, test } from "vitest";
import { toSummaryFacts } from "../../src/campaigns/approve/summary.ts";
import { zonesOfRecipient } from "../../src/domain/phone/recipient-time.ts";
import { toWallTime } from "../../src/domain/time/zone.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { usNumber } from "../support/us-numbers.ts";
import { request, startWorld, type World, type WorldSetup } from "../support/world.ts";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(setup: WorldSetup = {}): Promise<World> {
  const world = await startWorld({ now: "2026-03-02T15:00:00Z", ...setup });
  open.push(() => world.stop());
  return world;
}

async function startHosted(): Promise<{ hosted: HostedApi; world: World }> {
  const hosted = await HostedApi.start();
  open.push(() => hosted.stop());
  return { hosted, world: await start({ upstream: () => hosted.url }) };
}

const newYork = "+12125550101";
const losAngeles = "+12135550102";
const honolulu = "+18085550103";
const phoenix = "+16025550104";
const everybody = [newYork, losAngeles, honolulu, phoenix];
const of = (numbers: readonly string[], changes: object = {}) =>
  request(1, {
    tasks: numbers.map((to_number) => ({ to_number, dynamic_variables: { first_name: "P" } })),
    ...changes,
  });
const csv = (text: string, changes: object = {}) => request(1, { tasks: undefined, tasks_csv: text, ...changes });
const tenTheirTime = { start: "at_time", start_at: "2026-03-03T10:00", timezone: "recipient" };
const rings = (world: World) =>
  Object.fromEntries(world.carrier.rings.map(({ toNumber, at }) => [toNumber, at.toISOString().slice(0, 16)]));
const atTen = {
  [newYork]: "2026-03-03T15:00",
  [phoenix]: "2026-03-03T17:00",
  [losAngeles]: "2026-03-03T18:00",
  [honolulu]: "2026-03-03T20:00",
};

describe("ten o'clock their time is ten on everybody's own clock", () => {
  test("in a batch that is created for it", async () => {
    const world = await start();
    const preview = await world.tool("preview_batch_call", of(everybody, tenTheirTime));
    expect(preview.batch).toMatchObject({
      scheduled_at: { utc: "2026-03-03T15:00:00Z" },
      start_local: "2026-03-03T10:00",
    });
    expect(preview.outlook.rings).toMatchObject({
      first: { date: "2026-03-03", time: "10:00" },
      last: { date: "2026-03-05", time: "15:59" },
    });
    const { batch } = await world.tool("create_batch_call", of(everybody, tenTheirTime));
    expect(batch).toMatchObject({ status: "scheduled", start_local: "2026-03-03T10:00" });
    const told = "2026-03-03 at 10:00 of each recipient's own clock, the first of them at 2026-03-03T";
    const status = await world.text("get_batch_status", { batch_id: batch.batch_id });
    expect(status).toContain(`scheduled for ${told}15:00:00Z`);
    expect(status).toContain("Next attempt: 2026-03-03T10:00 in America/New_York (2026-03-03T15:00:00Z)");
    expect(status).not.toContain(" local");
    expect(status).toMatch(/Waiting: \d+ (?:for the|until|since) /);
    expect(await world.text("list_batches", {})).toContain(`scheduled for ${told}`);
    await world.clock.advance({ hours: 30 });
    expect(rings(world)).toEqual(atTen);
  });

  test("in a draft that is started for it, which asking again changes nothing of", async () => {
    const world = await start();
    const { batch } = await world.tool("create_batch_call", of(everybody));
    for (const _ of [1, 2]) {
      const started = await world.tool("start_batch", { batch_id: batch.batch_id, ...tenTheirTime });
      expect(started.batch).toMatchObject({ status: "scheduled", start_local: "2026-03-03T10:00" });
    }
    await world.clock.advance({ hours: 30 });
    expect(rings(world)).toEqual(atTen);
  });

  test("after a start time was changed to it, and to a time for all again", async () => {
    const world = await start();
    const { batch } = await world.tool("create_batch_call", of(everybody));
    const { start: _, ...time } = tenTheirTime;
    const changed = await world.tool("update_batch", { batch_id: batch.batch_id, ...time });
    expect(changed.batch).toMatchObject({ status: "draft", start_local: "2026-03-03T10:00" });
    const now = await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
    expect(now.batch).not.toHaveProperty("start_local");
    await world.clock.advance({ minutes: 1 });
    expect(Object.keys(rings(world)).toSorted()).toEqual(everybody.toSorted());
  });

  test("on the zone that the list gives, and else on the latest that the number may be in", async () => {
    const world = await start();
    const mobile = "+79123456789";
    const text = `phone,Zone\n${newYork},America/Denver\n${losAngeles},\n${mobile},`;
    const { batch } = await world.tool(
      "create_batch_call",
      csv(text, { columns: { timezone: "Zone" }, ...tenTheirTime }),
    );
    expect(batch.status).toBe("scheduled");
    await world.clock.advance({ hours: 30 });
    // A mobile phone of Russia is called at ten in Kaliningrad, when it is 20:00 in Kamchatka.
    expect(rings(world)).toEqual({
      [newYork]: "2026-03-03T17:00",
      [losAngeles]: "2026-03-03T18:00",
      [mobile]: "2026-03-03T08:00",
    });
  });

  test("a zone that contradicts the number says their time, and quiet hours hold on the clock of the number as well", async () => {
    const world = await start();
    const list = `phone,timezone\n${honolulu},Asia/Tokyo\n${newYork},America/Los_Angeles`;
    const quiet_hours = { enabled: true, start_time: "20:00", end_time: "09:00", timezone: "recipient" };
    await world.tool("create_batch_call", csv(list, { ...tenTheirTime, quiet_hours }));
    await world.clock.advance({ hours: 48 });
    // Ten in Tokyo is 15:00 in Honolulu; the person of New York who moved is called by the clock of where they are.
    expect(rings(world)).toEqual({ [honolulu]: "2026-03-03T01:00", [newYork]: "2026-03-03T18:00" });
    await world.tool("create_batch_call", csv(list, { name: "Now", start: "now", quiet_hours }));
    await world.clock.advance({ hours: 48 });
    const again = world.carrier.rings.slice(2).map(({ at }) => at.toISOString().slice(11, 16));
    // From 15:00 UTC on: New York at 17:00, nine in Los Angeles, and Honolulu at nine there, 04:00 in Tokyo, not before nine in Tokyo.
    expect(again).toEqual(["17:00", "00:00"]);
  });

  test("in linked batches of a list of more than a thousand", async () => {
    const world = await start({ service: { maxConcurrent: 2000, startsPerSecond: 2000 } });
    const zoneOf = (n: number) => (n % 2 === 0 ? "America/Denver" : "");
    const lines = Array.from({ length: 1100 }, (_, n) => `${usNumber(n)},${zoneOf(n)}`);
    const input = csv(["phone,Zone", ...lines].join("\n"), { columns: { timezone: "Zone" } });
    const { batch } = await world.tool("create_batch_call", input);
    expect(batch.batch_id).toMatch(/^group_/);
    const { batch: started } = await world.tool("start_batch", { batch_id: batch.batch_id, ...tenTheirTime });
    expect(started).toMatchObject({ status: "scheduled", start_local: "2026-03-03T10:00" });
    await world.clock.advance({ hours: 34 });
    const rung = world.carrier.rings.map(({ toNumber, at }) => ({ toNumber, at }));
    expect(new Set(rung.map(({ toNumber }) => toNumber)).size).toBe(1100);
    const inDenver = new Set(lines.filter((line) => line.endsWith("Denver")).map((line) => line.split(",")[0]));
    const times = new Set(rung.filter(({ toNumber }) => inDenver.has(toNumber)).map(({ at }) => at.toISOString()));
    expect([...times]).toEqual(["2026-03-03T17:00:00.000Z"]);
    const wrong = rung.filter(({ toNumber, at }) => {
      const zones = zonesOfRecipient(toNumber, inDenver.has(toNumber) ? "America/Denver" : "");
      return !zones.some((zone) => toWallTime(at, zone) === "2026-03-03T10:00");
    });
    expect(wrong).toEqual([]);
  });

  test("the same content without it, or for another time, is the same batch", async () => {
    const world = await start();
    const first = await world.tool("create_batch_call", of(everybody, { timezone: "recipient" }));
    const second = await world.tool("create_batch_call", of(everybody, tenTheirTime));
    expect(second).toMatchObject({ replayed: true, batch: { batch_id: first.batch.batch_id, status: "scheduled" } });
    await world.clock.advance({ hours: 30 });
    expect(rings(world)).toEqual(atTen);
  });
});

test("preview and question tell the zones that the list gives, and first and last ring on these clocks", async () => {
  const world = await start({ carrierEnvironment: "live" });
  const text =
    "phone,timezone\n+12125550101,America/Los_Angeles\n+12125550102,America/Chicago\n+12125550103,Pacific/Honolulu";
  const preview = await world.tool("preview_batch_call", csv(text, { start: "now" }));
  const zones = ["America/Los_Angeles", "America/Chicago", "Pacific/Honolulu"];
  expect(preview.outlook.zones).toEqual(zones.map((zone) => ({ zones: [zone], recipients: 1 })));
  expect(preview.outlook.rings.first).toEqual({ date: "2026-03-02", time: "05:00", zone: "Pacific/Honolulu" });
  world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
  await world.tool("create_batch_call", csv(text, { start: "now" }));
  expect(world.person.asked.at(-1)?.outlook?.zones).toEqual(preview.outlook.zones);
});

test("a column of times holds for each row: an instant, a time or a day on their own clock", async () => {
  const world = await start();
  const text = [
    "phone,Not before",
    `${newYork},2026-03-03T10:00`,
    `${losAngeles},2026-03-03`,
    `${honolulu},2026-03-02T18:00:00+01:00`,
    `${phoenix},`,
  ].join("\n");
  const columns = { not_before: "Not before" };
  const { batch, warnings } = await world.tool("create_batch_call", csv(text, { columns, start: "now" }));
  expect([batch.status, warnings]).toEqual(["sent", undefined]);
  await world.clock.advance({ hours: 30 });
  expect(rings(world)).toEqual({
    [phoenix]: "2026-03-02T15:00",
    [honolulu]: "2026-03-02T17:00",
    [losAngeles]: "2026-03-03T08:00",
    [newYork]: "2026-03-03T15:00",
  });
});

test("tasks tell a zone and a time of their own as well", async () => {
  const world = await start();
  const tasks = [{ to_number: newYork, timezone: "Asia/Tokyo", not_before: "2026-03-03T09:00", max_retries: 1 }];
  await world.tool("create_batch_call", request(1, { tasks, start: "now" }));
  await world.clock.advance({ hours: 24 });
  expect(rings(world)).toEqual({ [newYork]: "2026-03-03T00:00" });
});

describe("rules on the recipients' clocks", () => {
  const night = { enabled: true, start_time: "21:00", end_time: "09:00" };

  test.each([
    ["by the zone of quiet hours", { quiet_hours: { ...night, timezone: "recipient" } }],
    ["by the zone of the batch", { quiet_hours: night, timezone: "recipient" }],
  ])("hold back each until their own morning, %s", async (_how, changes) => {
    const world = await start({ now: "2026-03-02T10:00:00Z" });
    await world.tool("create_batch_call", of(everybody, { start: "now", ...changes }));
    await world.clock.advance({ hours: 14 });
    expect(rings(world)).toEqual({
      [newYork]: "2026-03-02T14:00",
      [phoenix]: "2026-03-02T16:00",
      [losAngeles]: "2026-03-02T17:00",
      [honolulu]: "2026-03-02T19:00",
    });
  });

  test("can be given to a batch that runs, and results tell when each is called next and why not sooner", async () => {
    const world = await start({ now: "2026-03-02T10:00:00Z", service: { maxConcurrent: 1 } });
    const { batch } = await world.tool("create_batch_call", of(everybody, { start: "now" }));
    await world.tool("update_batch", {
      batch_id: batch.batch_id,
      quiet_hours: { ...night, timezone: "recipient" },
    });
    await world.clock.advance({ minutes: 5 });
    const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
    expect(results.slice(1)).toMatchObject([
      { status: "pending", waits_for: "recipient_clock", next_attempt_at: { utc: "2026-03-02T17:00:00Z" } },
      { status: "pending", waits_for: "recipient_clock", next_attempt_at: { utc: "2026-03-02T19:00:00Z" } },
      { status: "pending", waits_for: "recipient_clock", next_attempt_at: { utc: "2026-03-02T16:00:00Z" } },
    ]);
  });

  test("AT retries are made at that time of theirs", async () => {
    const world = await start({ carrier: { [newYork]: ["busy"], [losAngeles]: ["busy"] } });
    const retries = {
      retry_config: { enabled: true, max_attempts: 2 },
      retry_rules: [{ condition: "busy", enabled: true, retry_timing: { type: "AT", time: "17:00" } }],
    };
    await world.tool(
      "create_batch_call",
      of([newYork, losAngeles], { ...retries, start: "now", timezone: "recipient" }),
    );
    await world.clock.advance({ hours: 24 });
    expect(rings(world)).toEqual({ [newYork]: "2026-03-02T22:00", [losAngeles]: "2026-03-03T01:00" });
  });

  test("keep days and dates free on everybody's own calendar, in what is shown and in what rings", async () => {
    // Friday 15:00 in New York.
    const world = await start({ now: "2026-03-06T20:00:00Z" });
    const auckland = "+6496001234";
    const rules = {
      timezone: "recipient",
      quiet_hours: {
        enabled: true,
        start_time: "20:00",
        end_time: "09:00",
        days: ["Sat", "sunday"],
        not_on: ["2026-03-09"],
      },
    };
    const input = of([newYork, auckland], { ...rules, start: "now" });
    const preview = await world.tool("preview_batch_call", input);
    expect(preview.batch.calling_hours).toEqual({
      start: "09:00",
      end: "20:00",
      zone: "recipient",
      days: ["sunday", "saturday"],
      not_on: ["2026-03-09"],
    });
    expect(preview.outlook.rules[1]).toBe(
      "No calls from 20:00 to 09:00, nor on Saturdays, Sundays and 2026-03-09 on everybody's own clock",
    );
    expect(preview.outlook.rings).toMatchObject({
      first: { date: "2026-03-06", time: "15:00", zone: "America/New_York" },
      last: { date: "2026-03-13", time: "19:59" },
    });
    const { batch } = await world.tool("create_batch_call", input);
    await world.clock.advance({ minutes: 5 });
    const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
    expect(results[1]).toMatchObject({
      status: "pending",
      reason: "waits for 2026-03-10 09:00 in Pacific/Auckland",
      next_attempt_at: { utc: "2026-03-09T20:00:00Z" },
    });
    await world.clock.advance({ days: 4 });
    expect(rings(world)).toEqual({ [newYork]: "2026-03-06T20:00", [auckland]: "2026-03-09T20:00" });
  });

  test("keep public holidays free in each country, and name them in what is agreed to", async () => {
    // Thanksgiving, 10:00 in New York and 16:00 in Paris.
    const world = await start({ now: "2026-11-26T15:00:00Z" });
    const paris = "+33142685300";
    const quiet_hours = { enabled: true, holidays: true };
    const input = of([newYork, paris], { quiet_hours, start: "now", timezone: "America/New_York" });
    const preview = await world.tool("preview_batch_call", input);
    expect(preview.batch.calling_hours).toMatchObject({ holidays: true });
    expect(preview.outlook.rules).toEqual([
      "Each is called once",
      "No calls on public holidays of each recipient's country",
      "Public holidays without calls, US, 2026-11-26 to 2026-12-09: 2026-11-26",
      "Public holidays without calls, FR, 2026-11-26 to 2026-12-09: none",
      expect.stringMatching(/^Public holidays are advisory, from date-holidays \d/),
    ]);
    expect(preview.outlook.rings.first).toEqual({ date: "2026-11-26", time: "16:00", zone: "Europe/Paris" });
    const { batch } = await world.tool("create_batch_call", input);
    const status = await world.tool("get_batch_status", { batch_id: batch.batch_id });
    expect(status.rules).toContain("No calls on public holidays of each recipient's country");
    await world.clock.advance({ minutes: 5 });
    const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
    expect(results[0]).toMatchObject({ status: "pending", waits_for: "recipient_clock" });
    await world.clock.advance({ days: 1 });
    expect(rings(world)).toEqual({ [newYork]: "2026-11-27T05:00", [paris]: "2026-11-26T15:00" });
  });

  test("without holidays any more are other content, and let people be called on them", async () => {
    const world = await start({ now: "2026-11-26T15:00:00Z" });
    const quiet_hours = { enabled: true, holidays: true };
    const { batch } = await world.tool("create_batch_call", of([newYork], { quiet_hours, start: "now" }));
    await world.clock.advance({ minutes: 5 });
    const none = { enabled: true, days: ["monday"], holidays: false };
    await world.tool("update_batch", { batch_id: batch.batch_id, quiet_hours: none });
    await world.clock.advance({ minutes: 5 });
    expect(Object.keys(rings(world))).toEqual([newYork]);
  });

  test("keep days free in their own zone, without any hours, and after an update on other days", async () => {
    const world = await start({ now: "2026-03-06T20:00:00Z" });
    const { batch } = await world.tool(
      "create_batch_call",
      of([newYork, losAngeles], {
        start: "now",
        timezone: "America/New_York",
        quiet_hours: { enabled: true, days: ["friday"] },
      }),
    );
    const status = await world.tool("get_batch_status", { batch_id: batch.batch_id });
    expect(status.batch.next_attempt_at).toMatchObject({ local: "2026-03-07T00:00" });
    await world.tool("update_batch", {
      batch_id: batch.batch_id,
      quiet_hours: { enabled: true, days: ["saturday"], not_on: ["2026-03-06"], timezone: "America/New_York" },
    });
    await world.clock.advance({ days: 3 });
    expect(rings(world)).toEqual({ [newYork]: "2026-03-08T05:00", [losAngeles]: "2026-03-08T05:00" });
  });

  test.each([
    [{ days: ["funday"] }, "quiet_hours.days[0]", "not_allowed", /sunday.*not "funday"/],
    [
      { not_on: ["2025-12-25"] },
      "quiet_hours.not_on",
      "in_past",
      /has passed everywhere.*Write the year that is meant/,
    ],
    [{}, "quiet_hours.start_time", "required", /Say when nobody is called/],
    [{ start_time: "09:00", days: ["sunday"] }, "quiet_hours.end_time", "required", /go together/],
    [
      { days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] },
      "quiet_hours.days",
      "no_calling_time",
      /nobody would ever be called/,
    ],
  ])("that cannot be meant are refused: %j", async (quiet, field, code, message) => {
    const world = await start();
    const { batch } = await world.tool("create_batch_call", of([newYork]));
    const rules = { quiet_hours: { enabled: true, ...quiet } };
    for (const [tool, input] of [
      ["preview_batch_call", of([newYork], rules)],
      ["create_batch_call", of([newYork], rules)],
      ["update_batch", { batch_id: batch.batch_id, ...rules }],
    ] as const) {
      const { issues } = await world.problem(tool, input);
      expect(issues[0]).toMatchObject({ field, code });
      expect(issues[0]?.message).toMatch(message);
    }
  });

  test("that leave somebody no minute are refused, with who it is and which rule", async () => {
    const world = await start();
    const input = of([newYork, "+79123456789"], {
      timezone: "recipient",
      quiet_hours: { enabled: true, start_time: "18:00", end_time: "09:00" },
    });
    for (const tool of ["preview_batch_call", "create_batch_call"]) {
      const { issues } = await world.problem(tool, input);
      expect(issues).toMatchObject([{ field: "quiet_hours", code: "no_calling_time" }]);
      expect(issues[0]?.message).toMatch(/quiet hours 18:00-09:00.*for row 2\. Give a zone for them/);
    }
    expect((await world.tool("list_batches")).batches).toEqual([]);
  });
});

describe("a time of theirs is refused", () => {
  const at = (start_at: string) => ({ ...tenTheirTime, start_at });

  test.each([
    [
      "that clocks of some of them skip",
      at("2026-03-08T02:30"),
      "in_gap",
      /does not exist in America\/New_York and America\/Los_Angeles \(rows 1 and 2\).*Write 2026-03-08T03:00 or later, or a time before 2026-03-08T02:00/,
    ],
    [
      "that clocks of some of them show twice",
      at("2026-11-01T01:30"),
      "ambiguous",
      /happens twice in America\/New_York and America\/Los_Angeles \(rows 1 and 2\).*Write 2026-11-01T02:00 or later, or a time before 2026-11-01T01:00/,
    ],
    [
      "that has passed for some of them",
      at("2026-03-02T09:00"),
      "in_past_for_some",
      /passed already for 1 of 4 people \(row 1; America\/New_York\).*later than 2026-03-02T10:00.*leave these rows out \(change_list\)/,
    ],
    [
      "that has passed for all",
      at("2026-03-02T04:00"),
      "in_past",
      /passed on every clock.*later than 2026-03-02T10:00/,
    ],
    ["that has an offset", at("2026-03-03T10:00-05:00"), "contradiction", /is one instant for all/],
    ["that is far away", at("2027-04-01T10:00"), "too_far", /more than 365 days/],
    ["that is on no calendar", at("2026-02-30T10:00"), "invalid_time", /on no calendar/],
  ])("%s, with who is concerned and what helps", async (_what, changes, code, message) => {
    const world = await start();
    const { batch } = await world.tool("create_batch_call", of(everybody));
    for (const [tool, input] of [
      ["preview_batch_call", of(everybody, changes)],
      ["create_batch_call", of(everybody, changes)],
      ["start_batch", { batch_id: batch.batch_id, ...changes }],
    ] as const) {
      const { issues } = await world.problem(tool, input);
      expect(issues).toMatchObject([{ field: "start_at", code }]);
      expect(issues[0]?.message).toMatch(message);
    }
    await world.clock.advance({ days: 2 });
    expect(world.carrier.rings).toEqual([]);
  });

  test("in an update that gives nothing it could hold for", async () => {
    const world = await start();
    const { batch } = await world.tool("create_batch_call", of(everybody));
    const { issues } = await world.problem("update_batch", { batch_id: batch.batch_id, timezone: "recipient" });
    expect(issues).toMatchObject([{ field: "timezone", code: "contradiction" }]);
  });
});

describe("with real calls", () => {
  const live = { carrierEnvironment: "live", policy: { hours: { start: "08:00", end: "21:00" } } } as const;

  test("the operator's hours hold on each clock, and a person reads the time of theirs that they agree to", async () => {
    const world = await start(live);
    const preview = await world.tool("preview_batch_call", of(everybody, tenTheirTime));
    expect(preview.batch.calling_hours).toEqual({ start: "08:00", end: "21:00", zone: "recipient" });
    expect(preview.warnings).toBeUndefined();
    const created = await world.tool("create_batch_call", of(everybody, tenTheirTime));
    expect(created.approval).toMatchObject({ expected_recipients: 4 });
    const [page] = world.pages;
    if (!page) throw new Error("Nobody was asked");
    const facts = toSummaryFacts(page.summary);
    expect(facts.find(({ label }) => label === "Starts")?.lines).toEqual([
      "Tuesday 3 March 2026, 10:00 on everybody's own clock",
      expect.stringContaining("for the first of them Tuesday 3 March 2026"),
    ]);
    expect(facts.find(({ label }) => label === "Phones ring")?.lines[0]).toBe(
      "08:00 to 21:00 on everybody's own clock",
    );
    world.approvals.approve(page.id, 4, { channel: "page", principal: "p" }, world.clock.now());
    await world.campaigns.proceed(page);
    await world.clock.advance({ hours: 30 });
    expect(rings(world)).toEqual(atTen);
  });

  test("who agrees to a time for all does not agree to one of theirs that begins at the same instant", async () => {
    const world = await start(live);
    const { batch } = await world.tool("create_batch_call", of([newYork, losAngeles], { timezone: "recipient" }));
    const atOnce = { start: "at_time", start_at: "2026-03-03T12:00", timezone: "America/New_York" };
    const theirs = { start: "at_time", start_at: "2026-03-03T12:00", timezone: "recipient" };
    for (const time of [atOnce, theirs]) await world.problem("start_batch", { batch_id: batch.batch_id, ...time });
    const starts = world.pages.map(({ summary }) =>
      summary.start.kind === "at" ? summary.start.at.toISOString() : "",
    );
    expect(new Set(starts)).toEqual(new Set(["2026-03-03T17:00:00.000Z"]));
    expect(new Set(world.pages.map(({ summary }) => summary.fingerprint)).size).toBe(2);
  });

  test("a time of theirs outside the operator's hours is refused", async () => {
    const world = await start(live);
    const { code, issues } = await world.problem(
      "create_batch_call",
      of(everybody, { ...tenTheirTime, start_at: "2026-03-03T07:30" }),
    );
    expect(code).toBe("refused_by_limit");
    expect(issues).toMatchObject([{ code: "calling_hours" }]);
    expect(issues[0]?.message).toContain("Give a start_at within 08:00-21:00.");
  });

  test("a batch on their clocks may start while it is night for some of them, who wait for their morning", async () => {
    const world = await start({ ...live, now: "2026-03-02T15:00:00Z" });
    await world.tool("create_batch_call", of(everybody, { start: "now", timezone: "recipient" }));
    const [page] = world.pages;
    if (!page) throw new Error("Nobody was asked");
    world.approvals.approve(page.id, 4, { channel: "page", principal: "p" }, world.clock.now());
    await world.campaigns.proceed(page);
    await world.clock.advance({ hours: 12 });
    expect(rings(world)).toEqual({
      [newYork]: "2026-03-02T15:00",
      [phoenix]: "2026-03-02T15:00",
      [losAngeles]: "2026-03-02T16:00",
      [honolulu]: "2026-03-02T18:00",
    });
  });

  test("days without calls stay with the operator's hours, on the clock that they were given for", async () => {
    const quiet_hours = { enabled: true, days: ["saturday"], timezone: "Asia/Tokyo" };
    const world = await start({ ...live, now: "2026-03-06T16:00:00Z" });
    const preview = await world.tool(
      "preview_batch_call",
      of([newYork], { quiet_hours, timezone: "America/New_York" }),
    );
    // 08:00 to 20:00 in New York, or 21:00 once its clocks are an hour ahead.
    expect(preview.batch.calling_hours).toEqual({
      start: "22:00",
      end: "10:00",
      zone: "Asia/Tokyo",
      days: ["saturday"],
    });
    await world.tool("create_batch_call", of([newYork], { quiet_hours, timezone: "America/New_York", start: "now" }));
    const [page] = world.pages;
    if (!page) throw new Error("Nobody was asked");
    expect(toSummaryFacts(page.summary).find(({ label }) => label === "Phones ring")?.lines[0]).toBe(
      "22:00 to 10:00 in Asia/Tokyo, not on Saturdays",
    );
    world.approvals.approve(page.id, 1, { channel: "page", principal: "p" }, world.clock.now());
    await world.campaigns.proceed(page);
    await world.clock.advance({ days: 3 });
    // Saturday in Tokyo is over at 15:00 UTC of that day.
    expect(rings(world)).toEqual({ [newYork]: "2026-03-07T15:00" });
  });

  const marketing = { ...live, policy: { ...live.policy, hoursPreset: "marketing", countries: ["US", "FR"] } } as const;

  test("the operator's preset for a country is cited in the preview, the question and the status, and holds", async () => {
    // Saturday 16:00 in Paris, 10:00 in New York.
    const world = await start({ ...marketing, now: "2026-03-07T15:00:00Z" });
    const paris = "+33142685300";
    const input = of([newYork, paris], { timezone: "recipient", start: "now" });
    const preview = await world.tool("preview_batch_call", input);
    const cited = expect.stringMatching(/^Facts, not legal advice: 47 CFR 64\.1200\(c\)\(1\).*2025\)$/);
    expect(preview.outlook.rules).toContainEqual(cited);
    const { batch } = await world.tool("create_batch_call", input);
    const [page] = world.pages;
    if (!page) throw new Error("Nobody was asked");
    expect(toSummaryFacts(page.summary).find(({ label }) => label === "Rules")?.lines).toContainEqual(cited);
    const { rules } = await world.tool("get_batch_status", { batch_id: batch.batch_id });
    expect(rules).toContainEqual(
      expect.stringMatching(/^Preset marketing holds besides for people in US, CA, IN, AU, FR/),
    );
  });

  test("the operator's preset bounds the first and the last minute that are told, and is what a status names", async () => {
    const world = await start({ ...marketing, now: "2026-03-07T15:00:00Z" });
    const paris = "+33142685300";
    const input = of([paris], { timezone: "recipient", start: "now" });
    const { outlook } = await world.tool("preview_batch_call", input);
    // An hour for a retry and two days from Monday 10:00 on: until Wednesday.
    expect(outlook.rings).toMatchObject({
      first: { date: "2026-03-09", time: "10:00", zone: "Europe/Paris" },
      last: { date: "2026-03-11", time: "10:59", zone: "Europe/Paris" },
    });
    const { batch } = await world.tool("create_batch_call", input);
    const [page] = world.pages;
    if (!page) throw new Error("Nobody was asked");
    expect(page.summary.outlook?.rings).toEqual(outlook.rings);
    world.approvals.approve(page.id, 1, { channel: "page", principal: "p" }, world.clock.now());
    await world.campaigns.proceed(page);
    await world.clock.advance({ minutes: 5 });
    const id = { batch_id: batch.batch_id };
    expect((await world.tool("get_batch_status", id)).batch).toMatchObject({
      waits_for: { hours_preset: 1 },
      next_attempt_at: { utc: "2026-03-09T09:00:00Z" },
    });
    expect((await world.tool("get_batch_results", id)).results[0]).toMatchObject({
      waits_for: "hours_preset",
      reason: "waits for 2026-03-09 10:00 in Europe/Paris, by the preset that the operator chose",
    });
    await world.clock.advance({ days: 2 });
    expect(rings(world)).toEqual({ [paris]: "2026-03-09T09:00" });
  });

  test("a batch that starts on a day that the preset closes tells when its first call really is, and the days in between", async () => {
    const world = await start({ ...marketing, now: "2026-12-24T09:00:00Z" });
    const at = { start: "at_time", start_at: "2026-12-25T10:00", timezone: "Europe/Paris" };
    const { batch } = await world.tool("create_batch_call", of(["+33142685300"], at));
    const [page] = world.pages;
    if (!page) throw new Error("Nobody was asked");
    world.approvals.approve(page.id, 1, { channel: "page", principal: "p" }, world.clock.now());
    await world.campaigns.proceed(page);
    const status = await world.tool("get_batch_status", { batch_id: batch.batch_id });
    expect(status.batch).toMatchObject({ status: "scheduled", waits_for: { hours_preset: 1 } });
    const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
    expect(status.batch.next_attempt_at).toEqual(results[0].next_attempt_at);
  });

  test("days that the operator's preset closes are not taken from what is agreed to, which ends when it is told", async () => {
    // Friday 16:00 in Paris: Saturday and Sunday do not count in the two days and an hour.
    const world = await start({ ...marketing, now: "2026-03-06T15:00:00Z" });
    const { batch } = await world.tool("create_batch_call", of(["+33142685300"], { start: "now" }));
    const [page] = world.pages;
    expect(page?.summary.outlook?.rings).toMatchObject({
      first: { date: "2026-03-06", time: "16:00" },
      last: { date: "2026-03-10", time: "10:59", zone: "Europe/Paris" },
    });
    world.approvals.approve(page?.id ?? "", 1, { channel: "page", principal: "p" }, world.clock.now());
    if (page) await world.campaigns.proceed(page);
    expect((await world.api.getBatch(batch.batch_id)).agreedUntil).toEqual(new Date("2026-03-10T10:00:00Z"));
  });

  test("people whom a preset and the batch's own quiet hours leave no minute are refused a start", async () => {
    const world = await start({ ...marketing, now: "2026-03-09T09:30:00Z" });
    // France: 10:00 to 13:00 and 14:00 to 20:00.
    const quiet_hours = { enabled: true, start_time: "14:00", end_time: "13:00" };
    const input = of(["+33142685300"], { timezone: "recipient", start: "now", quiet_hours });
    const never = "1 recipient is never within calling hours.*outside the batch's own quiet hours\\.";
    const others = await world.tool(
      "preview_batch_call",
      of(["+33142685300", newYork], { timezone: "recipient", start: "now", quiet_hours }),
    );
    expect(others.warnings).toContainEqual(expect.stringMatching(`${never} Leave them out\\. The operator`));
    const { warnings } = await world.tool("preview_batch_call", input);
    expect(warnings).toContainEqual(expect.stringMatching(`${never} The operator`));
    const { code, issues } = await world.problem("create_batch_call", input);
    expect([code, issues[0]?.code]).toEqual(["refused_by_limit", "calling_hours"]);
  });

  test("people whom preset and operator leave no minute are refused a start", async () => {
    const world = await start({
      ...marketing,
      policy: { ...marketing.policy, hours: { start: "20:00", end: "21:00" } },
      now: "2026-03-02T19:30:00Z",
    });
    const input = of(["+33142685300"], { timezone: "recipient", start: "now" });
    const { warnings } = await world.tool("preview_batch_call", input);
    expect(warnings).toContainEqual(
      expect.stringMatching(/1 recipient is never within calling hours 20:00-21:00 and the preset/),
    );
    const { code, issues } = await world.problem("create_batch_call", input);
    expect([code, issues[0]?.code]).toEqual(["refused_by_limit", "calling_hours"]);
  });

  test("people whom the operator's hours leave no minute are refused with their rows", async () => {
    const world = await start({
      ...live,
      policy: { hours: { start: "10:00", end: "18:00" }, countries: ["US", "RU"] },
    });
    const problem = await world.problem("create_batch_call", of([newYork, "+79123456789"], { timezone: "recipient" }));
    expect(problem.code).toBe("refused_by_limit");
    expect(problem.message).toMatch(
      /calling hours 10:00-18:00.*for row 2\. Nothing was created\. Give their zone in a timezone column, or leave them out\./,
    );
    const all = await world.problem("create_batch_call", of(["+79123456789"], { timezone: "recipient" }));
    expect(all.message).toMatch(
      /for row 1\. Nothing was created\. Give their zone in a timezone column\. The operator/,
    );
  });
});

describe("an API that knows one clock for all", () => {
  test("is not said to hold hours on two clocks where a zone contradicts its number", async () => {
    const { world } = await startHosted();
    const list = csv(`phone,timezone\n${honolulu},Asia/Tokyo`, { agent_id: "agent_1" });
    const { warnings } = await world.tool("preview_batch_call", list);
    expect(warnings).toContainEqual(expect.stringContaining('the times in "timezone" are kept with the list'));
    expect(warnings).not.toContainEqual(expect.stringContaining("both clocks"));
  });

  const hostedOf = (numbers: readonly string[], changes: object) => of(numbers, { agent_id: "agent_1", ...changes });

  test.each([
    [
      "a time of theirs that is several instants",
      tenTheirTime,
      /begins a batch at one instant.*from 2026-03-03T15:00.*to 2026-03-03T18:00/,
    ],
    [
      "quiet hours on their clocks",
      { timezone: "recipient", quiet_hours: { enabled: true, start_time: "21:00", end_time: "09:00" } },
      /holds no quiet hours on each recipient's own clock/,
    ],
    [
      "days without calls",
      { quiet_hours: { enabled: true, days: ["sunday"], not_on: ["2026-12-25"] } },
      /would call on Sundays and 2026-12-25 as well\. Nothing was changed or created/,
    ],
    [
      "public holidays",
      { quiet_hours: { enabled: true, start_time: "21:00", end_time: "09:00", holidays: true } },
      /would call on public holidays of each recipient's country as well\. Nothing was changed or created/,
    ],
  ])("refuses %s", async (_what, changes, message) => {
    const { hosted, world } = await startHosted();
    const problem = await world.problem("create_batch_call", hostedOf([newYork, losAngeles], changes));
    expect([problem.code, problem.message]).toEqual(["unsupported", expect.stringMatching(message)]);
    expect(hosted.batches.size).toBe(0);
  });

  test("says which columns of times it does not apply", async () => {
    const { world } = await startHosted();
    const text = `phone,Not before\n${newYork},2026-04-01T09:00`;
    const input = csv(text, { agent_id: "agent_1", columns: { not_before: "Not before" } });
    const notApplied = expect.stringMatching(/"Not before" are kept with the list and not applied/);
    expect((await world.tool("preview_batch_call", input)).warnings).toContainEqual(notApplied);
    const created = await world.tool("create_batch_call", input);
    expect(created.warnings).toContainEqual(notApplied);
    expect(created.unverified).toContain("not_before");
  });
});

test("results of a batch at their time tell when each was called on that person's own clock", async () => {
  const world = await start();
  const { batch } = await world.tool("create_batch_call", of(everybody, tenTheirTime));
  await world.clock.advance({ hours: 30 });
  const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
  expect(results).toHaveLength(everybody.length);
  for (const { called_at: at } of results) expect(at.local).toMatch(/^2026-03-03T10:00/);
  const all = await world.tool("create_batch_call", of(everybody, { name: "All", start: "now", timezone: "UTC" }));
  await world.clock.advance({ hours: 1 });
  const shared = await world.tool("get_batch_results", { batch_id: all.batch.batch_id });
  const [first] = shared.results;
  expect(first.called_at.local.slice(0, 16)).toBe(first.called_at.utc.slice(0, 16));
});
