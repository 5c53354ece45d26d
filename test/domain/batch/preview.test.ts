import { expect, test } from "vitest";
import type { Recipient } from "../../../src/domain/batch/plan.ts";
import { estimateDuration, usualPace } from "../../../src/domain/batch/preview-duration.ts";
import { placesOf, ringingTimes } from "../../../src/domain/batch/preview-places.ts";
import { fitVariables, toBlankText } from "../../../src/domain/batch/preview-variables.ts";
import { parsePhoneNumber } from "../../../src/domain/phone/phone-number.ts";
import { isIssue } from "../../../src/domain/problem.ts";

function recipient(variables: Record<string, string>, n = 1): Recipient {
  const number = parsePhoneNumber(`+141555501${String(n).padStart(2, "0")}`);
  if (isIssue(number)) throw new Error(number.message);
  const { e164: toNumber, ...told } = number;
  return { row: n, toNumber, ...told, variables };
}

test("countries and zones are told, most people first", () => {
  const places = placesOf(["+12015550101", "+12135550102", "+12135550103", "+442079460101"]);
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
  const places = placesOf(["+12015550101", "+12135550102"]);
  const times = ringingTimes(places, new Date("2026-03-03T03:30:00Z"), new Date("2026-03-03T05:10:00Z"));
  expect(times).toEqual({
    first: { date: "2026-03-02", time: "19:30", zone: "America/Los_Angeles" },
    last: { date: "2026-03-03", time: "00:10", zone: "America/New_York" },
  });
});

test("a list without a known zone has no times", () => {
  expect(ringingTimes(placesOf([]), new Date(0), new Date(0))).toBeUndefined();
});

test("an estimate counts the retries that the answer rate makes likely", () => {
  const recipients = Array.from({ length: 100 }, (_, n) => recipient({}, n));
  expect(estimateDuration({ recipients, rules: {} }, usualPace)).toEqual({ calls: 100, minutes: 8 });
  const rules = { retryConfig: { enabled: true, maxAttempts: 3 } };
  expect(estimateDuration({ recipients, rules }, usualPace)).toEqual({ calls: 175, minutes: 13 });
});

test("starts per second hold back where calls are short", () => {
  const recipients = Array.from({ length: 100 }, (_, n) => recipient({}, n));
  const pace = { ...usualPace, atOnce: 1000, startsPerSecond: 1 };
  expect(estimateDuration({ recipients, rules: {} }, pace).minutes).toBe(2);
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
