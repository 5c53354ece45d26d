import { z } from "zod";
import { tableOfText } from "../../contacts/table/open-table.ts";
import type { ContactList } from "../../domain/list/list.ts";
import { type Issue, isIssue } from "../../domain/problem.ts";
import type { ListEdit } from "../../lists/lists.ts";
import { invalidInput, parseCountry } from "../arguments/parse-input.ts";
import { inWords } from "../arguments/shapes.ts";
import { columnChoices } from "../rules/batch-input.ts";
import type { ToolContext } from "../tool.ts";
import { openListFile } from "./list-input.ts";
import { selectRows } from "./list-rows.ts";
import { rowSelection } from "./row-selection.ts";

/** Arguments of `change_list`, in the order in which the changes are made. */
export const changeFields = () => ({
  add_file: z.string().min(1).optional().describe("Adds rows of a CSV or Excel file, as tasks_file."),
  add_csv: z.string().min(1).optional().describe("Adds rows of CSV text."),
  columns: columnChoices("Reads a column as another, such as {to_number: Mobile}.").optional(),
  set_cells: inWords(
    z.array(z.strictObject({ row: z.int().min(1), column: z.string().min(1), value: z.string() })).min(1),
    "Puts text into cells: [{row, column, value}].",
  ).optional(),
  set_country: inWords(
    z.strictObject({ country: z.string(), rows: rowSelection().optional() }),
    "For numbers without one: {country: GB, rows: else all}.",
  ).optional(),
  keep_where: inWords(
    z.strictObject({ column: z.string().min(1), values: z.array(z.string()).min(1).optional() }),
    "Keeps only matching rows: {column, values, else any text}.",
  ).optional(),
  leave_out: rowSelection().optional().describe('Rows not to call: [3, "10-20"].'),
  put_back: rowSelection().optional().describe("Left-out rows to call; same form."),
});

const change = z.object(changeFields());
type ChangeInput = z.output<typeof change>;

/** The edits that were asked for. Throws one `invalid_input` with all that is wrong with them. */
export async function toListEdits(
  input: ChangeInput,
  { listId }: ContactList,
  context: ToolContext,
): Promise<readonly ListEdit[]> {
  const rowsOf = (parts: readonly (number | string)[], field: string) =>
    selectRows(parts, field, { listId, lists: context.lists });
  const { add_file: file, add_csv: text, columns, set_cells: cells = [], keep_where: keep } = input;
  const made: (ListEdit | readonly Issue[])[] = [
    ...(file === undefined ? [] : [{ kind: "add", table: await openListFile(file, context) } as const]),
    ...(text === undefined ? [] : [{ kind: "add", table: await tableOfText(text, "The list in add_csv") } as const]),
    ...(columns ? [{ kind: "map_columns", columns } as const] : []),
    ...cells.map(({ row, column, value }) => ({ kind: "set_cell", row, column, value }) as const),
    ...(input.set_country ? [await toCountryEdit(input.set_country, rowsOf)] : []),
    ...(keep
      ? [{ kind: "keep_where", column: keep.column, ...(keep.values && { values: keep.values }) } as const]
      : []),
    ...(await toRowEdit("leave_out", input.leave_out, rowsOf)),
    ...(await toRowEdit("put_back", input.put_back, rowsOf)),
  ];
  const issues = made.flatMap((edit) => (isEdit(edit) ? [] : edit));
  const edits = made.filter(isEdit);
  if (issues.length === 0 && edits.length > 0) return edits;
  throw invalidInput(issues.length > 0 ? issues : [nothingToChange], "keeps_list");
}

const nothingToChange: Issue = {
  field: "arguments",
  code: "required",
  message: `There is nothing to change. Give at least one of ${Object.keys(changeFields()).join(", ")}.`,
};

type RowsOf = (parts: readonly (number | string)[], field: string) => Promise<readonly number[] | readonly Issue[]>;

async function toRowEdit(
  kind: "leave_out" | "put_back",
  parts: readonly (number | string)[] | undefined,
  rowsOf: RowsOf,
): Promise<readonly (ListEdit | readonly Issue[])[]> {
  if (!parts) return [];
  const rows = await rowsOf(parts, kind);
  return [areRows(rows) ? { kind, rows } : rows];
}

async function toCountryEdit(
  { country: text, rows: parts }: NonNullable<ChangeInput["set_country"]>,
  rowsOf: RowsOf,
): Promise<ListEdit | readonly Issue[]> {
  const country = parseCountry(text, "set_country.country");
  if (country === undefined || isIssue(country)) return country ? [country] : [];
  if (!parts) return { kind: "set_country", country };
  const rows = await rowsOf(parts, "set_country.rows");
  return areRows(rows) ? { kind: "set_country", country, rows } : rows;
}

function areRows(rows: readonly number[] | readonly Issue[]): rows is readonly number[] {
  return rows.every((row) => typeof row === "number");
}

function isEdit(made: ListEdit | readonly Issue[]): made is ListEdit {
  return "kind" in made;
}
