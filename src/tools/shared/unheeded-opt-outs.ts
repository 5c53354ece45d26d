import type { BatchCallApi } from "../../client/api.ts";
import type { Batch, Task } from "../../domain/batch/batch.ts";
import { queueInFront } from "../../domain/queue-in-front.ts";
import { saidIn } from "../../domain/said.ts";
import { counted } from "../../domain/text.ts";
import { toCallText } from "./call-text.ts";

/** Whether somebody asked in their call not to be called any more. */
export function isOptOut({ answers = [] }: Pick<Task, "answers">): boolean {
  return saidIn({ answers })?.optOut === true;
}

/** That people asked not to be called, where nobody acts on it but whoever reads this; undefined where nobody asked, and where our service acts by itself. */
export async function unheededOptOuts(
  { batchId, optedOut = 0 }: Pick<Batch, "batchId" | "optedOut">,
  api: Pick<BatchCallApi, "hasBrake">,
): Promise<string | undefined> {
  if (optedOut === 0 || (await api.hasBrake())) return undefined;
  const shown = toCallText("get_batch_results", { batch_id: batchId, show_numbers: true });
  return `${counted(optedOut, "person", "people")} asked on the phone not to be called again. ${notActedOn} ${shown} shows their numbers, with the answer opt_out.`;
}

/** The same of one call. */
export async function unheededOptOut(call: Pick<Task, "answers">, api: Pick<BatchCallApi, "hasBrake">) {
  if (!isOptOut(call) || (await api.hasBrake())) return undefined;
  return `They asked not to be called again. ${notActedOn}`;
}

const notActedOn = `This API does not act on it, and would call them again: add their numbers with update_do_not_call_list (action: "add"). ${queueInFront("adds them by itself")}`;
