import { isDeepStrictEqual } from "node:util";
import {
  needsSteering,
  nextSteeringStep,
  type Pace,
  type Steering,
  type SteeringStep,
} from "../../../domain/batch/steering.ts";
import type { BatchChange } from "../batch-store.ts";
import type { StoredBatch, UnstoredBatch } from "../records.ts";
import { toBatch } from "../rows.ts";
import { createBatchCompletion } from "./batch-rows.ts";
import { campaignOf } from "./campaign.ts";
import type { Dialect } from "./dialect.ts";
import { query, type SqlWork } from "./sql-work.ts";
import { createSteeringFacts } from "./steering.ts";

type SteeringParts = {
  write(batch: StoredBatch, change: BatchChange, now: Date): SqlWork<void>;
  cancelPending(batchId: string, why: string): SqlWork<void>;
};

/** What steers a batch, and with it all of its campaign; parts of the caller's transaction. */
export function createCampaignSteering(dialect: Dialect, { write, cancelPending }: SteeringParts) {
  const { schema, batchColumns, lockBatch } = dialect;
  const steeringFacts = createSteeringFacts(dialect);
  const { completeIfDone } = createBatchCompletion(dialect);
  // In one order, whoever takes them: nobody waits for somebody who waits.
  const campaign = `
    SELECT ${batchColumns} FROM ${campaignOf(dialect, "$2")} AS counted CROSS JOIN ${schema}.batches
    WHERE batches.id = counted.id AND organization_id = $1 ORDER BY batches.id ${lockBatch}`;
  const others = `
    SELECT ${batchColumns} FROM ${schema}.batches WHERE organization_id = $1 AND campaign_id = $2 AND steering_json IS NOT NULL ORDER BY id`;

  function* readLocked(organizationId: string, id: string): SqlWork<readonly StoredBatch[]> {
    return (yield* query(campaign, [organizationId, id])).map(toBatch);
  }

  /** What a step makes of one batch of its campaign. A held one waits for somebody who agrees to the calls that are left. */
  function* take(judged: SteeringStep, batch: StoredBatch, now: Date): SqlWork<void> {
    const { why } = judged;
    const { steering, status, isPaused, pausedAt } = batch;
    const isOpen = status === "scheduled" || status === "sent";
    switch (judged.kind) {
      case "pass":
        return yield* write(batch, { steering: { ...steering, canary: { state: "passed", why } } }, now);
      case "hold": {
        const held = {
          isPaused: true,
          pausedAt: pausedAt ?? now,
          heldReason: judged.heldReason,
          grant: { kind: "end", why },
        } as const;
        // A start of a draft that is on its way was agreed to before: naming its pause makes it another state, which refuses that.
        const step = isOpen ? held : { isPaused };
        return yield* write(batch, { ...step, steering: { ...steering, canary: { state: "held", why } } }, now);
      }
      case "stop": {
        if (status !== "draft" && !isOpen) return;
        const ended = { status: "cancelled", isPaused: false, pausedAt: undefined, heldReason: undefined } as const;
        const step = status === "sent" ? {} : { ...ended, grant: { kind: "end", why } as const };
        yield* write(batch, { ...step, steering: { ...steering, stopped: why } }, now);
        yield* cancelPending(batch.id, why);
        yield* completeIfDone(batch.id, now);
      }
    }
  }

  return {
    *steer(organizationId: string, id: string, now: Date): SqlWork<SteeringStep | undefined> {
      const batches = yield* readLocked(organizationId, id);
      const batch = batches.find((one) => one.id === id);
      if (batch?.status !== "sent" || batch.isPaused || !needsSteering(batch)) return undefined;
      const step = nextSteeringStep(batch, yield* steeringFacts(batch), now);
      for (const one of step ? batches : []) if (step) yield* take(step, one, now);
      return step;
    },

    /** Gives all batches of a campaign that have not ended the pace. */
    *setPace(organizationId: string, id: string, pace: Pace, now: Date): SqlWork<void> {
      for (const batch of yield* readLocked(organizationId, id)) {
        if (!["draft", "scheduled", "sent"].includes(batch.status)) continue;
        yield* write(batch, { steering: { ...batch.steering, pace } }, now);
      }
    },

    /** How a new batch of a campaign is steered: as the others are. */
    *inherited({ organizationId, campaignId, rules }: UnstoredBatch): SqlWork<{ readonly steering?: Steering }> {
      if (campaignId === undefined) return {};
      const known = (yield* query(others, [organizationId, campaignId])).map(toBatch);
      const pace = known.find(({ steering }) => steering?.pace)?.steering?.pace;
      const judged = known.find((one) => one.steering?.canary && isDeepStrictEqual(one.rules.canary, rules.canary));
      const canary = judged?.steering?.canary;
      return pace || canary ? { steering: { ...(pace && { pace }), ...(canary && { canary }) } } : {};
    },
  };
}
