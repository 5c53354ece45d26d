import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentId, fromNumber, numberOf, startWorld, type World } from "../support/world.ts";

// Calls as models and hosts make them. Those with one meaning are taken; the others are refused in words that give the repeat.

let world: World;
let batchId: string;
let listId: string;
beforeAll(async () => {
  world = await startWorld({ now: "2026-11-02T15:00:00Z" });
  const created = await world.tool("create_batch_call", { ...right, name: "Existing" });
  [batchId, listId] = [created.batch.batch_id, created.list_id];
});
afterAll(() => world.stop());

const task = { to_number: numberOf(1), dynamic_variables: { first_name: "Ann" } };
const right = { name: "Wrong", agent_id: agentId, from_number: fromNumber, tasks: [task] };
const quiet = (fields: object) => ({
  quiet_hours: { enabled: true, start_time: "22:00", end_time: "08:00", ...fields },
});
const at = (start_at: unknown, more: object = {}) => ({ start: "at_time", start_at, ...more });
const rule = (timing: object) => ({
  retry_config: { enabled: true, max_attempts: 2 },
  retry_rules: [{ condition: "busy", enabled: true, retry_timing: timing }],
});
const without = (name: keyof typeof right) => ({ [name]: undefined });

/** Changes to a right preview that mean the same as it. */
const taken: readonly object[] = [
  { tasks: JSON.stringify([task]) },
  { tasks: [JSON.stringify(task)] },
  { tasks: [{ ...task, dynamic_variables: JSON.stringify(task.dynamic_variables) }] },
  { tasks: [{ ...task, dynamic_variables: { first_name: "Ann", age: 40, vip: false, note: null } }] },
  { tasks: [{ ...task, max_retries: "1" }], retry_config: { enabled: true, max_attempts: 2 } },
  { tasks: [{ ...task, max_retries: null, fallback_number: "", timezone: null, not_before: "" }] },
  { tasks: [{ toNumber: task.to_number, dynamicVariables: task.dynamic_variables }] },
  { tasks: [{ ...task, timezone: "america/chicago" }] },
  { tasks: [{ ...task, not_before: "2026-11-03 9:00" }] },
  { tasks_file: null, tasks_csv: "", list_id: null, from_batch: "", exclude: null, columns: "" },
  { default_country: null, start: "", start_at: null, timezone: "" },
  { retry_config: null, retry_rules: "", quiet_hours: null },
  { retry_config: '{"enabled":true,"max_attempts":2}' },
  { retry_config: { enabled: false } },
  { retry_config: { enabled: "true", max_attempts: "2" } },
  { retryConfig: { enabled: true, maxAttempts: 2 } },
  { ...rule({ type: "after", duration_minutes: "30" }) },
  { ...rule({ type: "At", time: "9:00" }) },
  {
    retry_config: { enabled: true, max_attempts: 2 },
    retry_rules: JSON.stringify(rule({ type: "AT", time: "09:00" }).retry_rules),
  },
  {
    retry_config: { enabled: true, max_attempts: 2 },
    retry_rules: [{ condition: "No Answer", enabled: true, retryTiming: { type: "AFTER", durationMinutes: 5 } }],
  },
  quiet({ end_time: "8:00" }),
  quiet({ start_time: "22:00:00" }),
  quiet({ enabled: "True" }),
  quiet({ timezone: "AMERICA/NEW_YORK" }),
  quiet({ timezone: "" }),
  quiet({ timezone: "Recipient" }),
  { quietHours: { enabled: true, startTime: "22:00", endTime: "8:00" } },
  { start: "DRAFT" },
  { start: " draft " },
  at("2026-12-01 09:00"),
  at("2026-12-01 9:00", { timezone: "america/new_york" }),
  at("2026-12-01T09:00:00+0530"),
  at("2026-12-01 09:00:00 +0530"),
  at("2026-12-01t09:00z"),
  { start: "AT_TIME", startAt: "2026-12-01T09:00" },
  { start: "at time", start_at: "2026-12-01T09:00" },
  { ...without("agent_id"), agentId },
  { ...without("from_number"), fromNumber },
  { agent_id: "appointment reminder" },
  { toolCallId: "call_x1" },
  { sessionId: "s", action: "sendMessage", chatInput: "hi", toolCallId: "c" },
  { task_progress: "- [x] list\n- [ ] call" },
  { defaultCountry: "us" },
];

test.each(taken)("taken: %j", async (changes) => {
  const output = await world.tool("preview_batch_call", { ...right, ...changes });
  expect(output).toMatchObject({
    rows: { input: 1, accepted: 1 },
    batch: { agent_id: agentId, from_number: fromNumber },
  });
});

type Refused = readonly [wrong: object, words: RegExp, repeat: object];

/** What is wrong, the words of the refusal that give the repeat, and the repeat. */
const refused: readonly Refused[] = [
  [
    { retry_config: { enabled: true } },
    /max_attempts.*Is missing/,
    { retry_config: { enabled: true, max_attempts: 2 } },
  ],
  [{ tasks: [{ to_number: 12015550101 }] }, /Write "\+12015550101"/, { tasks: [{ to_number: "+12015550101" }] }],
  [{ tasks: "[{'to_number': '+12015550101'}]" }, /double quotes/, {}],
  [{ tasks: '[{"to_number": "+120155' }, /cut off/, {}],
  [{ tasks: {} }, /a list in square brackets/, {}],
  [{ tasks: [{ ...task, dynamic_variables: { id: 2 ** 60 } }] }, /lost digits/, {}],
  [{ tasks: [{ ...task, dynamic_variables: { who: { first: "Ann" } } }] }, /text in quotes, not an object/, {}],
  [{ tasks: [{ phone: task.to_number }] }, /Write to_number: "\+1/, {}],
  [{ tasks: [{ ...task, phone_number: task.to_number }] }, /Write to_number: "\+1/, {}],
  [{ tasks: [{ ...task, variables: {} }] }, /Write dynamic_variables/, {}],
  [
    { tasks: [{ ...task, max_retries: 99 }] },
    /at most 10/,
    { tasks: [{ ...task, max_retries: 10 }], retry_config: { enabled: true, max_attempts: 2 } },
  ],
  [{ ...without("tasks"), to_number: task.to_number }, /Write tasks: \[\{ "to_number": "\+1/, {}],
  [{ ...without("tasks"), phone_numbers: [task.to_number] }, /Write tasks: \[\{ "to_number": "\+1/, {}],
  [{ ...without("tasks"), recipients: [task] }, /Write tasks: \[\{ to_number, dynamic_variables \}\]/, {}],
  [
    { ...without("tasks"), csv: "phone\n+12015550101" },
    /Write tasks_csv/,
    { ...without("tasks"), tasks_csv: "phone\n+12015550101" },
  ],
  [{ ...without("agent_id"), agent: agentId }, /Write agent_id: "agent_/, {}],
  [{ ...without("from_number"), from: fromNumber }, /Write from_number: "\+1/, {}],
  [{ agent_id: "nobody" }, /\(Appointment reminder\)/, { agent_id: "Appointment reminder" }],
  [{ from_number: "+14155550177" }, /The account|which has \+1/, {}],
  [{ from_number: 14155550100 }, /Write "\+14155550100"/, {}],
  [{ send_now: true }, /Write start: "now"/, { start: "now" }],
  [{ send_now: false }, /"draft" to call nobody/, { start: "draft" }],
  [{ trigger_timestamp: 1796133600000 }, /start_at: "2026-12-01T14:00:00Z"/, at("2026-12-01T14:00:00Z")],
  [{ trigger_timestamp: "1796133600" }, /start_at: "2026-12-01T14:00:00Z"/, at("2026-12-01T14:00:00Z")],
  [{ scheduled_at: "2026-12-01 9:00" }, /start_at: "2026-12-01T09:00"/, at("2026-12-01T09:00")],
  [{ status: "DRAFT" }, /Write start: "draft"/, { start: "draft" }],
  [{ start: "tomorrow" }, /draft, now, at_time/, { start: "draft" }],
  [{ start_at: "2026-12-01T09:00" }, /Set start to "at_time"/, at("2026-12-01T09:00")],
  [at(undefined), /needs start_at/, at("2026-12-01T09:00")],
  [at("10am"), /YYYY-MM-DDTHH:MM/, at("2026-12-01T10:00")],
  [at("01.12.2026 10:00"), /2026-12-01T10:00 or 2026-01-12T10:00/, at("2026-12-01T10:00")],
  [at("25/12/2026"), /Write 2026-12-25THH:MM/, at("2026-12-25T10:00")],
  [at("2026-12-01"), /no time of day/, at("2026-12-01T10:00")],
  [at("2026-12-01 10:00 EST"), /offset/, at("2026-12-01T10:00-05:00")],
  [at(1796133600), /text in quotes/, at("2026-12-01T14:00:00Z")],
  [
    at("2026-12-01T10:00", { timezone: "EST" }),
    /one offset.*America\/New_York/,
    at("2026-12-01T10:00", { timezone: "America/New_York" }),
  ],
  [
    at("2026-12-01T10:00", { timezone: "America/New York" }),
    /America\/New_York/,
    at("2026-12-01T10:00", { timezone: "America/New_York" }),
  ],
  [{ tz: "UTC" }, /Write timezone: "UTC"/, { timezone: "UTC" }],
  [quiet({ start_time: "9pm" }), /Write 21:00/, quiet({ start_time: "21:00" })],
  [quiet({ end_time: undefined }), /give both/, quiet({})],
  [
    quiet({ begin: "21:00" }),
    /Known here: enabled, start_time, end_time, days, not_on, holidays, timezone/,
    quiet({ start_time: "21:00" }),
  ],
  [
    { retry_config: { enabled: true, max_attempts: "two" } },
    /a number without quotes/,
    { retry_config: { enabled: true, max_attempts: 2 } },
  ],
  [
    { retry_config: { enabled: 1, max_attempts: 2 } },
    /true or false/,
    { retry_config: { enabled: true, max_attempts: 2 } },
  ],
  [
    { retry_config: { enabled: true, min_attempts: 2 } },
    /Known here: enabled, max_attempts/,
    { retry_config: { enabled: true, max_attempts: 2 } },
  ],
  [rule({ type: "AT" }), /AT needs time/, rule({ type: "AT", time: "09:00" })],
  [rule({ type: "LATER" }), /AT, AFTER/, rule({ type: "AFTER", duration_minutes: 5 })],
  [{ country: "US" }, /Write default_country: "US"/, { default_country: "US" }],
  [{ default_country: "USA!" }, /two letters/i, { default_country: "US" }],
  [{ agentId: "agent_other" }, /This is agent_id once more/, {}],
  [{ tmezone: "UTC" }, /Did you mean timezone/, { timezone: "UTC" }],
  [{ webhook_url: "https://example.org" }, /Known here/, {}],
  [{ name: null }, /text in quotes, not null/, {}],
  [{ columns: { to_number: 3 } }, /columns/, {}],
];

describe("refused once, right at the first repeat:", () => {
  test.each(refused)("%j", async (wrong, words, repeat) => {
    const problem = await world.problem("preview_batch_call", { ...right, ...wrong });
    expect(problem.code).toBe("invalid_input");
    expect(problem.issues.map(({ field, message }) => `${field}: ${message}`).join("\n")).toMatch(words);
    const output = await world.tool("preview_batch_call", { ...right, ...repeat });
    expect(output).toMatchObject({ rows: { accepted: 1 } });
  });
});

describe("other tools", () => {
  test.each<[string, () => object]>([
    ["get_batch_status", () => ({ batch_call_id: batchId })],
    ["get_batch_status", () => ({ batchId, wait_seconds: "0" })],
    ["get_batch_results", () => ({ batch_id: batchId, status: "PENDING", limit: "5", columns: null, cursor: "" })],
    ["list_batches", () => ({ status: "Draft", agentId: "Appointment Reminder" })],
    ["get_list", () => ({ listId, fate: "ACCEPTED", show_numbers: "false" })],
    ["change_list", () => ({ list_id: listId, put_back: 1 })],
    ["list_agents", () => ({ limit: "2", name: "" })],
    ["list_phone_numbers", () => ({ country: null, sessionId: "s" })],
    ["check_do_not_call", () => ({ numbers: numberOf(7) })],
    ["update_do_not_call_list", () => ({ action: "ADD", numbers: JSON.stringify([numberOf(8)]), reason: null })],
    ["list_agents", () => null as unknown as object],
    ["list_batches", () => ({ limit: "5", cursor: "", agent_id: null, task_progress: "- [ ] look" })],
    ["get_list", () => ({ list_id: listId, limit: "2", compare_with: null, toolCallId: "c" })],
    ["change_list", () => ({ "List-Id": listId, leave_out: "1" })],
    ["export_batch_results", () => ({ batchCallId: batchId, format: "XLSX", safe_for: "" })],
    ["update_batch", () => ({ batch_id: batchId, name: "Existing", agentId: "APPOINTMENT REMINDER" })],
  ])("%s takes %o", async (tool, args) => {
    expect(await world.tool(tool, args())).toBeTypeOf("object");
  });

  test.each<[string, () => object, RegExp]>([
    ["get_batch_status", () => ({ batch_id: batchId, batchId: "batch_call_2" }), /batch_id once more/],
    ["start_batch", () => ({ batch_id: batchId, send_now: true }), /Write start: "now"/],
    ["start_batch", () => ({ batch_id: batchId, start: "now", send_now: false }), /for a later time/],
    [
      "update_batch",
      () => ({ batch_id: batchId, trigger_timestamp: 1796133600 }),
      /Write start_at: "2026-12-01T14:00:00Z"/,
    ],
    ["export_batch_results", () => ({ batch_id: batchId, unsafe_for: "machine" }), /Known here/],
    ["update_do_not_call_list", () => ({ action: "sendMessage", numbers: [numberOf(9)] }), /add, remove, export/],
  ])("%s refuses %o", async (tool, args, words) => {
    const { issues } = await world.problem(tool, args());
    expect(issues.map(({ message }) => message).join("\n")).toMatch(words);
  });
});

// The repeat is made by a machine: the argument that is refused goes, and what the refusal names comes.
describe("every tool names the repeat, which is understood", () => {
  const when = "2026-12-01T09:00";
  test.each<[string, () => Readonly<Record<string, unknown>>]>([
    ["get_batch_status", () => ({ id: batchId })],
    ["get_batch_status", () => ({ batch: batchId })],
    ["get_batch_status", () => ({ batch_id: batchId, wait: 0 })],
    ["get_batch_results", () => ({ id: batchId })],
    ["export_batch_results", () => ({ id: batchId })],
    ["update_batch", () => ({ id: batchId, name: "Existing" })],
    ["update_batch", () => ({ batch_id: batchId, agent: agentId })],
    ["update_batch", () => ({ batch_id: batchId, start_at: when, tz: "America/New_York" })],
    ["start_batch", () => ({ id: batchId, start: "at_time", start_at: when })],
    ["start_batch", () => ({ batch_id: batchId, start: "at_time", start_at: when, zone: "America/New_York" })],
    ["pause_batch", () => ({ id: batchId })],
    ["resume_batch", () => ({ batch: batchId })],
    ["get_list", () => ({ id: listId })],
    ["get_list", () => ({ list: listId })],
    ["change_list", () => ({ id: listId, put_back: [1] })],
    ["get_call", () => ({ id: "call_1" })],
    ["get_call", () => ({ call: "call_1" })],
    ["list_agents", () => ({ agent_name: "Appointment reminder" })],
    ["list_batches", () => ({ agent: agentId })],
    ["list_phone_numbers", () => ({ country_code: "US" })],
    ["check_do_not_call", () => ({ phone_numbers: [numberOf(7)] })],
    ["update_do_not_call_list", () => ({ action: "add", phone: numberOf(6) })],
    ["test_call", () => ({ id: batchId, row: 1, phone: numberOf(1) })],
    ["preview_batch_call", () => ({ ...right, agent_id: undefined, agent: agentId })],
    ["create_batch_call", () => ({ ...right, from_number: undefined, caller_id: fromNumber })],
    ["delete_list", () => ({ id: listId })],
    ["cancel_batch", () => ({ id: batchId })],
  ])("%s", async (tool, wrong) => {
    const problem = await world.problem(tool, wrong());
    expect(problem.code).toBe("invalid_input");
    const repeat: Record<string, unknown> = { ...wrong() };
    for (const { field, message } of problem.issues) {
      const named = /Write (\w+): (.+)\.$/.exec(message);
      if (!named?.[1] || !named[2]) continue;
      delete repeat[field];
      repeat[named[1]] = JSON.parse(named[2]);
    }
    expect(Object.keys(repeat)).not.toEqual(Object.keys(wrong()));
    const again = await world.tool(tool, repeat).catch((error: unknown) => error);
    expect(again).not.toMatchObject({ code: "invalid_input" });
  });
});
