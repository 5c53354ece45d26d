import { excludedCode } from "../domain/list/exclude.ts";
import type { RowFate } from "../domain/list/list.ts";
import { type RowFault, trimCells, untrimmed } from "../domain/list/table.ts";
import type { E164, PhoneNumberType } from "../domain/phone/phone-number.ts";
import { type Callable, callerIdCode, type RowEdits, type StoredFate, type StoredRow } from "./stored-row.ts";

/** Rows that are kept together, as text. Short forms: a list of 100,000 rows is a hundred of these. */
export type Block = { readonly rows: string; readonly edits: string };

/** The fates of a block's rows as text, and what is asked about them without reading it. */
export type FateBlock = {
  readonly fates: string;
  readonly accepted: number;
  readonly duplicate: number;
  readonly suppressed: number;
  readonly refused: number;
  /** How many rows were refused for each code, and how many are excluded, as JSON. */
  readonly codes: string;
};

/** Cells as they were given. */
type RowText = readonly [row: number, cells: readonly string[], fault?: RowFault];

export function toBlock(rows: readonly StoredRow[]): Block {
  const texts = rows.map((stored): RowText => {
    const { row, fault } = stored;
    const cells = untrimmed(stored);
    return fault === undefined ? [row, cells] : [row, cells, fault];
  });
  const edits = rows.flatMap((row, index) => (row.edits === undefined ? [] : [[index, row.edits]]));
  return { rows: JSON.stringify(texts), edits: edits.length === 0 ? "" : JSON.stringify(edits) };
}

/** The text is what `toBlock` wrote, so its shape is known. */
export function fromBlock({ rows, edits }: Block): readonly StoredRow[] {
  const texts: readonly RowText[] = JSON.parse(rows);
  const edited: readonly (readonly [number, RowEdits])[] = edits === "" ? [] : JSON.parse(edits);
  const byIndex = new Map(edited);
  return texts.map(([row, given, fault], index): StoredRow => {
    const found = byIndex.get(index);
    const cells = trimCells(given);
    if (fault === undefined && found === undefined) return { row, ...cells };
    return { row, ...cells, ...(fault !== undefined && { fault }), ...(found !== undefined && { edits: found }) };
  });
}

type CallableText = readonly [
  kind: "a" | "s" | "c",
  toNumber: E164,
  type: PhoneNumberType,
  country: string,
  fallbackNumbers?: readonly E164[],
  withheld?: readonly E164[],
];
type FateText =
  | CallableText
  | readonly [kind: "e", why: string, callable: CallableText]
  | readonly [kind: "d", toNumber: E164, ofRow: number]
  | readonly [kind: "r", field: string, code: string, message: string];

export function toFateBlock(fates: readonly StoredFate[]): FateBlock {
  const counts = { accepted: 0, duplicate: 0, suppressed: 0, refused: 0 };
  const codes: Record<string, number> = {};
  for (const fate of fates) {
    counts[countedKind(fate)]++;
    const code = codeOf(fate);
    if (code !== undefined) codes[code] = (codes[code] ?? 0) + 1;
  }
  return { fates: JSON.stringify(fates.map(toFateText)), ...counts, codes: JSON.stringify(codes) };
}

/** What a row counts as. */
export function countedKind({ kind }: StoredFate): RowFate["kind"] {
  if (kind === "caller_id") return "refused";
  return kind === "excluded" ? "suppressed" : kind;
}

/** The code that rows of its kind are told apart by. */
export function codeOf(fate: StoredFate): string | undefined {
  switch (fate.kind) {
    case "refused":
      return fate.issue.code;
    case "caller_id":
      return callerIdCode;
    case "excluded":
      return excludedCode;
    case "accepted":
    case "suppressed":
    case "duplicate":
      return undefined;
  }
}

function toFateText(fate: StoredFate): FateText {
  switch (fate.kind) {
    case "accepted":
      return callableText("a", fate);
    case "suppressed":
      return callableText("s", fate);
    case "caller_id":
      return callableText("c", fate);
    case "excluded":
      return ["e", fate.why, callableText("a", fate)];
    case "duplicate":
      return ["d", fate.toNumber, fate.ofRow];
    case "refused":
      return ["r", fate.issue.field, fate.issue.code, fate.issue.message];
  }
}

function callableText(
  kind: CallableText[0],
  { toNumber, type, country = "", fallbackNumbers, withheld }: Extract<StoredFate, { type: unknown }>,
): CallableText {
  if (fallbackNumbers === undefined) return [kind, toNumber, type, country];
  return [kind, toNumber, type, country, fallbackNumbers, withheld ?? []];
}

/** The text is what `toFateBlock` wrote, so its shape is known. */
export function fromFates(text: string): readonly StoredFate[] {
  const texts: readonly FateText[] = JSON.parse(text);
  return texts.map(fromFateText);
}

function fromFateText(text: FateText): StoredFate {
  switch (text[0]) {
    case "a":
      return toCallable("accepted", text);
    case "s":
      return toCallable("suppressed", text);
    case "c":
      return toCallable("caller_id", text);
    case "e":
      return { ...toCallable("accepted", text[2]), kind: "excluded", why: text[1] };
    case "d":
      return { kind: "duplicate", toNumber: text[1], ofRow: text[2] };
    case "r":
      return { kind: "refused", issue: { field: text[1], code: text[2], message: text[3] } };
  }
}

function toCallable<K extends "accepted" | "suppressed" | "caller_id">(
  kind: K,
  text: CallableText,
): { readonly kind: K } & Callable {
  const [, toNumber, type, country, fallbackNumbers, withheld = []] = text;
  const callable = country === "" ? { kind, toNumber, type } : { kind, toNumber, type, country };
  if (fallbackNumbers === undefined) return callable;
  return {
    ...callable,
    fallbackNumbers,
    ...(withheld.length > 0 && { withheld }),
  };
}
