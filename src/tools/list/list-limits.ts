import { maxGroupRecipients } from "../../domain/batch/recipients.ts";
import type { ContactList } from "../../domain/list/list.ts";
import { Problem } from "../../domain/problem.ts";
import { toCallText } from "../words/call-text.ts";

const numbers = new Intl.NumberFormat("en-US");

/** For a list with more people than linked batches take. */
export function tooManyPeople({ listId, rows, shape, plan }: ContactList): Problem {
  const column = shape.columns.find((_name, index) => !plan.phone.includes(index)) ?? "…";
  const cut = toCallText("change_list", { list_id: listId, keep_where: { column, values: ["…"] } });
  const message = `A campaign takes at most ${numbers.format(maxGroupRecipients)} recipients, and ${numbers.format(rows.accepted)} of this list can be called. Nothing was created; the list is kept as ${listId}. Cut it, for a campaign of each part: ${cut}, or leave_out with spans of rows such as "100002-200001".`;
  return new Problem("invalid_input", message);
}
