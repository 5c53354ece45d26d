import type { BatchSort } from "../../../contract/records.ts";
import type { BatchStore } from "../batch-store.ts";
import { whole } from "../columns.ts";
import { toBatch } from "../rows.ts";
import { batchColumns } from "./batch-rows.ts";
import { limitOf } from "./pages.ts";
import type { Sql } from "./sql.ts";

const sortColumns: { readonly [By in BatchSort["by"]]: string } = {
  created_at: "created_at",
  updated_at: "updated_at",
  scheduled_timestamp: "scheduled_at",
  name: 'name_folded COLLATE "C"',
  status: 'status COLLATE "C"',
  total_task_count: "(SELECT count(*) FROM batch_call.tasks WHERE batch_id = batches.id)",
};
/** NULL counts as the smallest value. */
const directions: { readonly [Order in BatchSort["order"]]: (column: string) => string } = {
  ascending: (column) => `${column} ASC NULLS FIRST, sequence ASC`,
  descending: (column) => `${column} DESC NULLS LAST, sequence DESC`,
};

const matching = `
  FROM batch_call.batches WHERE organization_id = $1
    AND ($2::text[] IS NULL OR status = ANY($2))
    AND ($3::text[] IS NULL OR agent_id = ANY($3))
    AND ($4::text[] IS NULL OR EXISTS (SELECT 1 FROM unnest($4) AS part WHERE strpos(name_folded, part) > 0))`;

export function createBatchList(sql: Sql): BatchStore["listBatches"] {
  return async (organizationId, { status, agentId, name }, { by, order }, query) => {
    const names = name?.map((part) => part.toLowerCase());
    const where = [organizationId, status ?? null, agentId ?? null, names ?? null];
    const ordering = directions[order](sortColumns[by]);
    const rows = await sql.query(`SELECT ${batchColumns} ${matching} ORDER BY ${ordering} LIMIT $5 OFFSET $6`, [
      ...where,
      ...limitOf(query),
    ]);
    const [count] = await sql.query(`SELECT count(*) AS n ${matching}`, where);
    return { rows: rows.map(toBatch), totalCount: whole(count ?? {}, "n") };
  };
}
