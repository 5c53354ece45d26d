import type { RowFault } from "../domain/list/table.ts";
import type { E164, PhoneNumberType } from "../domain/phone/phone-number.ts";
import { callerIdCode, type RowEdits, type StoredFate, type StoredRow } from "./stored-row.ts";

/** Rows that are kept together, as text. Short forms: a list of 100,000 rows is a hundred of these. */
export type Block = { readonly rows: string; readonly edits: string };

/** The fates of a block's rows as text, and what is asked about them without reading it. */
export type FateBlock = {
  readonly fates: string;
  readonly accepted: number;
  readonly duplicate: number;
  readonly suppressed: number;
  readonly refused: number;
  /** How many rows were refused for each code, as JSON. */
  readonly codes: string;
};

type RowText = readonly [row: number, cells: readonly string[], fault?: RowFault];

export function toBlock(rows: readonly StoredRow[]): Block {
  const texts = rows.map(
    ({ row, cells, fault }): RowText => (fault === undefined ? [row, cells] : [row, cells, fault]),
  );
  const edits = rows.flatMap((row, index) => (row.edits === undefined ? [] : [[index, row.edits]]));
  return { rows: JSON.stringify(texts), edits: edits.length === 0 ? "" : JSON.stringify(edits) };
}

/** The text is what `toBlock` wrote, so its shape is known. */
export function fromBlock({ rows, edits }: Block): readonly StoredRow[] {
  const texts: readonly RowText[] = JSON.parse(rows);
  const edited: readonly (readonly [number, RowEdits])[] = edits === "" ? [] : JSON.parse(edits);
  const byIndex = new Map(edited);
  return texts.map(([row, cells, fault], index): StoredRow => {
    const found = byIndex.get(index);
    if (fault === undefined && found === undefined) return { row, cells };
    return { row, cells, ...(fault !== undefined && { fault }), ...(found !== undefined && { edits: found }) };
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
  | readonly [kind: "d", toNumber: E164, ofRow: number]
  | readonly [kind: "r", field: string, code: string, message: string];

export function toFateBlock(fates: readonly StoredFate[]): FateBlock {
  const counts = { accepted: 0, duplicate: 0, suppressed: 0, refused: 0 };
  const codes: Record<string, number> = {};
  for (const fate of fates) {
    const kind = fate.kind === "caller_id" ? "refused" : fate.kind;
    counts[kind]++;
    if (kind !== "refused") continue;
    const code = fate.kind === "refused" ? fate.issue.code : callerIdCode;
    codes[code] = (codes[code] ?? 0) + 1;
  }
  return { fates: JSON.stringify(fates.map(toFateText)), ...counts, codes: JSON.stringify(codes) };
}

function toFateText(fate: StoredFate): FateText {
  switch (fate.kind) {
    case "accepted":
      return callableText("a", fate);
    case "suppressed":
      return callableText("s", fate);
    case "caller_id":
      return callableText("c", fate);
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
    case "d":
      return { kind: "duplicate", toNumber: text[1], ofRow: text[2] };
    case "r":
      return { kind: "refused", issue: { field: text[1], code: text[2], message: text[3] } };
  }
}

function toCallable(kind: "accepted" | "suppressed" | "caller_id", text: CallableText): StoredFate {
  const [, toNumber, type, country, fallbackNumbers, withheld = []] = text;
  const callable = country === "" ? { kind, toNumber, type } : { kind, toNumber, type, country };
  if (fallbackNumbers === undefined) return callable;
  return {
    ...callable,
    fallbackNumbers,
    ...(withheld.length > 0 && { withheld }),
  };
}
