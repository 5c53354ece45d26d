/** A row as the driver hands it out. */
export type Row = Readonly<Record<string, unknown>>;

/** A list for `IN (SELECT value FROM json_each(:list))`: one statement serves every length. */
export function jsonList(values: Iterable<string>): string {
  return JSON.stringify([...values]);
}

export function ms(instant: Date | undefined): number | null {
  return instant?.getTime() ?? null;
}

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw unexpected(column, "text", value);
  return value;
}

export function whole(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw unexpected(column, "a number", value);
  return value;
}

export function instant(row: Row, column: string): Date {
  return new Date(whole(row, column));
}

export function oneOf<T extends string>(row: Row, column: string, allowed: readonly T[]): T {
  const value = allowed.find((candidate) => candidate === row[column]);
  if (value === undefined) throw unexpected(column, allowed.join(", "), row[column]);
  return value;
}

/** The column read by `read`, or undefined where it is NULL. */
export function optional<T>(row: Row, column: string, read: (row: Row, column: string) => T): T | undefined {
  return row[column] === null || row[column] === undefined ? undefined : read(row, column);
}

/** The object without its undefined fields. */
export function known<T extends object>(
  fields: T,
): { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
export function known(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function unexpected(column: string, expected: string, found: unknown): Error {
  return new Error(
    `Column ${column} of the store should hold ${expected} and holds a ${found === null ? "NULL" : typeof found}.`,
  );
}
