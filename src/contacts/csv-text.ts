import Papa from "papaparse";
import { formulaStart } from "../domain/formula-guard.ts";

/** Writes RFC 4180 text. With `guardFormulas`, a cell that a spreadsheet would compute gets a leading apostrophe. */
export function formatCsv(
  records: readonly (readonly string[])[],
  options: { readonly guardFormulas: boolean },
): string {
  const escapeFormulae = options.guardFormulas ? formulaStart : false;
  return `${Papa.unparse([...records], { newline: "\r\n", escapeFormulae })}\r\n`;
}
