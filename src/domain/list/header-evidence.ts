import { hasManyDigits, isFilled, isMostly } from "./cell-kinds.ts";
import {
  aboutPhoneWords,
  amountWords,
  connectors,
  dateWords,
  emailNames,
  fillerWords,
  firstNames,
  idWords,
  lastNames,
  negations,
  otherNames,
  personNames,
  vaguePersonNames,
} from "./column-words.ts";
import { type HeaderText, toHeaderText, type WordList } from "./header-text.ts";
import { faxWords, lesserWords, phoneNames, phoneWords, primaryWords, somebodyElse } from "./phone-words.ts";
import { callingCodeNames, countryNames, timezoneNames } from "./role-words.ts";

/** How far a row reads like a header: cells that are nothing but names of columns, and not contradicted by what is below. */
export type HeaderEvidence = {
  readonly strong: number;
  /** Words that could as well be somebody's data. */
  readonly weak: number;
};

type CellName = "phone" | "email" | "digits" | "person" | "other";

const vocabulary: readonly WordList[] = [
  phoneWords,
  faxWords,
  primaryWords,
  lesserWords,
  somebodyElse,
  idWords,
  dateWords,
  amountWords,
  aboutPhoneWords,
  emailNames,
  otherNames,
  countryNames,
  callingCodeNames,
  connectors,
  fillerWords,
];

const longestHeader = 60;
const mostWords = 8;

/** `below` are the rows that follow. */
export function headerEvidence(
  cells: readonly string[],
  below: readonly { readonly cells: readonly string[] }[],
): HeaderEvidence {
  let [strong, weak] = [0, 0];
  for (const [index, cell] of cells.entries()) {
    const name = cellName(cell);
    if (name === undefined) continue;
    const column = below.map((row) => row.cells[index] ?? "");
    if (!isBorneOut(name, cell, column)) continue;
    if (name === "other") weak += 1;
    else strong += 1;
  }
  return { strong, weak };
}

function cellName(cell: string): CellName | undefined {
  if (cell.length > longestHeader || !isFilled(cell)) return undefined;
  const header = toHeaderText(cell);
  if (header.words.length > mostWords) return undefined;
  if (phoneNames.has(header.compact)) return "phone";
  if (vaguePersonNames.has(header.compact)) return "other";
  if ([personNames, firstNames, lastNames].some((names) => names.has(header.compact))) return "person";
  if (timezoneNames.has(header.compact)) return "other";
  if (header.words[0] === "no" || negations.isIn(header) || !header.words.every(isVocabulary)) return undefined;
  return wordedName(header);
}

function wordedName(header: HeaderText): CellName | undefined {
  if (emailNames.isIn(header)) return "email";
  if (phoneWords.isIn(header)) return "phone";
  if ([idWords, dateWords, amountWords].some((list) => list.isIn(header))) return "digits";
  return [otherNames, countryNames, callingCodeNames, faxWords].some((list) => list.isIn(header)) ? "other" : undefined;
}

function isVocabulary(word: string): boolean {
  const alone = { compact: word, words: [word] };
  return /^\d{1,2}$/.test(word) || vocabulary.some((list) => list.isIn(alone));
}

/** A label such as "Mobile" in a column of labels is data: what is below the name of a column is of that kind, and no name. */
function isBorneOut(name: CellName, cell: string, column: readonly string[]): boolean {
  const filled = column.filter(isFilled);
  if (filled.length === 0 || filled.some((below) => below === cell)) return false;
  switch (name) {
    case "phone":
    case "digits":
      return isMostly(filled, (below) => /\p{Nd}/u.test(below));
    case "email":
      return isMostly(filled, (below) => below.includes("@"));
    case "person":
      return !isMostly(filled, hasManyDigits);
    case "other":
      return !filled.some((below) => cellName(below) !== undefined);
  }
}
