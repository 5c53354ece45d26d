import { BareDigitsEvidence } from "../phone/bare-digits-evidence.ts";
import type { BareDigits } from "../phone/number-reading.ts";
import type { E164, ParsedPhoneNumber } from "../phone/phone-number.ts";
import { type Issue, isIssue } from "../problem.ts";
import { type JudgedBy, judgeRow, notAgainCode, type RowToJudge, readingOf } from "./judge-row.ts";
import { JudgedNumbers } from "./judged-numbers.ts";
import type { RowFate, UnreadCells } from "./list.ts";

/** Who must not be called is decided later, by the do-not-call list of that day. */
export type JudgedFate = Exclude<RowFate, { kind: "suppressed" }>;

const mostFirstRows = 5;

/**
 * Decides about the rows of one list, which are handed in once each and in their order. Of rows with the same number the
 * first that can be called wins, and one that has it in the first phone column before one that has it in another: whose own
 * number it is, is called. A number that another row is called under is nobody's fallback.
 */
export class Judge {
  readonly #by: JudgedBy;
  readonly #numbers = new JudgedNumbers();
  readonly #passedOver = new JudgedNumbers();
  readonly #unread = new Map<string, UnreadCells & { rows: number; firstRows: number[] }>();

  readonly #evidence: readonly BareDigitsEvidence[];
  #doubtful = 0;
  #isOpen = false;

  constructor(by: JudgedBy) {
    this.#by = by;
    this.#evidence = by.bareDigits ? [] : by.plan.phone.map(() => new BareDigitsEvidence());
  }

  /**
   * What all rows together say of digits without a plus, for each phone column, when rows that were judged already are to
   * be judged again by it. Undefined when no row would have another fate.
   */
  get bareDigits(): readonly (BareDigits | undefined)[] | undefined {
    const verdicts = this.#evidence.map((evidence) => evidence.verdict());
    const isNews = verdicts.some((verdict) => verdict !== undefined && (verdict !== "national" || this.#doubtful > 0));
    return isNews ? verdicts : undefined;
  }

  judge(row: RowToJudge): JudgedFate {
    const note = (issue: Issue): void => {
      if (issue.code === "ambiguous") this.#doubtful++;
      this.#note(row.row, issue);
    };
    const read = judgeRow(row, this.#by, note);
    this.#watch(row);
    if (isIssue(read)) {
      if (read.code === "ambiguous") this.#doubtful++;
      return { kind: "refused", issue: read };
    }
    if (row.notAgain !== undefined) return this.#passOver(read.numbers, row.row, row.notAgain);
    const [first, ...others] = read.numbers;
    if (first === undefined) throw new Error(`row ${row.row} has neither a number nor an issue`);
    const ofRow = read.isPromoted ? undefined : this.#numbers.take(first.e164, row.row);
    this.#isOpen ||= read.isPromoted;
    if (ofRow !== undefined) return { kind: "duplicate", toNumber: first.e164, ofRow };
    return this.#accept(row.row, first, others);
  }

  /** Nobody else is called under the numbers of somebody who is not called again. */
  #passOver(numbers: readonly ParsedPhoneNumber[], row: number, why: string): JudgedFate {
    for (const { e164 } of numbers) this.#passedOver.take(e164, row);
    return { kind: "refused", issue: { field: "row", code: notAgainCode, message: why } };
  }

  /** Whether a row since this was last asked is called under a number of another column than the first: see `takeOwn`. */
  takeOpen(): boolean {
    const isOpen = this.#isOpen;
    this.#isOpen = false;
    return isOpen;
  }

  /**
   * The other row that is called under the number of an accepted one; undefined when it is this one's. To be asked when every row
   * was judged, in their order, and before their fallback numbers.
   */
  takeOwn(toNumber: E164, row: number): number | undefined {
    const ofRow = this.#numbers.take(toNumber, row);
    return ofRow === row ? undefined : ofRow;
  }

  /** Cells that could not be read and refuse nobody, one entry for each column and reason. */
  get unread(): readonly UnreadCells[] {
    return [...this.#unread.values()];
  }

  /**
   * Of a row's fallback numbers those that nobody else is called under; the others are noted with `unread`. To be asked when
   * every row was judged, in their order.
   */
  takeFallbacks(numbers: readonly E164[], row: number): readonly E164[] {
    const isOpen = (number: E164): boolean =>
      this.#passedOver.rowOf(number) === undefined && this.#numbers.take(number, 0) === undefined;
    const open = numbers.filter(isOpen);
    if (open.length < numbers.length) this.#noteFallback(row, "duplicate");
    return open;
  }

  #accept(row: number, first: ParsedPhoneNumber, others: readonly ParsedPhoneNumber[]): JudgedFate {
    const { e164: toNumber, type, country } = first;
    const accepted: JudgedFate =
      country === undefined ? { kind: "accepted", toNumber, type } : { kind: "accepted", toNumber, type, country };
    if (others.length === 0) return accepted;
    if (others.some(({ e164 }) => e164 === toNumber)) this.#noteFallback(row, "same_as_to_number");
    const fallbackNumbers = [...new Set(others.map(({ e164 }) => e164))].filter((number) => number !== toNumber);
    return fallbackNumbers.length === 0 ? accepted : { ...accepted, fallbackNumbers };
  }

  #watch(row: RowToJudge): void {
    if (this.#evidence.length === 0 || row.fault !== undefined) return;
    const reading = readingOf(row, this.#by);
    if (isIssue(reading)) return;
    for (const [place, index] of this.#by.plan.phone.entries())
      this.#evidence[place]?.add(row.cells[index] ?? "", reading);
  }

  #noteFallback(row: number, code: "duplicate" | "same_as_to_number"): void {
    const { plan, columns } = this.#by;
    this.#note(row, { field: columns[plan.phone[1] ?? 0] ?? "fallback_number", code, message: "" });
  }

  #note(row: number, { field, code }: Issue): void {
    const key = `${code} ${field}`;
    const known = this.#unread.get(key);
    if (known === undefined) this.#unread.set(key, { field, code, rows: 1, firstRows: [row] });
    else {
      known.rows++;
      if (known.firstRows.length < mostFirstRows) known.firstRows.push(row);
    }
  }
}
