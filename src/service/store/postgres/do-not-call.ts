import type { BatchStore } from "../batch-store.ts";
import { text, whole } from "../columns.ts";
import { toDoNotCallEntry } from "../rows.ts";
import { limitOf } from "./pages.ts";
import type { Sql, SqlSession } from "./sql.ts";

type DoNotCallStore = Pick<BatchStore, "addDoNotCall" | "removeDoNotCall" | "listDoNotCall" | "findDoNotCall">;

export function createDoNotCallStore(sql: Sql): DoNotCallStore {
  return {
    async addDoNotCall(organizationId, numbers, reason, now) {
      // In one order, so that two requests with the same numbers do not wait for each other in a circle.
      const added = await sql.query(
        `INSERT INTO batch_call.do_not_call (organization_id, phone_number, reason, added_at)
         SELECT $1, number, $3, $4 FROM (SELECT DISTINCT unnest($2::text[]) AS number ORDER BY 1) AS numbers
         ON CONFLICT DO NOTHING RETURNING 1`,
        [organizationId, numbers, reason ?? null, now.getTime()],
      );
      return added.length;
    },
    async removeDoNotCall(organizationId, numbers) {
      const removed = await sql.query(
        "DELETE FROM batch_call.do_not_call WHERE organization_id = $1 AND phone_number = ANY($2::text[]) RETURNING 1",
        [organizationId, numbers],
      );
      return removed.length;
    },
    async listDoNotCall(organizationId, query) {
      const rows = await sql.query(
        `SELECT * FROM batch_call.do_not_call WHERE organization_id = $1
         ORDER BY added_at DESC, phone_number LIMIT $2 OFFSET $3`,
        [organizationId, ...limitOf(query)],
      );
      const [count] = await sql.query("SELECT count(*) AS n FROM batch_call.do_not_call WHERE organization_id = $1", [
        organizationId,
      ]);
      return { rows: rows.map(toDoNotCallEntry), totalCount: whole(count ?? {}, "n") };
    },
    findDoNotCall: (organizationId, numbers) => findListed(sql, organizationId, numbers),
  };
}

/** Those of the numbers that are on the list of the organization. */
export async function findListed(
  session: SqlSession,
  organizationId: string,
  numbers: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await session.query(
    "SELECT phone_number FROM batch_call.do_not_call WHERE organization_id = $1 AND phone_number = ANY($2::text[])",
    [organizationId, numbers],
  );
  return new Set(rows.map((row) => text(row, "phone_number")));
}
