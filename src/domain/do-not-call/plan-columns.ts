import { isFilled, isMostly, isWrittenAsPhoneNumber, looksLikePhoneNumber } from "../list/cell-kinds.ts";
import { chooseCountryColumn } from "../list/choose-country-column.ts";
import { choosePhoneColumn, requireWholeNumbers } from "../list/choose-phone-column.ts";
import { type Column, type ColumnSamples, toColumns } from "../list/column.ts";
import type { ColumnChoices } from "../list/column-plan.ts";
import { quoteAll } from "../list/column-problem.ts";
import { compactName, toHeaderText } from "../list/header-text.ts";
import { isPhoneKind, nameKind } from "../list/name-kind.ts";
import { lesserWords } from "../list/phone-words.ts";
import { findChosen } from "../list/plan-columns.ts";
import { type DoNotCallFacts, factNames } from "./entry.ts";

/** What each column of a do-not-call file is for. All numbers are indexes into the table's columns. */
export type DoNotCallPlan = {
  /** All columns with numbers of the person. Never empty. */
  readonly phone: readonly number[];
  readonly country?: number;
  readonly facts: { readonly [K in keyof DoNotCallFacts]: number };
  /** When the row was put on the list that it was exported from. */
  readonly addedUtc?: number;
  /** What was chosen without being asked for, in words. */
  readonly said: readonly string[];
};

/** Name of a column of an exported list. */
const addedColumn = "added_utc";

/** Keys of `columns` for a do-not-call file. */
export const doNotCallRoles = ["to_number", "country", "reason", "requested_by", "requested_at"] as const;

const factRoles = { reason: "reason", requestedBy: "requested_by", requestedAt: "requested_at" } as const satisfies {
  readonly [K in keyof DoNotCallFacts]-?: string;
};

/**
 * Decides what each column is for. Whoever asked not to be called is called at none of their numbers, so all columns that are
 * named for a person's own phone count. Throws `invalid_input`, with the columns and three masked rows, when there is none,
 * when a choice names no column or fits more than one, or when it is doubtful which one says the country.
 */
export function planDoNotCallColumns(samples: ColumnSamples, choices: ColumnChoices, source: string): DoNotCallPlan {
  const chosen = findChosen(samples, choices, source);
  const columns = toColumns(samples);
  const facts = findFacts(columns, chosen);
  const taken = new Set([...chosen.values()].flat().concat(Object.values(facts)));
  const free = columns.filter(({ index }) => !taken.has(index));
  const phone = chosen.get("to_number") ?? findPhones(samples, free, source);
  const country = chosen.get("country")?.[0] ?? findCountry(samples, free, phone, source);

  const names = (indexes: readonly number[]) => quoteAll(indexes.map((index) => columns[index]?.name ?? ""));
  const said = [
    ...(chosen.has("to_number") ? [] : [`${names(phone)} ${phone.length === 1 ? "has" : "have"} the numbers.`]),
    ...(country === undefined || chosen.has("country") ? [] : [`${names([country])} says the country of the numbers.`]),
    ...factNames.flatMap((fact) => {
      const [index, role] = [facts[fact], factRoles[fact]];
      return index === undefined || chosen.has(role) ? [] : [`${names([index])} is ${role}.`];
    }),
  ];
  const addedUtc = columns.find(({ name, index }) => name === addedColumn && !taken.has(index))?.index;
  return {
    phone,
    ...(country !== undefined && { country }),
    facts,
    ...(addedUtc !== undefined && { addedUtc }),
    said,
  };
}

/** What is not named is found by exactly the names of an exported list. */
function findFacts(columns: readonly Column[], chosen: ReadonlyMap<string, readonly number[]>): DoNotCallPlan["facts"] {
  const used = new Set([...chosen.values()].flat());
  const found = factNames.map((fact) => {
    const role = factRoles[fact];
    const same = columns.filter(({ name, index }) => !used.has(index) && compactName(name) === compactName(role));
    return [fact, chosen.get(role)?.[0] ?? (same.length === 1 ? same[0]?.index : undefined)];
  });
  return Object.fromEntries(found.filter(([, index]) => index !== undefined));
}

function findPhones(samples: ColumnSamples, free: readonly Column[], source: string): readonly number[] {
  const own = free.filter(holdsOwnNumbers);
  if (!own.some(({ name }) => isPhoneKind(nameKind(name)))) return [choosePhoneColumn(samples, source).index];
  requireWholeNumbers(samples, source, toColumns(samples));
  return own.map(({ index }) => index);
}

/**
 * `Home`, `Landline` and `Work` beside `Mobile` say little by their names, and `Second line` nothing: their cells decide. A column that
 * is blank so far may still hold a number.
 */
function holdsOwnNumbers({ name, cells }: Column): boolean {
  const kind = nameKind(name);
  const filled = cells.filter(isFilled);
  if (isPhoneKind(kind)) return filled.length === 0 || filled.some((cell) => /\p{Nd}/u.test(cell));
  if (filled.length === 0 || kind === "forbidden") return false;
  const saysLittle = kind === "vague" || lesserWords.isIn(toHeaderText(name));
  return isMostly(filled, saysLittle ? looksLikePhoneNumber : isWrittenAsPhoneNumber);
}

function findCountry(samples: ColumnSamples, free: readonly Column[], phone: readonly number[], source: string) {
  const [first] = phone.map((index) => toColumns(samples)[index]);
  const others = free.filter(({ index }) => !phone.includes(index));
  return first && chooseCountryColumn(samples, others, first, source)?.index;
}
