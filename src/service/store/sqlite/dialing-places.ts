import type { DatabaseSync } from "../../../sqlite.ts";
import type { ClaimRequest } from "../store.ts";
import { instant, whole } from "./columns.ts";

const windowMs = 1000;

/** Free places during one claim: by organization (calls at a time) and by caller id (starts within a second). */
export type Places = {
  ofOrganization(organizationId: string): number;
  ofCallerId(fromNumber: string): number;
  /** When the caller id gets its next place by time alone; asked for only while it has none. */
  callerIdOpensAt(fromNumber: string): Date | undefined;
};

/** Builds a reader of the places that are free at the moment; the claim reads them inside its write transaction. */
export function createPlaces(database: DatabaseSync): (request: ClaimRequest) => Places {
  const open = database.prepare(
    "SELECT count(*) AS n FROM attempts WHERE organization_id = :organizationId AND state <> 'ended'",
  );
  // A claim dated after `now` comes from before the clock was set back; it must not stop the caller id until then.
  const recent = `FROM attempts WHERE from_number = :fromNumber AND claimed_at > :since AND claimed_at <= :now`;
  const recentCount = database.prepare(`SELECT count(*) AS n ${recent}`);
  const recentOf = database.prepare(`SELECT claimed_at ${recent} ORDER BY claimed_at DESC LIMIT 1 OFFSET :newer`);

  return ({ now, maxConcurrent, startsPerSecond }) => {
    const window = { now: now.getTime(), since: now.getTime() - windowMs };
    return {
      ofOrganization: (organizationId) => maxConcurrent - whole(open.get({ organizationId }) ?? {}, "n"),
      ofCallerId: (fromNumber) => startsPerSecond - whole(recentCount.get({ fromNumber, ...window }) ?? {}, "n"),
      callerIdOpensAt(fromNumber) {
        const blocking = recentOf.get({ fromNumber, ...window, newer: startsPerSecond - 1 });
        return blocking && new Date(instant(blocking, "claimed_at").getTime() + windowMs);
      },
    };
  };
}
