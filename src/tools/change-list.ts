import { z } from "zod";
import type { ContactList } from "../domain/list/list.ts";
import { counted } from "../domain/text.ts";
import type { ListEdit } from "../lists/lists.ts";
import { listId } from "./arguments/shapes.ts";
import { lines } from "./batch/batch-view.ts";
import { changeFields, toListEdits } from "./list/list-changes.ts";
import { countRows } from "./list/list-input.ts";
import { leftOutFates, mostNamed, readIssueGroups } from "./list/list-issues.ts";
import { listFields, reportList, toListText } from "./list/list-report.ts";
import { walkRows } from "./list/list-rows.ts";
import { rowRules } from "./list/list-rules.ts";
import { rowSelection, toRowSelection } from "./list/row-selection.ts";
import { defineTool, type ToolContext } from "./tool.ts";

export const changeListTool = defineTool({
  name: "change_list",
  title: "Make a changed copy of a list",
  description: `Make a repaired copy of a recipient list: cells set, rows added or left out; nobody is called.
Use to repair rows that an answer names, or to call a part. Give the new list_id to create_batch_call or update_batch.
Not for looking at rows (get_list). The old list, its file and batches stay. All changes are made, in this schema's order, or none; then all rows are checked again.
Returns the new list, what is different and which rows are left out.`,
  toolset: "lists",
  effect: "keeps_list",
  idempotent: false,
  input: z.strictObject({ list_id: listId(), ...changeFields() }),
  output: z.object({
    ...listFields(),
    made_from: z.string(),
    difference: z.looseObject({}),
  }),

  async run(input, context) {
    const { lists, owner } = context;
    const before = await lists.get(input.list_id, owner);
    const edits = await toListEdits(input, before, context);
    const { listId } = await lists.change(input.list_id, edits, owner, countRows(context));
    const list = await lists.settle(listId, rowRules(before, context, { effect: "keeps_list" }));
    const leftOut = await readIssueGroups(list, lists);
    const change = await lists.difference(listId, before.listId);
    const onPurpose = leftOut.filter(({ issue }) => issue.code === "left_out");
    return {
      ...reportList({ list, leftOut }),
      made_from: input.list_id,
      difference: {
        accepted_before: change.before.accepted,
        newly_accepted: change.newlyAccepted,
        no_longer_accepted: change.noLongerAccepted,
        ...(change.added > 0 && { added: change.added, added_accepted: change.addedAccepted }),
        accepted: change.after.accepted,
        changed_rows: [...change.changedRows],
        changed: change.changedCount,
        left_out: onPurpose.reduce((sum, { rows }) => sum + rows, 0),
        ...(await putBackIn(edits, list, lists)),
      },
    };
  },

  summarize: (output) => {
    const known = difference.parse(output.difference);
    const { put_back: asked, put_back_accepted: called = 0, still_left_out: still = [] } = known;
    return lines(
      `Made from ${output.made_from}: ${counted(known.changed, "row is", "rows are")} different. ${toCallableText(known)}`,
      asked !== undefined &&
        `Of ${counted(asked, "row")} of put_back ${count(called)} can be called${called === asked ? "" : `; ${toStillText(asked - called, still)}`}.`,
      known.left_out > 0 && `Left out on purpose: ${counted(known.left_out, "row")} in all, counted as refused.`,
      toListText(output),
    );
  },
});

const difference = z.object({
  accepted_before: z.number(),
  newly_accepted: z.number(),
  no_longer_accepted: z.number(),
  added: z.number().optional(),
  added_accepted: z.number().optional(),
  accepted: z.number(),
  changed: z.number(),
  left_out: z.number(),
  put_back: z.number().optional(),
  put_back_accepted: z.number().optional(),
  still_left_out: rowSelection().optional(),
});

/** Who can be called, so that it adds up: `3 rows could be called before and 4 can be now: 2 more that could not, …`. */
function toCallableText(known: z.output<typeof difference>): string {
  const { accepted_before: before, newly_accepted: more, no_longer_accepted: fewer, added = 0, accepted } = known;
  const parts = [
    ...(more > 0 ? [`${count(more)} more that could not`] : []),
    ...(fewer > 0 ? [`${count(fewer)} fewer that could`] : []),
    ...(added > 0
      ? [`${count(known.added_accepted ?? 0)} of ${count(added)} that ${added === 1 ? "was" : "were"} added`]
      : []),
  ];
  const how = parts.length === 0 ? ", the same rows" : `: ${joinWith(parts)}`;
  return `${counted(before, "row")} could be called before and ${count(accepted)} can be now${how}.`;
}

function joinWith(parts: readonly string[]): string {
  return parts.length < 3 ? parts.join(" and ") : `${parts.slice(0, -1).join(", ")}, and ${parts.at(-1)}`;
}

function toStillText(rows: number, still: readonly (number | string)[]): string {
  const named = `${still.slice(0, mostNamed).join(", ")}${still.length > mostNamed ? " and more" : ""}`;
  return `${count(rows)} ${rows === 1 ? "stays" : "stay"} left out for the reasons below: ${named}`;
}

function count(rows: number): string {
  return rows.toLocaleString("en-US");
}

/** What came of the rows of `put_back`; nothing where none were asked for. */
async function putBackIn(edits: readonly ListEdit[], list: ContactList, lists: ToolContext["lists"]) {
  const wanted = new Set(edits.flatMap((edit) => (edit.kind === "put_back" ? edit.rows : [])));
  if (wanted.size === 0) return {};
  const still = await notPutBack(wanted, list, lists);
  return {
    put_back: wanted.size,
    put_back_accepted: wanted.size - still.length,
    ...(still.length > 0 && { still_left_out: [...toRowSelection(still)] }),
  };
}

/** Rows of `put_back` that something else leaves out too: their number, another row with it, the do-not-call list, an earlier batch. */
async function notPutBack(
  wanted: ReadonlySet<number>,
  { listId }: ContactList,
  lists: ToolContext["lists"],
): Promise<readonly number[]> {
  const still: number[] = [];
  for (const fate of leftOutFates) {
    for await (const { row } of walkRows(listId, { fate }, lists)) if (wanted.has(row)) still.push(row);
  }
  return still.sort((a, b) => a - b);
}
