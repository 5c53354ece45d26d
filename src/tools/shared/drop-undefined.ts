/** The object without its `undefined` fields: what is unknown is left out. */
export function dropUndefined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  // Safe: only keys of T with their own values are in it.
  return Object.fromEntries(known) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
