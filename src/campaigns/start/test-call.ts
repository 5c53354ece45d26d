import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { unmarkedName } from "../../domain/batch/marked-name.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { Problem } from "../../domain/problem.ts";
import type { StartPolicy } from "../../domain/start-policy.ts";
import { requireTestNumbers } from "../../domain/test-numbers.ts";
import type { Clock } from "../../lib/clock.ts";
import type { DoNotCallList } from "../limits/index.ts";
import type { KillSwitch } from "../records/index.ts";
import { requireReleased } from "./require-released.ts";
import type { StartLog, StartRow } from "./start-log.ts";

const mark = "[test]";
const longestCampaign = 200;

/** `[test] June reminders, row 5`: what sets a test apart at every API. */
export function nameOfTest(campaign: string, row: number): string {
  return `${mark} ${unmarkedName(campaign).slice(0, longestCampaign)}, row ${row}`;
}

/** Whether the batch is a test call, and no campaign: every API has its name alone to tell it by. */
export function isTestCall({ name }: Pick<Batch, "name">): boolean {
  return name.startsWith(mark);
}

/** The name of the campaign whose call was tested, as far as the test's own name has it. */
export function testedNameOf({ name }: Pick<Batch, "name">): string {
  return unmarkedName(name.slice(mark.length))
    .replace(/, row \d+$/, "")
    .trim();
}

/** Whether a test call was one of this campaign, by their names. */
export function isTestOf(test: Pick<Batch, "name">, { name }: Pick<Batch, "name">): boolean {
  return nameOfTest(name, 0) === nameOfTest(testedNameOf(test), 0);
}

export type TestCallParts = {
  readonly api: BatchCallApi;
  readonly clock: Clock;
  readonly killSwitch: KillSwitch;
  readonly doNotCall: DoNotCallList;
  readonly policy: StartPolicy;
  readonly startLog: StartLog;
  /** Origin and id of the account. */
  readonly account: () => Promise<string>;
};

/** Throws unless a test call may be placed now; before anything is made for it. */
export async function requireTestable(parts: TestCallParts, { recipients }: BatchPlan): Promise<void> {
  const numbers = recipients.map(({ toNumber }) => toNumber);
  await requireReleased(parts);
  requireTestNumbers(numbers, parts.policy);
  if ((await parts.doNotCall.find(numbers)).size > 0) throw onDoNotCallList();
  await requireNoOther(parts);
}

// A test that takes longer is not waited for.
const longestTestMs = 15 * 60_000;
const pageSize = 100;

/** Our service places one call to a number at a time; another API is not known to, so there is one test at a time. */
async function requireNoOther({ api, clock, startLog, account }: TestCallParts): Promise<void> {
  if (await api.hasBrake()) return;
  const running = await api.listBatches({ page: 0, limit: pageSize, status: ["sent"] });
  const now = clock.now();
  const isRecent = ({ sentAt }: StartRow) => now.getTime() - sentAt.getTime() < longestTestMs;
  const started = new Set(
    startLog
      .near(await account(), now)
      .filter(isRecent)
      .map(({ batchId }) => batchId),
  );
  const other = running.rows.find((batch) => isTestCall(batch) && started.has(batch.batchId));
  if (!other) return;
  const message = `The test call ${other.batchId} is under way. Nothing was created and nobody was called. Follow it with get_batch_status, then call test_call again.`;
  throw new Problem("wrong_state", message);
}

function onDoNotCallList(): Problem {
  const message =
    "This number is on the do-not-call list. Nothing was created and nobody was called. update_do_not_call_list takes it off.";
  return new Problem("refused_by_limit", message, {
    issues: [{ field: "to_number", code: "do_not_call", message: "Is on the do-not-call list." }],
  });
}
