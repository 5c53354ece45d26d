import type { Resumption, SentGrant } from "../../contract/batch/grant.ts";
import { batchNotFound, wrongStateFailure } from "../../contract/envelope.ts";
import type { BatchStatus } from "../../domain/batch/batch.ts";
import type { Grant } from "../../domain/batch/grant.ts";
import { isHeldByCanary, resumedSteering } from "../../domain/batch/steering.ts";
import type { BatchChange, StoredBatch } from "../store/index.ts";
import type { BatchParts } from "./batches.ts";
import { openGrant, reopenGrant, requireSameState, suspendGrant } from "./grants.ts";
import { invalid, Refusal } from "./refusal.ts";

type Verb = Parameters<typeof wrongStateFailure>[0];

/** Fields that end a pause or a hold. */
export const unpaused = { isPaused: false, pausedAt: undefined, heldReason: undefined } as const satisfies BatchChange;

/** What a batch keeps of its canary once somebody let it go on. */
function resumedCanary({ steering }: Pick<StoredBatch, "steering">): BatchChange {
  return isHeldByCanary(steering) && steering ? { steering: resumedSteering(steering) } : {};
}

export const startable = ["draft", "scheduled"] as const satisfies readonly BatchStatus[];
const running = ["scheduled", "sent"] as const satisfies readonly BatchStatus[];

/** Fields that start a batch now, whatever time it had. Throws the 400 for a draft that was given no agent yet. */
export function started(batch: Pick<StoredBatch, "agentId" | "steering">, now: Date): BatchChange {
  refuseWithoutAgent(batch);
  return { ...unpaused, ...resumedCanary(batch), status: "sent", startedAt: now, scheduledAt: undefined };
}

export function refuseWithoutAgent({ agentId }: Pick<StoredBatch, "agentId">): void {
  if (agentId !== "") return;
  const message = "This draft has no agent to call with. Set agent_id with PATCH first.";
  throw invalid({ field: "agent_id", code: "required", message });
}

/** Fields that put a batch back to draft; its time is kept, and nobody has agreed to its calls any more. */
export const backToDraft: BatchChange = {
  ...unpaused,
  status: "draft",
  grant: { kind: "end", why: "The batch was put back to draft." },
};

export async function findBatch({ store }: BatchParts, organizationId: string, id: string): Promise<StoredBatch> {
  const batch = await store.getBatch(organizationId, id);
  if (!batch) throw new Refusal(404, batchNotFound);
  return batch;
}

/** The refusal of a step that the store did not take: there is no such batch, or its state forbids the step. */
export async function refuse(parts: BatchParts, organizationId: string, id: string, verb: Verb): Promise<never> {
  const { status } = await findBatch(parts, organizationId, id);
  throw new Refusal(400, wrongStateFailure(verb, status));
}

/** Starts a draft or scheduled batch now, a held one included, under the agreement that was sent along. */
export async function executeBatch(
  parts: BatchParts,
  organizationId: string,
  id: string,
  sent?: SentGrant,
): Promise<StoredBatch> {
  const now = parts.clock.now();
  const change = (current: StoredBatch): BatchChange => {
    requireSameState(current, sent);
    return { ...started(current, now), notBeforeLocal: undefined, grant: openGrant(parts, sent) };
  };
  const batch = await parts.store.changeBatch(organizationId, id, { status: startable }, change, now);
  if (!batch) return refuse(parts, organizationId, id, "execute");
  parts.dialing.wake();
  return batch;
}

/**
 * Once this has resolved no dial of the batch starts, nor does a start that was on its way set it going. The agreement of what
 * is paused already rests as it did.
 */
export async function pauseBatch(
  parts: BatchParts,
  organizationId: string,
  id: string,
  isResumable: boolean,
): Promise<StoredBatch> {
  const now = parts.clock.now();
  const change = ({ isPaused, pausedAt }: StoredBatch): BatchChange => ({
    isPaused: true,
    pausedAt: pausedAt ?? now,
    ...(!isPaused && { grant: suspendGrant(now, isResumable) }),
  });
  const paused = await parts.store.changeBatch(organizationId, id, { status: running }, change, now);
  const batch = paused ?? (await findBatch(parts, organizationId, id));
  if (!batch.isPaused) return refuse(parts, organizationId, id, "pause");
  await parts.dialing.stopped(id);
  return findBatch(parts, organizationId, id);
}

/**
 * Lets a paused or held batch go on; a scheduled one whose time has passed starts now. Resuming what runs changes
 * nothing. With `redialUnknown`, recipients of whom it is not known whether they were called are called again, also in
 * a batch that ended; that always needs an agreement of its own.
 */
export async function resumeBatch(
  parts: BatchParts,
  organizationId: string,
  id: string,
  { redialUnknown, grant: sent, grantId, ...known }: Resumption,
): Promise<StoredBatch> {
  const { store, dialing, clock } = parts;
  const now = clock.now();
  const requireKnown = (batch: StoredBatch): void => {
    for (const state of [known, sent]) requireSameState(batch, state);
  };
  const redial = (batch: StoredBatch): BatchChange => {
    requireKnown(batch);
    return { ...unpaused, ...resumedCanary(batch), grant: openGrant(parts, sent) };
  };
  const goOn = (batch: StoredBatch, standing: Grant | undefined): BatchChange => {
    requireKnown(batch);
    const { status, scheduledAt } = batch;
    const grant = grantId === undefined ? openGrant(parts, sent) : reopenGrant(grantId, batch, standing, now);
    const isDue = status === "scheduled" && scheduledAt !== undefined && scheduledAt <= now;
    return { ...(isDue ? started(batch, now) : { ...unpaused, ...resumedCanary(batch) }), grant };
  };
  const redialed = redialUnknown ? await store.redialUnknown(organizationId, id, redial, now) : undefined;
  const resumed =
    redialed ?? (await store.changeBatch(organizationId, id, { status: running, isPaused: true }, goOn, now));
  const batch = resumed ?? (await findBatch(parts, organizationId, id));
  if (batch.isPaused || !isRunning(batch)) return refuse(parts, organizationId, id, "resume");
  dialing.wake();
  return batch;
}

function isRunning({ status }: StoredBatch): boolean {
  return status === "scheduled" || status === "sent";
}

/** Ends a batch for good; calls in progress go on to their end. Once this has resolved no dial of the batch starts. */
export async function cancelBatch(parts: BatchParts, organizationId: string, id: string): Promise<StoredBatch> {
  const { store, dialing, clock } = parts;
  const cancelled = await store.cancelBatch(
    organizationId,
    id,
    { status: ["draft", "scheduled", "sent"] },
    clock.now(),
  );
  const batch = cancelled ?? (await findBatch(parts, organizationId, id));
  if (batch.status !== "cancelled") return refuse(parts, organizationId, id, "cancel");
  await dialing.stopped(id);
  return findBatch(parts, organizationId, id);
}

export async function deleteBatch(parts: BatchParts, organizationId: string, id: string): Promise<void> {
  const gone = await parts.store.deleteBatch(organizationId, id, { status: ["draft", "completed"] });
  if (!gone) await refuse(parts, organizationId, id, "delete");
}

/**
 * Stops all calls of an organization, or lets them be started again. Once this has resolved no dial of it starts. Returns how
 * many batches are held by it.
 */
export async function setStop(
  { store, dialing, clock }: BatchParts,
  organizationId: string,
  isStopped: boolean,
): Promise<number> {
  const held = await store.setKillSwitch(organizationId, isStopped, stoppedWhy, clock.now());
  // Also those that another stop has just held: a dial of them may still be on its way.
  const running = (await store.runningBatches()).filter((batch) => batch.organizationId === organizationId);
  await Promise.all(running.map(({ id }) => dialing.stopped(id)));
  return held.length;
}

const stoppedWhy =
  "All calls were stopped. Nothing goes on by itself after the release: resume each batch that should.";
