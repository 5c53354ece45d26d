const dayMs = 24 * 60 * 60 * 1000;

const twoDigits = Array.from({ length: 60 }, (_, figure) => String(figure).padStart(2, "0"));

let lastDay = Number.NaN;
let lastDate = "";

/** `2026-03-02T15:00:05`, in UTC and without parts of a second. The instants of a file are mostly of a few days, whose date is made once. */
export function toSecondText(instantMs: number): string {
  const day = Math.floor(instantMs / dayMs);
  if (day !== lastDay) {
    const [date = ""] = new Date(day * dayMs).toISOString().split("T");
    [lastDay, lastDate] = [day, date];
  }
  const second = Math.floor((instantMs - day * dayMs) / 1000);
  const minute = Math.floor(second / 60);
  return `${lastDate}T${twoDigits[Math.floor(minute / 60)]}:${twoDigits[minute % 60]}:${twoDigits[second % 60]}`;
}

/** `2026-03-02 15:00 UTC`, for people. */
export function toMinuteText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
