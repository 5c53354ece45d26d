/** A list for `IN (SELECT value FROM json_each(:list))`: one statement serves every length. */
export function jsonList(values: Iterable<string>): string {
  return JSON.stringify([...values]);
}
