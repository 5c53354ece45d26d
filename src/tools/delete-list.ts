import { z } from "zod";
import { listId } from "./arguments/shapes.ts";
import { lines } from "./batch/batch-view.ts";
import { defineTool } from "./tool.ts";
import { toCallText } from "./words/call-text.ts";

export const deleteListTool = defineTool({
  name: "delete_list",
  title: "Delete a recipient list",
  description: `Erase a recipient list with its rows.
Use when the user wants it gone. It cannot be undone; results of its batches lose rows, names and columns.
Not for stopping calls: its batches go on (cancel_batch). Their calls and transcripts, its file and copies made of it stay.
Returns batches and lists made of it.`,
  toolset: "lists",
  effect: "erases",
  idempotent: false,
  input: z.strictObject({ list_id: listId() }),
  output: z.object({
    list_id: z.string(),
    batch_ids: z.array(z.string()).optional(),
    made_of_it: z.array(z.string()).optional(),
  }),

  async run({ list_id: id }, { lists, owner }) {
    await lists.get(id, owner);
    const [batchIds, madeOfIt] = [await lists.batchesOf(id), await lists.madeOf(id)];
    await lists.delete(id, owner);
    return {
      list_id: id,
      ...(batchIds.length > 0 && { batch_ids: [...batchIds] }),
      ...(madeOfIt.length > 0 && { made_of_it: [...madeOfIt] }),
    };
  },

  summarize: ({ list_id: id, batch_ids: batchIds = [], made_of_it: madeOfIt = [] }) =>
    lines(
      `${id} was deleted.`,
      batchIds.length > 0 &&
        `${batchIds.join(", ")}: this stops no call; results have numbers, outcomes and times, and no more rows, names and columns.`,
      madeOfIt.length > 0 &&
        `Lists made of it have its rows still: ${madeOfIt.map((made) => toCallText("delete_list", { list_id: made })).join("; ")}`,
    ),
});
