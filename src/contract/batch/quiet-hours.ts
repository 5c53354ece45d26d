import { z } from "zod";
import { type QuietHours, type Weekday, weekdays } from "../../domain/batch/plan.ts";
import { closedDays, hasClosedDays, mostDates } from "../../domain/time/closed-days.ts";
import { emptyWindow } from "../../domain/time/quiet-hours.ts";
import { anyCase, calendarDate, present, timeOfDay, zoneOrRecipient } from "../fields.ts";
import { isOff, required } from "./rule-block.ts";

const noneLeft = { error: "Must leave a day on which somebody is called.", params: { code: "no_calling_time" } };

function isAnyLeft(days: readonly Weekday[]): boolean {
  return new Set(days).size < weekdays.length;
}

export const quietHours = z
  .strictObject({
    enabled: z.boolean().nullish(),
    start_time: timeOfDay.nullish(),
    end_time: timeOfDay.nullish(),
    timezone: zoneOrRecipient.nullish().describe('IANA zone; "recipient" (an extension): the clock of each recipient.'),
    days: z.array(anyCase(weekdays)).refine(isAnyLeft, noneLeft).nullish().meta({
      description: "Weekdays on which nobody is called, on that clock. With days or dates, both times may be absent.",
      "x-extension": true,
    }),
    not_on: z.array(calendarDate).max(mostDates).nullish().meta({
      description: "Dates on which nobody is called, YYYY-MM-DD on that clock.",
      "x-extension": true,
    }),
    holidays: z.boolean().nullish().meta({
      description:
        "True: nobody is called on a public holiday of the country of their number, on their own calendar. National ones, as the date-holidays library of this service knows them: advisory. Both times may be absent.",
      "x-extension": true,
    }),
  })
  .refine((hours) => isOff(hours) || hours.start_time != null || closesDaysOnly(hours), {
    ...required,
    path: ["start_time"],
  })
  .refine((hours) => isOff(hours) || hours.end_time != null || closesDaysOnly(hours), {
    ...required,
    path: ["end_time"],
  })
  .refine((hours) => isOff(hours) || hours.start_time == null || hours.start_time !== hours.end_time, {
    error: "start_time and end_time must differ; the window is [start_time, end_time) and may cross midnight.",
    params: { code: "empty_window" },
  });

/** Says which days are not called, and no times. */
function closesDaysOnly({ start_time: start, end_time: end, days, not_on: dates, holidays }: QuietHoursBody): boolean {
  return start == null && end == null && hasClosedDays(closedDays(days, dates, holidays));
}

type QuietHoursBody = {
  readonly start_time?: string | null | undefined;
  readonly end_time?: string | null | undefined;
  readonly days?: readonly Weekday[] | null | undefined;
  readonly not_on?: readonly string[] | null | undefined;
  readonly holidays?: boolean | null | undefined;
};

export function toQuietHoursBody({ enabled, start, end, zone, ...closed }: QuietHours, batchZone: string | undefined) {
  // Two equal times would be refused as a slip.
  const { days, notOn, holidays } = closed;
  const window = start === end ? {} : { start_time: start, end_time: end };
  return {
    enabled,
    ...window,
    ...present({ timezone: zone ?? batchZone }),
    ...(days && { days: [...days] }),
    ...(notOn && { not_on: [...notOn] }),
    ...(holidays && { holidays }),
  };
}

export function fromQuietHoursBody(hours: z.output<typeof quietHours>): QuietHours | undefined {
  const { enabled, timezone: zone, days, not_on: dates, holidays } = hours;
  const { start_time: start, end_time: end } = closesDaysOnly(hours)
    ? { start_time: emptyWindow, end_time: emptyWindow }
    : hours;
  if (start == null || end == null) return undefined;
  return { enabled: enabled ?? true, start, end, ...present({ zone }), ...closedDays(days, dates, holidays) };
}
