import type { ColumnPlan } from "../../domain/list/column-plan.ts";
import { nameColumns } from "../../domain/list/find-header.ts";
import { findLabel } from "../../domain/list/find-label.ts";
import { type Table, type TableRow, trimCells } from "../../domain/list/table.ts";
import type { TaskInput } from "./batch-input.ts";

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
  const variables = [...new Set(tasks.flatMap((task) => Object.keys(task.dynamic_variables ?? {})))];
  const toRow = (task: TaskInput, index: number): TableRow => {
    // A variable can be called as anything that objects have, so only own ones are looked at.
    const given = new Map(Object.entries(task.dynamic_variables ?? {}));
    const values = variables.map((name) => given.get(name) ?? "");
    const said = fields.map((field) => String(task[field] ?? ""));
    return { row: index + 1, ...trimCells([task.to_number, ...said, ...values]) };
  };
  const names = [...own, ...variables];
  const rows = tasks.map(toRow);
  const columns = variables.map((name, at) => {
    const index = own.length + at;
    return { index, name, cells: rows.map(({ cells }) => cells[index] ?? "") };
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

async function* inOneBlock(rows: readonly TableRow[]): AsyncGenerator<readonly TableRow[], void, undefined> {
  yield rows;
}
