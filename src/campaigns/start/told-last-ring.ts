import type { Batch } from "../../domain/batch/batch.ts";
import { type LocalTime, toLocalTime } from "../../domain/batch/preview-places.ts";
import { isZone, toWallTime } from "../../domain/time/zone.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ApprovalStore } from "../approve/index.ts";
import type { StartLog } from "./start-log.ts";

type Parts = {
  readonly startLog: Pick<StartLog, "approvalOf">;
  readonly approvals: Pick<ApprovalStore, "get">;
  readonly clock: Clock;
};

const minuteMs = 60_000;

/**
 * The last minute that the agreement to a batch covers, on the clock on which the question told it; on that of `fallbackZone` where the
 * question is not known any more. Undefined without an agreement of a person that stands.
 */
export function toldLastRing(
  { startLog, approvals, clock }: Parts,
  account: string,
  { batchId, agreedUntil, parts = [] }: Batch,
  fallbackZone: string,
): LocalTime | undefined {
  if (!agreedUntil) return undefined;
  const ids = [batchId, ...parts.flatMap((part) => part.batchId ?? [])];
  const [id] = ids.flatMap((one) => startLog.approvalOf(account, one) ?? []);
  const told = id === undefined ? undefined : approvals.get(id, clock.now())?.summary.outlook?.rings?.last.zone;
  const zone = [told, fallbackZone].find((name) => name !== undefined && isZone(name)) ?? "UTC";
  const lastMinute = new Date((Math.ceil(agreedUntil.getTime() / minuteMs) - 1) * minuteMs);
  return toLocalTime({ wall: toWallTime(lastMinute, zone), zone });
}
