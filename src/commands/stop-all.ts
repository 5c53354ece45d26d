import { existsSync } from "node:fs";
import { join } from "node:path";
import { createApprovalStore } from "../campaigns/approve/index.ts";
import { holdAsDraft } from "../campaigns/index.ts";
import { createKillSwitch } from "../campaigns/records/index.ts";
import type { BatchCallApi, Page, PageRequest } from "../client/api.ts";
import { createBatchCallApi } from "../client/batch-call-api.ts";
import { toNextPage } from "../contract/paging.ts";
import type { Batch } from "../domain/batch/batch.ts";
import { Problem } from "../domain/problem.ts";
import { counted, plainText } from "../domain/text.ts";
import { systemClock } from "../lib/clock.ts";
import { releaseText } from "../lib/command-text.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { machineUser, openRecord } from "../runtime/data-dir.ts";
import { findCallersDirs } from "../runtime/organization-dirs.ts";
import { type ReleasedDatabase, releaseDatabase, type SwitchedDatabase } from "../runtime/shared-kill-switch.ts";
import { openUpstream } from "../runtime/upstream.ts";
import { readOrganizations } from "../service/accounts/index.ts";

const pageSize = 100;
const atOnce = 10;
const mostNamed = 20;

/**
 * Turns the switch on: in this data directory, where it stops every start by the MCP server and every dial of a service here;
 * in the database, where one is set (`database`, begun before this was loaded); and at the API, where that is our service, for the account
 * of the settings and for those of `BATCH_CALL_ORGANIZATIONS_FILE`. Elsewhere each batch that runs or is scheduled is paused. Returns 1 when
 * something could not be stopped, or may not be: accounts that callers have keys for are told.
 */
export async function stopAll(context: CommandContext, database?: Promise<SwitchedDatabase>): Promise<number> {
  const { print } = context;
  await turnOn(context);
  print(`Stopped. Nothing is launched until ${releaseText()}.`);
  const isDatabaseDone = await saidBy(database, print);
  const codes = hasApi(context)
    ? await atAccounts(context, ({ api, whose }) => stopAtApi(api, saidOf(whose, print)))
    : [];
  const areCallersDone = await tellCallersAccounts(context);
  return isDatabaseDone && areCallersDone && codes.every((code) => code === 0) ? 0 : 1;
}

/**
 * Turns the switch off again, in every place that these settings lead to. Batches that were held or paused stay so: each is resumed by
 * itself, with approval. Returns 1, with what still holds calls, when something does, and when nothing was stopped here.
 */
export async function releaseAll(context: CommandContext): Promise<number> {
  const { print, settings, log } = context;
  const { databaseUrl } = settings;
  const record = await openRecord(settings);
  const local = createKillSwitch(record);
  const wasOn = local.isOn();
  const here: Released = { wasStopped: wasOn, still: [], places: [] };
  const inDatabase = databaseUrl ? toReleased(await releaseDatabase(databaseUrl, log), print) : nowhere;
  const atApi = mayHoldStop(context) ? await atAccounts(context, (account) => releaseAtApi(account, context)) : [];
  const all = [here, inDatabase, ...atApi];
  local.set(
    false,
    machineUser(),
    systemClock.now(),
    all.flatMap(({ places }) => places),
  );
  const elsewhere = local
    .stoppedElsewhere()
    .map((place) => `${place} was stopped from here, and not asked or not released now`);
  record.close();
  const still = [...new Set([...all.flatMap((one) => one.still), ...elsewhere])];
  print(`Released in ${settings.dataDir}${wasOn ? "" : ", where nothing was stopped"}.`);
  for (const place of still) print(`STILL STOPPED: ${place}.`);
  if (still.length > 0) {
    print("Launches are NOT allowed everywhere again. Run this command again with the settings that lead there.");
    return 1;
  }
  if (!all.some(({ wasStopped }) => wasStopped)) {
    print(
      "Nothing that these settings lead to was stopped. Calls that are stopped are released with the data directory, and with BATCH_CALL_DATABASE_URL or BATCH_CALL_API_URL with its keys, of the stop.",
    );
    return 1;
  }
  print("Launches are allowed again. What was stopped stays so; resume_batch continues a batch.");
  return 0;
}

/** What a release found in one place. `places`: those that it released, as they are in the record of a stop. */
type Released = { readonly wasStopped: boolean; readonly still: readonly string[]; readonly places: readonly string[] };

const nowhere: Released = { wasStopped: false, still: [], places: [] };

function toReleased(
  { isDone, line, wasStopped = false, still = [] }: ReleasedDatabase,
  print: CommandContext["print"],
): Released {
  print(line);
  const places = isDone ? [databasePlace] : [];
  return { wasStopped, still: [...still, ...(isDone ? [] : [databasePlace])], places };
}

const databasePlace = "the database of BATCH_CALL_DATABASE_URL";

/** Where calls are stopped besides the data directory, in words that say nothing of keys and passwords. */
async function placesOf({ upstream, databaseUrl, access }: CommandContext["settings"]): Promise<readonly string[]> {
  const database = databaseUrl ? [databasePlace] : [];
  if (upstream.kind !== "account") return database;
  const { organizationsFile: file } = access;
  // Nothing keeps the switch from being set; the file is refused where it is needed.
  const others = file === undefined ? [] : await readOrganizations(file).catch(() => []);
  const accounts = [undefined, ...others.map(({ organizationId }) => organizationId)];
  return [...database, ...accounts.map((whose) => apiPlace(upstream.url, whose))];
}

function apiPlace(url: string, whose: string | undefined): string {
  return `the API at ${new URL(url).origin}${whose === undefined ? "" : ` for ${organizationText(whose)}`}`;
}

/** Without the sign that keeps places apart in the record. */
function organizationText(name: string): string {
  return `organization "${plainText(name, 100).replaceAll(";", ",")}"`;
}

function saidOf(whose: string | undefined, print: CommandContext["print"]): CommandContext["print"] {
  return whose === undefined ? print : (line) => print(`${organizationText(whose)}: ${line}`);
}

/**
 * Says what may go on at accounts that callers have keys for, which are kept nowhere. True where nothing was agreed to there that is known
 * of. Where a service runs by itself no account is elsewhere.
 */
async function tellCallersAccounts(context: CommandContext): Promise<boolean> {
  const { settings, print } = context;
  if (settings.upstream.kind !== "account") return true;
  const known = await atAccounts(context, async ({ keys }) => keys);
  const dirs = await findCallersDirs(settings.dataDir, known);
  const agreed: string[] = [];
  let accounts = 0;
  for (const dataDir of dirs) {
    const record = await openRecord({ ...settings, dataDir });
    const started = createApprovalStore(record).agreed(systemClock.now());
    record.close();
    accounts += started.length > 0 ? 1 : 0;
    agreed.push(...started.map(({ summary }) => summary.batchId));
  }
  if (agreed.length === 0) return true;
  const more = agreed.length > mostNamed ? ` and ${agreed.length - mostNamed} more` : "";
  print(
    `NOT STOPPED FROM HERE: ${counted(accounts, "account")} that callers have keys for, which are kept nowhere. Nothing is started there until the release. A server (http) on this data directory pauses what was agreed to there within seconds, if it was given the keys since it started, else with the next request of that caller; what it cannot pause is in its log. Look there, or in the portal of the API. Agreed to in the last 30 days, and maybe over: ${agreed.slice(0, mostNamed).join(", ")}${more}.`,
  );
  return false;
}

/** Where no service ever ran by itself, none is started to be released. */
function mayHoldStop(context: CommandContext): boolean {
  const { upstream, dataDir } = context.settings;
  return hasApi(context) && (upstream.kind === "account" || existsSync(join(dataDir, "service.sqlite")));
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

async function releaseAtApi({ api, whose }: ApiAccount, { settings: { upstream } }: CommandContext): Promise<Released> {
  const place = upstream.kind === "account" ? apiPlace(upstream.url, whose) : "the service of this data directory";
  try {
    const before = await api.getStop();
    await api.setStop(false);
    const after = await api.getStop();
    if (!after) return { wasStopped: before !== undefined, still: [], places: [place] };
    const whose = after.isEverybody
      ? "the database of its service, for everybody on it: release it where BATCH_CALL_DATABASE_URL is that of the service"
      : "this account";
    return { wasStopped: true, still: [`${place}, in ${whose}`], places: after.isEverybody ? [place] : [] };
  } catch (error) {
    // It holds no stop: its batches were paused one by one.
    if (error instanceof Problem && error.code === "unsupported") return { ...nowhere, places: [place] };
    return { ...nowhere, still: [`${place}, as far as is known: it was not released. ${withoutDot(describe(error))}`] };
  }
}

function withoutDot(text: string): string {
  return text.replace(/\.$/, "");
}

async function turnOn({ settings }: CommandContext): Promise<void> {
  const database = await openRecord(settings);
  createKillSwitch(database).set(true, machineUser(), systemClock.now(), await placesOf(settings));
  database.close();
}

/** An account at the API. `whose`: the organization that has it; absent for the one of the settings. */
type ApiAccount = {
  readonly api: BatchCallApi;
  readonly whose: string | undefined;
  readonly keys: { readonly apiKey: string; readonly apiSecret: string };
};

/** Does the work for the account of the settings, and then for those that the operator's file names, one after the other. */
async function atAccounts<T>(
  { settings, log }: CommandContext,
  work: (account: ApiAccount) => Promise<T>,
): Promise<readonly T[]> {
  const upstream = await openUpstream(settings, log);
  const results: T[] = [];
  try {
    for (const whose of [undefined, ...upstream.organizations]) {
      const account = whose === undefined ? upstream : upstream.ofOrganization(whose);
      if (!account) continue;
      const api = createBatchCallApi({ ...account, clock: systemClock, log });
      const keys = { apiKey: account.apiKey.reveal(), apiSecret: account.apiSecret.reveal() };
      try {
        results.push(await work({ api, whose, keys }));
      } finally {
        await api.close();
      }
    }
    return results;
  } finally {
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
