import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tools } from "../../src/tools/index.ts";
import { agentId, fromNumber, numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
let ids: { readonly draft: string; readonly running: string; readonly list: string; readonly call: string };

beforeEach(async () => {
  world = await startWorld({ policy: { testNumbers: ["+12015550199"] } });
  const { batch: over } = await world.tool("create_batch_call", request(2, { start: "now" }));
  await world.clock.advance({ minutes: 5 });
  const { results } = await world.tool("get_batch_results", { batch_id: over.batch_id });
  const { batch: running } = await world.tool("create_batch_call", request(50, { name: "Running", start: "now" }));
  const { batch: draft, list_id: list } = await world.tool("create_batch_call", request(4, { name: "Draft" }));
  ids = { draft: draft.batch_id, running: running.batch_id, list, call: results[0].call_id };
  await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(90)] });
});
afterEach(() => world.stop());

const later = { start: "at_time", start_at: "2026-03-05T10:00", timezone: "America/New_York" };

/** A call of every tool; each that has a time in its answer. */
const calls: Readonly<Record<string, () => object | Promise<object>>> = {
  create_batch_call: () => request(3, { name: "Later", ...later }),
  preview_batch_call: () => request(3, { name: "Later", ...later }),
  pause_batch: () => ({ batch_id: ids.running }),
  resume_batch: async () => {
    await world.tool("pause_batch", { batch_id: ids.running });
    return { batch_id: ids.running };
  },
  cancel_batch: () => ({ batch_id: ids.running }),
  get_batch_status: () => ({ batch_id: ids.running }),
  start_batch: () => ({ batch_id: ids.draft, ...later }),
  update_batch: () => ({ batch_id: ids.draft, name: "Other" }),
  test_call: () => ({ batch_id: ids.draft, row: 1, to_number: "+12015550199" }),
  list_batches: async () => {
    await world.tool("start_batch", { batch_id: ids.draft, ...later });
    return {};
  },
  get_batch_results: () => ({ batch_id: ids.running }),
  get_call: () => ({ call_id: ids.call }),
  get_list: () => ({ list_id: ids.list }),
  change_list: () => ({ list_id: ids.list, leave_out: [1] }),
  delete_list: () => ({ list_id: ids.list }),
  export_batch_results: () => ({ batch_id: ids.draft }),
  update_do_not_call_list: () => ({ action: "add", numbers: [numberOf(91)] }),
  check_do_not_call: () => ({ numbers: [numberOf(90)] }),
  list_agents: () => ({}),
  list_phone_numbers: () => ({}),
};

test("every tool is in the table", () => {
  expect(Object.keys(calls).toSorted()).toEqual(tools.map(({ name }) => name).toSorted());
});

const instant = /\d{4}-\d\d-\d\dT\d\d:\d\d/;
const now = { utc: expect.stringMatching(instant), local: expect.stringMatching(instant), zone: "America/New_York" };

describe.each(Object.entries(calls))("%s", (name, makeArgs) => {
  test("tells the time now and the zone wherever it tells a time, in text and structure", async () => {
    const answer = await world.answer(name, await makeArgs());
    const { text } = answer;
    const output = JSON.stringify(answer.output);
    const where = Object.values({ ...answer.output, whole: answer.output });
    const told = where.filter((part) => typeof part === "object" && part !== null && "now" in part);
    if (told.length === 0) expect([output, text].filter((form) => instant.test(form))).toEqual([]);
    else {
      expect(told[0]).toMatchObject({ now });
      expect(text).toMatch(/Now: \d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)? in America\/New_York \(\d{4}-.*Z\)/);
    }
  });
});

/** What a person needs of an answer: every id, state and local time in it, and every number of people or rows. */
function factsOf(output: object): readonly string[] {
  const facts = new Set<string>();
  const walk = (value: unknown, name: string): void => {
    if (Array.isArray(value)) for (const entry of value) walk(entry, name);
    else if (typeof value === "object" && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, key);
    else if (typeof value === "string") {
      for (const [id] of value.matchAll(/\b(?:batch_call|group|list|call|agent)_[0-9a-f][\w-]{6,}/g)) facts.add(id);
      if (name === "status" || name === "outcome" || name === "local") facts.add(value);
    } else if (typeof value === "number" && counted.has(name)) facts.add(String(value));
  };
  walk(output, "");
  return [...facts];
}

const counted = new Set(
  "total pending calling completed input accepted duplicate suppressed refused rows added".split(" "),
);

describe.each(Object.entries(calls))("%s", (name, makeArgs) => {
  test("has the ids, states, times and counts of its structure in its text too", async () => {
    const { output, text } = await world.answer(name, await makeArgs());
    expect(factsOf(output).filter((fact) => !text.includes(fact))).toEqual([]);
  });
});

test.each([
  ["export_batch_results", () => ({ batch_id: ids.running })],
  ["update_do_not_call_list", () => ({ action: "export" })],
])("over HTTP %s tells the time now beside when its file expires", async (name, makeArgs) => {
  const { output, text } = await world.another({}, "http").answer(name, makeArgs());
  expect(output).toMatchObject({ expires_at: expect.stringMatching(instant), now });
  expect(text).toContain(output["expires_at"]);
  expect(text).toMatch(/Now: \d{4}-\d\d-\d\dT\d\d:\d\d/);
});

test("a number is looked up by the country that the call gives, else by the server's", async () => {
  const national = numberOf(90).replace("+1", "");
  expect(await world.problem("check_do_not_call", { numbers: [national] })).toMatchObject({
    issues: [{ code: "no_country", message: expect.stringContaining("default_country") }],
  });
  const given = await world.tool("check_do_not_call", { numbers: [national], default_country: "us" });
  expect(given).toMatchObject({ listed: [{ number: numberOf(90) }] });
  const own = await world.another({ defaultCountry: "US" }).tool("check_do_not_call", { numbers: [national] });
  expect(own).toMatchObject({ listed: [{ number: numberOf(90) }] });
  expect(await world.problem("check_do_not_call", { numbers: [national], default_country: "Utopia" })).toMatchObject({
    issues: [{ field: "default_country", code: "unknown_country" }],
  });
});

describe("list_batches", () => {
  const row = (n: number) => ({
    batchId: `batch_call_2f1f7a3e-5b0c-4c55-9f0e-${String(n).padStart(12, "0")}`,
    name: `Appointment reminders, week ${n}`,
    status: (["draft", "scheduled", "sent", "completed"] as const)[n % 4] ?? "draft",
    total: 1000,
    isPaused: n % 8 === 2,
    agentId,
    fromNumber,
    timezone: "America/New_York",
    scheduledAt: new Date("2026-03-05T15:00:00Z"),
    ...(n % 8 === 6 && { heldReason: "The carrier answered three times that it has no money left." }),
    counts: { total: 1000, pending: 400, calling: 10, completed: 500, failed: 90, unknown: 0, cancelled: 0 },
    outcomes: { answered: 500, no_answer: 50, busy: 20, voicemail: 10, failed: 10 },
  });

  test("takes at most 5,000 tokens for a hundred batches, in text and in structure, with the same facts", async () => {
    const rows = Array.from({ length: 100 }, (_, n) => row(n));
    const api = { ...world.context.api, listBatches: async () => ({ rows, totalCount: 100, hasMore: false }) };
    const { output, text } = await world.another({ api }).answer("list_batches", { limit: 100 });
    expect(JSON.stringify(output).length / 4).toBeLessThanOrEqual(5000);
    expect(text.length / 4).toBeLessThanOrEqual(5000);
    expect(output["batches"].slice(0, 3)).toEqual([
      { batch_id: rows[0]?.batchId, name: "Appointment reminders, week 0", status: "draft", total: 1000 },
      {
        batch_id: rows[1]?.batchId,
        name: "Appointment reminders, week 1",
        status: "scheduled",
        total: 1000,
        scheduled_at: "2026-03-05T10:00-05:00 America/New_York",
      },
      {
        batch_id: rows[2]?.batchId,
        name: "Appointment reminders, week 2",
        status: "sent",
        total: 1000,
        is_paused: true,
        percent_done: 59,
      },
    ]);
    expect(text.split("\n").slice(0, 4)).toEqual([
      "Newest first, simulated:",
      `- "Appointment reminders, week 0" (${rows[0]?.batchId}): draft, 1,000 people`,
      `- "Appointment reminders, week 1" (${rows[1]?.batchId}): scheduled for 2026-03-05T10:00-05:00 America/New_York, 1,000 people`,
      `- "Appointment reminders, week 2" (${rows[2]?.batchId}): sent, paused, 59% of 1,000 done`,
    ]);
    expect(output["batches"][6]).toMatchObject({ is_held: true });
    expect(text).toContain("sent, held, 59% of 1,000 done");
  });
});
