import { holdAsDraft } from "../campaigns/index.ts";
import { createKillSwitch } from "../campaigns/records/index.ts";
import type { BatchCallApi, Page, PageRequest } from "../client/api.ts";
import { createBatchCallApi } from "../client/batch-call-api.ts";
import { toNextPage } from "../contract/paging.ts";
import type { Batch } from "../domain/batch/batch.ts";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { systemClock } from "../lib/clock.ts";
import { releaseText } from "../lib/command-text.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { machineUser, openRecord } from "../runtime/data-dir.ts";
import { releaseDatabase, type SwitchedDatabase } from "../runtime/shared-kill-switch.ts";
import { openUpstream } from "../runtime/upstream.ts";

const pageSize = 100;
const atOnce = 10;

/**
 * Turns the switch on: in this data directory, where it stops every start by the MCP server and every dial of a service here;
 * in the database, where one is set (`database`, begun before this was loaded); and at the API, where that is our service. Elsewhere
 * each batch that runs or is scheduled is paused. Returns 1 when something could not be stopped.
 */
export async function stopAll(context: CommandContext, database?: Promise<SwitchedDatabase>): Promise<number> {
  const { print } = context;
  await turn(context, true);
  print(`Stopped. Nothing is launched until ${releaseText()}.`);
  const isDatabaseDone = await saidBy(database, print);
  const code = hasApi(context) ? await withApi(context, (api) => stopAtApi(api, print)) : 0;
  return isDatabaseDone ? code : 1;
}

/** Turns the switch off again. Batches that were held or paused stay so: each is resumed by itself, with approval. */
export async function releaseAll(context: CommandContext): Promise<number> {
  const { print, settings, log } = context;
  await turn(context, false);
  const isDatabaseDone = await saidBy(settings.databaseUrl && releaseDatabase(settings.databaseUrl, log), print);
  const code = hasApi(context) ? await withApi(context, (api) => releaseAtApi(api, print)) : 0;
  print("Launches are allowed again. What was stopped stays so; resume_batch continues a batch.");
  return isDatabaseDone ? code : 1;
}

async function saidBy(
  database: Promise<SwitchedDatabase> | undefined,
  print: (line: string) => void,
): Promise<boolean> {
  if (!database) return true;
  const { isDone, line } = await database;
  print(line);
  return isDone;
}

/** On a shared database no service starts by itself, and what runs on it has been told there. */
function hasApi({ settings: { upstream, databaseUrl } }: CommandContext): boolean {
  return upstream.kind === "account" || databaseUrl === undefined;
}

async function releaseAtApi(api: BatchCallApi, print: (line: string) => void): Promise<number> {
  try {
    await api.setStop(false);
  } catch (error) {
    if (error instanceof Problem && error.code === "unsupported") return 0;
    print(`The API was not released: ${describe(error)} Run this command again.`);
    return 1;
  }
  return 0;
}

async function turn({ settings }: CommandContext, on: boolean): Promise<void> {
  const database = await openRecord(settings);
  createKillSwitch(database).set(on, machineUser(), systemClock.now());
  database.close();
}

async function withApi(context: CommandContext, work: (api: BatchCallApi) => Promise<number>): Promise<number> {
  const upstream = await openUpstream(context.settings, context.log);
  const api = createBatchCallApi({ ...upstream, clock: systemClock, log: context.log });
  try {
    return await work(api);
  } finally {
    await api.close();
    await upstream.close();
  }
}

async function stopAtApi(api: BatchCallApi, print: (line: string) => void): Promise<number> {
  try {
    const held = await api.setStop(true);
    print(`${held} batch(es) stopped. The service starts none until the release.`);
    return 0;
  } catch (error) {
    if (!(error instanceof Problem && error.code === "unsupported"))
      print(`The API could not be told to stop everything: ${describe(error)} Each batch is paused by itself instead.`);
    return pauseEverything(api, print);
  }
}

async function pauseEverything(api: BatchCallApi, print: (line: string) => void): Promise<number> {
  let batches: readonly Batch[];
  try {
    batches = await listStoppable(api);
  } catch (error) {
    print(`The batches could not be listed, so none was paused: ${describe(error)} Run this command again.`);
    return 1;
  }
  let left = 0;
  for (let at = 0; at < batches.length; at += atOnce) {
    const stopped = await Promise.all(batches.slice(at, at + atOnce).map((batch) => stop(api, batch, print)));
    left += stopped.filter((isStopped) => !isStopped).length;
  }
  print(`${batches.length - left} batch(es) stopped${left > 0 ? `, ${left} NOT stopped` : ""}.`);
  return left > 0 ? 1 : 0;
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

function describe(error: unknown): string {
  return error instanceof Problem ? error.message : String(error);
}
