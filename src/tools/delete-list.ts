import { z } from "zod";
import { listId } from "./shared/shapes.ts";
import { defineTool } from "./tool.ts";

export const deleteListTool = defineTool({
  name: "delete_list",
  title: "Delete a list that was read",
  description: `Delete a list and all that stands in its rows.
Use when the user wants these people's data gone. It cannot be undone.
Not for stopping calls: its batches go on (cancel_batch). Its file and lists made of it stay.
Returns the list_id that is gone.`,
  effect: "destroys",
  idempotent: false,
  input: z.strictObject({ list_id: listId() }),
  output: z.object({ list_id: z.string() }),

  async run({ list_id: id }, { lists, principal }) {
    await lists.delete(id, principal);
    return { list_id: id };
  },

  summarize: ({ list_id: id }) => `${id} was deleted.`,
});
