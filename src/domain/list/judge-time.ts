const dateShape = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** True for a day, or a time of a day, as ISO 8601 writes it. Other ways leave open which is the month. */
export function isNotBefore(cell: string): boolean {
  const [, year, month, day, hour = "00", minute = "00"] = dateShape.exec(cell.trim()) ?? [];
  if (year === undefined) return false;
  const text = `${year}-${month}-${day}T${hour}:${minute}`;
  const atMs = Date.parse(`${text}Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}
