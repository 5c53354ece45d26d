import { expect, test } from "vitest";
import { type Campaign, people, runCampaign, withKnownHolidays } from "../../support/dialing/recipient-windows.ts";

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

test.each<[string, Campaign]>([
  ["over Thanksgiving", { startAt: new Date("2026-11-26T03:30:00Z"), isPaced: false, closed: { holidays: true } }],
  [
    "over Christmas and a weekend, at ten their time, five a second",
    { ...ten("2026-12-24T06:00:00Z", "2026-12-25T10:00"), isPaced, closed: { days: ["sunday"], holidays: true } },
  ],
  [
    "over Easter with a preset, which closes it in Australia and France",
    { startAt: new Date("2026-04-02T21:30:00Z"), isPaced: false, hasPreset: true },
  ],
  [
    "over Independence Day, made up for on a Friday, with a preset besides",
    { startAt: new Date("2026-07-03T02:00:00Z"), isPaced: false, hasPreset: true, closed: { holidays: true } },
  ],
])(
  "in countries whose holidays are known everybody rings at the first minute that is theirs: %s",
  async (_when, campaign) => {
    expect(await runCampaign(withKnownHolidays(list), campaign)).toEqual([]);
  },
);

test("a preset holds for everybody of its countries, and for nobody else", async () => {
  const campaign = { startAt: new Date("2026-03-06T20:30:00Z"), isPaced: false, hasPreset: true };
  expect(await runCampaign(list, campaign)).toEqual([]);
});

function ten(startAt: string, notBeforeLocal: string): Campaign {
  return { startAt: new Date(startAt), notBeforeLocal, isPaced: false };
}
