import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import type { Clock } from "../../lib/clock.ts";
import type { CreationLog } from "../create/index.ts";
import type { KillSwitch } from "../records/index.ts";
import { readBatchForStart, recipientsToCall, type StartAction } from "./read-batch-for-start.ts";
import { requireReleased } from "./require-released.ts";
import { type StartRequest, startSimulatedBatch } from "./send-start.ts";
import type { StartLog } from "./start-log.ts";
import { callSpanOf, maxAttemptsKnown } from "./summarize-start.ts";

type SimulationParts = {
  readonly api: BatchCallApi;
  readonly creations: CreationLog;
  readonly startLog: StartLog;
  readonly clock: Clock;
  readonly killSwitch: KillSwitch;
  readonly account: () => Promise<string>;
};

/** Begins a batch that rings nobody. Nobody has to agree; it is written down for the warnings of the next ones, unless it is a test. */
export async function startSimulated(
  parts: SimulationParts,
  batchId: string,
  action: StartAction,
  principal: string,
  isCounted = true,
): Promise<Batch> {
  await requireReleased(parts);
  if (action.kind === "resume") return parts.api.resumeBatch(batchId, action);
  const batch = await startSimulatedBatch(parts.api, batchId, action);
  if (isCounted) await writeDown(parts, batchId, action, principal);
  return batch;
}

async function writeDown(
  parts: SimulationParts,
  batchId: string,
  action: StartRequest,
  principal: string,
): Promise<void> {
  const { startLog, clock } = parts;
  const account = await parts.account();
  const now = clock.now();
  const ringsAt = action.kind === "at" ? action.at : now;
  if (startLog.near(account, ringsAt).some((launch) => launch.batchId === batchId)) return;
  const snapshot = await readBatchForStart(parts, batchId);
  const numbers = recipientsToCall(snapshot.tasks, action).map(({ toNumber }) => toNumber);
  const counted = { recipients: numbers.length, attempts: maxAttemptsKnown(snapshot), numbers };
  const ringsUntil = callSpanOf({ action, snapshot }, now).until;
  const launch = { account, batchId, action: action.kind, fingerprint: "simulated", ringsAt, ringsUntil, ...counted };
  const row = startLog.begin({ ...launch, by: { principal }, waits: false }, now);
  if (row) startLog.resolve(row.id, "done", now);
}
