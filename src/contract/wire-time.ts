// The pages give one field in seconds and in milliseconds (C1, C2). 1e11 s is the year 5138 and 1e11 ms is March 1973:
// below it a number can only mean seconds.
const smallestMs = 1e11;

/** Reads epoch seconds or milliseconds; undefined when no instant has that number. */
export function fromWireTime(value: number): Date | undefined {
  const date = new Date(Math.abs(value) < smallestMs ? value * 1000 : value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Epoch milliseconds, the one unit that batch routes are written in. */
export function toWireTime(instant: Date): number {
  return instant.getTime();
}

/** Reads an epoch in either unit or ISO 8601 text; anything else is absent. */
export function readInstant(value: unknown): Date | undefined {
  if (typeof value === "number") return fromWireTime(value);
  if (typeof value !== "string") return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
