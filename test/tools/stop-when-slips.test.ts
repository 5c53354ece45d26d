import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toArgumentsText } from "../../src/tools/words/call-text.ts";
import { request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  const spend = { maxPerDay: 100, pricePerCall: 0.1, currency: "EUR" };
  world = await startWorld({
    now: "2026-02-10T15:00:00Z",
    policy: { limits: { maxRecipientsPerStart: 100, maxRecipientsPerDay: 100, spend } },
  });
});
afterAll(() => world.stop());

const previewed = (stop_when: unknown) => request(9, { stop_when, timezone: "America/New_York" });

const ruleOf = async (stop_when: unknown): Promise<string> => {
  const { outlook } = await world.tool("preview_batch_call", previewed(stop_when));
  return outlook.rules.find((rule: string) => rule.startsWith("The batch ends"));
};

describe("an end that is written in another way and means one thing is taken", () => {
  test.each<[given: unknown, meant: object]>([
    ['{"calls": "500"}', { calls: 500 }],
    [{ calls: " 500 " }, { calls: 500 }],
    [[{ calls: 500 }], { calls: 500 }],
    [{ Calls: 500 }, { calls: 500 }],
    [{ spend: "20.50" }, { spend: 20.5 }],
    [{ at: "2026-03-09 9:00" }, { at: "2026-03-09T09:00" }],
    [
      { outcome: "No answer", count: "5" },
      { outcome: "no_answer", count: 5 },
    ],
    [
      { outcome: ["answered"], count: 5 },
      { outcome: "answered", count: 5 },
    ],
    [
      { answer: "score", value: 9, count: 3 },
      { answer: "score", value: "9", count: 3 },
    ],
    [
      { answer: "booked", value: true, count: 3 },
      { answer: "booked", value: "true", count: 3 },
    ],
  ])("%j", async (given, meant) => {
    const rule = await ruleOf(meant);
    expect(rule).toBeDefined();
    expect((await ruleOf(given))?.replace("09 9:00", "09T09:00")).toBe(rule.replace("09 9:00", "09T09:00"));
  });
});

describe("an end of another shape is refused with what to write, and that is taken", () => {
  test.each<[given: unknown, write: object]>([
    ["500 calls", { calls: 500 }],
    ["after 1,000 calls", { calls: 1000 }],
    ["€20", { spend: 20 }],
    ["20.50 EUR", { spend: 20.5 }],
    ["2026-03-09T09:00", { at: "2026-03-09T09:00" }],
    ["2026-03-09 09:00+01:00", { at: "2026-03-09T09:00+01:00" }],
    ["answered", { outcome: "answered", count: 5 }],
    ["5 answered", { outcome: "answered", count: 5 }],
    ["reached", { outcome: "answered", count: 5 }],
    [["no_answer"], { outcome: "no_answer", count: 5 }],
    ["{calls: 500}", { calls: 500 }],
    ["whenever", { calls: 500 }],
    [true, { calls: 500 }],
    [500, { calls: 500 }],
    ["500", { spend: 500 }],
    [{ max_calls: 500 }, { calls: 500 }],
    [{ totalCalls: "500" }, { calls: 500 }],
    [{ call_count: 5 }, { calls: 5 }],
    [{ budget: 20 }, { spend: 20 }],
    [{ max_spend: "20" }, { spend: 20 }],
    [{ end_at: "2026-03-09T09:00" }, { at: "2026-03-09T09:00" }],
    [{ trigger_timestamp: 1773046800 }, { at: "2026-03-09T09:00:00Z" }],
    [{ until: 1773046800000 }, { at: "2026-03-09T09:00:00Z" }],
    ["17:00", { at: "2026-02-20T13:00" }],
    [{ deadline: "17:00" }, { at: "2026-02-20T13:00" }],
    [{ answered: 5 }, { outcome: "answered", count: 5 }],
    [{ no_answer: "5" }, { outcome: "no_answer", count: 5 }],
    [{ reached: 5 }, { outcome: "answered", count: 5 }],
    [{ outcomes: ["busy"], count: 5 }, { outcome: "busy" }],
    [{ status: "failed", count: 5 }, { outcome: "failed" }],
    [{ condition: "answered", count: 5 }, { outcome: "answered" }],
    [{ conversions: 5 }, { count: 5, answer: "booked", value: "yes" }],
    [{ variable: "booked", value: "yes", count: 3 }, { answer: "booked" }],
    [{ answer: "booked", answer_value: "yes", count: 3 }, { value: "yes" }],
    [
      { answer: "booked=yes", count: 3 },
      { answer: "booked", value: "yes" },
    ],
    [
      { answer: { name: "booked", value: "yes" }, count: 3 },
      { answer: "booked", value: "yes" },
    ],
    [
      { answers: { booked: "yes" }, count: 3 },
      { answer: "booked", value: "yes" },
    ],
    [{ opt_out: 3 }, { answer: "opt_out", value: "yes", count: 3 }],
    [
      { said: "opt_out", count: 3 },
      { answer: "opt_out", value: "yes" },
    ],
    [{ outcome: { answered: 5 } }, { outcome: "answered", count: 5 }],
    [{ outcome: "answered" }, { outcome: "answered", count: 5 }],
    [{ count: 5 }, { count: 5, outcome: "answered" }],
    [{ at: 1773046800 }, { at: "2026-03-09T09:00:00Z" }],
    [{ calls: "€20" }, { calls: 20 }],
    [{ spend: "20 EUR" }, { spend: 20 }],
    [{ calls: { max: 500 } }, { calls: 500 }],
  ])("%j", async (given, write) => {
    const refused = await world.problem("create_batch_call", previewed(given));
    expect(refused.code).toBe("invalid_input");
    const said = refused.issues.map(({ message }) => message).join("\n");
    const fields = toArgumentsText(write).slice(1, -1);
    expect(said).toContain(fields);
    const kept = typeof given === "object" && !Array.isArray(given) ? Object.entries(given ?? {}) : [];
    const known = ["count", "value", "answer"];
    const others = Object.fromEntries(
      kept.filter(([name, value]) => known.includes(name) && typeof value !== "object"),
    );
    expect(await ruleOf({ ...others, ...write })).toMatch(/^The batch ends/);
    expect((await world.tool("list_batches"))["batches"]).toEqual([]);
  });

  test("of shares of the people is sent to the canary, which knows them", async () => {
    for (const given of [{ above_percent: 20, outcome: "failed" }, { failed_percent: 20 }]) {
      const { issues } = await world.problem("create_batch_call", previewed(given));
      expect(issues[0]?.message).toContain('canary {count: 20, pause_if: [{outcome: "failed", above_percent: 20}]}');
    }
  });
});

test("every argument that is an object says its shape where something else is given", async () => {
  const wrong = { canary: "20", exclude: true, retry_config: "3 times", quiet_hours: "at night", from_batch: 7 };
  const { issues } = await world.problem("create_batch_call", request(9, { ...wrong, tasks: undefined }));
  const said = Object.fromEntries(issues.map(({ field, message }) => [field, message]));
  expect(said).toEqual({
    canary: expect.stringContaining("{share (percent) or count, pause_if:"),
    exclude: expect.stringContaining("{batch_ids, called_within_days, reached_within_days}"),
    retry_config: expect.stringContaining("{enabled: true, max_attempts: 3 (1 to 10, first included)}"),
    quiet_hours: expect.stringContaining("start_time: 21:00, end_time: 09:00"),
    from_batch: expect.stringContaining("{batch_id, outcomes: [no_answer], else unreached}"),
  });
  const { issues: unknown } = await world.problem("create_batch_call", request(9, { exclude: { nobody: 1 } }));
  expect(unknown[0]?.message).toContain("{batch_ids, called_within_days, reached_within_days}");
});
