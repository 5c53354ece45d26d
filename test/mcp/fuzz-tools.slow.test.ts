import { expect, test } from "vitest";
import { fuzzTools } from "../support/fuzz/tools.ts";

// As many as cost some 20 s of CPU; `npm run fuzz -- tools --count 1000000` for more; what is wrong says which seed repeats it.
const seed = 1;

test("5,000 inputs from the schemas of the tools, most of them changed, get answers that a caller can act upon", {
  timeout: 600_000,
}, async () => {
  const { wrong, cases, answers } = await fuzzTools({ count: 5_000, seed });
  expect(wrong).toEqual([]);
  expect(cases).toBe(5_000);
  // Much of it got through, and not all of it.
  expect(Math.min(answers["done"] ?? 0, answers["invalid_input"] ?? 0, answers["wrong_state"] ?? 0)).toBeGreaterThan(
    50,
  );
});
