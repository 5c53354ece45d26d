import { expect, test } from "vitest";
import { type Campaign, people, runCampaign } from "../../support/dialing/recipient-windows.ts";

const list = people();
const isPaced = true;

// Around clock changes of America, Europe, Australia and the Middle East, and the days on which zones skip or repeat an hour.
test.each<[string, Campaign]>([
  ["before clocks go forward in America", { startAt: new Date("2026-03-07T20:30:00Z"), isPaced: false }],
  ["before they go back in Europe, at ten their time", ten("2026-10-24T00:00:00Z", "2026-10-25T10:00")],
  ["five a second, before they go forward in Australia", { startAt: new Date("2026-10-03T12:00:00Z"), isPaced }],
  [
    "five a second at ten their time, at a change of the year",
    { ...ten("2026-12-30T20:00:00Z", "2027-01-01T10:00"), isPaced },
  ],
  [
    "on a Friday before days and dates without calls, before clocks go forward in America",
    { startAt: new Date("2026-03-06T20:30:00Z"), isPaced: false, closed: { days: ["sunday"], notOn: ["2026-03-07"] } },
  ],
  [
    "five a second at ten their time, over a weekend and the turn of a year",
    {
      ...ten("2026-12-30T20:00:00Z", "2026-12-31T10:00"),
      isPaced,
      closed: { days: ["sunday", "saturday"], notOn: ["2026-12-31", "2027-01-01"] },
    },
  ],
])("in all zones everybody rings at the first minute of their window that pace allows: %s", async (_when, campaign) => {
  expect(await runCampaign(list, campaign)).toEqual([]);
});

function ten(startAt: string, notBeforeLocal: string): Campaign {
  return { startAt: new Date(startAt), notBeforeLocal, isPaced: false };
}
