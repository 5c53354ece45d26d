import { existsSync } from "node:fs";
import { join } from "node:path";
import { createKillSwitch, openCampaignDatabase } from "../campaigns/records/index.ts";
import type { BatchCallApi } from "../client/api.ts";
import { createBatchCallApi } from "../client/batch-call-api.ts";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { systemClock } from "../lib/clock.ts";
import { releaseText } from "../lib/command-text.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { machineUser, openRecord } from "../runtime/data-dir.ts";
import { findOtherAccountDirs, type ReachedAccount } from "../runtime/organization-dirs.ts";
import { type ReleasedDatabase, releaseDatabase, type SwitchedDatabase } from "../runtime/shared-kill-switch.ts";
import { openUpstream, refusedKeysText, type Upstream } from "../runtime/upstream.ts";
import { readOrganizations } from "../service/accounts/index.ts";
import { describe, type StoppedApi, stopAtApi } from "./stop-all/stop-at-api.ts";
import { tellUnreached } from "./stop-all/unreached-accounts.ts";

/**
 * Turns the switch on: in this data directory, where it stops every start by the MCP server and every dial of a service here;
 * in the database, where one is set (`database`, begun before this was loaded); and at the API, where that is our service, for the account
 * of the settings and for those of `BATCH_CALL_ORGANIZATIONS_FILE`. Elsewhere each batch that runs or is scheduled is paused. Nothing that
 * goes wrong in one place keeps it from the next. Returns 1 when something could not be stopped, or may not be: what was agreed to at
 * accounts that these settings do not lead to is named, unless a server that has the keys paused it.
 */
export async function stopAll(context: CommandContext, database?: Promise<SwitchedDatabase>): Promise<number> {
  const { print, unread = [] } = context;
  const { stoppedAt, stoppedBefore } = await turnOn(context);
  print(`Stopped. Nothing is launched until ${releaseText()}.`);
  for (const line of unreadLines(context)) print(line);
  const isDatabaseDone = await saidBy(database, print);
  const { results, trouble } = mayAsk(context)
    ? await atAccounts(context, async ({ api, whose, keys }) => ({
        ...(await stopAtApi(api, saidOf(whose, print), keysAdvice(context, whose))),
        whose,
        keys,
      }))
    : { results: [], trouble: undefined };
  if (trouble !== undefined) print(`NOT STOPPED: ${trouble} What runs there may go on.`);
  noteUntold(context, results, stoppedBefore);
  const reached = results.filter(({ isReached }) => isReached);
  const areOthersDone = await tellUnreached(context, await findUnreached(context, reached), stoppedAt);
  const areDone = results.every(({ isDone }) => isDone) && trouble === undefined && unread.length === 0;
  return isDatabaseDone && areDone && areOthersDone ? 0 : 1;
}

/**
 * Turns the switch off again, in every place that these settings lead to. Batches that were held or paused stay so: each is resumed by
 * itself, with approval. Returns 1, with what still holds calls, when something does, and when nothing was stopped here. `forgets`: what
 * was stopped from here and cannot be released now is not spoken of again.
 */
export async function releaseAll(context: CommandContext, forgets = false): Promise<number> {
  const { print, settings, log } = context;
  const { databaseUrl } = settings;
  const record = await openRecord(settings);
  const local = createKillSwitch(record);
  const wasOn = local.isOn();
  const untold = local.untold();
  const here: Released = { wasStopped: wasOn, still: [], places: [] };
  const inDatabase = databaseUrl ? toReleased(await releaseDatabase(databaseUrl, log), print) : nowhere;
  const { results, trouble } = mayHoldStop(context)
    ? await atAccounts(context, (account) => releaseAtApi(account, context))
    : { results: [], trouble: undefined };
  const known = [...local.stoppedElsewhere(), ...untold];
  const isKnown = ({ failed }: Released): boolean => failed === undefined || known.includes(failed);
  const unknown = results.filter((one) => !isKnown(one));
  // Nothing can be released, and nothing is to be, where nothing was told.
  const isStopped = (one: Released): boolean =>
    isKnown(one) && (one.failed === undefined || !untold.includes(one.failed));
  const atApi = results.map((one) => (isStopped(one) ? one : nowhere));
  const all = [here, inDatabase, ...atApi];
  const released = all.flatMap(({ places, wasStopped }) => places.filter((one) => wasStopped || known.includes(one)));
  // What was never stopped is not released, and nobody is to read that it was.
  if (wasOn || released.length + untold.length > 0)
    local.set(false, machineUser(), systemClock.now(), [...released, ...untold]);
  const elsewhere = local.stoppedElsewhere();
  const failed = atApi.flatMap((one) => one.failed ?? []);
  const forgotten = forgets ? [...new Set([...elsewhere, ...failed])] : [];
  if (forgotten.length > 0) local.set(false, machineUser(), systemClock.now(), forgotten);
  record.close();
  const still = [
    ...all.flatMap((one) => (forgets && one.failed !== undefined ? [] : one.still)),
    ...(trouble === undefined ? [] : [`${trouble.replace(/\.$/, "")} (BATCH_CALL_ORGANIZATIONS_FILE)`]),
    ...elsewhere.filter((place) => !forgotten.includes(place)).map(toStill),
  ];
  print(`Released in ${settings.dataDir}${wasOn ? "" : ", where nothing was stopped"}.`);
  for (const place of untold.filter((one) => !released.includes(one)))
    print(`${place} could not be told of the stop; nothing to release there.`);
  for (const {
    still: [place],
  } of unknown)
    print(`NOT KNOWN: ${place}.`);
  for (const place of forgotten) print(`FORGOTTEN: ${place}. If calls are stopped there, they stay so.`);
  for (const place of new Set(still)) print(`STILL STOPPED: ${place}.`);
  if (unknown.length > 0) print("Nothing was stopped there from here; ask again once it answers.");
  if (still.length > 0) {
    print(
      "Launches are NOT allowed everywhere again. Run this command again with the settings that lead there; with --forget where there is no way any more.",
    );
    return 1;
  }
  if (!all.some(({ wasStopped }) => wasStopped) && forgotten.length === 0) {
    print(
      "Nothing that these settings lead to was stopped. Calls that are stopped are released with the data directory, and with BATCH_CALL_DATABASE_URL, BATCH_CALL_API_URL with its keys or BATCH_CALL_ORGANIZATIONS_FILE, of the stop.",
    );
    return 1;
  }
  print("Launches are allowed again. What was stopped stays so; resume_batch continues a batch.");
  return unknown.length > 0 ? 1 : 0;
}

function toStill(place: string): string {
  const setting = place.includes(` for ${organizationSign}`)
    ? ": set BATCH_CALL_ORGANIZATIONS_FILE as for the stop"
    : "";
  return `${place} was stopped from here, and not asked or not released now${setting}`;
}

/** What is not reached because of settings that cannot be read. */
function unreadLines({ unread = [], settings }: CommandContext): readonly string[] {
  const isUnread = (name: string): boolean => unread.includes(name);
  const because = (name: string): string => `, because ${name} cannot be read`;
  const lines = [
    ...(isUnread("BATCH_CALL_DATA_DIR")
      ? [`the data directory that is meant${because("BATCH_CALL_DATA_DIR")}; the switch is on in ${settings.dataDir}`]
      : []),
    ...(isUnread("BATCH_CALL_DATABASE_URL") ? [`the database${because("BATCH_CALL_DATABASE_URL")}`] : []),
    ...(accountSettings.some(isUnread)
      ? [`the API account${because(accountSettings.filter(isUnread).join(", "))}`]
      : []),
    ...(isUnread("BATCH_CALL_ORGANIZATIONS_FILE")
      ? [`the accounts of organizations${because("BATCH_CALL_ORGANIZATIONS_FILE")}`]
      : []),
  ];
  return lines.map((line) => `NOT STOPPED: ${line}. What runs there may go on.`);
}

const accountSettings = ["BATCH_CALL_API_URL", "BATCH_CALL_API_KEY", "BATCH_CALL_API_SECRET"];

/** No service is started in the place of an account or a database that is meant and cannot be read. */
function mayAsk(context: CommandContext): boolean {
  const { unread = [], settings } = context;
  const isMeant = [...accountSettings, "BATCH_CALL_DATABASE_URL"].some((name) => unread.includes(name));
  return hasApi(context) && (settings.upstream.kind === "account" || !isMeant);
}

type StoppedAccount = StoppedApi & ReachedAccount;

function noteUntold(
  { settings }: CommandContext,
  results: readonly StoppedAccount[],
  stoppedBefore: readonly string[],
): void {
  const { upstream, dataDir } = settings;
  if (upstream.kind !== "account") return;
  const untold = results.filter(({ isUntold }) => isUntold).map(({ whose }) => apiPlace(upstream.url, whose));
  const record = openCampaignDatabase(join(dataDir, "ledger.sqlite"));
  // A place that an earlier stop reached is to be released, whatever came of this one.
  const places = untold.filter((place) => !stoppedBefore.includes(place));
  createKillSwitch(record).noteUntold(places, machineUser(), systemClock.now());
  record.close();
}

/** The folders of what was agreed to at accounts that were not reached. */
async function findUnreached(
  { settings, unread = [] }: CommandContext,
  reached: readonly (ReachedAccount & Pick<StoppedApi, "isLive">)[],
): Promise<readonly string[]> {
  const { dataDir, upstream } = settings;
  const own = reached.find(({ whose }) => whose === undefined);
  // Nobody agrees to simulated calls: what was agreed to here is at an account.
  const isElsewhere = upstream.kind === "account" ? own === undefined : own?.isLive === false;
  const isMeant = accountSettings.some((name) => unread.includes(name));
  const others = await findOtherAccountDirs(dataDir, reached);
  return isElsewhere || isMeant ? [dataDir, ...others] : others;
}

/** What to do where the API does not take the keys of an account of the operator's file; undefined for the account of the settings. */
function keysAdvice({ settings }: CommandContext, whose: string | undefined): string | undefined {
  return whose === undefined ? undefined : refusedKeysText(whose, settings.access.organizationsFile ?? "");
}

/** What a release found in one place. `places`: those that it released, as they are in the record of a stop. */
type Released = {
  readonly wasStopped: boolean;
  readonly still: readonly string[];
  readonly places: readonly string[];
  /** The place, where it could not be asked. */
  readonly failed?: string;
};

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
  return `${organizationSign}"${plainText(name, 100).replaceAll(";", ",")}"`;
}

const organizationSign = "organization ";

function saidOf(whose: string | undefined, print: CommandContext["print"]): CommandContext["print"] {
  return whose === undefined ? print : (line) => print(`${organizationText(whose)}: ${line}`);
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

async function releaseAtApi({ api, whose }: ApiAccount, context: CommandContext): Promise<Released> {
  const { upstream } = context.settings;
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
    const why = withoutDot(describe(error, keysAdvice(context, whose)));
    return { ...nowhere, still: [`${place}, which was not released. ${why}`], failed: place };
  }
}

function withoutDot(text: string): string {
  return text.replace(/\.$/, "");
}

/** `stoppedBefore`: places that an earlier stop was for, and no release since. */
async function turnOn({ settings }: CommandContext) {
  const places = await placesOf(settings);
  const database = await openRecord(settings);
  const killSwitch = createKillSwitch(database);
  const stoppedBefore = killSwitch.stoppedElsewhere();
  const stoppedAt = systemClock.now();
  killSwitch.set(true, machineUser(), stoppedAt, places);
  database.close();
  return { stoppedAt, stoppedBefore };
}

/** An account at the API. `whose`: the organization that has it; absent for the one of the settings. */
type ApiAccount = ReachedAccount & { readonly api: BatchCallApi };

/**
 * Does the work for the account of the settings, and then for those that the operator's file names, one after the other. `trouble`: why
 * those of the file could not be reached.
 */
async function atAccounts<T>(
  { settings, log }: CommandContext,
  work: (account: ApiAccount) => Promise<T>,
): Promise<{ readonly results: readonly T[]; readonly trouble: string | undefined }> {
  const { organizationsFile, ...access } = settings.access;
  const upstream = await openUpstream({ ...settings, access }, log);
  const results: T[] = [];
  const workAt = async (account: Upstream, whose: string | undefined): Promise<void> => {
    const api = createBatchCallApi({ ...account, clock: systemClock, log });
    const keys = { apiKey: account.apiKey.reveal(), apiSecret: account.apiSecret.reveal() };
    try {
      results.push(await work({ api, whose, keys }));
    } finally {
      await api.close();
    }
  };
  try {
    await workAt(upstream, undefined);
    if (settings.upstream.kind !== "account" || organizationsFile === undefined) return { results, trouble: undefined };
    // Another file than the one that was read with the switch would be another list.
    const others = await readOrganizations(organizationsFile).catch(toTrouble);
    if (typeof others === "string") return { results, trouble: `calls of organizations go on. ${others}` };
    for (const { organizationId: whose, apiKey, apiSecret } of others)
      await workAt(upstream.withKeys({ apiKey, apiSecret }), whose);
    return { results, trouble: undefined };
  } finally {
    await upstream.close();
  }
}

function toTrouble(error: unknown): string {
  if (error instanceof Problem) return error.message;
  throw error;
}
