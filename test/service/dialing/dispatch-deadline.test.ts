import { expect, test } from "vitest";
import { allDispatched } from "../../../src/service/dialing/dispatch-deadline.ts";
import type { Leases } from "../../../src/service/store/dial-store.ts";
import { TestClock } from "../../support/test-clock.ts";

/** Of a store on which a process stands still between its last check and its dial. */
const leases: Leases = {
  durationMs: 10_000,
  renew: async () => {},
  release: async () => {},
  isStarting: async () => true,
};

test("a pause waits as long as a dial can begin, however the clock is set forward meanwhile", async () => {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  let isOver = false;
  void allDispatched(leases, "batch_1", clock).then(() => {
    isOver = true;
  });
  await clock.advance({ seconds: 1 });
  await clock.step(3600);
  await clock.advance({ seconds: 3 });
  expect(isOver).toBe(false);
  await clock.advance({ seconds: 2 });
  expect(isOver).toBe(true);
});
