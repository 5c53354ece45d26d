/**
 * Campaigns over so many days on a virtual clock, in every zone: `--days 365` from `--from 2026-01-01` on, one each day. Half of them
 * have a weekday without calls, and half of these the day after next. A quarter close public holidays for people of countries of which
 * it is known what their governments publish, and a third hold a preset.
 */

import { weekdays } from "../src/domain/batch/plan.ts";
import { people, runCampaign, withKnownHolidays } from "../test/support/dialing/recipient-windows.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: { days: { type: "string", default: "365" }, from: { type: "string", default: "2026-01-01" } },
});
const [days, from] = [Number(values.days), Date.parse(`${values.from}T00:00Z`)];
if (!Number.isInteger(days) || days < 1 || Number.isNaN(from)) {
  console.error("--days takes a whole number, --from a day such as 2026-01-01.");
  process.exit(2);
}

const list = people();
const hourMs = 3_600_000;
const startedAt = performance.now();
let wrong = 0;
let calls = 0;
for (let day = 0; day < days; day += 1) {
  // Every hour of the day has its turn; every other campaign is at ten their time, every third one is paced.
  const startAt = new Date(from + (day * 24 + ((day * 7) % 24)) * hourMs);
  const tomorrow = new Date(startAt.getTime() + 48 * hourMs).toISOString().slice(0, 10);
  const isLocal = day % 2 === 0;
  const hasPreset = day % 3 === 1;
  const closesHolidays = day % 4 === 1 || day % 4 === 2;
  const called = closesHolidays ? withKnownHolidays(list) : list;
  const closed = {
    ...(day % 4 < 2 && { days: [weekdays[day % 7] ?? "sunday"] }),
    ...(day % 4 === 0 && { notOn: [tomorrow] }),
    ...(closesHolidays && { holidays: true as const }),
  };
  calls += called.length;
  const faults = await runCampaign(called, {
    startAt,
    isPaced: day % 3 === 0,
    closed,
    hasPreset,
    ...(isLocal && { notBeforeLocal: `${tomorrow}T10:00` }),
  });
  for (const fault of faults) console.error(`${startAt.toISOString()}: ${fault}`);
  wrong += faults.length;
  if ((day + 1) % 50 === 0) console.log(`${day + 1} campaigns`);
}
const seconds = (performance.now() - startedAt) / 1000;
console.log(`${days} campaigns, ${calls} people to call, in ${seconds.toFixed(0)} s: ${wrong} rings at a wrong time.`);
process.exit(wrong === 0 ? 0 : 1);
