import { z } from "zod";
import type { ContactList } from "../domain/list/list.ts";
import { counted } from "../domain/text.ts";
import type { ListEdit } from "../lists/lists.ts";
import { lines } from "./shared/batch-view.ts";
import { changeFields, toListEdits } from "./shared/list-changes.ts";
import { countRows } from "./shared/list-input.ts";
import { leftOutFates, mostNamed, readIssueGroups } from "./shared/list-issues.ts";
import { listFields, reportList, toListText } from "./shared/list-report.ts";
import { walkRows } from "./shared/list-rows.ts";
import { rowRules } from "./shared/list-rules.ts";
import { rowSelection, toRowSelection } from "./shared/row-selection.ts";
import { listId } from "./shared/shapes.ts";
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
    const { lists, principal } = context;
    const before = await lists.get(input.list_id, principal);
    const edits = await toListEdits(input, before, context);
    const { list: changed, difference } = await lists.change(input.list_id, edits, principal, countRows(context));
    const list = await lists.settle(changed.listId, rowRules(before, context, { effect: "keeps_list" }));
    const leftOut = await readIssueGroups(list, lists);
    const stillOut = await notPutBack(edits, list, lists);
    return {
      ...reportList({ list, leftOut }),
      made_from: input.list_id,
      difference: {
        accepted_before: difference.before.accepted,
        accepted: list.rows.accepted,
        changed_rows: [...difference.changedRows],
        changed: difference.changedCount,
        ...(stillOut.length > 0 && { still_left_out: [...toRowSelection(stillOut)] }),
      },
    };
  },

  summarize: (output) => {
    const { changed, accepted, accepted_before: before, still_left_out: still } = difference.parse(output.difference);
    return lines(
      `Made from ${output.made_from}: ${counted(changed, "row is", "rows are")} different, ${before} could be called before and ${accepted} can be now.`,
      still &&
        `put_back does not bring back: ${still.slice(0, mostNamed).join(", ")}${still.length > mostNamed ? " and more" : ""}. They are left out for the reasons below.`,
      toListText(output),
    );
  },
});

const difference = z.object({
  changed: z.number(),
  accepted: z.number(),
  accepted_before: z.number(),
  still_left_out: rowSelection().optional(),
});

/** Rows of `put_back` that something else leaves out too: their number, another row with it, the do-not-call list, an earlier batch. */
async function notPutBack(
  edits: readonly ListEdit[],
  { listId }: ContactList,
  lists: ToolContext["lists"],
): Promise<readonly number[]> {
  const wanted = new Set(edits.flatMap((edit) => (edit.kind === "put_back" ? edit.rows : [])));
  const still: number[] = [];
  for (const fate of wanted.size > 0 ? leftOutFates : []) {
    for await (const { row } of walkRows(listId, { fate }, lists)) if (wanted.has(row)) still.push(row);
  }
  return still.sort((a, b) => a - b);
}
