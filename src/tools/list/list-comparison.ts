import { z } from "zod";
import { variablesOf } from "../../domain/list/judge-row.ts";
import { type ContactList, type ListChangeKind, type ListRow, listChangeKinds } from "../../domain/list/list.ts";
import type { Issue } from "../../domain/problem.ts";
import { invalidInput } from "../arguments/parse-input.ts";
import { toPageEnd, toPageRequest } from "../arguments/shapes.ts";
import type { ToolContext } from "../tool.ts";
import { countRows } from "./list-report.ts";
import { toRowView } from "./list-row-view.ts";

/** Which differences are asked for: all, or those of one kind. Throws `invalid_input` for any other code, and for a fate, which is one list's. */
function readChangeKind(code: string | undefined, fate: string | undefined): ListChangeKind | undefined {
  const kind = listChangeKinds.find((known) => known === code);
  const issues: Issue[] = [];
  if (code !== undefined && kind === undefined) {
    const message = `With compare_with it is one of ${listChangeKinds.join(", ")}; all of them when left out.`;
    issues.push({ field: "code", code: "not_allowed", message });
  }
  if (fate !== undefined) {
    const message = "Rows are compared whatever becomes of them. Leave fate out, or compare_with.";
    issues.push({ field: "fate", code: "contradiction", message });
  }
  if (issues.length > 0) throw invalidInput(issues, "reads");
  return kind;
}

type Place = { readonly row: ListRow; readonly list: ContactList };

/** What somebody is told or called on otherwise than before: names of variables, `fallback_number`, `max_retries`. */
function changedFields(now: Place, earlier: Place): readonly string[] {
  const [mine, theirs] = [valuesOf(now), valuesOf(earlier)];
  const names = new Set([...mine.keys(), ...theirs.keys()]);
  return [...names].filter((name) => mine.get(name) !== theirs.get(name));
}

function valuesOf({ row: { cells, changed = {}, fate }, list: { plan } }: Place): ReadonlyMap<string, string> {
  const cellsNow = cells.map((cell, index) => changed[index] ?? cell);
  const fallbacks = fate.kind === "accepted" ? [...(fate.fallbackNumbers ?? []), ...(fate.withheld ?? [])] : [];
  return new Map([
    ...Object.entries(variablesOf(cellsNow, plan)),
    ["fallback_number", fallbacks.join(" ")],
    ["max_retries", plan.maxRetries === undefined ? "" : (cellsNow[plan.maxRetries] ?? "")],
  ]);
}

type Asked = {
  readonly fate?: string | undefined;
  readonly code?: string | undefined;
  readonly show_numbers?: boolean | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
};

/** Who of the list is new beside an earlier one, or not the same, with the rows of both; and who is gone, with the earlier row. */
export async function compareLists(list: ContactList, earlierId: string, asked: Asked, { lists, owner }: ToolContext) {
  const request = toPageRequest(asked);
  const earlier = await lists.get(earlierId, owner);
  const kind = readChangeKind(asked.code, asked.fate);
  const { rows, totalCount, hasMore, ...counts } = await lists.compare(list.listId, earlier.listId, kind, request);
  const view = (row: ListRow, of: ContactList) => toRowView(row, of, { byRow: new Map() }, asked.show_numbers ?? false);
  return {
    list_id: list.listId,
    rows: countRows(list),
    comparison: { list_id: earlier.listId, ...counts },
    list_rows: rows.flatMap(({ kind: change, row, earlierRow }) => {
      const shown = row ? view(row, list) : earlierRow && view(earlierRow, earlier);
      if (!shown) return [];
      const isChanged = row && earlierRow;
      const fields = isChanged ? changedFields({ row, list }, { row: earlierRow, list: earlier }) : [];
      return [{ ...shown, change, ...(isChanged && { changed: [...fields], earlier: view(earlierRow, earlier) }) }];
    }),
    total: totalCount,
    ...toPageEnd(asked, request, { hasMore }),
  };
}

const comparison = z.object({
  list_id: z.string(),
  new: z.number(),
  changed: z.number(),
  gone: z.number(),
  unchanged: z.number(),
});

export function toComparisonText(known: object): string {
  const { list_id: id, new: added, changed, gone, unchanged } = comparison.parse(known);
  return `Beside ${id}: ${added} new, ${changed} changed, ${gone} gone (rows of ${id}), ${unchanged} unchanged`;
}
