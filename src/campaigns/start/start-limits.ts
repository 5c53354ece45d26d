import { callerIdsOf } from "../../domain/batch/caller-ids.ts";
import { parsePhoneNumber } from "../../domain/phone/phone-number.ts";
import type { StartPolicy } from "../../domain/start-policy.ts";
import type { Clock } from "../../lib/clock.ts";
import { refusedByLimits, type StartSummary, stoppedByKillSwitch } from "../approve/index.ts";
import { brokenLimits } from "../limits/index.ts";
import type { KillSwitch } from "../records/index.ts";
import { recipientsToCall } from "./read-batch-for-start.ts";
import type { StartLog, StartRow } from "./start-log.ts";
import type { StartProposal } from "./start-proposal.ts";
import { callSpanOf, maxAttemptsKnown } from "./summarize-start.ts";

type LimitParts = {
  readonly startLog: StartLog;
  readonly clock: Clock;
  readonly killSwitch: KillSwitch;
  readonly policy: StartPolicy;
};

/**
 * Holds a start of one batch, or of several that are started as one, to the operator's limits: all of them are one launch.
 * Throws `refused_by_limit`.
 */
export function refuseByLimits(
  { killSwitch, startLog, policy, clock }: LimitParts,
  { batchId, timezone }: Pick<StartSummary, "batchId" | "timezone">,
  proposals: readonly StartProposal[],
  isTest = false,
): void {
  const [first] = proposals;
  if (killSwitch.isOn()) throw stoppedByKillSwitch(killSwitch);
  if (!first) return;
  const now = clock.now();
  const { account } = first;
  const ringsAt = callSpanOf(first, now).from;
  const attempts = Math.max(...proposals.map(({ snapshot }) => maxAttemptsKnown(snapshot)));
  const launch = {
    batchId,
    numbers: proposals.flatMap(({ numbers }) => numbers.map((number) => parsePhoneNumber(number))),
    fallbackNumbers: proposals.flatMap((one) => one.fallbackNumbers.map((number) => parsePhoneNumber(number))),
    // Parts that are started as one begin alike, and have the same rules.
    firstCalls: {
      people: proposals.flatMap(({ snapshot, action }) => recipientsToCall(snapshot.tasks, action)),
      ringsAt,
      timezone,
      ...(first.action.kind === "at" && { local: first.action.local }),
      ...(first.snapshot.batch.contentDigest !== undefined && { rules: first.snapshot.facts?.rules }),
    },
    attempts,
    callerIds: callerIdsOf(first.snapshot.batch.fromNumber, first.snapshot.batch.moreFromNumbers),
  };
  const issues = brokenLimits(launch, policy, {
    now,
    near: asOne(startLog.near(account, ringsAt), batchId, proposals),
    calledNear: proposals.reduce((sum, one) => sum + countCalledNear(one), 0),
    consent: isTest ? "test" : first.summary.consent,
    doNotCall: proposals.reduce((sum, { doNotCall }) => sum + doNotCall, 0),
  });
  if (issues.length > 0) throw refusedByLimits(issues);

  function countCalledNear(proposal: StartProposal): number {
    const { snapshot, numbers } = proposal;
    const hours = isTest ? 0 : policy.minHoursBetweenBatches;
    // An API that keeps agreements also knows whom it reached, and holds back single calls.
    if (snapshot.batch.contentDigest !== undefined || hours === 0) return 0;
    return startLog.countCalledNear(account, [snapshot.batch.batchId], numbers, callSpanOf(proposal, now), hours);
  }
}

/** Earlier starts of what is started now as one start of it, so that nobody counts twice. */
function asOne(near: readonly StartRow[], batchId: string, proposals: readonly StartProposal[]) {
  const ids = new Set(proposals.map(({ snapshot }) => snapshot.batch.batchId));
  if (ids.has(batchId)) return near;
  const most = new Map<string, StartRow>();
  for (const row of near.filter((one) => ids.has(one.batchId))) {
    const known = most.get(row.batchId);
    if (!known || row.recipients > known.recipients) most.set(row.batchId, row);
  }
  const own = [...most.values()];
  const [latest] = own.toSorted((a, b) => b.ringsAt.getTime() - a.ringsAt.getTime());
  const others = near.filter((one) => !ids.has(one.batchId));
  if (!latest) return others;
  const recipients = own.reduce((sum, row) => sum + row.recipients, 0);
  return [...others, { ...latest, batchId, recipients, attempts: Math.max(...own.map((row) => row.attempts)) }];
}
