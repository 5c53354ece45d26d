import type { Batch, Task } from "../domain/batch/batch.ts";
import { outcomes } from "../domain/batch/batch.ts";
import { showTime } from "../tools/arguments/now.ts";
import { collectPages, mostTaskPages } from "../tools/arguments/shapes.ts";
import { type BatchView, toTimeText, viewBatch } from "../tools/batch/batch-view.ts";
import { type ListedTask, listOfBatch, nameListOf, withListRows } from "../tools/calls/rows-of-tasks.ts";
import { stateOfBatch } from "./batch-state.ts";
import { callsByHour, countBy, reasonsOf } from "./figures.ts";
import { completeBatchIds } from "./recent-batches.ts";
import type { ReadContext, Resource } from "./resource.ts";

export const batchReportResource: Resource = {
  name: "batch-report",
  title: "Report of a batch",
  description:
    "What came of a batch, in Markdown: outcomes, answers, calls by hour on the recipients' clocks, who was not reached and why.",
  toolset: "results",
  uriTemplate: "batch://{batch_id}/report",
  mimeType: "text/markdown",
  read: readReport,
  state: stateOfBatch,
  complete: completeBatchIds,
};

const mostRows = 10;

async function readReport(id: string, context: ReadContext): Promise<string> {
  const batch = await context.api.getBatch(id);
  const tasks = await collectPages((page) => context.api.listTasks(id, page), mostTaskPages);
  const open = tasks.filter(({ status }) => status !== "completed" && status !== "calling");
  const unreached = await withListRows(open, await listOfBatch(id, context), context.lists);
  const view = await viewBatch(batch, context);
  const { list_id: listId, list_name: listName = "" } = await nameListOf(id, context);
  const now = showTime(context.clock.now(), batch.timezone ?? context.timezone);
  return [
    `# ${cell(view.name)}`,
    `${view.batch_id}, ${view.status}${view.is_paused ? ", paused" : ""}, ${view.environment}. As of ${toTimeText(now)}.`,
    listId && `List ${cell(listId)}: ${cell(listName)}`,
    view.held_reason && `Held: ${cell(view.held_reason)}`,
    toTable("Recipients", ["status", "people"], Object.entries(view.counts ?? {}), "The API tells no counts."),
    toTable("Last outcomes", ["outcome", "people"], outcomeRows(batch.outcomes, tasks), "No call has ended."),
    ...answerTables(batch),
    toTable(
      "Attempts",
      ["attempts", "people"],
      countBy(tasks, ({ attempts }) => attempts),
      "The API tells no attempts.",
    ),
    toTable("Calls by hour, on the recipients' clocks", ["hour", "calls", "answered"], hourCells(tasks), hoursUnknown),
    toTable("Not reached", ["reason", "people", "rows"], reasonCells(unreached), "Nobody is left unreached."),
  ]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n");
}

const hoursUnknown = "No call began yet at a time that is known.";

type Cells = readonly (string | number)[];

function toTable(title: string, head: Cells, rows: readonly Cells[], empty: string): string {
  if (rows.length === 0) return `## ${title}\n\n${empty}`;
  const line = (cells: Cells): string => `| ${cells.map(cell).join(" | ")} |`;
  return [`## ${title}`, "", line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Other people's words must not become Markdown of ours. */
function cell(value: string | number): string {
  return String(value)
    .replaceAll(/[\\|`*_[\]<>#]/g, (mark) => `\\${mark}`)
    .replaceAll(/\s+/g, " ");
}

function outcomeRows(told: BatchView["outcomes"], tasks: readonly Task[]): readonly Cells[] {
  const counts = told ?? Object.fromEntries(countBy(tasks, ({ outcome }) => outcome));
  return outcomes.flatMap((outcome) => (counts[outcome] ? [[outcome, counts[outcome]]] : []));
}

function answerTables({ answers }: Batch): readonly string[] {
  return (answers?.byName ?? []).map(({ name, values }) =>
    toTable(
      `Answers: ${cell(name)}`,
      ["answer", "people"],
      values.map(({ value, recipients }) => [value, recipients]),
      "None.",
    ),
  );
}

function hourCells(tasks: readonly Task[]): readonly Cells[] {
  return callsByHour(tasks).map(({ hour, calls, answered }) => [hour ?? "unknown zone", calls, answered]);
}

function reasonCells(unreached: readonly ListedTask[]): readonly Cells[] {
  return reasonsOf(unreached).map(({ reason, people, rows }) => {
    const more = rows.length > mostRows ? ", …" : "";
    return [reason, people, `${rows.slice(0, mostRows).join(", ")}${more}`];
  });
}
