import { z } from "zod";
import { isTestCall } from "../campaigns/index.ts";
import type { Parts } from "../contacts/new-file.ts";
import { type CsvReader, type Results, toCsv, toJsonLines, toXlsx } from "../contacts/results-file.ts";
import type { Issue } from "../domain/problem.ts";
import { counted } from "../domain/text.ts";
import { invalidInput } from "./arguments/parse-input.ts";
import { batchId, dropUndefined } from "./arguments/shapes.ts";
import { lines } from "./batch/batch-view.ts";
import { toLink, toPlaceText, writeFile, writtenFile } from "./batch/written-file.ts";
import { createPatientReader } from "./calls/call-details.ts";
import { unheededOptOuts } from "./calls/unheeded-opt-outs.ts";
import { newestRetryOf } from "./list/called-again.ts";
import { countLines, readResults } from "./results/read-results.ts";
import { defineTool, type ToolContext } from "./tool.ts";
import { toCallText } from "./words/call-text.ts";

const formats = ["csv", "xlsx", "jsonl"] as const;
type Format = (typeof formats)[number];

const onlyJsonLines: Issue = {
  field: "transcripts",
  code: "contradiction",
  message: 'Transcripts stand in JSON lines only. Add format: "jsonl", or leave transcripts out.',
};

export const exportBatchResultsTool = defineTool({
  name: "export_batch_results",
  title: "Export results to a file",
  description: `Write a batch's results to a new file: each row of its list with its columns and result, or why it was not called.
Use for all results in a file; of a running batch, those so far.
Not for single rows (get_batch_results). Numbers are not masked.
Returns the number of rows and the path in the files folder; over HTTP a uri for one fetch until expires_at. tasks_file takes either.`,
  toolset: "results",
  effect: "writes_file",
  idempotent: false,
  input: z.strictObject({
    batch_id: batchId(),
    format: z.enum(formats).optional().describe("csv when left out."),
    safe_for: z
      .enum(["spreadsheet", "machine"])
      .optional()
      .describe("For csv: spreadsheet (when left out) guards formulas."),
    transcripts: z.boolean().optional().describe("For jsonl: what was said."),
  }),
  output: z.object({
    ...writtenFile(),
    rows: z.number(),
    list_id: z.string().optional(),
    missing: z.number().optional(),
    advice: z.string().optional(),
  }),

  async run({ batch_id: id, format = "csv", safe_for: safeFor = "spreadsheet", transcripts = false }, context) {
    const { api } = context;
    if (transcripts && format !== "jsonl") throw invalidInput([onlyJsonLines], "writes_file");
    const batch = await api.getBatch(id);
    const {
      listId,
      rows: listed,
      ...results
    } = await readResults(id, {
      ...context,
      readCalls: createPatientReader(api, patienceOf(context)),
    });
    const answerNames = batch.answers?.byName.map(({ name }) => name) ?? [];
    const counted = countLines({ ...results, answerNames }, context, listed ?? batch.total);
    const parts = toParts(counted, { format, safeFor, transcripts });
    const written = await writeFile(toFileName(batch.name, format), parts, context);
    const missing = counted.missing();
    const hasUnreached = counted.unreached() > 0 && !isTestCall(batch);
    const told = [
      listId === undefined && withoutList(hasUnreached ? await toAgain(id, context) : ""),
      await unheededOptOuts(batch, api),
    ].filter(Boolean);
    const advice = told.length > 0 ? told.join(" ") : undefined;
    return {
      ...written,
      rows: counted.count(),
      ...dropUndefined({ list_id: listId, missing: missing || undefined, advice }),
    };
  },

  link: toLink,

  summarize: ({ rows, list_id: listId, missing = 0, advice, ...written }) =>
    lines(
      `${counted(rows, "row was", "rows were")} written to ${toPlaceText(written)}${advice === undefined ? "" : `. ${advice}`}`,
      listId && `The list is ${listId}.`,
      missing > 0 &&
        `Of ${missing} of them the last call could not be read: duration, summary and recording are blank, and result_missing says why. Export again later for the rest.`,
    ),
});

async function toAgain(batchId: string, context: ToolContext): Promise<string> {
  const retry = await newestRetryOf(batchId, context);
  const call = toCallText("preview_batch_call", { from_batch: { batch_id: retry ?? batchId } });
  const who =
    retry === undefined
      ? "Those who were not reached are"
      : `People of it are called again by ${retry}; who is not reached by that is`;
  return ` ${who} called again by ${call} with name, agent_id and from_number.`;
}

function withoutList(again: string): string {
  return `The batch has no list that is kept (deleted, or older than 30 days): everybody whom it has is there, with number, outcome and times; the columns of the list and its rows that were not called are not. They join the user's own file by result_to_number.${again}`;
}

// As long as other tools wait; whoever listens to the progress does not give up.
const silentWaitMs = 45_000;
const toldWaitMs = 10 * 60_000;

function patienceOf({ clock, signal, progress }: ToolContext) {
  return { clock, signal, mostWaitMs: progress ? toldWaitMs : silentWaitMs };
}

type FileForm = { readonly format: Format; readonly safeFor: CsvReader; readonly transcripts: boolean };

function toParts(results: Results, { format, safeFor, transcripts }: FileForm): Parts {
  switch (format) {
    case "csv":
      return toCsv(results, safeFor);
    case "xlsx":
      return toXlsx(results);
    case "jsonl":
      return toJsonLines(results, { transcripts });
  }
}

const longestStem = 80;

/** A name that every file system takes, with what people know the batch by. */
function toFileName(batchName: string, format: Format): string {
  const stem = batchName
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "")
    .slice(0, longestStem);
  return `${stem || "batch"}-results.${format}`;
}
