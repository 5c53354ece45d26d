import type { Recipient } from "../../domain/batch/plan.ts";
import type { ContactList } from "../../domain/list/list.ts";
import { Problem } from "../../domain/problem.ts";
import { refuseByPolicy, type StartPolicy, toNumberPolicy } from "../../domain/start-policy.ts";
import { toCallText } from "./list-repairs.ts";
import { toRowSelection } from "./row-selection.ts";

const mostSpans = 40;

/** Rows of the people whom the operator allows nobody to call from this number, in their order. */
export function rowsRefusedByOperator(
  recipients: readonly Recipient[],
  fromNumber: string | undefined,
  policy: StartPolicy,
): readonly number[] {
  const allowed = toNumberPolicy(policy, fromNumber);
  const isRefused = ({ toNumber, country, type }: Recipient): boolean =>
    refuseByPolicy({ e164: toNumber, type, ...(country !== undefined && { country }) }, allowed) !== undefined;
  return recipients.filter(isRefused).map(({ row }) => row);
}

/** The call that leaves rows out of a list; undefined where there are none. */
export function toLeaveOut(listId: string, rows: readonly number[]): string | undefined {
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
  const repair = rows.length < accepted ? toLeaveOut(listId, rows) : undefined;
  if (repair === undefined) return error;
  const message = `${error.message} ${repair} leaves out whom it is about; give the list_id that comes of it in place of the list, in the same call.`;
  return new Problem(error.code, message, { issues: error.issues, cause: error.cause });
}

/** A refusal by a limit, with the call that mends the list; everything else as it is. */
export function withRepair(error: unknown, repair: string | undefined): unknown {
  if (!(error instanceof Problem) || error.code !== "refused_by_limit" || repair === undefined) return error;
  return new Problem(error.code, `${error.message} Repair: ${repair}`, { issues: error.issues, cause: error.cause });
}
