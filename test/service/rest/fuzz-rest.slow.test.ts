import { expect, test } from "vitest";
import { endpoints } from "../../../src/service/rest/routes/endpoints.ts";
import { fuzzRest } from "../../support/fuzz/rest.ts";

// `npm run fuzz -- rest` for more; what is wrong says which seed repeats it.
const seed = 1;

test("20,000 requests from the service's own document, half of them changed, get answers that it documents, and never 5xx", {
  timeout: 600_000,
}, async () => {
  const { wrong, cases, answers } = await fuzzRest({ count: 20_000, seed });
  expect(wrong).toEqual([]);
  expect(cases).toBe(20_000);
  // Each operation did what it is there for.
  const done = endpoints.map(({ route }) => `200 ${route.method.toUpperCase()} ${route.path}`);
  expect(Object.keys(answers)).toEqual(expect.arrayContaining(done));
});
