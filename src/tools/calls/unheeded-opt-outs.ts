import type { BatchCallApi } from "../../client/api.ts";
import type { Batch, Task } from "../../domain/batch/batch.ts";
import { queueInFront } from "../../domain/queue-in-front.ts";
import { saidIn, unclearOptOuts } from "../../domain/said.ts";
import { counted, plainText } from "../../domain/text.ts";
import { toCallText } from "../words/call-text.ts";

/** Whether somebody asked in their call not to be called any more. */
export function isOptOut({ answers = [] }: Pick<Task, "answers">): boolean {
  const said = saidIn({ answers });
  return said?.optOut === true && said.unclearOptOut === undefined;
}

/**
 * That people asked not to be called, where nobody acts on it but whoever reads this, or said of it what can mean either, which a person has to
 * read; undefined where there are none.
 */
export async function unheededOptOuts(
  batch: Pick<Batch, "batchId" | "optedOut" | "answers">,
  api: Pick<BatchCallApi, "hasBrake">,
): Promise<string | undefined> {
  const told = [await clearOptOuts(batch, api), await unclearWords(batch, api)].filter((text) => text !== undefined);
  return told.length > 0 ? told.join(" ") : undefined;
}

async function unclearWords(
  { batchId, answers }: Pick<Batch, "batchId" | "answers">,
  api: Pick<BatchCallApi, "hasBrake">,
): Promise<string | undefined> {
  const given = (answers?.byName ?? []).flatMap(({ name, values }) => values.map((one) => ({ name, ...one })));
  const unclear = unclearOptOuts(given);
  if (unclear.length === 0) return undefined;
  const people = unclear.reduce((sum, { recipients }) => sum + recipients, 0);
  const words = unclear
    .slice(0, mostShown)
    .map(({ name, value }) => `${name}: ${JSON.stringify(plainText(value, longestShown))}`);
  const shown = toCallText("get_batch_results", { batch_id: batchId, show_numbers: true });
  return `Of ${counted(people, "person", "people")} it is not clear whether they asked not to be called again (${words.join(", ")}). ${(await api.hasBrake()) ? `${isHeldBack} Read it with ${shown}.` : `${isNotHeldBack} Read it with ${shown}.`}`;
}

const isHeldBack = `Until somebody has read it they are not called: they are on the do-not-call list, and update_do_not_call_list (action: "remove") takes off who did not ask.`;
const isNotHeldBack = `Nobody acts on that: add who asked with update_do_not_call_list (action: "add").`;

const mostShown = 5;
const longestShown = 60;

async function clearOptOuts(
  { batchId, optedOut = 0 }: Pick<Batch, "batchId" | "optedOut">,
  api: Pick<BatchCallApi, "hasBrake">,
): Promise<string | undefined> {
  if (optedOut === 0 || (await api.hasBrake())) return undefined;
  const shown = toCallText("get_batch_results", { batch_id: batchId, show_numbers: true });
  return `${counted(optedOut, "person", "people")} asked on the phone not to be called again. ${notActedOn} ${shown} shows their numbers, with the answer opt_out.`;
}

/** The same of one call. */
export async function unheededOptOut(call: Pick<Task, "answers">, api: Pick<BatchCallApi, "hasBrake">) {
  const [unclear] = unclearOptOuts(call.answers ?? []);
  if (unclear && !isOptOut(call)) {
    const words = JSON.stringify(plainText(unclear.value, longestShown));
    return `It is not clear whether they asked not to be called again (${unclear.name}: ${words}). ${(await api.hasBrake()) ? isHeldBack : isNotHeldBack}`;
  }
  if (!isOptOut(call) || (await api.hasBrake())) return undefined;
  return `They asked not to be called again. ${notActedOn}`;
}

const notActedOn = `This API does not act on it, and would call them again: add their numbers with update_do_not_call_list (action: "add"). ${queueInFront("adds them by itself")}`;
