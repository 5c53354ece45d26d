import { isDeepStrictEqual } from "node:util";
import type { VoiceAgent } from "../../client/api.ts";
import { isDownload } from "../../contacts/downloads.ts";
import { openTable, tableOfText } from "../../contacts/table/open-table.ts";
import type { TableSource } from "../../contacts/table/table-source.ts";
import { howToUpload, isUpload } from "../../contacts/uploads.ts";
import type { ColumnPlan } from "../../domain/list/column-plan.ts";
import { areInForce } from "../../domain/list/columns-in-force.ts";
import { type Exclude, eitherExclude } from "../../domain/list/exclude.ts";
import type { ContactList } from "../../domain/list/list.ts";
import type { Table } from "../../domain/list/table.ts";
import { type Issue, Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import { noticeTeller } from "../../lib/notices.ts";
import { dropUndefined } from "../arguments/shapes.ts";
import type { BatchInput } from "../rules/batch-input.ts";
import type { ToolContext } from "../tool.ts";
import { toCallText } from "../words/call-text.ts";
import { toExclude } from "./exclusions.ts";
import { listFromBatch } from "./from-batch.ts";
import { tableOfTasks } from "./tasks-table.ts";

export type ListInput = Pick<
  BatchInput,
  "tasks" | "tasks_file" | "tasks_csv" | "list_id" | "from_batch" | "exclude" | "columns"
>;

/** What a list is read by, beside the arguments that name it. */
export type ListReading = {
  /** Country of numbers without one, where the caller gave it. */
  readonly country?: string | undefined;
  /** Country of the numbers that call, where it is one. */
  readonly callerCountry?: string | undefined;
  readonly agent?: VoiceAgent | undefined;
};

/**
 * The list that the arguments name: read and kept now, or read before. Returns what is wrong with the arguments; throws
 * `invalid_input` for a list that cannot be read, and `not_found` for a `list_id` that is none of the caller's.
 */
export async function obtainList(
  input: ListInput,
  reading: ListReading,
  context: ToolContext,
): Promise<ContactList | readonly Issue[]> {
  const issues = sourceIssues(input);
  if (issues.length > 0) return issues;
  const kept = await findKept(input, context);
  const exclude = toExclude(input);
  if (kept) return asKept(exclude ? await excludeFrom(kept, exclude, context) : kept, input, reading);
  const { table, plan } = await openSource(input, context);
  const { agent } = reading;
  const choices = dropUndefined({
    defaultCountry: reading.country ?? context.defaultCountry,
    callerCountry: reading.callerCountry,
    columns: input.columns,
    plan,
    exclude,
    agent: agent && { agentId: agent.agentId, variables: agent.variables ?? [] },
  });
  const list = await context.lists.read(table, choices, context.owner, countRows(context));
  noticeTeller()?.("info", `A list was read and is kept as ${list.listId}: ${list.rows.input} rows.`);
  return list;
}

async function openSource(
  { tasks, tasks_csv: text, tasks_file: path }: ListInput,
  context: ToolContext,
): Promise<{ readonly table: Table; readonly plan?: ColumnPlan }> {
  if (tasks) return tableOfTasks(tasks);
  if (text !== undefined) return { table: await tableOfText(text, "The list in tasks_csv") };
  return { table: await openListFile(path ?? "", context) };
}

/** Opens a list by the name of its file, its upload or the address of an export. Throws `unsupported` for a path where this server reads none. */
export async function openListFile(path: string, context: ToolContext): Promise<Table> {
  const advice = { untouched: "Nothing was created.", instead: "Or give a short list as text in tasks_csv." };
  const open = await findListFile(path, context, advice);
  return open();
}

type Advice = { readonly untouched: string; readonly instead: string };

/** The same for a file that is read more than once: as long as it stays as it is, every opening gives the same rows. */
export async function findListFile(path: string, context: ToolContext, advice: Advice): Promise<() => Promise<Table>> {
  const { signal } = context;
  const source = await openSourceFile(path, context, advice);
  return () => openTable(source, { signal });
}

async function openSourceFile(
  path: string,
  context: ToolContext,
  { untouched, instead }: Advice,
): Promise<TableSource> {
  const { files, clientRoots, uploads, downloads, owner } = context;
  if (isUpload(path)) return uploads.open(path, owner);
  if (isDownload(path)) return downloads.open(path, owner);
  if (!files) {
    const message = `This server can be reached from other machines, so it reads no files by their path. ${untouched} ${howToUpload} ${instead}`;
    throw new Problem("unsupported", message);
  }
  return files.open(path, await clientRoots?.());
}

const reportedRows = 5000;

/**
 * Tells a caller who listens every five thousand rows how many were read, or what else is done with them. Throws when the caller gave
 * up waiting, which ends that work.
 */
export function countRows(
  { progress, signal }: Pick<ToolContext, "progress"> & { readonly signal?: AbortSignal },
  words = (rows: number): string => `${counted(rows, "row")} read`,
): (rows: number) => void {
  let told = 0;
  return (rows) => {
    signal?.throwIfAborted();
    if (rows - told < reportedRows) return;
    told = rows;
    progress?.(rows, words(rows));
  };
}

async function findKept({ list_id: id, from_batch: batch }: ListInput, context: ToolContext) {
  if (batch) return listFromBatch(batch, context);
  return id === undefined ? undefined : context.lists.get(id, context.owner);
}

/** What it leaves out already is not said twice: the same list then. */
async function excludeFrom(list: ContactList, exclude: Exclude, { lists, owner }: ToolContext): Promise<ContactList> {
  const both = eitherExclude(list.exclude, exclude);
  if (isDeepStrictEqual(both, list.exclude)) return list;
  return lists.change(list.listId, [{ kind: "exclude", exclude }], owner);
}

/** What was read before is changed, not read another way; said again as it was, nothing is changed. */
function asKept(
  list: ContactList,
  { columns: given }: ListInput,
  { country }: ListReading,
): ContactList | readonly Issue[] {
  const { listId } = list;
  const advice = (field: string, change: object): Issue => {
    const repair = toCallText("change_list", { list_id: listId, ...change });
    return { field, code: "contradiction", message: `A list that was read already is changed with ${repair}.` };
  };
  const columns = given && !areInForce(given, list.shape.columns, list.plan) ? given : undefined;
  const isOtherCountry = country !== undefined && country !== list.defaultCountry;
  return columns || isOtherCountry
    ? [
        ...(columns ? [advice("columns", { columns })] : []),
        ...(isOtherCountry ? [advice("default_country", { set_country: { country } })] : []),
      ]
    : list;
}

/** Arguments that name the people, of which a request has one. */
export const sources = ["tasks", "tasks_file", "tasks_csv", "list_id", "from_batch"] as const;

function sourceIssues(input: ListInput): readonly Issue[] {
  const given = sources.filter((source) => input[source] !== undefined);
  const [first, second] = given;
  if (first === undefined) {
    const message =
      "There is nobody to call. Give tasks: [{ to_number }], tasks_file, tasks_csv, the list_id of a list that was read before, or from_batch.";
    return [{ field: "tasks", code: "required", message }];
  }
  if (second !== undefined) {
    const message = `Give one of tasks, tasks_file, tasks_csv, list_id and from_batch; ${given.join(" and ")} are given.`;
    return [{ field: second, code: "contradiction", message }];
  }
  if (first !== "tasks" || !input.columns) return [];
  const message =
    "Recipients in tasks have no columns; leave columns out, and name the variables in dynamic_variables.";
  return [{ field: "columns", code: "contradiction", message }];
}
