import { expect, test } from "vitest";
import { raceHostedPauses } from "../../support/carriers/hosted-pauses.ts";

test.each([
  ["waves of 5 that wait at the provider", { waveSize: 5, queueMs: 15_000, lines: 100 }],
  ["waves of 5 that it places two at a time", { waveSize: 5, queueMs: 0, lines: 2 }],
  ["waves of 1 that ring at once", { waveSize: 1, queueMs: 0, lines: 100 }],
  ["waves of 1 that wait at the provider", { waveSize: 1, queueMs: 15_000, lines: 100 }],
])(
  "30 pauses at random moments, %s: at most one wave rings after the answer, which says so, and of one call none",
  async (_what, setup) => {
    const report = await raceHostedPauses({ ...setup, pauses: 30, seed: 7 });
    expect(report).toMatchObject({ pauses: 30, moreThanSaid: 0, ringsOfLaterWaves: 0, rungTwice: 0 });
    expect(report.mostAfterAnswer).toBeLessThanOrEqual(setup.waveSize);
    if (setup.waveSize === 1) expect(report.ringsAfterAnswer).toBe(0);
    // Otherwise nothing was with the provider, or no pause came amid a request, and the rest would prove nothing.
    else expect(report.ringsAfterAnswer).toBeGreaterThan(0);
    expect(report.amidRequests).toBeGreaterThan(5);
  },
);
