import { expect, test } from "vitest";
import { RequestBudget } from "../../src/access/request-budget.ts";
import { TestClock } from "../support/test-clock.ts";

const clock = () => new TestClock("2026-03-02T15:00:00Z");

test("a bucket fills evenly, up to a minute's worth, and says when the next request is served", async () => {
  const time = clock();
  const budget = new RequestBudget(time, { perMinute: 60, atOnce: 1000 });
  for (let n = 0; n < 60; n++) expect(budget.enter("ana")).toHaveProperty("leave");
  expect(budget.enter("ana")).toEqual({ retryAfterSeconds: 1 });
  await time.advance({ seconds: 1 });
  expect(budget.enter("ana")).toHaveProperty("leave");
  expect(budget.enter("ana")).toEqual({ retryAfterSeconds: 1 });
  await time.advance({ hours: 1 });
  for (let n = 0; n < 60; n++) expect(budget.enter("ana")).toHaveProperty("leave");
  expect(budget.enter("ana")).toHaveProperty("retryAfterSeconds");
});

test("so many are served at once, and another caller's are served meanwhile", () => {
  const budget = new RequestBudget(clock(), { perMinute: 600, atOnce: 2 });
  const first = budget.enter("ana");
  budget.enter("ana");
  expect(budget.enter("ana")).toEqual({ retryAfterSeconds: 1 });
  expect(budget.enter("bo")).toHaveProperty("leave");
  if (!("leave" in first)) throw new Error("The first was not served");
  first.leave();
  first.leave();
  expect(budget.enter("ana")).toHaveProperty("leave");
  expect(budget.enter("ana")).toEqual({ retryAfterSeconds: 1 });
});

test("a bucket that is forgotten while its caller is quiet is a full one, and one in use is not forgotten", async () => {
  const time = clock();
  const budget = new RequestBudget(time, { perMinute: 60, atOnce: 1 });
  budget.enter("ana");
  await time.advance({ minutes: 5 });
  budget.enter("bo");
  expect(budget.enter("ana")).toEqual({ retryAfterSeconds: 1 });
});
