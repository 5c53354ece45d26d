import type { NewDoNotCallEntry } from "../../../contract/records.ts";
import type { BatchStore, Listed } from "../batch-store.ts";
import { text, toDoNotCallEntry } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { createDropListed } from "./drop-listed.ts";
import { readPage } from "./pages.ts";
import { query, type SqlRunner, type SqlWork } from "./sql-work.ts";

type DoNotCallStore = Pick<
  BatchStore,
  "batchesThatDial" | "addDoNotCall" | "removeDoNotCall" | "listDoNotCall" | "findDoNotCall" | "readDoNotCall"
>;

export function createDoNotCallStore({ run, transaction }: SqlRunner, dialect: Dialect): DoNotCallStore {
  const { schema, isOneOf, lockBatch } = dialect;
  const find = createDoNotCallFinder(dialect);
  const write = createDoNotCallWriter(dialect);
  const drop = createDropListed(dialect);
  const remove = `
    DELETE FROM ${schema}.do_not_call WHERE organization_id = $1 AND ${isOneOf("phone_number", "$2")} RETURNING 1`;
  const matching = `FROM ${schema}.do_not_call WHERE organization_id = $1`;
  const read = `SELECT * ${matching} AND ${isOneOf("phone_number", "$2")} ORDER BY phone_number`;
  // Who opted out with the first number is not called on the fallback number either. `state <> 'ended'` is that of the index.
  const withAttempts = (states: string): string => `
    SELECT DISTINCT attempts.batch_id FROM ${schema}.attempts JOIN ${schema}.tasks ON tasks.id = attempts.task_id
    WHERE organization_id = $1 AND state <> 'ended' AND state IN (${states})
      AND (${isOneOf("attempts.to_number", "$2")} OR ${isOneOf("tasks.to_number", "$2")})`;
  const open = withAttempts("'claimed', 'starting'");
  const dialing = withAttempts("'starting'");
  const lock = `SELECT id FROM ${schema}.batches WHERE ${isOneOf("id", "$1")} ORDER BY id ${lockBatch}`;
  const change = `UPDATE ${schema}.batches SET updated_at = updated_at + 1 WHERE ${isOneOf("id", "$1")}`;

  function* add(organizationId: string, entries: readonly NewDoNotCallEntry[], now: Date): SqlWork<Listed> {
    const added = yield* write(organizationId, entries, now);
    const batchIds = yield* drop(
      organizationId,
      new Map(distinct(entries).map((entry) => [entry.phoneNumber, sourceOf(entry)])),
    );
    return { added, batchIds };
  }

  function* batchesThatDial(organizationId: string, numbers: readonly string[]): SqlWork<readonly string[]> {
    const read = function* (statement: string): SqlWork<readonly string[]> {
      return (yield* query(statement, [organizationId, numbers])).map((row) => text(row, "batch_id"));
    };
    const candidates = yield* read(open);
    if (candidates.length === 0) return [];
    // A last check that is not committed yet holds its batch: it is waited for. One that began before, and did not get that far, goes by a
    // batch that is another one from here on: see `markDialing` on PostgreSQL.
    if (lockBatch) {
      yield* query(lock, [candidates]);
      yield* query(change, [candidates]);
    }
    return yield* read(dialing);
  }

  return {
    batchesThatDial: (organizationId, numbers) => transaction(batchesThatDial(organizationId, numbers)),
    addDoNotCall: (organizationId, entries, now) => transaction(add(organizationId, entries, now)),
    async removeDoNotCall(organizationId, numbers) {
      return (await run(query(remove, [organizationId, numbers]))).length;
    },
    listDoNotCall(organizationId, page) {
      // Newest first, and those that came together by number.
      const keys = ["-added_at", "phone_number"];
      const listing = { columns: "*", matching, parameters: [organizationId], keys, order: "ASC" } as const;
      return run(readPage(listing, page, toDoNotCallEntry));
    },
    findDoNotCall: (organizationId, numbers) => run(find(organizationId, numbers)),
    async readDoNotCall(organizationId, numbers) {
      return (await run(query(read, [organizationId, numbers]))).map(toDoNotCallEntry);
    },
  };
}

/** Where a number on the list came from, in words for people; empty where nothing was said. */
function sourceOf({ reason, requestedBy, addedBy }: NewDoNotCallEntry): string {
  const [by, way] = [requestedBy && `asked by ${requestedBy}`, addedBy && toWayText(addedBy)];
  return [reason, by, way].filter(Boolean).join(", ");
}

/** `tool: NAME` is what the tool writes, with `local` for whoever is at this computer; `api` where a request names nobody. */
function toWayText(addedBy: string): string {
  if (addedBy === "api") return "added through the API";
  const [, who] = /^tool: (.+)$/.exec(addedBy) ?? [];
  if (who === undefined) return `added by ${addedBy}`;
  return `added with update_do_not_call_list${who === "local" ? "" : ` by ${who}`}`;
}

/**
 * Adds entries and counts the new ones; part of the caller's transaction. What was said of a number first stays, and so does
 * when it came. An entry of which nothing was said takes what is said of it later.
 */
export function createDoNotCallWriter({ schema, isOneOf, rowsOf, lockTasks }: Dialect) {
  const nothingSaid = "reason IS NULL AND requested_by IS NULL AND requested_at IS NULL";
  const lockSilent = `
    SELECT phone_number FROM ${schema}.do_not_call
    WHERE organization_id = $1 AND ${isOneOf("phone_number", "$2")} AND ${nothingSaid} ORDER BY phone_number ${lockTasks}`;
  const say = `
    UPDATE ${schema}.do_not_call SET reason = list.value ->> 1, requested_by = list.value ->> 2, requested_at = list.value ->> 3
    FROM ${rowsOf("$2")} WHERE organization_id = $1 AND phone_number = list.value ->> 0 AND ${nothingSaid}`;
  // SQLite would take ON CONFLICT for a join without the WHERE.
  const insert = `
    INSERT INTO ${schema}.do_not_call (organization_id, phone_number, reason, requested_by, requested_at, added_by, added_at)
    SELECT $1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, $3 FROM ${rowsOf("$2")} WHERE TRUE
    ON CONFLICT DO NOTHING RETURNING 1`;

  return function* (organizationId: string, entries: readonly NewDoNotCallEntry[], now: Date): SqlWork<number> {
    // In one order, so that two requests with the same numbers do not wait for each other in a circle.
    const rows = distinct(entries).toSorted((a, b) => (a.phoneNumber < b.phoneNumber ? -1 : 1));
    const telling = rows.filter((entry) => entry.reason ?? entry.requestedBy ?? entry.requestedAt);
    if (telling.length > 0) {
      const numbers = telling.map(({ phoneNumber }) => phoneNumber);
      const silent = yield* query(lockSilent, [organizationId, numbers]);
      if (silent.length > 0) yield* query(say, [organizationId, toJson(telling)]);
    }
    return (yield* query(insert, [organizationId, toJson(rows), now.getTime()])).length;
  };
}

/** The first entry of each number. */
function distinct(entries: readonly NewDoNotCallEntry[]): readonly NewDoNotCallEntry[] {
  return [...new Map(entries.toReversed().map((entry) => [entry.phoneNumber, entry])).values()];
}

function toJson(entries: readonly NewDoNotCallEntry[]): string {
  return JSON.stringify(
    entries.map(({ phoneNumber, reason, requestedBy, requestedAt, addedBy }) => [
      phoneNumber,
      reason ?? null,
      requestedBy ?? null,
      requestedAt ?? null,
      addedBy ?? null,
    ]),
  );
}

/** Finds those of the numbers that are on the list of the organization. */
export function createDoNotCallFinder({ schema, isOneOf }: Dialect) {
  const find = `
    SELECT phone_number FROM ${schema}.do_not_call WHERE organization_id = $1 AND ${isOneOf("phone_number", "$2")}`;
  return function* (organizationId: string, numbers: readonly string[]): SqlWork<ReadonlySet<string>> {
    const rows = yield* query(find, [organizationId, numbers]);
    return new Set(rows.map((row) => text(row, "phone_number")));
  };
}
