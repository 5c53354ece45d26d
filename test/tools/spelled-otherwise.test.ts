import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentId, fromNumber, numberOf, startWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ now: "2026-11-02T15:00:00Z" });
});
afterAll(() => world.stop());

const task = { to_number: numberOf(1), dynamic_variables: { first_name: "Ann", order_id: "5001201", vip: "true" } };
const strict = {
  name: "Spelled",
  agent_id: agentId,
  from_number: fromNumber,
  tasks: [task],
  retry_config: { enabled: true, max_attempts: 2 },
  retry_rules: [{ condition: "no_answer", enabled: true, retry_timing: { type: "AT", time: "09:00" } }],
  quiet_hours: { enabled: true, start_time: "22:00", end_time: "08:00", timezone: "America/New_York" },
};

const rules = {
  retryConfig: '{"enabled": "true", "maxAttempts": "2"}',
  retry_rules: [{ condition: "No_Answer", enabled: "TRUE", retryTiming: { type: "at", time: "9:00" } }],
  quiet_hours: { enabled: true, start_time: "22:00:00", endTime: "8:00", timezone: "america/new_york" },
};
const numbers = { ...task, dynamic_variables: { first_name: "Ann", order_id: 5001201, vip: true, company: null } };

const spellings: readonly [what: string, args: object][] = [
  [
    "lists and objects as JSON text",
    { ...strict, tasks: JSON.stringify([task]), quiet_hours: JSON.stringify(strict.quiet_hours) },
  ],
  ["numbers and truth values as variables", { ...strict, tasks: [numbers] }],
  [
    "null and blank for what may be left out",
    {
      ...strict,
      tasks_file: null,
      default_country: "",
      start: null,
      start_at: "",
      timezone: null,
      exclude: null,
      columns: "",
    },
  ],
  [
    "what hosts add",
    {
      ...strict,
      toolCallId: "call_x1",
      sessionId: "s1",
      action: "sendMessage",
      chatInput: "hi",
      task_progress: "- [ ] call",
    },
  ],
  ["camelCase, letter case and plain times", { ...strict, retry_config: undefined, ...rules }],
  [
    "all at once",
    {
      name: "Spelled",
      agentId,
      fromNumber,
      ...rules,
      tasks: JSON.stringify([numbers]),
      start: "Draft",
      allowDuplicate: "false",
    },
  ],
];

test.each(spellings)("the same content with %s is the same batch", async (_what, args) => {
  const first = await world.tool("create_batch_call", strict);
  const again = await world.tool("create_batch_call", args);
  expect(again).toMatchObject({ replayed: true, batch: { batch_id: expect.any(String) } });
  expect(again.batch).toEqual(first.batch);
});

describe("a start with a plain time", () => {
  const at = (start_at: string, timezone?: string) => ({
    ...strict,
    name: "Other",
    start: "at_time",
    start_at,
    timezone,
  });

  test.each([
    ["2026-12-01 09:00", "America/New_York", "2026-12-01T14:00:00Z"],
    ["2026-12-01 9:00", "america/new_york", "2026-12-01T14:00:00Z"],
    ["2026-12-01T09:00:00+0530", undefined, "2026-12-01T03:30:00Z"],
    ["2026-12-01 09:00 +0530", undefined, "2026-12-01T03:30:00Z"],
    ["2026-12-01t09:00z", undefined, "2026-12-01T09:00:00Z"],
    ["2026-12-01T09:00+05", undefined, "2026-12-01T04:00:00Z"],
  ])("%s %s is one instant", async (startAt, zone, utc) => {
    const { batch } = await world.tool("preview_batch_call", at(startAt, zone));
    expect(batch).toMatchObject({ scheduled_at: { utc } });
  });

  test.each([
    "10am",
    "tomorrow 9:00",
    "01.12.2026 10:00",
    "01/12/2026 10:00",
    "2026-12-01 10:00 EST",
    "2026-12-01 9:00 am",
    "1764583200",
  ])("%s is not guessed", async (startAt) => {
    const { issues } = await world.problem("preview_batch_call", at(startAt, "America/New_York"));
    expect(issues).toEqual([expect.objectContaining({ field: "start_at" })]);
  });

  test("a zone that is only letters is not guessed", async () => {
    const { issues } = await world.problem("preview_batch_call", at("2026-12-01T10:00", "EST"));
    expect(issues).toEqual([expect.objectContaining({ field: "timezone", code: "unknown_zone" })]);
  });
});
