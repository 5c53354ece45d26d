/**
 * What a spreadsheet would compute: OWASP's list of characters that begin a formula, the full-width forms that East Asian
 * spreadsheets take included. Behind blanks too, which a spreadsheet passes over before a sign, and behind apostrophes, so that
 * taking off the one that guards gives every cell back.
 */
export const formulaStart = /^'*\s*[=+\-@\t\r\n＝＋－＠]/;

/** The cell without the apostrophe that one of our files has before what would be computed. */
export function withoutGuard(cell: string): string {
  return cell.startsWith("'") && formulaStart.test(cell) ? cell.slice(1) : cell;
}
