import { toCreateBatchBody } from "../src/contract/batch/create-batch.ts";
import type { Recipient } from "../src/domain/batch/plan.ts";
import { Judge } from "../src/domain/list/judge.ts";
import { variablesOf } from "../src/domain/list/judge-row.ts";
import { parseE164 } from "../src/domain/phone/phone-number.ts";
import { isIssue } from "../src/domain/problem.ts";
import { readLeniently } from "../src/tools/arguments/lenient-input.ts";
import { parseInput } from "../src/tools/arguments/parse-input.ts";
import { createBatchCallTool } from "../src/tools/create-batch-call.ts";
import { tableOfTasks } from "../src/tools/list/tasks-table.ts";
import type { BatchInput } from "../src/tools/rules/batch-input.ts";
import { type ListKind, listKinds, makeTasks } from "./call-lists.ts";
import { convertFlat } from "./flat-create.ts";
import { median } from "./median.ts";
import { stubAgentId, stubCallerId } from "./stub-api.ts";

const rounds = 60;
const warmUp = 20;

export type ConversionRun = {
  readonly list: ListKind;
  readonly oursMs: number;
  readonly flatMs: number;
  readonly ratio: number;
};

/** From the text of the arguments to the text of the request, for each kind of list, in turn with the same work written flat; medians. */
export async function measureConversion(): Promise<readonly ConversionRun[]> {
  const runs: ConversionRun[] = [];
  for (const list of listKinds) {
    const times = { ours: [] as number[], flat: [] as number[], ratio: [] as number[] };
    for (let round = 0; round < rounds + warmUp; round++) {
      const tasks = makeTasks(`${round}`, list);
      const text = JSON.stringify({ name: "Bench", agent_id: stubAgentId, from_number: stubCallerId, tasks });
      const flat = await time(() => convertFlat(JSON.parse(text)).body);
      const ours = await time(() => convert(text));
      if (round === 0) requireSame(flat.result, ours.result, list);
      if (round < warmUp) continue;
      times.flat.push(flat.ms);
      times.ours.push(ours.ms);
      times.ratio.push(ours.ms / flat.ms);
    }
    runs.push({ list, oursMs: median(times.ours), flatMs: median(times.flat), ratio: median(times.ratio) });
  }
  return runs;
}

async function time(work: () => string | Promise<string>): Promise<{ readonly ms: number; readonly result: string }> {
  const startedAt = performance.now();
  const result = await work();
  return { ms: performance.now() - startedAt, result };
}

/** Nothing is kept and nobody is asked: what a tool call does between reading its arguments and sending the request. */
async function convert(text: string): Promise<string> {
  // The tool's own type says no more of its input than that it is an object.
  const input = parseInput(
    createBatchCallTool,
    readLeniently(createBatchCallTool.input, JSON.parse(text)),
  ) as BatchInput;
  const { table, plan } = tableOfTasks(input.tasks ?? []);
  const judge = new Judge({ columns: table.shape.columns, plan, defaultCountry: "US" });
  const recipients: Recipient[] = [];
  for await (const rows of table.rows) {
    for (const row of rows) {
      const fate = judge.judge(row);
      if (fate.kind !== "accepted") continue;
      const { toNumber, type, country } = fate;
      const variables = variablesOf(row.cells, plan);
      recipients.push({ row: row.row, toNumber, type, ...(country !== undefined && { country }), variables });
    }
  }
  const { name, agent_id: agentId } = input;
  const fromNumber = parseE164(input.from_number);
  if (isIssue(fromNumber)) throw new Error("the caller id cannot be read");
  const batch = {
    name,
    agentId,
    fromNumber,
    timezone: "UTC",
    rules: {},
    start: { kind: "draft" },
    recipients,
  } as const;
  return JSON.stringify(toCreateBatchBody(batch));
}

function requireSame(flat: string, ours: string, list: ListKind): void {
  const numbersOf = (body: string) =>
    (JSON.parse(body) as { tasks: { to_number: string }[] }).tasks.map(({ to_number }) => to_number).join();
  if (numbersOf(flat) !== numbersOf(ours)) throw new Error(`${list}: the two ways did not read the same numbers`);
}
