import fc from "fast-check";
import { expect, test } from "vitest";
import { contentKey, startFingerprint } from "../../../src/domain/batch/fingerprint.ts";
import type { BatchPlan, Recipient } from "../../../src/domain/batch/plan.ts";
import type { E164 } from "../../../src/domain/phone/phone-number.ts";

const owner = { origin: "https://api.example", account: "account", principal: "local" };

// Safe in tests: the numbers are fictional and well formed.
const recipient = (n: number, variables: Record<string, string> = {}): Recipient => ({
  row: n,
  toNumber: `+1415555010${n}` as E164,
  type: "fixed_line_or_mobile",
  variables,
});

const plan = (changes: Partial<BatchPlan> = {}): BatchPlan => ({
  name: "June reminders",
  agentId: "agent_1",
  fromNumber: "+14155550100" as E164,
  timezone: "UTC",
  recipients: [recipient(1, { a: "1", b: "2" }), recipient(2), recipient(3)],
  rules: { retryConfig: { enabled: true, maxAttempts: 2 } },
  start: { kind: "draft" },
  ...changes,
});

const key = (changes: Partial<BatchPlan> = {}) => contentKey(plan(changes), owner);

test("when it starts is no part of the content", () => {
  expect(key({ start: { kind: "now" } })).toBe(key());
  expect(key({ start: { kind: "at", at: new Date("2026-06-01T09:00:00Z") } })).toBe(key());
});

test("the order of the list and of names in it is no part of the content", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([1, 2, 3], { minLength: 3 }), (order) => {
      const people = order.map((n) => recipient(n, n === 1 ? { b: "2", a: "1" } : {}));
      expect(key({ recipients: people })).toBe(key());
    }),
  );
});

test("somebody who opts out meanwhile does not make it another list", () => {
  expect(key({ recipients: [recipient(1, { a: "1", b: "2" }), recipient(3)], suppressed: [recipient(2)] })).toBe(key());
});

test.each<[string, Partial<BatchPlan>]>([
  ["name", { name: "July reminders" }],
  ["agent", { agentId: "agent_2" }],
  ["caller id", { fromNumber: "+14155550109" as E164 }],
  ["zone", { timezone: "Europe/London" }],
  ["rules", { rules: {} }],
  ["one recipient less", { recipients: [recipient(1, { a: "1", b: "2" }), recipient(2)] }],
  ["another variable", { recipients: [recipient(1, { a: "1", b: "3" }), recipient(2), recipient(3)] }],
  [
    "another number of retries",
    { recipients: [{ ...recipient(1, { a: "1", b: "2" }), maxRetries: 0 }, recipient(2), recipient(3)] },
  ],
])("another %s is other content", (_what, changes) => {
  expect(key(changes)).not.toBe(key());
});

test.each(["origin", "account", "principal"] as const)("another %s makes the same content another batch", (part) => {
  expect(contentKey(plan(), { ...owner, [part]: "other" })).not.toBe(key());
});

const content = { numbers: ["+14155550101", "+14155550102"], agentId: "agent_1", fromNumber: "+14155550100" };
const now = { account: "https://api.example 1", environment: "live", time: "now" } as const;
const print = (changes: object = {}, circumstances: object = {}) =>
  startFingerprint({ ...content, ...changes }, { ...now, ...circumstances });

test("the order in which an API lists people is no part of a fingerprint", () => {
  expect(print({ numbers: content.numbers.toReversed() })).toBe(print());
});

test.each<[string, object, object]>([
  ["number", { numbers: ["+14155550101", "+14155550103"] }, {}],
  ["number twice", { numbers: ["+14155550101", "+14155550102", "+14155550102"] }, {}],
  ["agent", { agentId: "agent_2" }, {}],
  ["agent that is not told", { agentId: undefined }, {}],
  ["caller id", { fromNumber: "+14155550109" }, {}],
  ["zone", { timezone: "UTC" }, {}],
  ["list of words and rules", { contentDigest: "d2" }, {}],
  ["account", {}, { account: "https://api.example 2" }],
  ["environment", {}, { environment: "simulated" }],
  ["time", {}, { time: "2026-06-01T09:00:00.000Z" }],
])("another %s is another fingerprint", (_what, changes, circumstances) => {
  expect(print(changes, circumstances)).not.toBe(print());
});
