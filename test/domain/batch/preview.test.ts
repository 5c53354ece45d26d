import { expect, test } from "vitest";
import { callerIdUse } from "../../../src/domain/batch/caller-ids.ts";
import { outlookOf } from "../../../src/domain/batch/outlook.ts";
import type { CallingRules, Recipient } from "../../../src/domain/batch/plan.ts";
import {
  forecastCalls,
  forecastEnd,
  type Pace,
  paceWithin,
  toAttemptGroups,
  toPaceText,
  usualPace,
} from "../../../src/domain/batch/preview-duration.ts";
import { chooseExamples, fillOpening } from "../../../src/domain/batch/preview-examples.ts";
import { placesOf, ringingTimes } from "../../../src/domain/batch/preview-places.ts";
import { fitVariables, toBlankText } from "../../../src/domain/batch/preview-variables.ts";
import { parsePhoneNumber } from "../../../src/domain/phone/phone-number.ts";
import { isIssue } from "../../../src/domain/problem.ts";
import { lastOpenMinute } from "../../../src/domain/time/quiet-hours.ts";

function recipient(variables: Record<string, string>, n = 1): Recipient {
  const number = parsePhoneNumber(`+141555501${String(n).padStart(2, "0")}`);
  if (isIssue(number)) throw new Error(number.message);
  const { e164: toNumber, ...told } = number;
  return { row: n, toNumber, ...told, variables };
}

const peopleAt = (...numbers: readonly string[]) => numbers.map((toNumber) => ({ toNumber }));

test("the zone that the list gives holds for the person, and else those of the number", () => {
  const toNumber = "+12125550101";
  const { zones } = placesOf([
    { toNumber, timezone: "Pacific/Honolulu" },
    { toNumber, timezone: "Pacific/Honolulu" },
    { toNumber },
  ]);
  expect(zones).toEqual([
    { zones: ["Pacific/Honolulu"], recipients: 2 },
    { zones: ["America/New_York"], recipients: 1 },
  ]);
});

test("countries and zones are told, most people first", () => {
  const places = placesOf(peopleAt("+12015550101", "+12135550102", "+12135550103", "+442079460101"));
  expect(places).toEqual({
    countries: [
      { country: "US", recipients: 3 },
      { country: "GB", recipients: 1 },
    ],
    zones: [
      { zones: ["America/Los_Angeles"], recipients: 2 },
      { zones: ["America/New_York"], recipients: 1 },
      { zones: ["Europe/London"], recipients: 1 },
    ],
  });
});

test("the first phone rings on the westernmost clock, the last on the easternmost, across midnight too", () => {
  const places = placesOf(peopleAt("+12015550101", "+12135550102"));
  const end = new Date("2026-03-03T05:10:30Z");
  const times = ringingTimes(places, new Date("2026-03-03T03:30:00Z"), new Date("2026-03-03T05:10:00Z"), end);
  expect(times).toEqual({
    from: "2026-03-03T03:30:00.000Z",
    until: "2026-03-03T05:10:30.000Z",
    first: { date: "2026-03-02", time: "19:30", zone: "America/Los_Angeles" },
    last: { date: "2026-03-03", time: "00:10", zone: "America/New_York" },
  });
});

test("a list without a known zone has no times", () => {
  expect(ringingTimes(placesOf([]), new Date(0), new Date(0), new Date(0))).toBeUndefined();
});

const thrice = { retryConfig: { enabled: true, maxAttempts: 3 } };

test("a forecast counts the retries that the answer rate makes likely, and who answers none of them", () => {
  const recipients = Array.from({ length: 100 }, (_, n) => recipient({}, n));
  const once = forecastCalls(toAttemptGroups(recipients, {}), {}, usualPace);
  expect(once).toEqual({ calls: 100, minutes: 8, unreached: 50, people: 100, rounds: [100] });
  const more = forecastCalls(toAttemptGroups(recipients, thrice), thrice, usualPace);
  expect(more).toEqual({ calls: 175, minutes: 13, unreached: 13, people: 100, rounds: [100, 50, 25] });
});

test("who ends in an outcome without a rule is not called again in a forecast", () => {
  const rules: CallingRules = {
    ...thrice,
    retryRules: [
      { condition: "no_answer", enabled: true, timing: { kind: "after", minutes: 90 } },
      { condition: "busy", enabled: false, timing: { kind: "after", minutes: 5 } },
    ],
  };
  const { rounds, unreached } = forecastCalls([{ attempts: 3, recipients: 100 }], rules, usualPace);
  expect([rounds, unreached]).toEqual([[100, 25, 6.25], 34]);
});

test("people's own retries and second numbers are counted in a forecast", () => {
  const people = [recipient({}, 1), { ...recipient({}, 2), maxRetries: 1 }];
  const fallback = { ...recipient({}, 3), fallbackNumber: recipient({}, 4).toNumber };
  expect(toAttemptGroups([...people, fallback], {})).toEqual([
    { attempts: 1, recipients: 1 },
    { attempts: 2, recipients: 2 },
  ]);
});

test("starts per second hold back where calls are short", () => {
  const pace = { ...usualPace, atOnce: 1000, startsPerSecond: 1 };
  expect(forecastCalls([{ attempts: 1, recipients: 100 }], {}, pace).minutes).toBe(2);
});

const timezone = "America/New_York";

test("the end is expected after the longest wait of each round, and outside of quiet hours", () => {
  const rules: CallingRules = {
    ...thrice,
    retryRules: [
      { condition: "no_answer", enabled: true, timing: { kind: "after", minutes: 60 } },
      { condition: "busy", enabled: true, timing: { kind: "at", time: "13:00" } },
    ],
    quietHours: { enabled: true, start: "13:05", end: "09:00" },
  };
  const pace = { ...usualPace, atOnce: 1, startsPerSecond: 1, answeredSeconds: 60, unansweredSeconds: 60 };
  const forecast = forecastCalls([{ attempts: 3, recipients: 10 }], rules, pace);
  // 10 minutes from 9:00; 3 calls at 13:00; the rest the next day at 13:00, since 14:03 is quiet and busy lines wait for 13:00.
  const end = forecastEnd(
    forecast,
    { rules, timezone, attemptsOfNumber: 3 },
    [{ at: new Date("2026-03-02T13:00:00Z"), people: 10 }],
    pace,
  );
  expect(end.toISOString()).toBe("2026-03-03T18:00:54.000Z");
});

test("a second number is called right after the last attempt to the first one, and not a retry later", () => {
  const rules: CallingRules = { retryConfig: { enabled: true, maxAttempts: 2 } };
  const first = [{ at: new Date("2026-03-02T15:00:00Z"), people: 10 }];
  const endOf = (attempts: number, attemptsOfNumber: number) => {
    const forecast = forecastCalls([{ attempts, recipients: 10 }], rules, usualPace);
    return forecastEnd(forecast, { rules, timezone, attemptsOfNumber }, first, usualPace).toISOString().slice(0, 13);
  };
  expect(endOf(2, 1)).toBe("2026-03-02T15");
  expect(endOf(2, 2)).toBe("2026-03-02T16");
  expect(endOf(4, 2)).toBe("2026-03-02T17");
});

test("a forecast goes by the limits that a service tells, shared by all parts, else by a usual pace", () => {
  const limits = { concurrent: 12, concurrentPerBatch: 4, startsPerSecond: 2 };
  expect([1, 2, 5].map((batches) => paceWithin(limits, batches).atOnce)).toEqual([4, 8, 12]);
  expect(paceWithin({ concurrent: 3, startsPerSecond: 1 }, 100)).toEqual({
    ...usualPace,
    atOnce: 3,
    startsPerSecond: 1,
  });
  expect(paceWithin(undefined, 100)).toEqual(usualPace);
});

test("a forecast goes by the pace of all caller ids from which somebody is called, and by that of a batch where it is slower", () => {
  const [us, otherUs, uk] = ["+14155550100", "+12125550100", "+442079460100"] as const;
  const inUs = Array.from({ length: 90 }, (_, n) => `+121255501${10 + n}`);
  const inUk = Array.from({ length: 10 }, (_, n) => `+4420794601${10 + n}`);
  expect(callerIdUse([...inUs, ...inUk], [us])).toEqual({ used: 1, asOne: 1 });
  expect(callerIdUse(inUs, [us, otherUs, uk])).toEqual({ used: 2, asOne: 2 });
  expect(callerIdUse([...inUs, ...inUs.slice(0, 10)], [us, uk])).toEqual({ used: 1, asOne: 1 });
  // 90 of 100 share one of two.
  expect(callerIdUse([...inUs, ...inUk], [us, uk])).toEqual({ used: 2, asOne: 100 / 90 });
  const limits = { concurrent: 1000, startsPerSecond: 3 };
  const two = paceWithin(limits, 1, {}, { used: 2, asOne: 2 });
  expect(two).toMatchObject({ startsPerSecond: 6, callerIds: { used: 2, startsPerSecond: 3 } });
  expect(toPaceText(two, true)).toMatch(
    /^at most 1,000 calls at once and 3 starts a second from each of 2 caller ids, if/,
  );
  const slower = paceWithin(limits, 1, { perSecond: 4 }, { used: 2, asOne: 2 });
  expect(toPaceText(slower, true)).toMatch(/^at most 1,000 calls at once and 4 starts a second, if/);
  const minutes = (pace: Pace) => forecastCalls([{ attempts: 1, recipients: 7200 }], {}, pace).minutes;
  expect([paceWithin(limits, 1), two, slower].map(minutes)).toEqual([40, 20, 30]);
});

test("people in five zones are called first when it is time there, and wait for each other where the pace is short", () => {
  const zones = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Pacific/Honolulu"];
  const utc = ["15:00", "16:00", "17:00", "18:00", "20:00"];
  const first = zones.map((zone, n) => ({ at: new Date(`2026-03-02T${utc[n]}:00Z`), people: 60, zone }));
  const rules: CallingRules = { quietHours: { enabled: true, start: "20:00", end: "10:00", zone: "recipient" } };
  const seconds = { answeredSeconds: 60, unansweredSeconds: 60 };
  const endWith = (atOnce: number) => {
    const pace = { ...usualPace, ...seconds, atOnce };
    const forecast = forecastCalls([{ attempts: 1, recipients: 300 }], rules, pace);
    return forecastEnd(forecast, { rules, timezone, attemptsOfNumber: 3 }, first, pace).toISOString();
  };
  // 60 calls a zone: six minutes behind the last start; one at a time, five hours behind the first.
  expect(endWith(10)).toBe("2026-03-02T20:06:00.000Z");
  expect(endWith(1)).toBe("2026-03-02T21:00:00.000Z");
});

test("retries of those who are called last wait for their own clock", () => {
  const rules: CallingRules = {
    retryConfig: { enabled: true, maxAttempts: 2 },
    retryRules: [{ condition: "no_answer", enabled: true, timing: { kind: "after", minutes: 600 } }],
    quietHours: { enabled: true, start: "18:00", end: "10:00", zone: "recipient" },
  };
  const first = [{ at: new Date("2026-03-02T20:00:00Z"), people: 10, zone: "Pacific/Honolulu" }];
  const forecast = forecastCalls([{ attempts: 2, recipients: 10 }], rules, usualPace);
  const end = forecastEnd(forecast, { rules, timezone, attemptsOfNumber: 3 }, first, usualPace);
  expect(end.toISOString().slice(0, 16)).toBe("2026-03-03T20:00");
});

test("the last minute in which a phone may ring is the one before quiet hours begin or before the end", () => {
  const quiet = { enabled: true, start: "20:00", end: "09:00" };
  const last = (end: string) => lastOpenMinute(quiet, timezone, new Date(end))?.toISOString();
  expect(last("2026-03-03T05:00:00Z")).toBe("2026-03-03T00:59:00.000Z");
  expect(last("2026-03-02T16:00:00Z")).toBe("2026-03-02T15:59:00.000Z");
  expect(last("2026-03-02T16:00:01Z")).toBe("2026-03-02T16:00:00.000Z");
});

test("quiet hours on each recipient's clock are told as such, and stop no estimate", () => {
  const rules: CallingRules = { quietHours: { enabled: true, start: "20:00", end: "09:00", zone: "recipient" } };
  const startAt = new Date("2026-03-02T15:00:00Z");
  const people = [{ toNumber: "+12015550101" }];
  const order = { people, groups: [{ attempts: 1, recipients: 1 }], attemptsOfNumber: 1 };
  const outlook = outlookOf({ ...order, rules, timezone, startAt, now: startAt });
  expect(outlook.rules).toEqual(["Each is called once", "No calls from 20:00 to 09:00 on everybody's own clock"]);
  expect(outlook.ends).toEqual({ date: "2026-03-02", time: "10:00", zone: timezone });
});

test("the first ring is the earliest instant and the last one the latest, whatever the clocks there show", () => {
  const rules: CallingRules = { quietHours: { enabled: true, start: "18:00", end: "10:00", zone: "recipient" } };
  const startAt = new Date("2026-03-02T12:00:00Z");
  const people = [{ toNumber: "+12135550101" }, { toNumber: "+12015550102" }, { toNumber: "+18085550103" }];
  const order = { people, groups: [{ attempts: 1, recipients: 3 }], attemptsOfNumber: 1 };
  const { rings } = outlookOf({ ...order, rules, timezone, startAt, now: startAt });
  expect(rings).toMatchObject({
    first: { date: "2026-03-02", time: "10:00", zone: "America/New_York" },
    // At one instant the latest clock: the end comes while all of them are open.
    last: { date: "2026-03-04", time: "15:59", zone: "America/New_York" },
  });
});

test("examples are the shortest, the longest and one with a gap, each another person", () => {
  const people = [
    recipient({ name: "Bartholomew", phone: "+1 415 555 0142" }, 1),
    recipient({ name: "Al", phone: "x" }, 2),
    recipient({ name: " ", phone: "+1 415 555 0143" }, 3),
    recipient({ name: "Maria", phone: "" }, 4),
  ];
  expect(chooseExamples(people, ["name"])).toEqual([
    {
      row: 1,
      toNumber: "+1 *** *** 0101",
      variables: { name: "Bartholomew", phone: "+* *** *** 0142" },
      why: "long",
    },
    { row: 2, toNumber: "+1 *** *** 0102", variables: { name: "Al", phone: "x" }, why: "short" },
    { row: 3, toNumber: "+1 *** *** 0103", variables: { name: "", phone: "+* *** *** 0143" }, why: "gap" },
  ]);
  expect(chooseExamples(people, []).map(({ row }) => row)).toEqual([1, 2]);
  expect(chooseExamples(people.slice(0, 1), []).map(({ why }) => why)).toEqual(["long"]);
  expect(chooseExamples([], ["name"])).toEqual([]);
});

test("an opening is filled in, and what is blank is told", () => {
  expect(fillOpening("Hi {{ name }}, from {{company}}: {{x}}", { name: "Ana", company: " " })).toBe(
    "Hi Ana, from [company: blank]: [x: blank]",
  );
  // What every object has is no variable.
  expect(fillOpening("{{constructor}}", {})).toBe("[constructor: blank]");
});

test.each(["First Name", "firstname", "FIRST-NAME", "frist_name"])(
  "a column %s is likely meant where first_name is missing",
  (column) => {
    expect(fitVariables(["first_name"], [recipient({ [column]: "Ann" })])).toEqual({
      missing: [{ name: "first_name", rows: 1, firstRows: [1], similar: column }],
      unused: [column],
    });
  },
);

test("blank rows are counted, and columns that nobody expects are named", () => {
  const recipients = [recipient({ name: "Ann", city: "X" }), recipient({ name: " ", city: "" }, 2)];
  expect(fitVariables(["name"], recipients)).toEqual({
    missing: [{ name: "name", rows: 1, firstRows: [2] }],
    unused: ["city"],
  });
});

test.each([
  ["no value", {}],
  ["an empty one", { name: "" }],
  ["white space", { name: " \t\u00a0" }],
  ["a placeholder that nobody filled in", { name: ["$", "{name}"].join("") }],
  ["one in double braces", { name: "{{ name }}" }],
])("%s is blank", (_what, variables: Record<string, string>) => {
  const recipients = [recipient(variables, 7), recipient({ name: "Ann {{x}}" }, 8)];
  expect(fitVariables(["name"], recipients).missing).toEqual([{ name: "name", rows: 1, firstRows: [7] }]);
});

test("where nobody tells what the agent expects, every column is expected", () => {
  const recipients = [recipient({ name: "Ann", city: "" }), recipient({ name: "Bob" }, 2), recipient({ city: "X" }, 3)];
  expect(fitVariables(undefined, recipients)).toEqual({
    missing: [
      { name: "name", rows: 1, firstRows: [3] },
      { name: "city", rows: 2, firstRows: [1, 2] },
    ],
    unused: [],
  });
});

test("a blank variable is worded with its column and rows", () => {
  const blank = { name: "first_name", rows: 1, firstRows: [2], similar: "First Name" };
  expect(toBlankText(blank)).toBe('first_name is blank in 1 row (2); is it the column "First Name"?');
  const recipients = Array.from({ length: 9 }, (_, n) => recipient({}, n + 1));
  const [missing] = fitVariables(["name"], recipients).missing;
  expect(missing && toBlankText(missing)).toBe("name is blank in 9 rows (1, 2, 3, 4, 5 and more)");
});
