import { isTestCall, isTestOf, testedNameOf } from "../../campaigns/index.ts";
import type { Batch, Task } from "../../domain/batch/batch.ts";
import type { ContactList } from "../../domain/list/list.ts";
import { reachingOutcomes } from "../../domain/other-calls.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import { todaysNumberOf } from "../../domain/phone/todays-number.ts";
import { Problem } from "../../domain/problem.ts";
import { queueInFront } from "../../domain/queue-in-front.ts";
import { wrongNumbersOf } from "../../domain/said.ts";
import { counted } from "../../domain/text.ts";
import { invalidInput } from "../arguments/parse-input.ts";
import { dropUndefined, maxPageSize } from "../arguments/shapes.ts";
import { collectTasks } from "../calls/collect-tasks.ts";
import { isKnownTo, listOfBatch } from "../calls/rows-of-tasks.ts";
import {
  countStandings,
  readStandings,
  type Standing,
  type Standings,
  toCountsText,
  unreached,
} from "../calls/standings.ts";
import type { BatchInput } from "../rules/batch-input.ts";
import type { ToolContext } from "../tool.ts";
import { toCallText } from "../words/call-text.ts";
import { walkRows } from "./list-rows.ts";
import { tableOfTasks } from "./tasks-table.ts";

type FromBatch = NonNullable<BatchInput["from_batch"]>;

/**
 * The list that an earlier batch was made of, in which only those of its people are called whose call ended as is asked for. All other
 * rows stay in it with their reason. Without that list the people come from the batch itself, as numbers alone.
 *
 * Throws `invalid_input` where there is nobody and for a test call, `not_found` for a batch that is not there, and `unsupported` where the API does not tell
 * one outcome from another.
 */
export async function listFromBatch(input: FromBatch, context: ToolContext): Promise<ContactList> {
  const { api, lists, owner } = context;
  const batch = await api.getBatch(input.batch_id);
  if (isTestCall(batch)) throw noCampaign(batch, await testedBatches(batch, context));
  const tasks = await collectTasks(input.batch_id, context, batch.total);
  const standings = await readStandings(tasks, context);
  const wanted = new Set<Standing>(input.outcomes ?? unreached);
  if (unreached.every((result) => wanted.has(result))) wanted.add("unreached");
  else requireOutcomes(wanted, standings);
  const chosen = tasks.filter((task) => wanted.has(standings.get(task) ?? "in_progress"));
  if (chosen.length === 0) throw nobodyLeft(batch, input, countStandings(standings));
  const choice = { chosen, standings, waits: await toWaits(chosen, standings, context) };
  const list = await listOfBatch(input.batch_id, context);
  const isOwn = list !== undefined && (await isKnownTo(list, context));
  return list && isOwn ? deriveList(list, batch, choice, context) : lists.read(...withoutList(batch, choice), owner);
}

/** `waits`: what the operator's hours between batches mean for them, in a sentence. */
type Choice = { readonly chosen: readonly Task[]; readonly standings: Standings; readonly waits: string };

async function deriveList(
  list: ContactList,
  { batchId: id }: Batch,
  { chosen, standings, waits }: Choice,
  { lists, owner }: ToolContext,
): Promise<ContactList> {
  const byNumber = new Map(
    [...standings].map(([task, standing]) => [toTodaysNumber(task.toNumber), { task, standing }]),
  );
  const again = new Set(chosen);
  const met = new Set<Task>();
  const rowsByWhy = new Map<string, number[]>();
  for await (const { row, fate } of walkRows(list.listId, {}, lists)) {
    const found = fate.kind === "refused" ? undefined : byNumber.get(todaysNumberOf(fate.toNumber));
    if (found) met.add(found.task);
    if (found && again.has(found.task)) continue;
    const why = toWhy(found?.standing, id);
    const rows = rowsByWhy.get(why);
    if (rows) rows.push(row);
    else rowsByWhy.set(why, [row]);
  }
  const lost = chosen.filter((task) => !met.has(task)).length;
  const choice = { chosen, standings, waits };
  if (lost === chosen.length) return lists.read(...withoutList({ batchId: id }, choice), owner);
  const said = `${toSaid(id, choice)}${lost === 0 ? "" : ` ${lost} of them stand in no row of its list and are not called: get_batch_results shows them without a row.`}`;
  const notAgain = Array.from(rowsByWhy, ([why, rows]) => ({ why, rows }));
  const wrongNumbers = [...new Set([...standings.keys()].flatMap(wrongNumbersOf))];
  const edit = {
    kind: "from_batch",
    batchId: id,
    said,
    notAgain,
    ...(wrongNumbers.length > 0 && { wrongNumbers }),
  } as const;
  return lists.change(list.listId, [edit], owner);
}

/** With all that decides when and how often each of them is called: a clock that is lost would let their phone ring at night. */
function withoutList({ batchId: id }: Pick<Batch, "batchId">, choice: Choice) {
  const people = choice.chosen.flatMap((task) => {
    const { timezone, notBefore, maxRetries: max_retries } = task;
    const [to_number, fallback_number] = numbersToCall(task);
    const own = dropUndefined({ fallback_number, timezone, not_before: notBefore?.toISOString(), max_retries });
    return to_number === undefined ? [] : { to_number, ...own };
  });
  const { table, plan } = tableOfTasks(people);
  // Two sentences, each short enough to be told whole.
  const why = `The list of ${id} is not kept (any more): they come without their rows and variables, each with their own fallback number, time zone, not_before and max_retries as far as the API tells them. If the agent needs those, give their file again and keep whom this names.`;
  return [
    { ...table, shape: { ...table.shape, said: [toSaid(id, choice), why] } },
    { plan, fromBatch: id },
  ] as const;
}

/** The first one first, without those that are wrong ones. */
function numbersToCall(task: Task): readonly string[] {
  const { toNumber, fallbackNumber } = task;
  const wrong = new Set(wrongNumbersOf(task));
  const all = fallbackNumber === undefined ? [toNumber] : [toNumber, fallbackNumber];
  return all.filter((number) => !wrong.has(toTodaysNumber(number)));
}

function toSaid(id: string, { chosen, standings, waits }: Choice): string {
  const counts = countStandings(standings);
  const again = countStandings(new Map(chosen.map((task) => [task, standings.get(task) ?? "unknown"])));
  const others = new Map([...counts].filter(([standing]) => !again.has(standing)));
  const rest = others.size === 0 ? "" : `; not those who are ${toCountsText(others)}`;
  const moved = chosen.filter((task) => wrongNumbersOf(task).length > 0).length;
  const otherNumber =
    moved === 0
      ? ""
      : ` ${counted(moved, "of them is", "of them are")} called on another number alone, since the one that was called is a wrong number.`;
  return `Of ${id} are called again: ${toCountsText(again)}${rest}.${otherNumber}${waits}`;
}

/** Our service holds back single numbers that another batch reached; other APIs are held to the hours when a batch starts. */
async function toWaits(
  chosen: readonly Task[],
  standings: Standings,
  { api, campaigns }: Pick<ToolContext, "api" | "campaigns">,
): Promise<string> {
  const hours = campaigns.policy.minHoursBetweenBatches;
  const reached = new Set<Standing | undefined>([...reachingOutcomes, "unknown"]);
  const count = chosen.filter((task) => reached.has(standings.get(task))).length;
  if (count === 0 || hours === 0 || !(await api.hasBrake())) return "";
  return ` ${counted(count, "of them was", "of them were")} reached or may have been: live calls to them wait until ${counted(hours, "hour")} after that call, which the operator can change with BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES.`;
}

function toWhy(standing: Standing | undefined, id: string): string {
  if (standing === undefined) return `Is not called again: ${id} did not have it.`;
  if (standing === "in_progress") return `Is not called again: ${id} may still call it.`;
  if (standing === "wrong_number") return `Is not called again: who answered in ${id} said that it is a wrong number.`;
  if (standing === "taken_out") return `Is not called again: it was taken out of ${id}.`;
  return `Is not called again: its result in ${id} is ${standing}.`;
}

function requireOutcomes(wanted: ReadonlySet<Standing>, standings: Standings): void {
  const isOpen = (["voicemail", ...unreached] as const).some((result) => wanted.has(result));
  if (!isOpen || ![...standings.values()].includes("unreached")) return;
  const message = `This API does not tell why its calls reached nobody, so people cannot be chosen by that. Leave from_batch.outcomes out for all who were not reached. ${queueInFront("tells the outcome of each call of the batches that it is given")}`;
  throw new Problem("unsupported", message);
}

const mostTested = 3;

/** The campaigns that a test call may have been one of, the newest first: its name alone tells. */
async function testedBatches(test: Batch, { api }: Pick<ToolContext, "api">): Promise<readonly Batch[]> {
  const { rows } = await api.listBatches({ page: 0, limit: maxPageSize, name: [testedNameOf(test)] });
  return rows.filter((batch) => !isTestCall(batch) && isTestOf(test, batch)).slice(0, mostTested);
}

function noCampaign({ batchId: id }: Batch, tested: readonly Batch[]): Problem {
  const message = `${id} is a test call: it rang a number for tests, and nobody of a campaign. ${toCampaigns(tested)}`;
  return invalidInput([{ field: "from_batch.batch_id", code: "test_call", message }], "may_dial");
}

/** Which campaign to name instead, and the call that goes on with it. */
function toCampaigns(tested: readonly Batch[]): string {
  const [first, ...others] = tested;
  if (!first) return "Give the batch_id of a campaign; list_batches shows them.";
  const { batchId: id, status } = first;
  const also = others.length === 0 ? "" : ` (or ${others.map(({ batchId }) => batchId).join(", ")}, of the same name)`;
  if (status === "draft")
    return `It tested ${id}${also}, a draft: nobody of it was called yet, and start_batch begins it.`;
  const call = toCallText("preview_batch_call", { from_batch: { batch_id: id } });
  return `It tested ${id}${also}. Whom that did not reach: ${call} with the other arguments.`;
}

function nobodyLeft({ batchId: id, name }: Batch, { outcomes }: FromBatch, counts: ReadonlyMap<Standing, number>) {
  const others = (["voicemail", "cancelled"] as const).filter((result) => counts.has(result));
  const advice =
    others.length > 0
      ? ` To call those: ${toCallText("preview_batch_call", { from_batch: { batch_id: id, outcomes: others } })} with the other arguments.`
      : "";
  const waiting = counts.has("in_progress")
    ? ` Who is still to be called is that batch's: get_batch_status tells when.`
    : "";
  const look = ` ${toCallText("get_batch_results", { batch_id: id })} tells who they are, row by row.`;
  const message = `Nobody of ${id} (${JSON.stringify(name)}) has the result ${(outcomes ?? unreached).join(", ")}. It has: ${toCountsText(counts) || "no recipients"}.${advice}${waiting}${look}`;
  return invalidInput([{ field: "from_batch", code: "nobody_left", message }], "may_dial");
}
