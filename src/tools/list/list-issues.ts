import type { LeftOut, UnreadZones } from "../../domain/batch/plan.ts";
import { excludedCode } from "../../domain/list/exclude.ts";
import { unusedZone } from "../../domain/list/judge-row.ts";
import type { ContactList, ListRow, RowFate } from "../../domain/list/list.ts";
import type { Issue } from "../../domain/problem.ts";
import { AlikeMessages, reasonIn } from "../arguments/alike-messages.ts";
import type { ToolContext } from "../tool.ts";
import { walkRows } from "./list-rows.ts";
import { toRowSelection } from "./row-selection.ts";

/** Rows that are left out for one reason, in words that hold for all of them. */
export type IssueGroup = {
  readonly issue: Issue;
  readonly rows: number;
  /** The first few of them. */
  readonly firstRows: readonly number[];
};

export const mostIssues = 50;
/** Rows, or spans of them, that a line of text names. */
export const mostNamed = 8;
const mostFirstRows = 50;

/** What became of rows that are not called. */
export const leftOutFates = ["refused", "duplicate", "suppressed"] as const satisfies readonly RowFate["kind"][];

/** Why rows of the list are left out, in their order, put together as `IssueCollector` does. */
export async function readIssueGroups(list: ContactList, lists: ToolContext["lists"]): Promise<readonly IssueGroup[]> {
  const issues = new IssueCollector();
  for (const fate of leftOutFates) {
    if (list.rows[fate] === 0) continue;
    for await (const row of walkRows(list.listId, { fate }, lists)) issues.add(toIssue(row, list), row.row);
  }
  return [...issues.groups].sort((a, b) => (a.firstRows[0] ?? 0) - (b.firstRows[0] ?? 0));
}

type Group = { readonly issue: Issue; readonly words: AlikeMessages; rows: number; readonly firstRows: number[] };
type Groups = Map<string, Group>;

/**
 * Equal issues are one, with their rows. Of more than fifty those with the same reason are one as well, whatever else is said of single
 * rows: what differs is told as such, never what one row has for all of them.
 */
export class IssueCollector {
  readonly #equal: Groups = new Map();
  readonly #alike: Groups = new Map();
  #count = 0;

  add(issue: Issue | undefined, row: number): void {
    if (issue === undefined) return;
    const { field, code, message } = issue;
    this.#count++;
    if (this.#count <= mostIssues) addTo(this.#equal, [field, code, message].join("\n"), issue, row);
    addTo(this.#alike, [field, code, reasonIn(message)].join("\n"), issue, row);
  }

  get groups(): readonly IssueGroup[] {
    const groups = [...(this.#count > mostIssues ? this.#alike : this.#equal).values()];
    return groups.map(({ issue, words, ...rest }) => ({ issue: { ...issue, message: String(words) }, ...rest }));
  }
}

function addTo(groups: Groups, key: string, issue: Issue, row: number): void {
  const known = groups.get(key);
  if (known === undefined) {
    const words = new AlikeMessages(issue.message);
    groups.set(key, { issue: { ...issue, row }, words, rows: 1, firstRows: [row] });
  } else {
    known.words.add(issue.message);
    known.rows++;
    if (known.firstRows.length < mostFirstRows) known.firstRows.push(row);
  }
}

/** How many rows are left out for each reason, the most first. */
export function toLeftOut(groups: readonly IssueGroup[]): readonly LeftOut[] {
  const counts = new Map<string, number>();
  for (const { issue, rows } of groups) counts.set(issue.code, (counts.get(issue.code) ?? 0) + rows);
  return [...counts].map(([code, rows]) => ({ code, rows })).sort((a, b) => b.rows - a.rows);
}

/** Why a row is left out; undefined for one that is called. */
export function toIssue(
  { row, fate }: ListRow,
  { shape, plan }: Pick<ContactList, "shape" | "plan">,
): Issue | undefined {
  const field = shape.columns[plan.phone[0] ?? 0] ?? "to_number";
  switch (fate.kind) {
    case "accepted":
      return undefined;
    case "refused":
      return { ...fate.issue, row };
    case "duplicate": {
      const message = `Repeats the number of row ${fate.ofRow}, which is called once.`;
      return { row, field, code: "duplicate", message };
    }
    case "suppressed": {
      if (fate.excluded !== undefined) return { row, field, code: excludedCode, message: fate.excluded };
      const message = "This number is on the do-not-call list and is left out.";
      return { row, field, code: "do_not_call", message };
    }
  }
}

/** The issues of a refusal: each reason once, with how many rows it holds for. */
export function toIssues(groups: readonly IssueGroup[]): readonly Issue[] {
  return groups.map(({ issue, rows, firstRows }) =>
    rows === 1 ? issue : { ...issue, message: `${issue.message} ${toRowsText(rows, firstRows)}` },
  );
}

/** `900 rows are like this: 3, 5, 8-40 and more.` */
export function toRowsText(rows: number, firstRows: readonly number[]): string {
  const spans = toRowSelection(firstRows);
  const named = spans.slice(0, mostNamed);
  const more = spans.length > named.length || rows > firstRows.length ? " and more" : "";
  return `${rows.toLocaleString("en-US")} rows are like this: ${named.join(", ")}${more}.`;
}

/** Cells of a column that is called like one of zones and is not used; undefined where there are none. */
export function toUnreadZones({ unread }: ContactList): UnreadZones | undefined {
  const cells = unread.find(({ code }) => code === unusedZone);
  return cells && { column: cells.field, rows: cells.rows, firstRows: cells.firstRows };
}
