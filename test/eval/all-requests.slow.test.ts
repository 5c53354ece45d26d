import { expect, test } from "vitest";
import { requests } from "./requests/index.ts";
import { runRequest } from "./run-request.ts";
import { scriptedDriver } from "./scripted-driver.ts";

test.each(requests)("what $id expects can be reached", async (request) => {
  const verdict = await runRequest(request, scriptedDriver);
  expect(verdict.faults, verdict.refusals.join("\n")).toEqual([]);
  expect(verdict.isFirstToolRight).toBe(true);
});
