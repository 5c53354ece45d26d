import type { Recipient } from "../../domain/batch/plan.ts";
import type { ContactList } from "../../domain/list/list.ts";
import { Problem } from "../../domain/problem.ts";
import { refuseByPolicy, type StartPolicy, toNumberPolicy } from "../../domain/start-policy.ts";
import { toCallText } from "../words/call-text.ts";
import { toRowSelection } from "./row-selection.ts";

const mostSpans = 40;

/** Rows of the people whom the operator allows nobody to call from these numbers, in their order. */
function rowsRefusedByOperator(
  recipients: readonly Recipient[],
  callerIds: readonly string[],
  policy: StartPolicy,
): readonly number[] {
  const allowed = toNumberPolicy(policy, callerIds);
  const isRefused = ({ toNumber, country, type }: Recipient): boolean =>
    refuseByPolicy({ e164: toNumber, type, ...(country !== undefined && { country }) }, allowed) !== undefined;
  return recipients.filter(isRefused).map(({ row }) => row);
}

/** What helps where the operator allows nobody to call some of a list: a call, or where all of them are refused, why none does. */
export type Remedy = { readonly repair?: string; readonly nobodyLeft?: string };

/** Of the people that a list has, whom the operator allows nobody to call from these numbers. */
export function remedyFor(
  listId: string,
  recipients: readonly Recipient[],
  callerIds: readonly string[],
  policy: StartPolicy,
): Remedy {
  const rows = rowsRefusedByOperator(recipients, callerIds, policy);
  if (rows.length > 0 && rows.length === recipients.length) return { nobodyLeft };
  const repair = toLeaveOut(listId, rows);
  return repair === undefined ? {} : { repair };
}

const nobodyLeft =
  "These are all people of the list, so leaving rows out does not help: nobody would be left. Give a list with other numbers, or a from_number of their country (list_phone_numbers); the operator can allow more with BATCH_CALL_ALLOWED_COUNTRIES and BATCH_CALL_ALLOWED_NUMBER_TYPES.";

/** The call that leaves rows out of a list; undefined where there are none. */
function toLeaveOut(listId: string, rows: readonly number[]): string | undefined {
  if (rows.length === 0) return undefined;
  const selection = toRowSelection(rows);
  const rest = selection.length > mostSpans ? " and so on, with the other rows" : "";
  return `${toCallText("change_list", { list_id: listId, leave_out: selection.slice(0, mostSpans) })}${rest}`;
}

/**
 * A refusal that is about some rows of a list and not about others, with the call that leaves those out; everything else as it is. The
 * others can be called once it was made.
 */
export function withRowsLeftOut(error: unknown, { listId, rows: { accepted } }: ContactList): unknown {
  if (!(error instanceof Problem)) return error;
  const rows = [...new Set(error.issues.flatMap((issue) => issue.allRows ?? []))].toSorted((a, b) => a - b);
  const repair = toLeaveOut(listId, rows);
  if (repair === undefined) return error;
  if (rows.length >= accepted) {
    const told = `${error.message} These are all people of the list: without them nobody is left to call.`;
    return new Problem(error.code, told, { issues: error.issues, cause: error.cause });
  }
  const message = `${error.message} ${repair} leaves out whom it is about; give the list_id that comes of it in place of the list, in the same call.`;
  return new Problem(error.code, message, { issues: error.issues, cause: error.cause });
}

/** A refusal by a limit, with what helps; everything else as it is. */
export function withRemedy(error: unknown, { repair, nobodyLeft: why }: Remedy): unknown {
  const told = repair === undefined ? why : `Repair: ${repair}`;
  if (!(error instanceof Problem) || error.code !== "refused_by_limit" || told === undefined) return error;
  return new Problem(error.code, `${error.message} ${told}`, { issues: error.issues, cause: error.cause });
}
