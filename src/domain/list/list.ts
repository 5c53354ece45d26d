import type { RowCounts } from "../batch/plan.ts";
import type { E164, PhoneNumberType } from "../phone/phone-number.ts";
import type { Issue } from "../problem.ts";
import type { ColumnChoices, ColumnPlan } from "./column-plan.ts";
import type { Exclude } from "./exclude.ts";
import type { CellsAsGiven, RowFault, TableShape } from "./table.ts";

/** What became of a row: exactly one of these for every row of the input. */
export type RowFate =
  | {
      readonly kind: "accepted";
      readonly toNumber: E164;
      /** Called, in this order, when the numbers before were not reached. */
      readonly fallbackNumbers?: readonly E164[];
      /** Fallback numbers that are not called: on the do-not-call list, or the number that calls. */
      readonly withheld?: readonly E164[];
      readonly country?: string;
      readonly type: PhoneNumberType;
    }
  | { readonly kind: "duplicate"; readonly toNumber: E164; readonly ofRow: number }
  /** On the do-not-call list; with `excluded`, left out by what the list excludes, and why in a sentence. */
  | { readonly kind: "suppressed"; readonly toNumber: E164; readonly excluded?: string }
  /** Cannot be called, or was left out by `change_list` (code `left_out`). */
  | { readonly kind: "refused"; readonly issue: Issue };

/** A row of a kept list. */
export type ListRow = {
  readonly row: number;
  /** As they were given, trimmed. */
  readonly cells: readonly string[];
  readonly asGiven?: CellsAsGiven;
  /** Cells that were set afterwards, by column index. */
  readonly changed?: Readonly<Record<number, string>>;
  /** Its cells cannot be told apart, and belong to no column. */
  readonly fault?: RowFault;
  readonly fate: RowFate;
};

/**
 * Cells that refuse nobody and could not be read: a time zone, a time not to call before, a number that is only called when
 * another one was not reached. Also fallback numbers that are another row's (`duplicate`) or the row's own (`same_as_to_number`).
 */
export type UnreadCells = {
  /** Name of the column. */
  readonly field: string;
  /** Code of the issue that they share, such as `unknown_zone`. */
  readonly code: string;
  /** How many rows. */
  readonly rows: number;
  /** The first few of them. */
  readonly firstRows: readonly number[];
};

/** A list that was read whole and is kept. It never changes: `change_list` makes another. */
export type ContactList = {
  /** `list_…` */
  readonly listId: string;
  readonly shape: TableShape;
  readonly plan: ColumnPlan;
  /** Country of numbers without one, ISO 3166-1 alpha-2. */
  readonly defaultCountry?: string;
  /** `input = accepted + duplicate + suppressed + refused`. */
  readonly rows: RowCounts;
  readonly unread: readonly UnreadCells[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** The list that this one was made from. */
  readonly madeFrom?: string;
  /** The batch some of whose people it calls again. */
  readonly fromBatch?: string;
  /** Numbers in today's form under which nobody of it is called, as somebody said who answered there. */
  readonly wrongNumbers?: readonly string[];
  /** Whom it leaves out, and how many of the suppressed rows that are. */
  readonly exclude?: Exclude;
  readonly excludedRows?: number;
};

/** One repair of a list. */
export type ListChange =
  | { readonly kind: "leave_out"; readonly rows: readonly number[] }
  | { readonly kind: "put_back"; readonly rows: readonly number[] }
  /** Calls some people of an earlier batch again. These rows are not, `why` in a sentence; nobody else is called under their numbers. */
  | {
      readonly kind: "from_batch";
      readonly batchId: string;
      /** For whoever reads the list: who is called and who is not. */
      readonly said: string;
      readonly notAgain: readonly { readonly why: string; readonly rows: readonly number[] }[];
      /** Numbers in today's form under which none of its people is called: people who have another one are called under that. */
      readonly wrongNumbers?: readonly string[];
    }
  /** Keeps only rows where the column has one of the values; without values, where it is not blank. */
  | { readonly kind: "keep_where"; readonly column: string; readonly values?: readonly string[] }
  | { readonly kind: "set_cell"; readonly row: number; readonly column: string; readonly value: string }
  /** For the rows, or for the whole list. ISO 3166-1 alpha-2. */
  | { readonly kind: "set_country"; readonly country: string; readonly rows?: readonly number[] }
  /** Beside what was excluded before. */
  | { readonly kind: "exclude"; readonly exclude: Exclude }
  | { readonly kind: "map_columns"; readonly columns: ColumnChoices };

/**
 * How a list differs from the one that it was made from, as both were judged last:
 * `after.accepted = before.accepted + newlyAccepted - noLongerAccepted + addedAccepted`.
 */
export type ListDifference = {
  readonly before: RowCounts;
  readonly after: RowCounts;
  /** Rows with another fate, number or words than before, without those that were added; the first few of them. */
  readonly changedRows: readonly number[];
  readonly changedCount: number;
  readonly newlyAccepted: number;
  readonly noLongerAccepted: number;
  readonly added: number;
  readonly addedAccepted: number;
};

/** How somebody in a list differs from an earlier one: is not in it, is called or told something else, or is only there. */
export const listChangeKinds = ["new", "changed", "gone"] as const;
export type ListChangeKind = (typeof listChangeKinds)[number];

/** People of a list beside those of an earlier one, by their number in today's form. `rows` are a page of those who differ. */
export type ListComparison = { readonly [K in ListChangeKind | "unchanged"]: number } & {
  readonly rows: readonly { readonly kind: ListChangeKind; readonly row?: ListRow; readonly earlierRow?: ListRow }[];
  readonly totalCount: number;
  readonly hasMore: boolean;
};
