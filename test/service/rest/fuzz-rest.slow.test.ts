import { expect, test } from "vitest";
import { endpoints } from "../../../src/service/rest/routes/endpoints.ts";
import { fuzzRest } from "../../support/fuzz/rest.ts";

// As many as cost some 20 s of CPU; `npm run fuzz -- rest --count 20000` for more; what is wrong says which seed repeats it.
const seed = 1;

test("10,000 requests from the service's own document, half of them changed, get answers that it documents, and never 5xx", {
  timeout: 600_000,
}, async () => {
  const { wrong, cases, answers } = await fuzzRest({ count: 10_000, seed });
  expect(wrong).toEqual([]);
  expect(cases).toBe(10_000);
  // Each operation did what it is there for.
  const done = endpoints.map(({ route }) => `200 ${route.method.toUpperCase()} ${route.path}`);
  expect(Object.keys(answers)).toEqual(expect.arrayContaining(done));
});
