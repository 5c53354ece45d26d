import type { BatchCallApi } from "../../client/api.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import type { Clock } from "../../lib/clock-type.ts";
import type { KillSwitch } from "../approve/approval.ts";
import { type Beginning, beginSimulated } from "./send-start.ts";
import { type Action, inspect, toBeCalled } from "./read-batch-for-start.ts";
import type { Launches } from "./start-log.ts";
import type { Ledger } from "../create/creation-log.ts";
import { stoppedByKillSwitch } from "../approve/refusals.ts";
import { attemptsOf } from "./summarize-start.ts";

type SimulationParts = {
  readonly api: BatchCallApi;
  readonly ledger: Ledger;
  readonly launches: Launches;
  readonly clock: Clock;
  readonly killSwitch: KillSwitch;
  readonly account: () => Promise<string>;
};

/** Begins a batch that rings nobody. Nobody has to agree; it is written down for the warnings of the next ones. */
export async function launchSimulated(
  parts: SimulationParts,
  batchId: string,
  action: Action,
  principal: string,
): Promise<Batch> {
  if (parts.killSwitch.isOn()) throw stoppedByKillSwitch();
  if (action.kind === "resume") return parts.api.resumeBatch(batchId, action);
  const batch = await beginSimulated(parts.api, batchId, action);
  await writeDown(parts, batchId, action, principal);
  return batch;
}

async function writeDown(parts: SimulationParts, batchId: string, action: Beginning, principal: string): Promise<void> {
  const { launches, clock } = parts;
  const account = await parts.account();
  const now = clock.now();
  const ringsAt = action.kind === "at" ? action.at : now;
  if (launches.near(account, ringsAt).some((launch) => launch.batchId === batchId)) return;
  const inspected = await inspect(parts, batchId);
  const numbers = toBeCalled(inspected.tasks, action).map(({ toNumber }) => toNumber);
  const counted = { recipients: numbers.length, attempts: attemptsOf(inspected), numbers };
  const launch = { account, batchId, action: action.kind, fingerprint: "simulated", ringsAt, ...counted };
  const row = launches.begin({ ...launch, by: { principal } }, now);
  if (row) launches.settle(row.id, "done", now);
}
