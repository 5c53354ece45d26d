import { expect, test } from "vitest";
import { parseTypedCount } from "../../../src/campaigns/approve/approval-messages.ts";

test.each([
  ["12", 12],
  [" 12 ", 12],
  ["0", 0],
  ["1042", 1042],
  ["1,042", 1042],
  ["1.042", 1042],
  ["1 042", 1042],
  ["1\u202f042", 1042],
  ["1’042", 1042],
  ["12,345,678", 12345678],
])("%j is %d", (text, count) => {
  expect(parseTypedCount(text)).toBe(count);
});

test.each(["", " ", "twelve", "-12", "12.5", "1,04", "1,0422", "12 people", "1e3", "0x10", "١٢", "1".repeat(30)])(
  "%j is no count",
  (text) => {
    expect(parseTypedCount(text)).toBeUndefined();
  },
);
