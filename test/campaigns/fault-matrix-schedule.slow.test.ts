import { describe, expect, test } from "vitest";
import { cleanReport, runFaults } from "../support/campaigns/fault-matrix.ts";
import { wireFaults } from "../support/http/wire-faults.ts";

const runs = 25;

describe("a start at a time that is broken off", () => {
  test.each(wireFaults)("by %s is never repeated blindly, never lost, and told for what it is", async (fault) => {
    expect(await runFaults("schedule", fault, runs)).toEqual(cleanReport(runs));
  });
});
