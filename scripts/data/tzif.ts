/** What a compiled tzdata file (TZif, RFC 9636) says about offsets: another reading of the zone rules than our table's. */
export type TzifRules = { readonly changes: readonly number[]; readonly offsets: readonly number[] };

const headerBytes = 44;
const typeBytes = 6;
const secondMs = 1000;

type Counts = { readonly leaps: number; readonly times: number; readonly types: number; readonly rest: number };

function countsAt(file: DataView, start: number): Counts {
  const count = (index: number): number => file.getUint32(start + 20 + 4 * index);
  const [ut, std, leaps, times, types, letters] = [count(0), count(1), count(2), count(3), count(4), count(5)];
  return { leaps, times, types, rest: ut + std + letters };
}

function blockBytes({ leaps, times, types, rest }: Counts, timeBytes: number): number {
  return times * (timeBytes + 1) + types * typeBytes + leaps * (timeBytes + 4) + rest;
}

function textOf(file: DataView, start: number, end = file.byteLength): string {
  return Buffer.from(file.buffer, file.byteOffset + start, end - start).toString("latin1");
}

/**
 * Changes and offsets in ms; `offsets[0]` holds before `changes[0]`. A file that leaves the clock changes of years to
 * come to its POSIX footer is refused, because nothing here reads that.
 */
export function readTzif(file: DataView, throughMs: number): TzifRules {
  if (textOf(file, 0, 4) !== "TZif" || file.getUint8(4) === 0) throw new Error("no TZif file of version 2 or later");
  // The first block repeats the second with 32-bit times.
  const start = headerBytes + blockBytes(countsAt(file, 0), 4);
  const counts = countsAt(file, start);
  const times = start + headerBytes;
  const turns = times + 8 * counts.times;
  const types = turns + counts.times;

  const offsetOf = (type: number): number => file.getInt32(types + typeBytes * type) * secondMs;
  const each = Array.from({ length: counts.times }, (_, index) => index);
  const changes = each.map((index) => Number(file.getBigInt64(times + 8 * index)) * secondMs);
  const footer = textOf(file, start + headerBytes + blockBytes(counts, 8));
  if (footer.includes(",") && (changes.at(-1) ?? 0) < throughMs) throw new Error("its later changes are in the footer");
  return { changes, offsets: [offsetOf(0), ...each.map((index) => offsetOf(file.getUint8(turns + index)))] };
}

/** Local minus UTC in ms, by trying one change after the other. */
export function tzifOffset({ changes, offsets }: TzifRules, instantMs: number): number {
  const later = changes.findIndex((change) => change > instantMs);
  return offsets[later === -1 ? changes.length : later] ?? Number.NaN;
}
