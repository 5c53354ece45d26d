import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";
import { createAudit } from "./audit.ts";

/**
 * What stops everything. It outlives restarts and is tested right before every start and every dial. Setting it on also ends every
 * question and every agreement that was not used yet: after the release somebody is asked anew.
 */
export type KillSwitch = {
  /** Whether it is that of an organization which follows the operator's: its people are not told where the operator keeps records. */
  readonly follows: boolean;
  isOn(): boolean;
  /** When it was last set, on or off; undefined when it never was. */
  changedAt(): Date | undefined;
  /** `places`: where else all calls are stopped, or released, by the same command; in words, for the record. */
  set(on: boolean, principal: string, now: Date, places?: readonly string[]): void;
  /** Places besides this data directory that were stopped from it and not released since. */
  stoppedElsewhere(): readonly string[];
  /** Remembers that places, of those that the last stop was set with, were never told of it. */
  noteUntold(places: readonly string[], principal: string, now: Date): void;
  /** Places that a stop from here was for and that were never told of one, so that there is nothing to release. */
  untold(): readonly string[];
};

/**
 * The switch in the ledger's file: every process of the data directory sees it with its next read, in microseconds. The ledger of another
 * organization follows that of the operator: whenever theirs was set since this one was, what was agreed to here ends, as with a
 * stop here, also where theirs is off again by now.
 */
export function createKillSwitch(database: DatabaseSync, operators?: KillSwitch): KillSwitch {
  const audit = createAudit(database);
  const read = database.prepare("SELECT is_on, changed_at FROM kill_switch WHERE id = 1");
  const write = database.prepare(
    "INSERT INTO kill_switch (id, is_on, changed_at, principal) VALUES (1, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET is_on = excluded.is_on, changed_at = excluded.changed_at, principal = excluded.principal",
  );
  const turns = database.prepare(
    "SELECT kind, detail FROM audit WHERE kind IN ('stopped_all', 'released') AND detail IS NOT NULL AND batch_id IS NULL ORDER BY id",
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
  const change = (
    on: boolean,
    principal: string,
    at: Date,
    endsAgreements: boolean,
    places: readonly string[] = [],
  ): void => {
    const detail = places.length === 0 ? {} : { detail: places.join(placesApart) };
    audit.append({ at, kind: on ? "stopped_all" : "released", principal, ...detail });
    if (endsAgreements) endAll(principal, at);
    // Last: whoever dies before finds the switch as it was, and does it all again.
    write.run(on ? 1 : 0, at.getTime(), principal);
  };
  const changedAt = (): Date | undefined => {
    const at = read.get()?.["changed_at"];
    return typeof at === "number" ? new Date(at) : undefined;
  };
  /** No transaction of its own: it is asked inside of that of a start. */
  const follow = (): void => {
    const [theirs, ours] = [operators?.changedAt(), changedAt()];
    if (!operators || !theirs || (ours && ours >= theirs)) return;
    change(operators.isOn(), "operator", theirs, true);
  };
  const readPlaces = () => {
    const [stopped, untold] = [new Set<string>(), new Set<string>()];
    for (const row of turns.all()) {
      for (const entry of String(row["detail"]).split(placesApart)) {
        const isUntold = entry.startsWith(untoldSign);
        const place = isUntold ? entry.slice(untoldSign.length) : entry;
        stopped.delete(place);
        untold.delete(place);
        if (row["kind"] === "stopped_all") (isUntold ? untold : stopped).add(place);
      }
    }
    return { stopped: [...stopped], untold: [...untold] };
  };
  return {
    follows: operators !== undefined,
    isOn() {
      follow();
      return read.get()?.["is_on"] === 1;
    },
    changedAt() {
      follow();
      return changedAt();
    },
    set: (on, principal, now, places = []) => inTransaction(database, () => change(on, principal, now, on, places)),
    stoppedElsewhere: () => readPlaces().stopped,
    noteUntold(places, principal, now) {
      if (places.length === 0) return;
      const detail = places.map((place) => `${untoldSign}${place}`).join(placesApart);
      audit.append({ at: now, kind: "stopped_all", principal, detail });
    },
    untold: () => readPlaces().untold,
  };
}

const placesApart = "; ";
/** Before a place of the record that could not be told. */
const untoldSign = "not told: ";

const stoppedWhy = "All calls were stopped (batch-call-mcp stop-all).";
