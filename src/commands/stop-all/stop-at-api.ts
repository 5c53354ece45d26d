import { holdAsDraft } from "../../campaigns/index.ts";
import type { BatchCallApi, Page, PageRequest } from "../../client/api.ts";
import { toNextPage } from "../../contract/paging.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { Problem } from "../../domain/problem.ts";
import { plainText } from "../../domain/text.ts";
import type { CommandContext } from "../../runtime/command-context.ts";

const pageSize = 100;
const atOnce = 10;

/** What became of one account. */
export type StoppedApi = {
  readonly isDone: boolean;
  /** Whether the API answered for that account: what is not stopped there was told. */
  readonly isReached: boolean;
  /** Whether it was certainly not told of a stop, which is then not to be released. */
  readonly isUntold: boolean;
  readonly isLive: boolean;
};

/** Stops everything of one account at the API: all at once where it can, and else each batch by itself. */
export async function stopAtApi(
  api: BatchCallApi,
  print: CommandContext["print"],
  advice: string | undefined,
): Promise<StoppedApi> {
  try {
    const held = await api.setStop(true);
    print(`${held} batch(es) stopped. The service starts none until the release.`);
    return { isDone: true, isReached: true, isUntold: false, isLive: await isLive(api) };
  } catch (error) {
    if (!(error instanceof Problem && error.code === "unsupported"))
      print(
        `The API could not be told to stop everything: ${describe(error, advice)} Each batch is paused by itself instead.`,
      );
    const paused = await pauseEverything(api, print, advice);
    // These two say that nothing was sent, or that nothing was done.
    const isRefused = error instanceof Problem && (error.code === "unavailable" || error.code === "unauthorized");
    return { ...paused, isUntold: isRefused && !paused.isReached, isLive: !paused.isReached || (await isLive(api)) };
  }
}

async function isLive(api: BatchCallApi): Promise<boolean> {
  return api.environment().then(
    (environment) => environment === "live",
    () => true,
  );
}

async function pauseEverything(
  api: BatchCallApi,
  print: CommandContext["print"],
  advice: string | undefined,
): Promise<Pick<StoppedApi, "isDone" | "isReached">> {
  let batches: readonly Batch[];
  try {
    batches = await listStoppable(api);
  } catch (error) {
    print(`The batches could not be listed, so none was paused: ${describe(error, advice)} Run this command again.`);
    return { isDone: false, isReached: false };
  }
  let left = 0;
  for (let at = 0; at < batches.length; at += atOnce) {
    const stopped = await Promise.all(batches.slice(at, at + atOnce).map((batch) => stop(api, batch, print)));
    left += stopped.filter((isStopped) => !isStopped).length;
  }
  print(`${batches.length - left} batch(es) stopped${left > 0 ? `, ${left} NOT stopped` : ""}.`);
  return { isDone: left === 0, isReached: true };
}

/** Running ones first. Collected before anything changes: a batch that leaves the list would shift its pages. */
async function listStoppable(api: BatchCallApi): Promise<readonly Batch[]> {
  const found: Batch[] = [];
  let request: PageRequest | undefined = { page: 0, limit: pageSize };
  while (request) {
    const page: Page<Batch> = await api.listBatches({ status: ["sent", "scheduled"], ...request });
    found.push(...page.rows);
    request = toNextPage(request, page);
  }
  // An API that ignores the filter lists those that are over as well.
  const going = found.filter(({ isPaused }) => !isPaused);
  return [...going.filter(({ status }) => status === "sent"), ...going.filter(({ status }) => status === "scheduled")];
}

async function stop(api: BatchCallApi, batch: Batch, print: (line: string) => void): Promise<boolean> {
  const name = `${batch.batchId} "${plainText(batch.name, 100)}"`;
  try {
    const stopped = await pauseOrHold(api, batch.batchId);
    print(`${stopped.status === "draft" ? "back to draft" : "paused"}: ${name}`);
    return true;
  } catch (error) {
    if (await isOver(api, batch.batchId)) return true;
    print(`NOT STOPPED: ${name}: ${describe(error)}`);
    return false;
  }
}

async function pauseOrHold(api: BatchCallApi, batchId: string): Promise<Batch> {
  try {
    return await api.pauseBatch(batchId);
  } catch (error) {
    if (error instanceof Problem && error.code === "unsupported") return holdAsDraft(batchId, api);
    throw error;
  }
}

async function isOver(api: BatchCallApi, batchId: string): Promise<boolean> {
  try {
    const { status } = await api.getBatch(batchId);
    return status !== "sent" && status !== "scheduled";
  } catch {
    return false;
  }
}

/** Words of an error; `advice` takes the place of what names the settings of the operator's own keys. */
export function describe(error: unknown, advice?: string): string {
  if (!(error instanceof Problem)) return String(error);
  return error.code === "unauthorized" && advice !== undefined ? advice : error.message;
}
