import type { BatchCallApi, Page, PageRequest } from "../../client/api.ts";
import { toNextPage } from "../../contract/paging.ts";
import type { Batch, Task } from "../../domain/batch/batch.ts";
import { numbersDigest } from "../../domain/batch/fingerprint.ts";
import { countriesOf, isMaskedNumber, readShown } from "../../domain/phone/shown-number.ts";
import { Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { ContentFacts } from "../create/index.ts";

/** What is to be done to a batch, each of which makes phones ring. */
export type StartAction =
  | { readonly kind: "now" }
  /** `local`: the wall time before which nobody is called on their own clock. */
  | { readonly kind: "at"; readonly at: Date; readonly local?: string }
  /** `grantId`: under the agreement that it had before the pause in which it was read. */
  | {
      readonly kind: "resume";
      readonly redialUnknown: boolean;
      readonly grantId?: string;
      readonly stateVersion?: number;
    };

/** A batch with its whole list, as the upstream tells both. */
export type BatchSnapshot = { readonly batch: Batch; readonly tasks: readonly Task[]; readonly facts?: ContentFacts };

type Parts = {
  readonly api: BatchCallApi;
  readonly clock: Clock;
  readonly creations: { factsOf(batchId: string): ContentFacts | undefined };
};

const pageSize = 100;
// An API may still be writing the list of a batch that it has just made.
const rereadAfterMs = [1000, 3000, 6000];

/** Reads a batch and its list. Throws `bad_response` when the list is not whole, or is not the one that was sent. */
export async function readBatchForStart({ api, clock, creations }: Parts, batchId: string): Promise<BatchSnapshot> {
  const facts = creations.factsOf(batchId);
  for (const waitMs of [...rereadAfterMs, undefined]) {
    const batch = await api.getBatch(batchId);
    const listed = await readTasks(api, batchId);
    const tasks = (facts && asSent(batch, listed, facts)) ?? listed;
    const wrong = whatIsWrong(batch, tasks, facts);
    if (!wrong) return { batch, tasks, ...(facts && { facts }) };
    if (waitMs === undefined) throw notTheList(batchId, wrong);
    await sleep(clock, waitMs);
  }
  throw new Error("unreachable: the last look answers or throws");
}

/** Those whom the action calls. */
export function recipientsToCall(tasks: readonly Task[], action: StartAction): readonly Task[] {
  if (action.kind !== "resume") return tasks.filter(({ status }) => status !== "cancelled");
  return tasks.filter(({ status }) => status === "pending" || (action.redialUnknown && status === "unknown"));
}

/** The whole list, as the upstream tells it. */
export async function readTasks(api: BatchCallApi, batchId: string): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  let request: PageRequest | undefined = { page: 0, limit: pageSize };
  while (request) {
    const page: Page<Task> = await api.listTasks(batchId, request);
    tasks.push(...page.rows);
    request = toNextPage(request, page);
  }
  return tasks;
}

/** The list with its numbers as they were sent, whatever form the API writes them in; undefined where they are others. */
function asSent({ fromNumber }: Batch, tasks: readonly Task[], facts: ContentFacts): readonly Task[] | undefined {
  const isSent = (read: readonly Task[]) => numbersDigest(read) === facts.numbersDigest;
  if (isSent(tasks)) return tasks;
  const toNumbers = tasks.map(({ toNumber }) => toNumber);
  const withCodes = [...toNumbers, fromNumber ?? ""].map((shown) => readShown(shown, undefined, { atHome: false }));
  for (const country of [undefined, ...countriesOf(withCodes)])
    for (const atHome of [false, true]) {
      const read = (shown: string) => readShown(shown, country, { atHome });
      const tried = tasks.map((task) => ({
        ...task,
        toNumber: read(task.toNumber),
        ...(task.fallbackNumber !== undefined && { fallbackNumber: read(task.fallbackNumber) }),
      }));
      if (isSent(tried)) return tried;
    }
  return undefined;
}

function whatIsWrong({ total }: Batch, tasks: readonly Task[], facts: ContentFacts | undefined): string | undefined {
  if (tasks.length !== total) return `it counts ${counted(total, "recipient")} and lists ${tasks.length}`;
  if (!facts || numbersDigest(tasks) === facts.numbersDigest) return undefined;
  const hidden = tasks.filter(({ toNumber }) => isMaskedNumber(toNumber)).length;
  if (hidden > 0) return `it hides a part of the numbers of ${counted(hidden, "person", "people")}`;
  return "its numbers are not those that were sent";
}

function notTheList(batchId: string, wrong: string): Problem {
  return new Problem(
    "bad_response",
    `The API's list of ${batchId} cannot be trusted: ${wrong}. Nothing was started and nobody was called. Look with get_batch_results; cancel_batch it and create it again if it stays so.`,
  );
}
