import { z } from "zod";
import type { BlankVariable, RowCounts } from "../../domain/batch/plan.ts";
import { toBlankText, toUnreadZonesText } from "../../domain/batch/preview-variables.ts";
import { unusedZone } from "../../domain/list/judge-row.ts";
import type { ContactList, UnreadCells } from "../../domain/list/list.ts";
import type { TableShape } from "../../domain/list/table.ts";
import { counted, joinParts, plainText } from "../../domain/text.ts";
import { issues, rowCounts } from "../arguments/shapes.ts";
import { lines } from "../batch/batch-view.ts";
import { toCallText } from "../words/call-text.ts";
import { type IssueGroup, leftOutFates, mostIssues, mostNamed, toRowsText } from "./list-issues.ts";
import { toRepairs } from "./list-repairs.ts";

/** What every answer says about a list that was read: which one it is, the fate of its rows, and how it was read. */
export const listFields = () => ({
  list_id: z.string(),
  rows: rowCounts(),
  issues: issues(),
  more_issues: z.number().optional(),
  phone_column: z.string().optional(),
  fallback_columns: z.array(z.string()).optional(),
  mapped: z.array(z.string()).optional(),
  notes: z.array(z.string()).optional(),
  repairs: z.array(z.string()).optional(),
  missing_variables: z.array(z.looseObject({})).optional(),
});

const blankVariable = z.object({
  name: z.string(),
  rows: z.number(),
  first_rows: z.array(z.number()),
  similar: z.string().optional(),
});

const listReport = z.object(listFields());
export type ListReport = z.output<typeof listReport>;

type Reported = {
  readonly list: ContactList;
  readonly leftOut: readonly IssueGroup[];
  readonly blankVariables?: readonly BlankVariable[] | undefined;
  /** Another call that mends the list. */
  readonly repair?: string | undefined;
};

/** Accounts for every row of the list. More than fifty reasons are counted, not listed; `get_list` has every row. */
export function reportList({ list, leftOut, blankVariables, repair }: Reported): ListReport {
  const more = leftOut.slice(mostIssues).reduce((sum, { rows }) => sum + rows, 0);
  const repairs = [...(repair === undefined ? [] : [repair]), ...toRepairs(list, leftOut, blankVariables)];
  const notes = [
    ...toNotes(list.shape),
    ...list.unread.map(toUnreadText),
    ...(leftOut.some(({ rows }) => rows > mostNamed) || more > 0 ? [everyRow(list)] : []),
  ];
  return {
    list_id: list.listId,
    rows: countRows(list),
    issues: leftOut.slice(0, mostIssues).map(toIssueView),
    ...(more > 0 && { more_issues: more }),
    ...reportColumns(list),
    ...(notes.length > 0 && { notes }),
    ...(repairs.length > 0 && { repairs }),
    ...(blankVariables && {
      missing_variables: blankVariables.map(({ firstRows, ...blank }) => ({ ...blank, first_rows: [...firstRows] })),
    }),
  };
}

function everyRow({ listId, rows }: ContactList): string {
  const calls = leftOutFates
    .filter((fate) => rows[fate] > 0)
    .map((fate) => toCallText("get_list", { list_id: listId, fate }));
  return `Every row that is left out: ${calls.join("; ")}.`;
}

function toUnreadText({ field, code, rows, firstRows }: UnreadCells): string {
  const named = `${firstRows.slice(0, mostNamed).join(", ")}${rows > firstRows.length ? " and more" : ""}`;
  if (code === "duplicate" || code === "same_as_to_number") {
    const whose = code === "duplicate" ? "another row's" : "the row's own";
    return `${JSON.stringify(field)}: a number that is ${whose} is called once, and is nobody's fallback number (rows ${named}).`;
  }
  if (code === unusedZone) return `${toUnreadZonesText({ column: field, rows, firstRows })}.`;
  return `${JSON.stringify(field)}: ${counted(rows, "cell")} could not be read (${code}, rows ${named}); that refuses nobody.`;
}

function toIssueView({ issue, rows, firstRows }: IssueGroup): ListReport["issues"][number] {
  const { row = firstRows[0], field, code, message } = issue;
  return {
    ...(row !== undefined && { row }),
    field,
    code,
    message,
    ...(rows > 1 && { rows, first_rows: [...firstRows] }),
  };
}

function reportColumns({ shape: { format, columns }, plan }: ContactList): Partial<ListReport> {
  if (format === "tasks") return {};
  const [phone, ...fallbacks] = plan.phone.map((index) => columns[index] ?? "");
  return {
    ...(phone !== undefined && { phone_column: phone }),
    ...(fallbacks.length > 0 && { fallback_columns: fallbacks }),
    ...(plan.said.length > 0 && { mapped: [...plan.said] }),
  };
}

/** How the table was read, where that is not the plainest way. */
export function toNotes({ format, headerRow, columns, said = [] }: TableShape): string[] {
  const notes = said.map((sentence) => plainText(sentence, 400));
  if (format === "tasks") return notes;
  const header =
    headerRow === undefined
      ? [`It has no header: its columns are called ${columns.slice(0, 3).join(", ")}${columns.length > 3 ? " …" : ""}.`]
      : headerRow > 1
        ? [`The header is row ${headerRow}; what stands above it is no row of the list.`]
        : [];
  return [...notes, ...header];
}

/** The list in a few lines: counts, columns, then the rows that were left out and what can be done. */
export function toListText(report: ListReport): string {
  const { list_id: listId, rows, issues: listed, phone_column: column, fallback_columns: fallbacks = [] } = report;
  const { more_issues: more, mapped, notes = [], repairs = [], missing_variables: missing = [] } = report;
  return lines(
    toCountsText(listId, rows),
    column && `Phone column: ${[column, ...fallbacks].join(", then ")}`,
    mapped && `Columns: ${joinParts(mapped)}`,
    ...notes,
    ...missing.map((blank) => `Variable ${toBlankLine(blank)}`),
    ...listed.map(toIssueLine),
    more !== undefined && `- and ${more} more`,
    ...repairs.map((repair) => `Repair: ${repair}`),
  );
}

/** What became of the rows; `excluded` of the suppressed ones are left out by what the list excludes. */
export function countRows({
  rows,
  exclude,
  excludedRows = 0,
}: ContactList): RowCounts & { readonly excluded?: number } {
  return exclude ? { ...rows, excluded: excludedRows } : { ...rows };
}

const countedRows = rowCounts().extend({ excluded: z.number().optional() });

export function toCountsText(listId: string, counts: object): string {
  const { input, accepted, duplicate, suppressed, refused, excluded = 0 } = countedRows.parse(counts);
  const of = (count: number, what: string): string => counted(count, what, what);
  const fates = [
    of(accepted, "accepted"),
    of(duplicate, "duplicate"),
    ...(excluded > 0 ? [of(excluded, "excluded")] : []),
    of(suppressed - excluded, "on the do-not-call list"),
    of(refused, "refused"),
  ];
  return `List ${listId}: ${counted(input, "row")}, ${fates.join(", ")}`;
}

const manyRows = z.object({ rows: z.number(), first_rows: z.array(z.number()) });

export function toIssueLine(issue: Readonly<Record<string, unknown>>): string {
  const { row, field, message } = issue;
  const { data: many } = manyRows.safeParse(issue);
  const place = row === undefined ? "" : `row ${row}, `;
  return `- ${place}${field}: ${message}${many ? ` ${toRowsText(many.rows, many.first_rows)}` : ""}`;
}

function toBlankLine(known: Record<string, unknown>): string {
  const { first_rows: firstRows, similar, ...blank } = blankVariable.parse(known);
  return toBlankText({ ...blank, firstRows, ...(similar !== undefined && { similar }) });
}
