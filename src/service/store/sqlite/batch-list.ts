import type { BatchFilter, BatchSort } from "../../../contract/records.ts";
import type { DatabaseSync, StatementSync } from "../../../lib/sqlite.ts";
import type { BatchStore } from "../batch-store.ts";
import { whole } from "../columns.ts";
import { toBatch } from "../rows.ts";
import { jsonList } from "./json-list.ts";
import { limitOf } from "./pages.ts";

const sortColumns: { readonly [By in BatchSort["by"]]: string } = {
  created_at: "created_at",
  updated_at: "updated_at",
  scheduled_timestamp: "scheduled_at",
  name: "fold(name)",
  status: "status",
  total_task_count: "(SELECT COUNT(*) FROM tasks WHERE batch_id = batches.id)",
};
const directions: { readonly [Order in BatchSort["order"]]: string } = { ascending: "ASC", descending: "DESC" };

export function createBatchList(database: DatabaseSync): BatchStore["listBatches"] {
  // SQLite's own lower() knows ASCII only.
  database.function("fold", { deterministic: true }, (name: unknown) => String(name).toLowerCase());
  const matching = `
    FROM batches WHERE organization_id = :organizationId
      AND (:statuses IS NULL OR status IN (SELECT value FROM json_each(:statuses)))
      AND (:agentIds IS NULL OR agent_id IN (SELECT value FROM json_each(:agentIds)))
      AND (:names IS NULL OR EXISTS (SELECT 1 FROM json_each(:names) WHERE instr(fold(batches.name), fold(value)) > 0))`;
  const count = database.prepare(`SELECT COUNT(*) AS n ${matching}`);
  const pages = new Map<string, StatementSync>();
  const pageInOrder = ({ by, order }: BatchSort): StatementSync => {
    const direction = directions[order];
    const ordering = `${sortColumns[by]} ${direction}, rowid ${direction}`;
    const page =
      pages.get(ordering) ?? database.prepare(`SELECT * ${matching} ORDER BY ${ordering} LIMIT :limit OFFSET :offset`);
    pages.set(ordering, page);
    return page;
  };

  return async (organizationId, filter, sort, query) => {
    const where = { organizationId, ...listsOf(filter) };
    const rows = pageInOrder(sort).all({ ...where, ...limitOf(query) });
    return { rows: rows.map(toBatch), totalCount: whole(count.get(where) ?? {}, "n") };
  };
}

function listsOf({ status, agentId, name }: BatchFilter) {
  return {
    statuses: status ? jsonList(status) : null,
    agentIds: agentId ? jsonList(agentId) : null,
    names: name ? jsonList(name) : null,
  };
}
