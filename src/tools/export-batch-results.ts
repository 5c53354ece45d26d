import { z } from "zod";
import { toCsv, toJsonLines } from "../contacts/results-file.ts";
import { Problem } from "../domain/problem.ts";
import { readListCells, withListRows } from "./shared/rows-of-tasks.ts";
import { batchId, collectPages } from "./shared/shapes.ts";
import { defineTool } from "./tool.ts";

export const exportBatchResultsTool = defineTool({
  name: "export_batch_results",
  title: "Export results to a file",
  description: `Write the results of all recipients of a batch to a new file in the files folder, with whole phone numbers and their list's own columns.
Use when the user wants a spreadsheet or a file for another system.
Not for a look at some rows (get_batch_results). No file is overwritten; a running batch gives the results so far. Where other machines reach the server: unsupported.
Returns the path of the file and its number of rows.`,
  effect: "writes_file",
  idempotent: false,
  input: z.strictObject({
    batch_id: batchId(),
    format: z.enum(["csv", "jsonl"]).optional().describe("csv when left out; jsonl: one JSON object a line."),
    safe_for: z
      .enum(["spreadsheet", "machine"])
      .optional()
      .describe(
        "For csv. spreadsheet (when left out): what it would compute gets a leading apostrophe. machine: plain values.",
      ),
  }),
  output: z.object({ path: z.string(), rows: z.number() }),

  async run({ batch_id: id, format = "csv", safe_for: safeFor = "spreadsheet" }, { api, files, lists }) {
    if (!files)
      throw new Problem(
        "unsupported",
        "This server can be reached from other machines, so it writes no files. Nothing was written. Read the results with get_batch_results.",
      );
    const batch = await api.getBatch(id);
    const called = await collectPages((page) => api.listTasks(id, page));
    const tasks = await withListRows(id, called, lists);
    const list = await readListCells(id, tasks, lists);
    const text = format === "csv" ? toCsv(tasks, { safeFor, list }) : toJsonLines(tasks, list);
    return { path: await files.write(toFileName(batch.name, format), text), rows: tasks.length };
  },

  summarize: ({ path, rows }) => `${rows} rows were written to ${path}`,
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
