import { expect, test } from "vitest";
import { racePauses } from "../../support/dialing/pause-race.ts";

const pauses = 150;

test(`${pauses} pauses at random moments under load: no dial starts and nothing rings after the answer`, async () => {
  const report = await racePauses(pauses, 20);
  expect(report).toMatchObject({ pauses, dialsAfterAnswer: 0, ringsAfterAnswer: 0 });
  expect(report.pausesWithDialsOnTheirWay).toBeGreaterThan(pauses * 0.2);
});
