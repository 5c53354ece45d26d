import type { BatchCallApi } from "../../client/api.ts";
import type { Clock } from "../../lib/clock-type.ts";
import { type Action, inspect } from "./read-batch-for-start.ts";
import type { Launches } from "./start-log.ts";
import type { Ledger } from "../create/creation-log.ts";
import { notStartable } from "../approve/refusals.ts";

const freelyResumedForMs = 15 * 60 * 1000;

type ResumeParts = {
  readonly api: BatchCallApi;
  readonly ledger: Ledger;
  readonly launches: Launches;
  readonly clock: Clock;
  readonly account: () => Promise<string>;
};

/**
 * How a live batch goes on, and whether that needs a person. Where an API has no pause, a scheduled batch was put back
 * to draft: it is set to its time again, or, when that has passed, `wrong_state` refers to start_batch.
 */
export async function planResume(
  parts: ResumeParts,
  batchId: string,
  resume: Extract<Action, { kind: "resume" }>,
): Promise<{ readonly action: Action; readonly needsAgreement: boolean }> {
  const { launches, clock } = parts;
  const { batch } = await inspect(parts, batchId);
  const account = await parts.account();
  const now = clock.now();
  const pausedAt = launches.pausedAt(account, batchId);
  const isRecent = pausedAt !== undefined && now.getTime() - pausedAt.getTime() <= freelyResumedForMs;
  if (batch.status !== "draft") return { action: resume, needsAgreement: !isRecent || resume.redialUnknown };
  const { scheduledAt } = batch;
  if (pausedAt === undefined || scheduledAt === undefined || scheduledAt <= now) throw notStartable(batch);
  return { action: { kind: "at", at: scheduledAt }, needsAgreement: !isRecent };
}
