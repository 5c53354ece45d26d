import { describe, expect, test } from "vitest";
import { faultedWrites, runFaults } from "../support/fault-matrix.ts";
import { wireFaults } from "../support/wire-faults.ts";

const runs = Number(process.env["RUNS"] ?? 6);
const nothingWrong = { startedTwice: 0, startedUnagreed: 0, madeTwice: 0, lost: 0, wrongClass: [], strays: [] };

describe.each(faultedWrites)("a write (%s) that breaks", (write) => {
  test.each(wireFaults)("by %s is never repeated blindly, never lost, and told for what it is", async (fault) => {
    expect(await runFaults(write, fault, runs)).toEqual({ runs, ...nothingWrong });
  });
});
