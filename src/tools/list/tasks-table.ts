import type { ColumnPlan } from "../../domain/list/column-plan.ts";
import { nameColumns } from "../../domain/list/find-header.ts";
import { findLabel } from "../../domain/list/find-label.ts";
import { type Table, type TableRow, trimCells } from "../../domain/list/table.ts";
import type { TaskInput } from "../rules/batch-input.ts";

/** Fields of a task that become a column where any has them, in their order. */
const ownFields = ["fallback_number", "max_retries", "timezone", "not_before"] as const;
type OwnField = (typeof ownFields)[number];

/**
 * Recipients of a call as a table, with what its columns are for. A variable that only some of them have is a column of all,
 * blank where it is missing: an agent says nothing then, and not its name in braces.
 */
export function tableOfTasks(tasks: readonly TaskInput[]): { readonly table: Table; readonly plan: ColumnPlan } {
  const has = (field: OwnField) => tasks.some((task) => task[field] !== undefined);
  const fields = ownFields.filter(has);
  const own = ["to_number", ...fields];
  const variables = variablesIn(tasks);
  const toRow = (task: TaskInput, index: number): TableRow => {
    const given = task.dynamic_variables ?? {};
    const cells = [task.to_number];
    for (const field of fields) cells.push(String(task[field] ?? ""));
    // A variable can be called as anything that objects have, so only own ones are looked at.
    for (const name of variables) cells.push(Object.hasOwn(given, name) ? (given[name] ?? "") : "");
    const { cells: trimmed, asGiven } = trimCells(cells);
    return asGiven === undefined ? { row: index + 1, cells: trimmed } : { row: index + 1, cells: trimmed, asGiven };
  };
  const names = [...own, ...variables];
  const rows = tasks.map(toRow);
  const columns = variables.map((name, at) => {
    const index = own.length + at;
    // Put together for those alone whose name says that they may be the label.
    return {
      index,
      name,
      get cells() {
        return rows.map(({ cells }) => cells[index] ?? "");
      },
    };
  });
  // A variable may be called `to_number` as well, or nothing at all; columns may not.
  const shape = { source: "tasks", format: "tasks", columns: nameColumns(names, names.length) } as const;
  return {
    table: { shape, rows: inOneBlock(rows) },
    plan: {
      phone: has("fallback_number") ? [0, 1] : [0],
      ...(has("max_retries") && { maxRetries: own.indexOf("max_retries") }),
      ...(has("timezone") && { timezone: own.indexOf("timezone") }),
      ...(has("not_before") && { notBefore: own.indexOf("not_before") }),
      variables: new Map(variables.map((name, index) => [own.length + index, name])),
      label: findLabel(columns),
      said: [],
    },
  };
}

/** Names of the variables that any of them has, in the order in which they come up. */
function variablesIn(tasks: readonly TaskInput[]): readonly string[] {
  const names = new Set<string>();
  for (const { dynamic_variables: given } of tasks) {
    if (given === undefined) continue;
    for (const name of Object.keys(given)) names.add(name);
  }
  return [...names];
}

async function* inOneBlock(rows: readonly TableRow[]): AsyncGenerator<readonly TableRow[], void, undefined> {
  yield rows;
}
