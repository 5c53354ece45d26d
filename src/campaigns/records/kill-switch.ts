import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";
import { createAudit } from "./audit.ts";

/**
 * What stops everything. It outlives restarts and is tested right before every start and every dial. Setting it on also ends every
 * question and every agreement that was not used yet: after the release somebody is asked anew.
 */
export type KillSwitch = {
  isOn(): boolean;
  /** When it was last set, on or off; undefined when it never was. */
  changedAt(): Date | undefined;
  /** `places`: where else all calls are stopped, or released, by the same command; in words, for the record. */
  set(on: boolean, principal: string, now: Date, places?: readonly string[]): void;
  /** Places besides this data directory that were stopped from it and not released since. */
  stoppedElsewhere(): readonly string[];
};

/** The switch in the ledger's file: every process of the data directory sees it with its next read, in microseconds. */
export function createKillSwitch(database: DatabaseSync): KillSwitch {
  const audit = createAudit(database);
  const read = database.prepare("SELECT is_on, changed_at FROM kill_switch WHERE id = 1");
  const write = database.prepare(
    "INSERT INTO kill_switch (id, is_on, changed_at, principal) VALUES (1, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET is_on = excluded.is_on, changed_at = excluded.changed_at, principal = excluded.principal",
  );
  const turns = database.prepare(
    "SELECT kind, detail FROM audit WHERE kind IN ('stopped_all', 'released') AND detail IS NOT NULL ORDER BY id",
  );
  const endAgreements = database.prepare(
    `UPDATE approvals SET voided_at = ?1, voided_why = ?2
     WHERE declined_at IS NULL AND voided_at IS NULL AND used_at IS NULL AND expires_at > ?1
     RETURNING batch_id, fingerprint, recipients`,
  );
  const endAll = (principal: string, at: Date): void => {
    for (const row of endAgreements.all(at.getTime(), stoppedWhy)) {
      const about = {
        batchId: String(row["batch_id"]),
        fingerprint: String(row["fingerprint"]),
        recipients: Number(row["recipients"]),
      };
      audit.append({ at, kind: "voided", principal, ...about, detail: stoppedWhy });
    }
  };
  return {
    isOn: () => read.get()?.["is_on"] === 1,
    changedAt() {
      const changedAt = read.get()?.["changed_at"];
      return typeof changedAt === "number" ? new Date(changedAt) : undefined;
    },
    set: (on, principal, now, places = []) =>
      inTransaction(database, () => {
        write.run(on ? 1 : 0, now.getTime(), principal);
        const detail = places.length === 0 ? {} : { detail: places.join(placesApart) };
        audit.append({ at: now, kind: on ? "stopped_all" : "released", principal, ...detail });
        if (on) endAll(principal, now);
      }),
    stoppedElsewhere() {
      const stopped = new Set<string>();
      for (const row of turns.all()) {
        for (const place of String(row["detail"]).split(placesApart)) {
          if (row["kind"] === "stopped_all") stopped.add(place);
          else stopped.delete(place);
        }
      }
      return [...stopped];
    },
  };
}

const placesApart = "; ";

const stoppedWhy = "All calls were stopped (batch-call-mcp stop-all).";
