import { describe, expect, test } from "vitest";
import {
  type BatchRequest,
  type PlanFacts,
  parseTiming,
  planBatch,
  unknownAgent,
} from "../../../src/domain/batch/plan-batch.ts";
import { parsePhoneNumber } from "../../../src/domain/phone/phone-number.ts";
import { isIssue } from "../../../src/domain/problem.ts";

const request: BatchRequest = {
  name: " June reminders ",
  agentId: "agent_1",
  fromNumber: "(415) 555-0100",
  start: "draft",
  rules: {},
};
const facts: PlanFacts = {
  now: new Date("2026-03-02T15:00:00Z"),
  fallbackZone: "America/New_York",
  defaultCountry: "US",
  callerIds: ["+14155550100"],
};
const recipients = ["+14155550101", "+14155550102"].map((text, index) => {
  const number = parsePhoneNumber(text);
  if (isIssue(number)) throw new Error(number.message);
  const { e164: toNumber, ...told } = number;
  return { row: index + 1, toNumber, ...told, variables: {} };
});
const list = { recipients, suppressed: [] };

const issuesOf = (plan: ReturnType<typeof planBatch>) =>
  "recipients" in plan ? [] : plan.map(({ field, code }) => `${field} ${code}`);

test("a request without faults becomes a plan with a tidy name, an E.164 caller id and the fallback zone", () => {
  expect(planBatch(request, list, facts)).toEqual({
    name: "June reminders",
    agentId: "agent_1",
    fromNumber: "+14155550100",
    timezone: "America/New_York",
    recipients,
    rules: {},
    start: { kind: "draft" },
  });
});

test("people on the do-not-call list are kept apart and are not called", () => {
  const people = { recipients: recipients.slice(1), suppressed: recipients.slice(0, 1) };
  expect(planBatch(request, people, facts)).toMatchObject({ recipients: [{ row: 2 }], suppressed: [{ row: 1 }] });
});

test("everything that is wrong is told at once", () => {
  const wrong = { ...request, name: " ", fromNumber: "+14155550109", startAt: "2026-05-01T09:00", timezone: "Mars" };
  const plan = planBatch(wrong, list, { ...facts, agentIssue: unknownAgent("agent_x") });
  expect(issuesOf(plan)).toEqual([
    "name empty",
    "agent_id unknown_agent",
    "from_number unknown_caller_id",
    "timezone unknown_zone",
    "start_at contradiction",
  ]);
});

test("a name is at most 255 characters", () => {
  expect(issuesOf(planBatch({ ...request, name: "x".repeat(255) }, list, facts))).toEqual([]);
  expect(issuesOf(planBatch({ ...request, name: "x".repeat(256) }, list, facts))).toEqual(["name too_long"]);
});

describe("the timing of a request", () => {
  test("local time is read in its zone, which the batch keeps as it was written", () => {
    const timing = parseTiming({ start: "at_time", startAt: "2026-05-01T09:00", timezone: "Asia/Calcutta" }, facts);
    expect(timing).toEqual({
      zone: "Asia/Calcutta",
      issues: [],
      start: { kind: "at", at: new Date("2026-05-01T03:30:00Z") },
    });
  });

  test("an offset names the instant by itself", () => {
    const timing = parseTiming({ start: "at_time", startAt: "2026-05-01T09:00+02:00" }, facts);
    expect(timing).toEqual({
      zone: "America/New_York",
      issues: [],
      start: { kind: "at", at: new Date("2026-05-01T07:00:00Z") },
    });
  });

  test("nothing starts because a time was left out", () => {
    expect(parseTiming({ start: "at_time" }, facts)).toMatchObject({
      issues: [{ field: "start_at", code: "required" }],
    });
    expect(parseTiming({ start: "at_time" }, facts).start).toBeUndefined();
  });
});
