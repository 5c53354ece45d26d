import type { Task } from "../../domain/batch/batch.ts";
import type { ContactList, ListRow } from "../../domain/list/list.ts";
import { maskDigits } from "../../domain/phone/mask.ts";
import { Problem } from "../../domain/problem.ts";
import { plainText } from "../../domain/text.ts";
import { answersText, findPlace, noColumnIssue } from "../../lists/column-names.ts";
import { invalidInput } from "../arguments/parse-input.ts";
import type { ToolContext } from "../tool.ts";

/** A task with its row of the list that its batch was made of. */
export type ListedTask = { readonly task: Task; readonly listRow?: ListRow };

/**
 * The tasks of a batch with their rows of its list. Nobody has a row where no list is kept, nor who was added later: the place in
 * the batch, which the API tells, is another one as soon as a row was left out.
 */
export async function withListRows(
  tasks: readonly Task[],
  list: ContactList | undefined,
  lists: ToolContext["lists"],
): Promise<readonly ListedTask[]> {
  if (!list) return tasks.map(({ row: _place, ...task }) => ({ task }));
  const numbers = tasks.map(({ toNumber }) => toNumber);
  const places = await lists.rowsOf(list.listId, numbers);
  const rows = await lists.rowsAt(list.listId, [...places.values()]);
  return tasks.map(({ row: _place, ...task }) => {
    const row = places.get(task.toNumber);
    const listRow = row === undefined ? undefined : rows.get(row);
    return { task: row === undefined ? task : { ...task, row }, ...(listRow && { listRow }) };
  });
}

/** The list that a batch was made of; a part of linked batches is of theirs. */
export async function listOfBatch(
  batchId: string,
  { lists, campaigns }: Pick<ToolContext, "lists"> & { readonly campaigns: Pick<ToolContext["campaigns"], "groupOf"> },
): Promise<ContactList | undefined> {
  const own = await lists.ofBatch(batchId);
  if (own) return own;
  const groupId = await campaigns.groupOf(batchId);
  return groupId === undefined ? undefined : lists.ofBatch(groupId);
}

const longestListName = 80;

/** What a batch's list is called in answers: its id and what it was read from. Nothing where none is kept that the caller may open. */
export async function nameListOf(
  batchId: string,
  context: Pick<ToolContext, "lists" | "campaigns" | "owner">,
): Promise<{ readonly list_id?: string; readonly list_name?: string }> {
  const list = await listOfBatch(batchId, context);
  if (!list || !(await isKnownTo(list, context))) return {};
  return { list_id: list.listId, list_name: plainText(list.shape.source, longestListName) };
}

/** Whether the caller may open that list: another owner's is not. */
export async function isKnownTo(
  { listId }: ContactList,
  { lists, owner }: Pick<ToolContext, "lists" | "owner">,
): Promise<boolean> {
  try {
    await lists.get(listId, owner);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === "not_found") return false;
    throw error;
  }
}

/** Places of the columns that a caller named. Throws `invalid_input` for one that the list does not have, and where there is no list; it names the `answers` that may be asked for as well. */
export function placesOf(
  names: readonly string[],
  list: ContactList | undefined,
  answers: readonly string[] = [],
): readonly number[] {
  if (names.length === 0) return [];
  if (!list) {
    const message = `The batch has no list that is kept, so its recipients have no columns. Leave columns out.${answersText(answers)}`;
    throw invalidInput([{ field: "columns", code: "no_list", message }], "reads");
  }
  const { columns } = list.shape;
  const places = names.map((name) => findPlace(columns, name) ?? noColumnIssue(columns, name, "columns", answers));
  const issues = places.filter((place) => typeof place !== "number");
  if (issues.length > 0) throw invalidInput(issues, "reads");
  return places.filter((place) => typeof place === "number");
}

const longestCell = 200;

/** Cells as they are now, by the names of their columns; numbers to call are masked unless they are asked for. */
export function showCells(
  row: ListRow,
  places: readonly number[],
  { shape, plan }: ContactList,
  showsNumbers: boolean,
): Readonly<Record<string, string>> {
  const shown = places.map((place): [string, string] => {
    const text = plainText(cellAt(row, place), longestCell);
    return [shape.columns[place] ?? "", plan.phone.includes(place) && !showsNumbers ? maskDigits(text) : text];
  });
  return Object.fromEntries(shown);
}

const longestLabel = 80;

/** What people know the row by: its columns that name the person. Undefined where they are blank or there are none. */
export function labelOf(row: ListRow, { plan }: ContactList): string | undefined {
  const names = plan.label.map((place) => cellAt(row, place));
  return plainText(names.join(" "), longestLabel) || undefined;
}

/** The cell as it is meant now. */
export function cellAt({ cells, changed = {} }: ListRow, place: number): string {
  return changed[place] ?? cells[place] ?? "";
}
