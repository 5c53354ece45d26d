import { afterEach, expect, test } from "vitest";
import { toRehearsalText } from "../../../src/commands/rehearsal-text.ts";
import { type RehearsalReport, rehearsalReport } from "../../../src/contract/rehearsal.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { Clock } from "../../../src/lib/clock.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { type Rehearsal, startRehearsal } from "../../../src/service/rehearsal/rehearsal.ts";
import { batchOf, numberOf } from "../../support/service-world.ts";

const monday = new Date("2026-03-02T09:00:00Z");
/** A machine on which it is Monday, and waits are as long as they are. */
const clock: Clock = {
  now: () => monday,
  monotonicMs: () => systemClock.monotonicMs(),
  at: (instant, callback) => systemClock.at(new Date(Date.now() + instant.getTime() - monday.getTime()), callback),
};
const keys = { organizationId: "org_1", apiKey: new Secret("sk_rehearsal"), apiSecret: new Secret("s3cr3t_rehearsal") };
const headers = { "X-API-KEY": "sk_rehearsal", "X-API-SECRET": "s3cr3t_rehearsal" };

let rehearsal: Rehearsal | undefined;
afterEach(async () => {
  await rehearsal?.stop();
  rehearsal = undefined;
});

/** Resolves with the report once nobody is left to call. */
async function rehearse(...batches: readonly object[]): Promise<RehearsalReport> {
  let isOver = (_report: RehearsalReport): void => {};
  const over = new Promise<RehearsalReport>((resolve) => {
    isOver = resolve;
  });
  const settings = { maxConcurrent: 10, startsPerSecond: 5 };
  await rehearsal?.stop();
  rehearsal = await startRehearsal({
    organizations: [keys],
    clock,
    settings,
    seed: 7,
    log: silentLog,
    host: "127.0.0.1",
    port: 0,
    onOver: isOver,
    joinMs: 300,
  });
  for (const batch of batches) {
    const body = JSON.stringify(batchOf({ status: undefined, send_now: true, ...batch }));
    const response = await fetch(new URL("/batch-call", rehearsal.url), { method: "POST", headers, body });
    expect(response.status).toBe(200);
  }
  return over;
}

const recipients = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ to_number: numberOf(first + n), dynamic_variables: {} }));

const conditions = ["no_answer", "busy", "voicemail", "failed"];
const nextDays = {
  quiet_hours: { enabled: true, start_time: "20:00", end_time: "09:00" },
  retry_config: { enabled: true, max_attempts: 6 },
  retry_rules: conditions.map((condition) => {
    return { condition, enabled: true, retry_timing: { type: "AT", time: "13:00" } };
  }),
};

test("a week's campaign in two zones comes to its end, stays within its hours, and its report adds up", async () => {
  const report = await rehearse(
    { ...nextDays, name: "East", timezone: "America/New_York", tasks: recipients(1, 300) },
    { ...nextDays, name: "India", timezone: "Asia/Calcutta", tasks: recipients(500, 300) },
  );
  expect(report.is_over).toBe(true);
  expect(report.batches.map(({ name, recipients }) => [name, recipients])).toEqual([
    ["East", 300],
    ["India", 300],
  ]);

  for (const batch of report.batches) {
    const { reached, never_reached, unknown, cancelled, calling, waiting } = batch;
    expect(reached + never_reached + unknown + cancelled + calling + waiting).toBe(batch.recipients);
    expect([waiting, calling]).toEqual([0, 0]);
    const ofZone = report.hours.filter(({ timezone }) => timezone === batch.timezone);
    expect(ofZone.reduce((sum, { calls }) => sum + calls, 0)).toBe(batch.calls);
    // Who asks to be called back answers twice, and who is a wrong number is not reached: few do.
    const answered = ofZone.reduce((sum, hour) => sum + hour.answered, 0);
    expect(answered).toBeGreaterThanOrEqual(reached);
    expect(answered).toBeLessThan(reached * 1.05);
    expect(batch.calls).toBeGreaterThan(batch.recipients);
    expect(ofZone.map(({ hour }) => Number(hour.slice(-2))).filter((hour) => hour < 9 || hour >= 20)).toEqual([]);
  }
  // Six attempts, one a day from the second on: with 600 recipients somebody needs them all.
  const days = new Set(report.hours.map(({ hour }) => hour.slice(0, 10)));
  expect(days.size).toBeGreaterThanOrEqual(6);
  expect(Date.parse(report.ends_at ?? "")).toBeGreaterThan(monday.getTime() + 4 * 86_400_000);
  expect(report.calls).toBe(report.batches.reduce((sum, { calls }) => sum + calls, 0));
});

test("the report is served to those with keys, in the documented shape, and printed as tables", async () => {
  const report = await rehearse({ name: "Short", tasks: recipients(1, 5) });
  const url = new URL("/rehearsal/report", rehearsal?.url);
  expect((await fetch(url)).status).toBe(401);
  const { data } = JSON.parse(await (await fetch(url, { headers })).text());
  expect(rehearsalReport.strict().parse(data)).toEqual(report);
  const document = JSON.parse(await (await fetch(new URL("/openapi.json", url))).text());
  expect(document.paths["/rehearsal/report"].get.operationId).toBe("getRehearsalReport");

  const text = toRehearsalText(report);
  expect(text).toContain(`Rehearsal: 5 calls, over at ${report.ends_at}`);
  expect(text).toMatch(/^Short +completed +5 +\d +\d +0 +5 +2026-03-02T09:/m);
  expect(text).toMatch(/^America\/New_York +2026-03-02 04:00 +5 +\d$/m);
});

test("the clock stands still while no batch runs, and the same seed gives the same calls again", async () => {
  const tasks = recipients(1, 20);
  const [first, second] = [await rehearse({ tasks }), await rehearse({ tasks })];
  expect(first.started_at).toBe(monday.toISOString());
  expect(second.hours).toEqual(first.hours);
  expect(second.ends_at).toBe(first.ends_at);
  await new Promise((resolve) => systemClock.at(new Date(Date.now() + 200), () => resolve(undefined)));
  expect((await rehearsal?.report())?.now).toBe(second.now);
});
