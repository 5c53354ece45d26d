const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone: "UTC" });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** `Tuesday 3 March 2026` for `2026-03-03`. */
export function toDayText(day: string): string {
  const at = new Date(`${day}T00:00Z`);
  return `${weekday.format(at)} ${date.format(at)}`;
}
