/** What a value must be: a text that a RegExp finds something in, the same plain value, each field of an object, each member of an array. */
export type Pattern = string | number | boolean | null | undefined | RegExp | PatternFields | readonly Pattern[];
type PatternFields = { readonly [field: string]: Pattern };

/** Whether it is so. A field that is `undefined` in the pattern must be absent; fields that are not in the pattern may be anything. */
export function matches(pattern: Pattern, value: unknown): boolean {
  if (pattern instanceof RegExp)
    return typeof value === "object" ? pattern.test(JSON.stringify(value)) : pattern.test(String(value));
  if (Array.isArray(pattern)) {
    return (
      Array.isArray(value) && value.length === pattern.length && pattern.every((part, n) => matches(part, value[n]))
    );
  }
  if (typeof pattern !== "object" || pattern === null) return pattern === value;
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map(Object.entries(value));
  return Object.entries(pattern).every(([field, part]) => matches(part, fields.get(field)));
}
