import { readContactList } from "../../contacts/contact-list.ts";
import { parseRecipients, type RecipientList, type RecipientRow } from "../../domain/batch/recipients.ts";
import { type E164, parseE164 } from "../../domain/phone/phone-number.ts";
import { type Issue, isIssue, Problem } from "../../domain/problem.ts";
import type { ToolContext } from "../tool.ts";
import type { BatchInput, TaskInput } from "./batch-input.ts";
import { parseCountry } from "./parse-input.ts";

/** The recipients of a request, wherever they came from. */
export type LoadedList = RecipientList & {
  /** Where a row has its number: the phone column of a file, else `to_number`. */
  readonly phoneField: string;
  /** Names of a file's other columns; absent for an inline list. */
  readonly variables?: readonly string[];
};

type ListInput = Pick<BatchInput, "tasks" | "tasks_file" | "default_country" | "from_number">;

/** Reads and checks the list, or answers what is wrong with the arguments that name it. */
export async function loadRecipients(input: ListInput, context: ToolContext): Promise<LoadedList | readonly Issue[]> {
  const country = parseCountry(input.default_country, "default_country");
  const issues = [...(isIssue(country) ? [country] : []), ...sourceIssues(input)];
  if (issues.length > 0 || isIssue(country)) return issues;
  const defaultCountry = country ?? context.defaultCountry;
  const fromNumber = parseE164(input.from_number, defaultCountry, "from_number");
  const options = {
    ...(defaultCountry !== undefined && { defaultCountry }),
    ...(!isIssue(fromNumber) && { fromNumber }),
  };
  if (input.tasks_file === undefined) return fromTasks(input.tasks ?? [], options);
  return fromFile(input.tasks_file, context, options);
}

type Options = { readonly defaultCountry?: string; readonly fromNumber?: E164 };

function fromTasks(tasks: readonly TaskInput[], options: Options): LoadedList {
  return { ...parseRecipients(tasks.map(toRow), options), phoneField: "to_number" };
}

function toRow(task: TaskInput, index: number): RecipientRow {
  const row = { row: index + 1, phone: task.to_number, variables: task.dynamic_variables ?? {} };
  return task.max_retries === undefined ? row : { ...row, maxRetries: task.max_retries };
}

async function fromFile(path: string, { files }: ToolContext, options: Options): Promise<LoadedList> {
  if (!files) {
    throw new Problem(
      "unsupported",
      "tasks_file only works over stdio, where this server has a files folder. Nothing was created. Give the recipients in tasks.",
    );
  }
  const text = await files.read(path);
  const { rows, phoneColumn, columns, issues } = readContactList(text, { source: `"${path}" in ${files.path}` });
  const list = parseRecipients(rows, { ...options, phoneField: phoneColumn, unreadable: issues });
  return { ...list, phoneField: phoneColumn, variables: columns };
}

function sourceIssues({ tasks, tasks_file: file }: ListInput): readonly Issue[] {
  if (tasks && file !== undefined)
    return [{ field: "tasks_file", code: "contradiction", message: "Give either tasks or tasks_file, not both." }];
  if (!tasks && file === undefined)
    return [
      {
        field: "tasks",
        code: "required",
        message: "There is nobody to call. Give tasks: [{ to_number }], or tasks_file.",
      },
    ];
  return [];
}
