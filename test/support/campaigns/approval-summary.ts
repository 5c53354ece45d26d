import type { StartSummary } from "../../../src/campaigns/approve/approval.ts";

/** A launch as a person is asked about it, right as it is. */
export function summaryOf(changes: Partial<StartSummary> = {}): StartSummary {
  return {
    batchId: "batch_7f3a",
    name: "June reminders",
    agentId: "agent_5d0c1f6e",
    agentName: "Reminder agent",
    fromNumber: "+14155550100",
    recipients: 1042,
    start: { kind: "at", at: new Date("2026-03-03T18:00:00Z") },
    lastAt: new Date("2026-03-06T02:00:00Z"),
    timezone: "America/New_York",
    countries: [
      { country: "US", recipients: 1000 },
      { country: "CA", recipients: 42 },
    ],
    localWindow: { first: "08:00", last: "21:00" },
    samples: [
      "+1 *** *** 0123, first_name: Ana",
      "+1 *** *** 0124, first_name: Ben",
      "+1 *** *** 0125, first_name: Cem",
    ],
    notes: ["Up to 3 attempts each, 30 minutes apart.", "The API did not echo the time zone."],
    fingerprint: "a".repeat(64),
    ...changes,
  };
}
