import { expect, it } from "vitest";
import { askAtOnce } from "../support/http/crossed-answers.ts";

it("20,000 calls with one id on servers that they share get their own answers, also when others are given up", async () => {
  const { answers, refusals, progress, givenUp, ...report } = await askAtOnce({ calls: 20_000, callers: 40, seed: 15 });
  expect(report).toEqual({ crossed: 0, examples: [] });
  expect(answers + refusals).toBeGreaterThanOrEqual(20_000 - givenUp);
  for (const count of [refusals, progress, givenUp]) expect(count).toBeGreaterThan(500);
});
