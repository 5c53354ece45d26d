import type { ColumnPlan } from "../domain/list/column-plan.ts";
import { readingOf } from "../domain/list/judge-row.ts";
import type { TableRow, TableShape } from "../domain/list/table.ts";
import { isSameCallingCode, parsePhoneNumber } from "../domain/phone/phone-number.ts";
import { isIssue } from "../domain/problem.ts";
import type { ListChoices } from "./lists.ts";

type Sampled = { readonly shape: TableShape; readonly plan: ColumnPlan; readonly sample: readonly TableRow[] };

/**
 * The country of numbers without one where nobody named it: the caller id's, which the shape then says. Not where the first rows have
 * a number of another calling code, nor where more than one in ten of those without a country is no number of that one: such a list may
 * be of people abroad, and a wrong person is worse than a row that is refused.
 */
export function assumeCountry(
  { shape, plan, sample }: Sampled,
  { defaultCountry, callerCountry: country }: ListChoices,
): { readonly shape: TableShape; readonly choices: Pick<ListChoices, "defaultCountry"> } {
  const asGiven = { shape, choices: {} };
  if (defaultCountry !== undefined || country === undefined) return asGiven;
  let helped = 0;
  let unread = 0;
  for (const { cells } of sample) {
    const reading = readingOf({ cells }, { columns: shape.columns, plan });
    if (isIssue(reading)) continue;
    for (const index of plan.phone) {
      const cell = cells[index]?.trim();
      if (!cell) continue;
      const read = parsePhoneNumber(cell, { ...reading, country });
      if (reading.beside !== undefined) continue;
      // Digits alone may be a whole number that lost its plus.
      const meant = isIssue(read) ? parsePhoneNumber(`+${cell}`) : read;
      if (!isIssue(meant) && !isSameCallingCode(meant.e164, country)) return asGiven;
      if (isIssue(read)) unread++;
      else if (isIssue(parsePhoneNumber(cell, reading))) helped++;
    }
  }
  if (helped === 0 || unread > (helped + unread) / 10) return asGiven;
  const words = `Numbers without a country are read as ${country}, as the caller id is; default_country names another.`;
  return { shape: { ...shape, said: [...(shape.said ?? []), words] }, choices: { defaultCountry: country } };
}
