import { expect, test } from "vitest";
import { raceHostedPauses } from "../../support/carriers/hosted-pauses.ts";

test.each([
  ["waves of 5 that wait at the provider: at most what the answer says still rings", { waveSize: 5, queueMs: 15_000 }],
  ["waves of 1 that ring at once: nothing rings after the answer", { waveSize: 1, queueMs: 0 }],
])("30 pauses at random moments, %s", async (_what, setup) => {
  const report = await raceHostedPauses({ ...setup, pauses: 30, seed: 7 });
  expect(report).toMatchObject({ pauses: 30, moreThanSaid: 0, ringsOfLaterWaves: 0, rungTwice: 0 });
  if (setup.queueMs === 0) expect(report.ringsAfterAnswer).toBe(0);
  // Otherwise nothing was with the provider, or no pause came amid a request, and the rest would prove nothing.
  else expect(report.ringsAfterAnswer).toBeGreaterThan(0);
  expect(report.amidRequests).toBeGreaterThan(5);
});
