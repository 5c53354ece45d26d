import type { CallReading } from "../../client/api.ts";
import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";

/** Calls that were read once and do not change, so that nobody asks for them again. */
export type KeptCalls = {
  /** Those of the calls that are kept, by their ids. */
  find(account: string, callIds: readonly string[]): ReadonlyMap<string, CallReading>;
  keep(account: string, calls: readonly CallReading[], now: Date): void;
};

/** As long as a list is kept: what was said in a call is somebody's. */
const keptForMs = 30 * 24 * 60 * 60 * 1000;

export function createKeptCalls(database: DatabaseSync): KeptCalls {
  const find = database.prepare(
    "SELECT call_id, call_json FROM kept_calls WHERE account = ? AND call_id IN (SELECT value FROM json_each(?))",
  );
  const insert = database.prepare("INSERT OR REPLACE INTO kept_calls VALUES (?, ?, ?, ?)");
  const forget = database.prepare("DELETE FROM kept_calls WHERE read_at < ?");

  return {
    find(account, callIds) {
      const rows = find.all(account, JSON.stringify(callIds));
      return new Map(rows.map(({ call_id: id, call_json: json }) => [String(id), parseCall(String(json))]));
    },
    keep(account, calls, now) {
      inTransaction(database, () => {
        forget.run(now.getTime() - keptForMs);
        for (const call of calls) insert.run(account, call.callId, JSON.stringify(call), now.getTime());
      });
    },
  };
}

type Written = Omit<CallReading, "startedAt" | "endedAt"> & { readonly startedAt?: string; readonly endedAt?: string };

// Safe: the column is only ever written from this type, whose instants JSON carries as text.
function parseCall(json: string): CallReading {
  const { startedAt, endedAt, ...call }: Written = JSON.parse(json);
  return {
    ...call,
    ...(startedAt !== undefined && { startedAt: new Date(startedAt) }),
    ...(endedAt !== undefined && { endedAt: new Date(endedAt) }),
  };
}
