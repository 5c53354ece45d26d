import { countryOf, zonesOfRecipient } from "../../../src/domain/phone/recipient-time.ts";
import { toWallTime } from "../../../src/domain/time/zone.ts";
import type { NewTask } from "../../../src/service/store/records.ts";

/** National public holidays as governments publish them, with the days on which they are made up for: 2026 and the spring of 2027. */
const holidays: Readonly<Record<string, string>> = {
  US: "2026-01-01 2026-01-19 2026-02-16 2026-05-25 2026-06-19 2026-07-03 2026-07-04 2026-09-07 2026-10-12 2026-11-11 2026-11-26 2026-12-25 2027-01-01 2027-01-18 2027-02-15",
  FR: "2026-01-01 2026-04-06 2026-05-01 2026-05-08 2026-05-14 2026-05-25 2026-07-14 2026-08-15 2026-11-01 2026-11-11 2026-12-25 2027-01-01 2027-03-29",
  GB: "2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-12-25 2026-12-26 2026-12-28 2027-01-01 2027-03-26 2027-03-29",
  DE: "2026-01-01 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-05-25 2026-10-03 2026-12-25 2026-12-26 2027-01-01 2027-03-26 2027-03-29",
  CA: "2026-01-01 2026-04-03 2026-07-01 2026-09-07 2026-12-25 2027-01-01 2027-03-26",
  AU: "2026-01-01 2026-01-26 2026-04-03 2026-04-04 2026-04-05 2026-04-06 2026-04-25 2026-12-25 2026-12-26 2026-12-28 2027-01-01 2027-01-26 2027-03-26 2027-03-27 2027-03-28 2027-03-29",
};

export function holidaysOf(country: string | undefined): readonly string[] | undefined {
  return holidays[country ?? ""]?.split(" ");
}

type Hours = {
  readonly week: string;
  readonly saturday?: string;
  readonly sunday?: string;
  readonly isClosedOnHolidays?: boolean;
};

/** Hours of calls that sell, as decision 27 cites them. */
const marketing: Readonly<Record<string, Hours>> = {
  US: { week: "08:00-21:00", saturday: "08:00-21:00", sunday: "08:00-21:00" },
  CA: { week: "09:00-21:30", saturday: "10:00-18:00", sunday: "10:00-18:00" },
  IN: { week: "09:00-21:00", saturday: "09:00-21:00", sunday: "09:00-21:00" },
  AU: { week: "09:00-20:00", saturday: "09:00-17:00", isClosedOnHolidays: true },
  FR: { week: "10:00-13:00 14:00-20:00", isClosedOnHolidays: true },
};

/** Whether the hours of their country let somebody be called, on the clock of the list where the number may be on it too, else on all. */
export function isInPreset({ toNumber, timezone }: Pick<NewTask, "toNumber" | "timezone">, at: Date): boolean {
  const country = countryOf(toNumber) ?? "";
  const hours = marketing[country];
  if (!hours) return true;
  const ofNumber = zonesOfRecipient(toNumber);
  const isTheirs = timezone !== undefined && ofNumber.some((zone) => toWallTime(at, zone) === toWallTime(at, timezone));
  const own = timezone === undefined ? [] : [timezone];
  return (isTheirs ? own : [...own, ...ofNumber]).every((zone) => {
    const wall = toWallTime(at, zone);
    const [date, time] = [wall.slice(0, 10), wall.slice(11, 16)];
    if (hours.isClosedOnHolidays && holidaysOf(country)?.includes(date)) return false;
    const day = new Date(date).getUTCDay();
    const windows = (day === 0 ? hours.sunday : day === 6 ? hours.saturday : hours.week) ?? "";
    return windows.split(" ").some((span) => {
      const [opens = "", closes = ""] = span.split("-");
      return opens <= time && time < closes;
    });
  });
}
