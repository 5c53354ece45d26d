import { randomUUID } from "node:crypto";
import { createBatchCallApi } from "../client/batch-call-api.ts";
import type { Settings } from "../config/settings.ts";
import type { RehearsalReport } from "../contract/rehearsal.ts";
import type { BatchPlan } from "../domain/batch/plan.ts";
import { maxRecipients } from "../domain/batch/recipients.ts";
import { Problem } from "../domain/problem.ts";
import { Secret } from "../domain/secret.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLog } from "../lib/log.ts";
import { startRehearsal } from "../service/rehearsal/index.ts";
import type { ToolContext } from "../tools/tool.ts";

const mostPeople = 5_000;

type Pace = Pick<Settings, "maxConcurrent" | "maxConcurrentPerBatch" | "startsPerSecond" | "simulatedSeed">;

/** How tools rehearse: at the pace of the settings. */
export function rehearseBy(pace: Pace): ToolContext["rehearse"] {
  return async (plan, signal) => {
    const { calls, ends_at: end, outcomes, recipient_hours: hours } = await rehearsePlan(plan, pace, signal);
    return { calls, outcomes, hours, timezone: plan.timezone, ...(end !== undefined && { endsAt: new Date(end) }) };
  };
}

/**
 * Runs a plan on a service of its own, in memory and on a virtual clock, to the end, and reports what came of it. Nobody is called and
 * nothing is kept; no event is told to anybody. A draft is rehearsed as started now. Throws `unsupported` for more than 5,000 people.
 */
async function rehearsePlan(plan: BatchPlan, pace: Pace, signal: AbortSignal): Promise<RehearsalReport> {
  const { agentId, fromNumber, recipients } = plan;
  if (recipients.length > mostPeople)
    throw new Problem("unsupported", `At most ${mostPeople} people are rehearsed at a time. Nobody was called.`);
  const keys = { organizationId: "rehearsal", apiKey: new Secret(randomUUID()), apiSecret: new Secret(randomUUID()) };
  let isOver = (_report: RehearsalReport): void => {};
  const over = new Promise<RehearsalReport>((resolve, reject) => {
    isOver = resolve;
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // Nobody waits for it where something before fails.
  over.catch(() => {});
  const { maxConcurrent, maxConcurrentPerBatch, startsPerSecond, simulatedSeed: seed } = pace;
  const numbers = [fromNumber, ...(plan.rules.moreFromNumbers ?? [])];
  const account = {
    agents: [{ agentId, name: "Rehearsed", language: "en-US", createdAt: systemClock.now() }],
    phoneNumbers: numbers.map((phoneNumber) => ({ phoneNumber, nickname: phoneNumber })),
  };
  const rehearsal = await startRehearsal({
    organizations: [keys],
    account: async () => account,
    clock: systemClock,
    settings: { maxConcurrent, startsPerSecond, ...(maxConcurrentPerBatch !== undefined && { maxConcurrentPerBatch }) },
    seed,
    log: silentLog,
    host: "127.0.0.1",
    port: 0,
    onOver: (report) => isOver(report),
  });
  const { apiKey, apiSecret } = keys;
  const baseUrl = async () => rehearsal.url;
  const api = createBatchCallApi({ baseUrl, apiKey, apiSecret, clock: systemClock, log: silentLog });
  try {
    await api.environment();
    // Whom the list leaves out is left out already, and the batches that it names are not here.
    const { exclude: _leftOut, ...rules } = plan.rules;
    for (let at = 0; at < recipients.length; at += maxRecipients) {
      const people = recipients.slice(at, at + maxRecipients);
      const draft = await api.createDraft({ ...plan, rules, recipients: people }, randomUUID());
      if (plan.start.kind !== "at") await api.executeBatch(draft.batchId);
      else
        await api.editBatch(draft.batchId, {
          status: "scheduled",
          scheduledAt: plan.start.at,
          ...(plan.start.local !== undefined && { notBeforeLocal: plan.start.local }),
        });
    }
    return await over;
  } finally {
    await api.close();
    await rehearsal.stop();
  }
}
