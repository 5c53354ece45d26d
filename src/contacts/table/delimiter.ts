import Papa from "papaparse";
import { looksLikePhoneNumber } from "../phone-column.ts";

const delimiters = [",", ";", "\t", "|"];

// The first line that spreadsheets write, and hide, to say which delimiter follows.
const delimiterLine = /^sep=([,;\t|])(?:\r\n?|\n)/i;

const rowsLookedAt = 100;

/** What separates the cells, and how many characters at the beginning only say so. `head` is the beginning of the text. */
export function findDelimiter(head: string): { readonly delimiter: string; readonly skip: number } {
  const declared = delimiterLine.exec(head);
  if (declared?.[1] !== undefined) return { delimiter: declared[1], skip: declared[0].length };
  const text = head.replace(/\r\n?/g, "\n");
  const [best] = delimiters.map((delimiter) => fitOf(text, delimiter)).toSorted(byFit);
  return { delimiter: best?.delimiter ?? ",", skip: 0 };
}

type Fit = { readonly delimiter: string; readonly agreeing: number; readonly numbers: number; readonly width: number };

/** The right one gives most rows the same number of cells, titles above a header aside, and leaves the numbers whole. */
function byFit(a: Fit, b: Fit): number {
  return b.agreeing - a.agreeing || b.numbers - a.numbers || b.width - a.width;
}

function fitOf(text: string, delimiter: string): Fit {
  const { data } = Papa.parse<string[]>(text, {
    delimiter,
    newline: "\n",
    preview: rowsLookedAt,
    skipEmptyLines: "greedy",
  });
  const rowsOf = new Map<number, number>();
  for (const { length } of data) if (length > 1) rowsOf.set(length, (rowsOf.get(length) ?? 0) + 1);
  const [width = 1, agreeing = 0] = [...rowsOf].toSorted((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [];
  return { delimiter, agreeing, width, numbers: data.flat().filter(looksLikePhoneNumber).length };
}
