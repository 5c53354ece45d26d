import Papa from "papaparse";

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
