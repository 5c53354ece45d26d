import { isCountryCode } from "../phone/phone-number.ts";
import { isMostly } from "./cell-kinds.ts";
import type { Column, ColumnSamples } from "./column.ts";
import { columnProblem, quote, quoteAll } from "./column-problem.ts";
import { toHeaderText } from "./header-text.ts";
import { phoneWords } from "./phone-words.ts";
import { areaCodeNames, callingCodeNames, countryNames, originWords } from "./role-words.ts";

/**
 * The column that says the country or calling code of the numbers, by its name and its cells; undefined when there is none.
 * Throws `invalid_input` when two are as likely and say different things: with the wrong country a stranger is called.
 */
export function chooseCountryColumn(
  samples: ColumnSamples,
  columns: readonly Column[],
  phone: Column,
  source: string,
): Column | undefined {
  const likeliest = likeliestCountries(columns, phone);
  const [first] = likeliest;
  if (first === undefined || likeliest.every(({ cells }) => cells.every((cell, row) => cell === first.cells[row])))
    return first;
  throw columnProblem(
    samples,
    source,
    `has more than one column that may say the country of ${quote(phone.name)}: ${quoteAll(likeliest.map(({ name }) => name))}.`,
    `Say which one does: columns: { country: ${quote(first.name)} }.`,
  );
}

function likeliestCountries(columns: readonly Column[], phone: Column): readonly Column[] {
  const ranked = columns.filter(saysCountry).map((column) => ({ column, rank: countryRank(column, phone) }));
  const best = Math.max(0, ...ranked.map(({ rank }) => rank));
  return ranked.filter(({ rank }) => rank === best).map(({ column }) => column);
}

function saysCountry({ name, cells }: Column): boolean {
  const header = toHeaderText(name);
  if (originWords.isIn(header)) return false;
  if (callingCodeNames.isIn(header)) return isMostly(cells, (cell) => isCallingCode(cell) || isCountry(cell));
  if (areaCodeNames.has(header.compact)) return isMostly(cells, (cell) => /^(?:\+|00)\d{1,3}$/.test(cell));
  return countryNames.isIn(header) && isMostly(cells, (cell) => isCallingCode(cell) || isCountry(cell));
}

/** What belongs to the phone wins over the place where somebody lives, and an address over another address by its name. */
function countryRank({ name, cells }: Column, phone: Column): number {
  const header = toHeaderText(name);
  if (callingCodeNames.isIn(header) && isMostly(cells, isCallingCode)) return 4;
  if (phoneWords.isIn(header)) return 4;
  const phoneTokens = new Set(toHeaderText(phone.name).words);
  if (header.words.length > 1 && header.words.some((word) => phoneTokens.has(word))) return 3;
  return header.words.length === 1 || callingCodeNames.isIn(header) ? 2 : 1;
}

function isCallingCode(cell: string): boolean {
  return /^\(?(?:\+|00)?[1-9]\d{0,3}\)?$/.test(cell.replace(/[\s-]/g, ""));
}

const chineseName = /^[\p{Script=Han}\p{Script=Hangul}]{2}$/u;
const longerName = /^\p{L}[\p{L}\p{M}\s.,'’()&-]{2,59}$/u;

/** A code, or a name in whatever language: letters alone. */
function isCountry(cell: string): boolean {
  return isCountryCode(cell.toUpperCase()) || chineseName.test(cell) || longerName.test(cell);
}
