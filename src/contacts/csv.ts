import Papa from "papaparse";

/** What is wrong with the quotes of a record. Where they are wrong, lines after it may have been read into it. */
export type QuoteFault = "unclosed_quote" | "stray_quote";

type CsvText = {
  /** All records in order, blank ones too, so that an index is a place in the file. */
  readonly records: readonly (readonly string[])[];
  readonly faults: ReadonlyMap<number, QuoteFault>;
};

const delimiters = [",", ";", "\t", "|"];

// The first line that spreadsheets write, and hide, to say which delimiter follows.
const delimiterLine = /^sep=([,;\t|])\n/i;

/** Reads delimited text; the delimiter is found out. Line breaks inside cells come back as `\n`. */
export function parseCsv(csvText: string): CsvText {
  const text = csvText.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const declared = delimiterLine.exec(text);
  const body = declared === null ? text : text.slice(declared[0].length);
  const delimiter = declared?.[1] ?? findDelimiter(body);
  const { data, errors } = Papa.parse<string[]>(body, { delimiter, newline: "\n" });
  const faults = new Map<number, QuoteFault>();
  for (const { code, row } of errors) {
    if (row === undefined || faults.has(row)) continue;
    if (code === "MissingQuotes") faults.set(row, "unclosed_quote");
    if (code === "InvalidQuotes") faults.set(row, "stray_quote");
  }
  return { records: data, faults };
}

// OWASP's list of characters that begin a formula, the full-width forms that East Asian spreadsheets take included.
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/;

/** Writes RFC 4180 text. With `guardFormulas`, a cell that a spreadsheet would compute gets a leading apostrophe. */
export function formatCsv(
  records: readonly (readonly string[])[],
  options: { readonly guardFormulas: boolean },
): string {
  const escapeFormulae = options.guardFormulas ? formulaStart : false;
  return `${Papa.unparse([...records], { newline: "\r\n", escapeFormulae })}\r\n`;
}

function findDelimiter(text: string): string {
  const { errors, meta } = Papa.parse(text, {
    delimitersToGuess: delimiters,
    newline: "\n",
    preview: 10,
    skipEmptyLines: "greedy",
  });
  if (!errors.some((error) => error.code === "UndetectableDelimiter")) return meta.delimiter;
  return mostFrequentDelimiter(text.trimStart().split("\n", 1)[0] ?? "");
}

/** For a list whose quotes are broken or whose rows differ: the first line is all there is to go by. */
function mostFrequentDelimiter(line: string): string {
  const count = (delimiter: string): number => line.split(delimiter).length;
  return delimiters.reduce((best, next) => (count(next) > count(best) ? next : best));
}

/**
 * Text of a file: UTF-8, or UTF-16 that says so with a byte order mark. Anything else is refused: the many 8-bit
 * encodings cannot be told apart, and a guess would put wrong letters into people's names.
 */
export function decodeText(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  const text = decode(bytes, encoding);
  if (text?.includes("\0") === false) return text;
  const reason = bytes.includes(0) ? "is a binary file" : `is not in ${encoding.toUpperCase()}`;
  throw new UnreadableFile(`${reason}; save the list as "CSV UTF-8"`);
}

/** Undefined when the bytes are not in that encoding. */
function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return "utf-8";
}

/** Why a file is not read, as the rest of a sentence that begins with its name. The folder makes a `Problem` of it. */
export class UnreadableFile extends Error {}
