import { hasManyDigits, isFilled, isMostly, isWrittenAsPhoneNumber, looksLikePhoneNumber } from "./cell-kinds.ts";
import { type Column, type ColumnSamples, toColumns } from "./column.ts";
import { columnProblem, quote, quoteAll } from "./column-problem.ts";
import { compactName } from "./header-text.ts";
import { isPhoneKind, type NameKind, nameKind } from "./name-kind.ts";
import { areaCodeNames, fallbackNumberNames } from "./role-words.ts";

const ranks: { readonly [K in NameKind]?: number } = { chosen: 4, primary: 3, plain: 2, lesser: 1 };

/**
 * The column that holds the numbers to call. A name for phones decides; only without one do cells, and then only those that
 * are nothing but phone numbers. Throws `invalid_input` when there is no such column, or more than one.
 */
export function choosePhoneColumn(samples: ColumnSamples, source: string): Column {
  const columns = toColumns(samples).filter(({ name }) => !fallbackNumberNames.has(compactName(name)));
  const named = columns.filter(({ name }) => isPhoneKind(nameKind(name)));
  const candidates = named.length > 0 ? bestNamed(named) : likeNumbers(columns);
  const [first, second] = candidates;
  if (first === undefined) throw missingProblem(samples, source);
  if (second !== undefined) throw doubtfulProblem(samples, source, candidates);
  requireWholeNumbers(samples, source, columns);
  return first;
}

/** Of a person's own numbers the blank columns and those without any digit fall out; broken numbers count as numbers. */
function bestNamed(named: readonly Column[]): readonly Column[] {
  const chosen = named.filter(({ name }) => nameKind(name) === "chosen");
  if (chosen.length > 0) return chosen;
  const filled = prefer(named, ({ cells }) => cells.some(isFilled));
  const telling = prefer(filled, ({ cells }) => cells.some((cell) => /\p{Nd}/u.test(cell)));
  const best = Math.max(...telling.map(rankOf));
  return telling.filter((column) => rankOf(column) === best);
}

function rankOf({ name }: Column): number {
  return ranks[nameKind(name)] ?? 0;
}

function prefer(columns: readonly Column[], test: (column: Column) => boolean): readonly Column[] {
  const preferred = columns.filter(test);
  return preferred.length > 0 ? preferred : columns;
}

/** Digits alone could be an order's: they count only where nothing else in the row could be the number. */
function likeNumbers(columns: readonly Column[]): readonly Column[] {
  const open = columns.filter(({ name }) => nameKind(name) !== "forbidden");
  const written = open.filter(({ cells }) => isMostly(cells, isWrittenAsPhoneNumber));
  if (written.length > 0) return written;
  const digits = open.filter(({ cells }) => isMostly(cells, hasManyDigits));
  return digits.some(mayBeBareNumbers) ? digits : [];
}

function mayBeBareNumbers({ name, cells }: Column): boolean {
  if (!isMostly(cells, looksLikePhoneNumber)) return false;
  return nameKind(name) === "vague" || (isUnnamed(name) && looksLikePhoneNumber(cells[0] ?? ""));
}

function isUnnamed(name: string): boolean {
  return /^column_\d+(?:_\d+)?$/.test(name);
}

/** An area code of its own column would be missing from every number: what is left may be somebody else's. */
export function requireWholeNumbers(samples: ColumnSamples, source: string, columns: readonly Column[]): void {
  const areaCodes = columns.find(
    ({ name, cells }) =>
      areaCodeNames.has(compactName(name)) && isMostly(cells, (cell) => /^\(?0?[1-9]\d{0,4}\)?$/.test(cell)),
  );
  if (areaCodes === undefined) return;
  throw columnProblem(
    samples,
    source,
    `has its numbers in two parts: ${quote(areaCodes.name)} looks like their area codes.`,
    `Join both into one column and try again; if the numbers are whole without it, say so: columns: { to_number: "…" } with the name of their column.`,
  );
}

function doubtfulProblem(samples: ColumnSamples, source: string, candidates: readonly Column[]) {
  const names = candidates.map(({ name }) => name);
  const [first = ""] = names;
  return columnProblem(
    samples,
    source,
    `has more than one column of phone numbers: ${quoteAll(names)}.`,
    `Say which one is called, columns: { to_number: ${quote(first)} }, or both in the order in which they are called, columns: { to_number: [${names.slice(0, 2).map(quote).join(", ")}] }.`,
  );
}

function missingProblem(samples: ColumnSamples, source: string) {
  const others = toColumns(samples).filter(
    ({ cells }) => isMostly(cells, hasManyDigits) && cells.some(looksLikePhoneNumber),
  );
  const example = quote(others[0]?.name ?? samples.columns[0] ?? "Mobile No.");
  const untouched =
    others.length === 0
      ? ""
      : ` ${quoteAll(others.map(({ name }) => name))} ${others.length === 1 ? "has" : "have"} digits, but may be somebody else's or no phone numbers, and ${others.length === 1 ? "is" : "are"} called only when you say so.`;
  return columnProblem(
    samples,
    source,
    `has no column of phone numbers.${untouched}`,
    `Say which column is called: columns: { to_number: ${example} }.`,
  );
}
