import type { Task } from "../../domain/batch/batch.ts";
import { maskNumber } from "../../domain/phone/mask.ts";

// From so many digits on a search is one for a number.
const shortestDigits = 3;

/**
 * Whether somebody is meant by what a person typed: part of the name, or of what stands in its place; the row; or at least
 * three digits of the number, however they are grouped.
 */
export function personFinder(typed: string): (task: Task, label: string | undefined) => boolean {
  const search = typed.trim().toLowerCase();
  const digits = search.replaceAll(/\D/g, "");
  const isNumber = digits.length >= shortestDigits && !/\p{L}/u.test(search);
  return ({ toNumber, row }, label) =>
    (isNumber && toNumber.includes(digits)) ||
    (/^\d+$/.test(search) && String(row) === search) ||
    (label ?? maskNumber(toNumber)).toLowerCase().includes(search);
}
