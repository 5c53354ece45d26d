import type { BatchCallApi } from "../client/api.ts";
import type { Batch } from "../domain/batch/batch.ts";
import { contentKey } from "../domain/batch/fingerprint.ts";
import { isGroupId } from "../domain/batch/group.ts";
import { unmarkedName } from "../domain/batch/marked-name.ts";
import type { BatchPlan } from "../domain/batch/plan.ts";
import { Problem } from "../domain/problem.ts";
import type { StartPolicy } from "../domain/start-policy.ts";
import { plainText } from "../domain/text.ts";
import { Background, KeyedMutex } from "../lib/background.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { DatabaseSync } from "../lib/sqlite.ts";
import {
  type ApprovalRequest,
  type ApprovalStore,
  ApprovalWatcher,
  isStop,
  type OpenPage,
  type RequestedBy,
  type StartConfirmation,
  waitsForApproval,
} from "./approve/index.ts";
import type { ApprovalNeeded, Campaigns } from "./campaigns.ts";
import { type ContentFacts, createCreationLog, Drafts, OrphanCleanUp } from "./create/index.ts";
import {
  buildGroupEdits,
  createGroupLog,
  GroupDrafts,
  type GroupLog,
  GroupStarter,
  GroupStops,
  requireGroup,
  startSimulatedGroup,
} from "./group/index.ts";
import { buildDoNotCallList } from "./limits/index.ts";
import { type Audit, createCancelledBatches, type KillSwitch } from "./records/index.ts";
import {
  buildEdits,
  consentOf,
  createStartLog,
  describeRules,
  describeStartStatus,
  findAskedPeople,
  findHeldNumbers,
  findStop,
  foreseeRefusals,
  LiveStarter,
  planResume,
  recordStops,
  requireTestable,
  type StartAction,
  StartExecutor,
  type StartResult,
  startSimulated,
  toDoer,
  toldLastRing,
  withCancelled,
  withStartTimes,
} from "./start/index.ts";

/** The account that batches are created in. Both parts must outlive a restart, for a repeat to be recognised. */
export type UpstreamAccount = {
  /** Origin of the upstream; `self-started` for the service that starts by itself, whose port changes. */
  readonly origin: string;
  /** Names the account and gives nothing of it away, such as a digest of its key. */
  readonly id: string;
};

/** Origin and id of an account as one name, as the ledger keeps it. */
export function toAccountName(account: () => Promise<UpstreamAccount>): () => Promise<string> {
  return async () => {
    const { origin, id } = await account();
    return `${origin} ${id}`;
  };
}

export type CampaignParts = {
  readonly api: BatchCallApi;
  readonly database: DatabaseSync;
  readonly approvals: ApprovalStore;
  readonly audit: Audit;
  readonly killSwitch: KillSwitch;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: StartPolicy;
  /** IANA zone of a batch that tells none. */
  readonly timezone: string;
  readonly openPage: OpenPage;
  /** Asked when it is first needed: the self-started service makes its keys while it comes up. */
  readonly account: () => Promise<UpstreamAccount>;
};

export function buildCampaigns(given: CampaignParts): Campaigns {
  const { database, clock, log, policy, approvals } = given;
  const account = toAccountName(given.account);
  const api = withCancelled(withStartTimes(given.api, { database, account }), { database, account });
  const creations = createCreationLog(database);
  const startLog = createStartLog(database);
  const groups = createGroupLog(database);
  const background = new Background(clock, log);
  const doNotCall = buildDoNotCallList({ api, database, account: async () => (await given.account()).id, clock });
  const nameOfBatch = createNames({ api, groups, account });
  const cancelled = createCancelledBatches(database);
  const parts = { ...given, api, cancelled, creations, account, startLog, groups, background, doNotCall, nameOfBatch };
  const executor = new StartExecutor(parts);
  const liveStarter = new LiveStarter({ ...parts, executor });
  const groupStarter = new GroupStarter({ ...parts, executor });
  const single = buildEdits(parts);
  const stops = new GroupStops({ ...parts, single });
  const proceed = (request: ApprovalRequest) =>
    (isGroupId(request.summary.batchId) ? groupStarter : liveStarter).proceed(request);
  const watcher = new ApprovalWatcher({ ...parts, launch: proceed });
  const orphans = new OrphanCleanUp(parts);
  const drafts = new Drafts({ api, creations, clock, hours: policy.hours });
  const groupDrafts = new GroupDrafts({ ...parts, drafts });
  const edits = buildGroupEdits({ ...parts, single, stops, drafts });
  const mutex = new KeyedMutex();

  const keyOf = async (plan: BatchPlan, principal: string): Promise<string> => {
    const { origin, id } = await given.account();
    return contentKey(plan, { origin, account: id, principal });
  };

  const launch = async (
    batchId: string,
    action: StartAction,
    by: RequestedBy,
    expected: StartConfirmation = {},
  ): Promise<StartResult> => {
    if ((await api.environment()) === "simulated") {
      if (isGroupId(batchId)) groups.endStop(batchId, "pause");
      const startOne = (id: string, own: StartAction) => startSimulated(parts, id, own, by.principal);
      const started = isGroupId(batchId)
        ? startSimulatedGroup(parts, await requireGroup(parts, batchId), action, startOne, expected)
        : startOne(batchId, action);
      return { kind: "started", batch: await started };
    }
    if (isGroupId(batchId)) return watched(await groupStarter.start({ groupId: batchId, by, expected }, action));
    return watched(await liveStarter.start({ batchId, action, by, expected }));
  };
  const watched = (result: StartResult): StartResult => {
    if (result.kind === "waits" && result.request) watcher.watch(result.request);
    return result;
  };

  return {
    async create(plan, { allowDuplicate, by }) {
      const key = await keyOf(plan, by.principal);
      const obtain = () => {
        const makesAnother = allowDuplicate && !isAskedAbout(key);
        return groupDrafts.isGroup(key, plan)
          ? groupDrafts.obtain(key, plan, makesAnother, by)
          : drafts.obtain(key, plan, makesAnother);
      };
      const draft = await mutex.take(key, obtain).finally(() => orphans.schedule());
      const { start } = plan;
      if (draft.replayed && (await isSetGoing(draft.batch))) return { ...draft, isSetGoing: true };
      if (start.kind === "draft" || draft.batch.status !== "draft") return draft;
      const { batchId } = draft.batch;
      const result = await launch(batchId, start, by).catch((error: unknown) => explainDraft(error, batchId));
      if (result.kind === "started") return { ...draft, batch: result.batch };
      return { ...draft, approval: toApproval(result) };
    },

    toSend: (plan) => drafts.toSend(plan),
    findSame: async (plan, principal) => groupDrafts.find(await keyOf(plan, principal)),
    findEnded: async (plan, principal) => groupDrafts.findEnded(await keyOf(plan, principal)),
    start: async (batchId, start, by, expected) => requireBegun(await launch(batchId, start, by, expected)),

    async testCall(plan, by) {
      await requireTestable(parts, plan);
      const key = await keyOf(plan, by.principal);
      const { batch } = await mutex.take(key, () => drafts.obtain(key, plan, true)).finally(() => orphans.schedule());
      const { batchId } = batch;
      if ((await api.environment()) === "simulated")
        return startSimulated(parts, batchId, { kind: "now" }, by.principal, false);
      const order = { batchId, action: { kind: "now" }, by, expected: {}, isTest: true } as const;
      return requireBegun(
        await liveStarter.start(order).catch(async (error: unknown) => {
          // A draft that may not ring is of no use to anybody.
          if (error instanceof Problem && error.code === "refused_by_limit") await api.deleteBatch(batchId);
          throw error;
        }),
      );
    },

    async resume(batchId, options, by) {
      const resume = { kind: "resume", ...options } as const;
      if ((await api.environment()) === "simulated") {
        const batch = requireBegun(await launch(batchId, resume, by));
        given.audit.append({ at: clock.now(), kind: "resumed", ...toDoer(by), batchId });
        return batch;
      }
      if (isGroupId(batchId)) {
        return requireBegun(watched(await groupStarter.resume({ groupId: batchId, by, expected: {} }, resume)));
      }
      return requireBegun(await launch(batchId, await planResume(parts, batchId, resume), by));
    },

    ...edits,
    ...recordStops(given, edits),
    rulesOf: (batch) =>
      describeRules(factsOf(batch), { ...batch, timezone: batch.timezone ?? given.timezone }, policy.limits.spend),
    whyStopped: () => findStop(parts),
    isOnOwnClocks(batch) {
      const { notBeforeLocal, scheduledAt, timezone } = batch;
      if (notBeforeLocal !== undefined || scheduledAt !== undefined) return notBeforeLocal !== undefined;
      return timezone !== undefined && factsOf(batch)?.ownClocksIn === timezone;
    },
    consentOf(batch) {
      const facts = factsOf(batch);
      return consentOf({ batch, ...(facts && { facts }) });
    },
    partsOf: async (batchId) => groups.get(await account(), batchId)?.parts,
    groupOf: async (batchId) => groups.groupOf(await account(), batchId)?.groupId,
    async startStatus(batchId) {
      if (!isGroupId(batchId)) return describeStartStatus(startLog.openOf(await account(), batchId), batchId, watcher);
      const stop = await stops.status(batchId);
      if (stop !== undefined) return { kind: "ended", words: stop };
      const { status, goesOn } = await groupStarter.status(batchId, watcher);
      if (goesOn) background.start(async () => void (await groupStarter.continueStarts(batchId)));
      return status;
    },
    openQuestion(batchId) {
      const [request] = approvals.openFor(batchId, clock.now());
      if (!request) return undefined;
      const { recipients, start } = request.summary;
      return { expiresAt: request.expiresAt, recipients, start };
    },
    heldNumbers: (people) => findHeldNumbers(parts, people),
    async lastRing(batch) {
      return toldLastRing({ startLog, approvals, clock }, await account(), batch, batch.timezone ?? given.timezone);
    },
    nameOfBatch,
    warnings: (plan, same) => foreseeRefusals(parts, plan, same),
    async askedPeople({ summary }, page) {
      if (summary.parts) return groupStarter.askedPeople(summary, page);
      const all = await findAskedPeople(parts, summary);
      const first = page.page * page.limit;
      return all && { people: all.slice(first, first + page.limit), total: all.length };
    },
    proceed: (request) => watcher.proceed(request),

    async takeUp() {
      watcher.watchAll();
      await stops.takeUp();
      if ((await api.environment()) === "simulated") return;
      await liveStarter.reconcile();
      await groupStarter.takeUp();
      await orphans.cleanUp().finally(() => orphans.schedule());
    },

    policy,
    doNotCall,
    close: () => background.close(),
  };

  /** Of a group, those of a part: all were made with the same. */
  function factsOf({ batchId, parts: ofGroup = [] }: Batch): ContentFacts | undefined {
    const [known = batchId] = ofGroup.flatMap((part) => part.batchId ?? []);
    return creations.factsOf(known);
  }

  /** Whether a live batch runs, or is scheduled, of which no start was sent from here. */
  async function isSetGoing({ batchId, status }: Batch): Promise<boolean> {
    if (isGroupId(batchId) || (status !== "sent" && status !== "scheduled")) return false;
    if ((await api.environment()) === "simulated") return false;
    const name = await account();
    return !startLog.wasStarted(name, batchId) && startLog.openOf(name, batchId) === undefined;
  }

  /**
   * A client of protocol 2026-07-28 repeats the whole call together with a form's answer. The batch that waits for that
   * answer is the duplicate that was asked for, and not one to be duplicated again.
   */
  function isAskedAbout(key: string): boolean {
    const batchId = groups.latest(key, clock.now())?.groupId ?? creations.latest(key, clock.now())?.batchId;
    return batchId !== undefined && approvals.openFor(batchId, clock.now()).length > 0;
  }
}

const longestName = 40;

/** Batches as people know them: by their name and id, parts of a group by those of the group. */
function createNames({ api, groups, account }: NamingParts): (batchId: string) => Promise<string | undefined> {
  return async (batchId) => {
    const group = groups.groupOf(await account(), batchId);
    const batch = group ? { name: group.name, batchId: group.groupId } : await readName(api, batchId);
    return batch && `"${plainText(unmarkedName(batch.name), longestName).replaceAll('"', "'")}" (${batch.batchId})`;
  };
}

type NamingParts = {
  readonly api: BatchCallApi;
  readonly groups: GroupLog;
  readonly account: () => Promise<string>;
};

async function readName(api: BatchCallApi, batchId: string): Promise<Pick<Batch, "name" | "batchId"> | undefined> {
  try {
    return await api.getBatch(batchId);
  } catch (error) {
    if (error instanceof Problem && error.code === "not_found") return undefined;
    throw error;
  }
}

type Waiting = Extract<StartResult, { kind: "waits" }>;

function toApproval({ how, summary }: Waiting): ApprovalNeeded {
  return { how, expectedRecipients: summary.recipients, fingerprint: summary.fingerprint };
}

function requireBegun(result: StartResult): Batch {
  if (result.kind === "started") return result.batch;
  throw waitsForApproval(result.how, result.summary);
}

function explainDraft(error: unknown, batchId: string): never {
  if (!(error instanceof Problem)) throw error;
  const next = isStop(error) ? "after the release, start_batch starts it" : "start it with start_batch";
  throw new Problem(error.code, `${error.message} The batch was created as draft ${batchId}; ${next}.`, {
    issues: error.issues,
    cause: error,
  });
}
