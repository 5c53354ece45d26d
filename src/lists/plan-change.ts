import type { ColumnChoices, ColumnPlan } from "../domain/list/column-plan.ts";
import { eitherExclude } from "../domain/list/exclude.ts";
import type { ListChange } from "../domain/list/list.ts";
import { planColumns } from "../domain/list/plan-columns.ts";
import type { Table } from "../domain/list/table.ts";
import { isCountryCode } from "../domain/phone/phone-number.ts";
import { type Issue, Problem } from "../domain/problem.ts";
import { type AddedColumns, matchColumns } from "./add-table.ts";
import { findPlace, noColumnIssue } from "./column-names.ts";
import type { Head } from "./head-store.ts";
import type { ListEdit } from "./lists.ts";
import {
  keepWhere,
  leaveOut,
  notAgain,
  putBack,
  type RowOperation,
  setCell,
  setCountry,
  WantedRows,
} from "./row-operations.ts";
import { cellsNow, type StoredRow } from "./stored-row.ts";

/** What edits come to, in their order: what they do to each row, which tables they add, and how the list is read now. */
export type PlannedChange = {
  readonly head: Head;
  /** Applied to a row from where it came into the list on. */
  readonly operations: readonly RowOperation[];
  readonly added: readonly (AddedColumns & { readonly table: Table; readonly from: number })[];
  readonly wanted: readonly { readonly field: string; readonly rows: WantedRows }[];
};

type Draft = {
  head: Head;
  readonly operations: RowOperation[];
  readonly added: (AddedColumns & { readonly table: Table; readonly from: number })[];
  readonly wanted: { readonly field: string; readonly rows: WantedRows }[];
  readonly issues: Issue[];
  readonly sample: readonly StoredRow[];
};

/** Throws one `invalid_input` for all columns and countries that are not there; rows are met later. `sample` are the list's first rows. */
export function planChange(before: Head, edits: readonly ListEdit[], sample: readonly StoredRow[]): PlannedChange {
  const draft: Draft = { head: before, operations: [], added: [], wanted: [], issues: [], sample };
  for (const edit of edits) {
    if (edit.kind === "add") planAdd(draft, edit.table);
    else planEdit(draft, edit);
  }
  if (draft.issues.length === 0) return draft;
  throw new Problem("invalid_input", "The list was not changed.", { issues: draft.issues });
}

function planEdit(draft: Draft, edit: ListChange): void {
  switch (edit.kind) {
    case "leave_out":
      draft.operations.push(leaveOut(want(draft, edit.kind, edit.rows)));
      break;
    case "put_back":
      draft.operations.push(putBack(want(draft, edit.kind, edit.rows)));
      break;
    case "from_batch":
      draft.head = toRetry(draft.head, edit);
      for (const { rows, why } of edit.notAgain) draft.operations.push(notAgain(want(draft, edit.kind, rows), why));
      break;
    case "keep_where":
      planWithColumn(draft, edit.column, edit.kind, (index) => keepWhere(index, edit.values));
      break;
    case "set_cell":
      planWithColumn(draft, edit.column, edit.kind, (index) =>
        setCell(want(draft, edit.kind, [edit.row]), index, edit.value),
      );
      break;
    case "set_country":
      planCountry(draft, edit.country, edit.rows);
      break;
    case "exclude":
      draft.head = { ...draft.head, exclude: eitherExclude(draft.head.exclude, edit.exclude) };
      break;
    case "map_columns":
      planMapping(draft, edit.columns);
      break;
  }
}

function toRetry(head: Head, { batchId, said, wrongNumbers = [] }: Extract<ListChange, { kind: "from_batch" }>): Head {
  // Whom the first batch left out it did not have; its own calls are no reason to leave anybody out of the second.
  const { exclude: _ofTheFirst, ...kept } = head;
  const wrong = [...new Set([...(head.wrongNumbers ?? []), ...wrongNumbers])];
  return {
    ...kept,
    fromBatch: batchId,
    ...(wrong.length > 0 && { wrongNumbers: wrong }),
    shape: { ...head.shape, said: [...(head.shape.said ?? []), said] },
  };
}

function want(draft: Draft, field: string, numbers: readonly number[]): WantedRows {
  const rows = new WantedRows(numbers);
  draft.wanted.push({ field, rows });
  return rows;
}

function planWithColumn(draft: Draft, name: string, field: string, make: (index: number) => RowOperation): void {
  const { columns } = draft.head.shape;
  const index = findPlace(columns, name);
  if (index === undefined) draft.issues.push(noColumnIssue(columns, name, field));
  else draft.operations.push(make(index));
}

function planCountry(draft: Draft, country: string, rows: readonly number[] | undefined): void {
  if (!isCountryCode(country)) {
    const message = `${JSON.stringify(country.slice(0, 20))} is no country. Write two capital letters, such as GB.`;
    draft.issues.push({ field: "set_country", code: "unknown_country", message });
  } else if (rows) draft.operations.push(setCountry(want(draft, "set_country", rows), country));
  else draft.head = { ...draft.head, defaultCountry: country };
}

/** What was said about columns before holds on, but for what is said now. */
function planMapping(draft: Draft, columns: ColumnChoices): void {
  const { shape, plan, agent } = draft.head;
  const said = shape.format === "tasks" ? toChoices(plan, shape.columns) : draft.head.choices;
  const choices = { ...withoutColumns(said, columns, shape.columns), ...columns };
  const rows = draft.sample.map((row) => {
    const now = draft.operations.reduce((before, operate) => operate(before, shape.columns.length), row);
    return { ...row, cells: cellsNow(now, shape.columns.length) };
  });
  draft.head = {
    ...draft.head,
    choices,
    plan: planColumns({ columns: shape.columns, rows }, choices, agent?.variables ?? [], shape.source),
  };
}

/** A column that is for something now is no longer for what it was for before. */
function withoutColumns(choices: ColumnChoices, taken: ColumnChoices, names: readonly string[]): ColumnChoices {
  const placeOf = (name: string): number | string => findPlace(names, name) ?? name;
  const places = new Set(Object.values(taken).flat().map(placeOf));
  return Object.fromEntries(
    Object.entries(choices).flatMap(([wanted, given]): [string, string | readonly string[]][] => {
      const left = [given].flat().filter((name) => !places.has(placeOf(name)));
      return left.length === 0 ? [] : [[wanted, typeof given === "string" ? given : left]];
    }),
  );
}

/** Says of a plan that nobody chose what it is. */
function toChoices(plan: ColumnPlan, columns: readonly string[]): ColumnChoices {
  const nameOf = (index: number): string => columns[index] ?? "";
  return {
    ...Object.fromEntries(Array.from(plan.variables, ([index, name]) => [name, nameOf(index)])),
    ...(plan.maxRetries !== undefined && { max_retries: nameOf(plan.maxRetries) }),
    ...(plan.timezone !== undefined && { timezone: nameOf(plan.timezone) }),
    ...(plan.notBefore !== undefined && { not_before: nameOf(plan.notBefore) }),
    to_number: plan.phone.map(nameOf),
  };
}

function planAdd(draft: Draft, table: Table): void {
  const matched = matchColumns(draft.head, table.shape);
  if (!("places" in matched)) {
    draft.issues.push(matched);
    return;
  }
  draft.added.push({ ...matched, table, from: draft.operations.length });
  draft.head = { ...draft.head, shape: { ...draft.head.shape, columns: matched.columns } };
}
