import { z } from "zod";
import { toCsv, toJsonLines } from "../contacts/results-file.ts";
import { Problem } from "../domain/problem.ts";
import { countLines, readResults } from "./shared/read-results.ts";
import { batchId, dropUndefined } from "./shared/shapes.ts";
import { defineTool } from "./tool.ts";

export const exportBatchResultsTool = defineTool({
  name: "export_batch_results",
  title: "Export results to a file",
  description: `Write the user's list back to a new file in the files folder: each row with its columns, its result or why it was not called, and whole numbers.
Use for a spreadsheet or a file for another system.
Not for a look at some rows (get_batch_results). Never overwrites; a running batch gives results so far. Unsupported where other machines reach the server.
Returns the path (tasks_file takes a csv) and the number of rows.`,
  effect: "writes_file",
  idempotent: false,
  input: z.strictObject({
    batch_id: batchId(),
    format: z.enum(["csv", "jsonl"]).optional().describe("csv when left out; jsonl: one JSON object a line."),
    safe_for: z
      .enum(["spreadsheet", "machine"])
      .optional()
      .describe("For csv. spreadsheet when left out: an apostrophe before what it would compute. machine: plain."),
  }),
  output: z.object({ path: z.string(), rows: z.number(), list_id: z.string().optional() }),

  async run({ batch_id: id, format = "csv", safe_for: safeFor = "spreadsheet" }, context) {
    const { api, files } = context;
    if (!files)
      throw new Problem(
        "unsupported",
        "This server can be reached from other machines, so it writes no files. Nothing was written. Read the results with get_batch_results.",
      );
    const batch = await api.getBatch(id);
    const { listId, ...results } = await readResults(id, context);
    const counted = countLines(results, context);
    const parts = format === "csv" ? toCsv(counted, safeFor) : toJsonLines(counted);
    const path = await files.write(toFileName(batch.name, format), parts);
    return { path, rows: counted.count(), ...dropUndefined({ list_id: listId }) };
  },

  summarize: ({ path, rows, list_id: listId }) =>
    `${rows} rows were written to ${path}${listId === undefined ? ". The batch has no list that is kept, so they have no columns of it." : ""}`,
});

const longestStem = 80;

/** A name that every file system takes, with what people know the batch by. */
function toFileName(batchName: string, format: "csv" | "jsonl"): string {
  const stem = batchName
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "")
    .slice(0, longestStem);
  return `${stem || "batch"}-results.${format}`;
}
