import Papa from "papaparse";
import { looksLikePhoneNumber } from "../../domain/list/cell-kinds.ts";
import { signature } from "../../domain/list/result-columns.ts";

const delimiters = [",", ";", "\t", "|"];

// The first line that spreadsheets write, and hide, to say which delimiter follows.
const delimiterLine = /^sep=([,;\t|])(?:\r\n?|\n)/i;

const rowsLookedAt = 100;

// The first block of a longer text has at least as many UTF-16 units, in every encoding.
const wholeBelow = 16 * 1024;

/** What separates the cells, and how many characters at the beginning only say so. `head` is the beginning of the text. */
export function findDelimiter(head: string): { readonly delimiter: string; readonly skip: number } {
  const declared = delimiterLine.exec(head);
  if (declared?.[1] !== undefined) return { delimiter: declared[1], skip: declared[0].length };
  // What we wrote ourselves is not guessed at, whatever stands in its cells.
  if (head.includes(signature.join(","))) return { delimiter: ",", skip: 0 };
  const text = head.replace(/\r\n?/g, "\n");
  const [best] = delimiters.map((delimiter) => fitOf(text, delimiter)).toSorted(byFit);
  return { delimiter: best?.delimiter ?? ",", skip: 0 };
}

type Fit = {
  readonly delimiter: string;
  /** Share of the rows that have the same number of cells, more than one. */
  readonly agreeing: number;
  readonly numbers: number;
  readonly width: number;
};

/** The right one gives most rows the same number of cells, titles above a header aside, and leaves the numbers whole. */
function byFit(a: Fit, b: Fit): number {
  return b.agreeing - a.agreeing || b.numbers - a.numbers || b.width - a.width;
}

function fitOf(text: string, delimiter: string): Fit {
  const rows = firstRows(text, delimiter);
  const rowsOf = new Map<number, number>();
  for (const { length } of rows) if (length > 1) rowsOf.set(length, (rowsOf.get(length) ?? 0) + 1);
  const [width = 1, count = 0] = [...rowsOf].toSorted((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [];
  const numbers = rows.flat().filter(looksLikePhoneNumber).length;
  return { delimiter, agreeing: count / Math.max(1, rows.length), width, numbers };
}

/** Without the last one where the text is so long that it may be cut in it. */
function firstRows(text: string, delimiter: string): readonly (readonly string[])[] {
  const options = { delimiter, newline: "\n", preview: rowsLookedAt, skipEmptyLines: "greedy" } as const;
  const { data } = Papa.parse<string[]>(text, options);
  return text.length < wholeBelow || data.length === 1 ? data : data.slice(0, -1);
}
