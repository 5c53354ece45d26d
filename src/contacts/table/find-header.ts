import { looksLikePhoneNumber } from "../phone-column.ts";

/** Index of the header; undefined where the first row is a person. Rows are those that are not blank. */
export function findHeader(rows: readonly (readonly string[])[]): number | undefined {
  return rows[0]?.some(looksLikePhoneNumber) === false ? 0 : undefined;
}
