import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { callerIdsOf } from "../../domain/batch/caller-ids.ts";
import { type BatchPlan, recipientClock } from "../../domain/batch/plan.ts";
import { parsePhoneNumber } from "../../domain/phone/phone-number.ts";
import { mostAttemptsOf, retriesFor } from "../../domain/retry-rules.ts";
import type { StartPolicy } from "../../domain/start-policy.ts";
import { toQuietHours } from "../../domain/time/calling-hours.ts";
import type { Clock } from "../../lib/clock.ts";
import { goesByRecipientClocks, toParsed } from "../create/index.ts";
import { brokenLimits, calledNearCode } from "../limits/index.ts";
import type { KillSwitch } from "../records/index.ts";
import { findStop } from "./require-released.ts";
import type { StartLog } from "./start-log.ts";
import { toPresetNotHeld } from "./summarize-start.ts";

type WarningParts = {
  readonly api: BatchCallApi;
  readonly startLog: StartLog;
  readonly clock: Clock;
  readonly killSwitch: KillSwitch;
  readonly policy: StartPolicy;
  readonly account: () => Promise<string>;
};

/** What the limits would say to a start of this plan as things are, in sentences. Calling hours only where its time is known. */
export async function foreseeRefusals(parts: WarningParts, plan: BatchPlan, same?: Batch): Promise<readonly string[]> {
  const { api, startLog, clock, policy } = parts;
  const [account, environment] = await Promise.all([parts.account(), api.environment()]);
  const now = clock.now();
  const { start, timezone, fromNumber, recipients, rules } = plan;
  const attempts = mostAttemptsOf(rules, recipients);
  const ringsAt = start.kind === "at" ? start.at : now;
  const numbers = recipients.map(({ toNumber }) => toNumber);
  // Linked batches are started part by part.
  const sameIds = same ? [same.batchId, ...(same.parts ?? []).flatMap(({ batchId }) => batchId ?? [])] : [];
  // No id of a batch is empty: what does not exist yet is another batch than all that were started.
  const launch = {
    batchId: same?.batchId ?? "",
    numbers: recipients.map(toParsed),
    fallbackNumbers: recipients.flatMap(({ fallbackNumber }) =>
      fallbackNumber === undefined ? [] : [parsePhoneNumber(fallbackNumber)],
    ),
    callerIds: callerIdsOf(fromNumber, rules.moreFromNumbers),
    attempts,
  };
  const firstCalls = {
    people: recipients,
    ringsAt,
    timezone,
    wanted: rules,
    ...(start.kind === "at" && { local: start.local }),
    // What the plan is sent with to where each recipient's clock can be held.
    ...(goesByRecipientClocks(plan) &&
      (await api.hasBrake()) && { rules: { quietHours: toQuietHours(policy.hours, recipientClock) } }),
  };
  const calls = { from: ringsAt, until: new Date(ringsAt.getTime() + retriesFor(rules, attempts)) };
  const hours = policy.minHoursBetweenBatches;
  const near = startLog.near(account, ringsAt).filter(({ batchId }) => !sameIds.includes(batchId));
  const isSimulated = environment === "simulated";
  // Our own service holds back only those whom another batch reached, one by one, and refuses no start for it.
  const isHeldBack = !isSimulated && (await api.hasBrake());
  const issues = brokenLimits({ ...launch, ...(start.kind !== "draft" && { firstCalls }) }, policy, {
    now,
    near,
    calledNear: isHeldBack ? 0 : startLog.countCalledNear(account, sameIds, numbers, calls, hours),
    doNotCall: 0,
    consent: plan.consent,
  });
  const prefix = isSimulated ? "With live calls this would be refused: " : "A start would be refused: ";
  const prefixOf = (code: string) => (isSimulated && code === calledNearCode ? calledNearPrefix : prefix);
  const stopped = (await findStop(parts)) ?? [];
  const notHeld =
    policy.hoursPreset !== undefined && !isSimulated && !isHeldBack ? [toPresetNotHeld(policy.hoursPreset)] : [];
  return [stopped, ...notHeld, ...issues.map(({ code, message }) => prefixOf(code) + message)].flat();
}

const calledNearPrefix =
  "With live calls of an API that does not tell whom it reached, this would be refused (our own service holds back only those who were reached): ";
