import type { Page, PageRequest } from "../contract/paging.ts";
import type { Recipient } from "../domain/batch/plan.ts";
import type { ColumnChoices, ColumnPlan } from "../domain/list/column-plan.ts";
import type { Exclude } from "../domain/list/exclude.ts";
import type {
  ContactList,
  ListChange,
  ListChangeKind,
  ListComparison,
  ListDifference,
  ListRow,
  RowFate,
} from "../domain/list/list.ts";
import type { Table } from "../domain/list/table.ts";
import type { E164 } from "../domain/phone/phone-number.ts";

/** What a list is read by. The same bytes with the same choices by the same owner are the same list. */
export type ListChoices = {
  /** Country of numbers without one, ISO 3166-1 alpha-2. */
  readonly defaultCountry?: string;
  /** Taken for `defaultCountry` where none is given and the list's own numbers say nothing else: the country of the number that calls. */
  readonly callerCountry?: string;
  readonly columns?: ColumnChoices;
  /** What each column is for, where that is known and nothing is to be found out, as with `tasks`. Not together with `columns`. */
  readonly plan?: ColumnPlan;
  /** Whom the list leaves out, whenever it is judged. */
  readonly exclude?: Exclude;
  /** The batch some of whose people the table has. */
  readonly fromBatch?: string;
  /** Variables of the agent that will call, so that obvious columns are mapped to them; remembered per agent and shape. */
  readonly agent?: { readonly agentId: string; readonly variables: readonly string[] };
};

/** What is known at a preview or create, and decides about rows beyond what stands in them. */
export type RowRules = {
  /** Those of the numbers that must not be called. */
  readonly findDoNotCall: (numbers: readonly E164[]) => Promise<ReadonlySet<string>>;
  /** Those of the numbers that what the list excludes leaves out, with the reason in a sentence. */
  readonly findExcluded: (numbers: readonly E164[], exclude: Exclude) => Promise<ReadonlyMap<string, string>>;
  /** The caller ids, which are not called themselves: that row's problem alone. */
  readonly callerIds?: readonly string[];
};

/** A change, or the rows of another table added after the last row. */
export type ListEdit = ListChange | { readonly kind: "add"; readonly table: Table };

/** Lists that were read, kept for 30 days in the data directory. `owner` is the principal: nobody sees another's. */
export type Lists = {
  /**
   * Reads a table to its end and keeps it. Throws `invalid_input` for one that is empty or whose phone column is missing or
   * doubtful (with the headers and three masked rows); then nothing is kept. `progress` hears of every block.
   */
  read(table: Table, choices: ListChoices, owner: string, progress?: (rows: number) => void): Promise<ContactList>;
  /** Throws `not_found` for a list that is unknown, expired or another owner's. */
  get(listId: string, owner: string): Promise<ContactList>;
  /** Ids of that owner's newest lists, and what each was read from; the newest first. */
  recent(owner: string, most: number): Promise<readonly { readonly listId: string; readonly source: string }[]>;
  /** Makes another list of one that stays as it is; `progress` hears of every block. Throws `invalid_input` for a row, column or country that is not there. */
  change(
    listId: string,
    edits: readonly ListEdit[],
    owner: string,
    progress?: (rows: number) => void,
  ): Promise<ContactList>;
  /** How a list differs from the one that it was made from, as both were judged last. */
  difference(listId: string, madeFrom: string): Promise<ListDifference>;
  /** Judges the list's rows by what is known now, and keeps what came of it. */
  settle(listId: string, rules: RowRules): Promise<ContactList>;
  /** Rows in their order, all or those of one fate, refused ones also by code. */
  rows(
    listId: string,
    filter: { readonly fate?: RowFate["kind"]; readonly code?: string },
    page: PageRequest,
  ): Promise<Page<ListRow>>;
  /**
   * Compares with an earlier list by numbers in today's form, fallback numbers, variables and retries: who is new or changed in the order
   * of the list, then who is gone in the order of the earlier one.
   */
  compare(
    listId: string,
    earlierId: string,
    kind: ListChangeKind | undefined,
    page: PageRequest,
  ): Promise<ListComparison>;
  /** Everybody who can be called, in the order of the rows. Throws `invalid_input` when there are more than `most`. */
  recipients(listId: string, most: number): Promise<readonly Recipient[]>;
  /** Everybody who is left out only because of the do-not-call list or of what the list excludes, in the order of the rows: part of what was asked for. */
  suppressed(listId: string): Promise<readonly Recipient[]>;
  /** Remembers that a batch was made of the list. */
  link(listId: string, batchId: string): Promise<void>;
  /** The list that a batch was made of; undefined when it was none of ours or is gone. */
  ofBatch(batchId: string): Promise<ContactList | undefined>;
  /** Ids of the batches that were made of the list, the oldest first. */
  batchesOf(listId: string): Promise<readonly string[]>;
  /** Ids of the lists that were made from it and are kept, the oldest first. */
  madeOf(listId: string): Promise<readonly string[]>;
  /** Ids of the batches that were made to call people of one of these again, the oldest first: also when their lists are gone. */
  retriesOf(batchIds: readonly string[]): Promise<readonly string[]>;
  /** Row of each number that the list accepted, or one that it was made from: changes leave the numbering of the rows as it is. */
  rowsOf(listId: string, numbers: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Those rows, by their number. */
  rowsAt(listId: string, rows: readonly number[]): Promise<ReadonlyMap<number, ListRow>>;
  /** Deletes the list; batches that were made of it go on. Throws `not_found` as `get` does. */
  delete(listId: string, owner: string): Promise<void>;
  close(): void;
};
