import { fieldNamed } from "../../domain/field-named.ts";

/** The API's own names of what our arguments name otherwise and mean the same by. */
const apiNames: Readonly<Record<string, string>> = { batch_call_id: "batch_id" };

/** Names as an object has them, by what else they are written as: `batchId`, `Batch-Id` and `batch_call_id` for `batch_id`,
 * and that for `batch_ids` where there is no other. */
export function ownName(given: string, names: readonly string[]): string {
  if (names.includes(given)) return given;
  const snake = toSnakeCase(given);
  const single = fieldNamed(apiNames, snake) ?? snake;
  // One id where several can be given.
  const plural = single.endsWith("_id") ? `${single}s` : undefined;
  const own = [snake, single, plural].find((name) => name !== undefined && names.includes(name));
  return own ?? given;
}

function toSnakeCase(name: string): string {
  const spaced = name.replace(/([a-z\d])([A-Z])/g, "$1_$2").replace(/[\s-]+/g, "_");
  return spaced.toLowerCase();
}
