import { z } from "zod";
import { toBlankText } from "../../domain/batch/preview-variables.ts";
import type { Issue } from "../../domain/problem.ts";
import { type BatchView, lines, toBatchText } from "./batch-view.ts";
import type { PlannedInput } from "./plan-input.ts";
import { issues, rowCounts } from "./shapes.ts";

const mostIssues = 50;

/** What both `create_batch_call` and its preview say about the list, beside the batch itself. */
export const listFields = () => ({
  rows: rowCounts(),
  issues: issues(),
  more_issues: z.number().optional(),
  phone_column: z.string().optional(),
  missing_variables: z.array(z.looseObject({})).optional(),
});

const blankVariable = z.object({
  name: z.string(),
  rows: z.number(),
  first_rows: z.array(z.number()),
  similar: z.string().optional(),
});

const listReport = z.object(listFields());
type ListReport = z.output<typeof listReport>;

/** Accounts for every row of the list. More than 50 issues are counted, not listed. */
export function reportList({ list, plan: { blankVariables } }: PlannedInput): ListReport {
  return {
    rows: { ...list.rows },
    issues: list.issues.slice(0, mostIssues).map(toIssueView),
    ...(list.issues.length > mostIssues && { more_issues: list.issues.length - mostIssues }),
    ...(list.variables && { phone_column: list.phoneField }),
    ...(blankVariables && {
      missing_variables: blankVariables.map(({ firstRows, ...blank }) => ({ ...blank, first_rows: [...firstRows] })),
    }),
  };
}

function toIssueView({ row, field, code, message }: Issue): ListReport["issues"][number] {
  return { ...(row !== undefined && { row }), field, code, message };
}

type Reported = ListReport & {
  readonly batch: Pick<BatchView, "name" | "is_paused"> & {
    readonly status: string;
    readonly batch_id?: string | undefined;
  };
};

/** The batch, then the rows that were left out. */
export function toCreationText({
  batch,
  rows,
  issues: listed,
  more_issues: more,
  phone_column: column,
  missing_variables: missing = [],
}: Reported): string {
  return lines(
    toBatchText({ ...batch, batch_id: batch.batch_id ?? "no id yet" }),
    `Rows: ${rows.input} in the list, ${rows.accepted} accepted, ${rows.duplicate} duplicate, ${rows.suppressed} on the do-not-call list, ${rows.refused} refused`,
    column && `Phone column: ${column}`,
    ...missing.map((blank) => `Variable ${toBlankLine(blank)}`),
    ...listed.map(({ row, field, message }) => `- ${row === undefined ? "" : `row ${row}, `}${field}: ${message}`),
    more !== undefined && `- and ${more} more`,
  );
}

function toBlankLine(known: Record<string, unknown>): string {
  const { first_rows: firstRows, similar, ...blank } = blankVariable.parse(known);
  return toBlankText({ ...blank, firstRows, ...(similar !== undefined && { similar }) });
}
