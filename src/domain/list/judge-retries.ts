import type { Issue } from "../problem.ts";
import { plainText } from "../text.ts";

const mostRetries = 10;

/** Attempts after the first one that a cell asks for; undefined for a blank one, null for what is no such number. */
export function readMaxRetries(cell: string): number | undefined | null {
  const text = cell.trim();
  if (text === "") return undefined;
  // Spreadsheets write whole numbers as floats.
  const value = /^\d{1,3}(?:\.0+)?$/.test(text) ? Number(text) : Number.NaN;
  return value <= mostRetries ? value : null;
}

export function maxRetriesIssue(cell: string, field: string): Issue {
  const message = `"${plainText(cell, 40)}" is not accepted; write a whole number from 0 to ${mostRetries}.`;
  return { field, code: "out_of_range", message };
}
