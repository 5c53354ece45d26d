import type { BatchStore } from "../batch-store.ts";
import { text, toDoNotCallEntry } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { readPage } from "./pages.ts";
import { query, type SqlRunner, type SqlWork } from "./sql-work.ts";

type DoNotCallStore = Pick<
  BatchStore,
  "batchesThatDial" | "addDoNotCall" | "removeDoNotCall" | "listDoNotCall" | "findDoNotCall"
>;

export function createDoNotCallStore({ run }: SqlRunner, dialect: Dialect): DoNotCallStore {
  const { schema, listOf, isOneOf } = dialect;
  const find = createDoNotCallFinder(dialect);
  // In one order, so that two requests with the same numbers do not wait for each other in a circle. SQLite would take
  // ON CONFLICT for a join without the WHERE.
  const add = `
    INSERT INTO ${schema}.do_not_call (organization_id, phone_number, reason, added_at)
    SELECT $1, number, $3, $4 FROM (SELECT DISTINCT value AS number FROM ${listOf("$2")} ORDER BY 1) AS numbers WHERE TRUE
    ON CONFLICT DO NOTHING RETURNING 1`;
  const remove = `
    DELETE FROM ${schema}.do_not_call WHERE organization_id = $1 AND ${isOneOf("phone_number", "$2")} RETURNING 1`;
  const matching = `FROM ${schema}.do_not_call WHERE organization_id = $1`;
  const dialing = `
    SELECT DISTINCT batch_id FROM ${schema}.attempts
    WHERE organization_id = $1 AND ${isOneOf("to_number", "$2")} AND recorded_at IS NULL AND state = 'starting'`;

  return {
    async batchesThatDial(organizationId, numbers) {
      return (await run(query(dialing, [organizationId, numbers]))).map((row) => text(row, "batch_id"));
    },
    async addDoNotCall(organizationId, numbers, reason, now) {
      return (await run(query(add, [organizationId, numbers, reason ?? null, now.getTime()]))).length;
    },
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
  };
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
