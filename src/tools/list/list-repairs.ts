import type { BlankVariable } from "../../domain/batch/plan.ts";
import type { ContactList } from "../../domain/list/list.ts";
import type { Issue } from "../../domain/problem.ts";
import { toCallText } from "../words/call-text.ts";
import type { IssueGroup } from "./list-issues.ts";
import { toRowSelection } from "./row-selection.ts";

const mostRepairs = 6;
const mostCells = 5;

type ListName = Pick<ContactList, "listId" | "shape">;
type Change = "set_country" | "put_back" | "set_cells";

/** Calls that mend what is wrong with a list, ready to be made once somebody has put values in place of the dots. */
export function toRepairs(
  list: ListName,
  groups: readonly IssueGroup[],
  blank: readonly BlankVariable[] = [],
): readonly string[] {
  const byChange = new Map<Change, IssueGroup[]>();
  for (const group of groups) {
    const change = changeFor(group.issue, list.shape.columns);
    if (change !== undefined) byChange.set(change, [...(byChange.get(change) ?? []), group]);
  }
  const ofRows = [...byChange].map(([change, some]) => toCallText("change_list", toArgs(change, list, some)));
  return [...ofRows, ...toFills(list, blank)].slice(0, mostRepairs);
}

/** Which change mends an issue; undefined where none does, or none is wanted. */
function changeFor({ code, field }: Issue, columns: readonly string[]): Change | undefined {
  switch (code) {
    case "no_country":
      return "set_country";
    case "left_out":
      return "put_back";
    case "duplicate":
    case "do_not_call":
    case "excluded":
    case "not_again":
    case "same_as_from_number":
    case "emergency":
    case "premium":
    case "shared_cost":
    case "satellite":
    case "number_type":
    case "variables_too_large":
      return undefined;
    default:
      // What is wrong with a row as a whole, such as its number of cells, is mended where it comes from.
      return columns.includes(field) ? "set_cells" : undefined;
  }
}

function toArgs(change: Change, { listId }: ListName, groups: readonly IssueGroup[]): object {
  const rows = groups.flatMap(({ firstRows }) => firstRows).sort((a, b) => a - b);
  const isComplete = groups.every(({ rows: count, firstRows }) => count === firstRows.length);
  const named = toRowSelection(rows);
  switch (change) {
    case "set_country":
      return { list_id: listId, set_country: { country: "…", ...(isComplete && { rows: named }) } };
    case "put_back":
      return { list_id: listId, put_back: named };
    case "set_cells": {
      const cells = groups.flatMap(({ issue, firstRows }) =>
        firstRows.map((row) => ({ row, column: issue.field, value: "…" })),
      );
      return { list_id: listId, set_cells: cells.sort((a, b) => a.row - b.row).slice(0, mostCells) };
    }
  }
}

/** Calls that fill variables: from columns that do not become them yet, or cell by cell. Recipients in `tasks` have no columns. */
function toFills({ listId, shape }: ListName, blank: readonly BlankVariable[]): readonly string[] {
  const unmapped = shape.format === "tasks" ? [] : blank.filter(({ name }) => !shape.columns.includes(name));
  const columns = Object.fromEntries(unmapped.map(({ name, similar }) => [name, similar ?? "…"]));
  const cells = blank
    .filter(({ name }) => shape.columns.includes(name))
    .map(({ name, firstRows }) => ({ row: firstRows[0], column: name, value: "…" }));
  return [
    ...(unmapped.length > 0 ? [toCallText("change_list", { list_id: listId, columns })] : []),
    ...(cells.length > 0 ? [toCallText("change_list", { list_id: listId, set_cells: cells.slice(0, mostCells) })] : []),
  ];
}
