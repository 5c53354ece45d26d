import type { BatchSort } from "../../../contract/records.ts";
import type { BatchStore } from "../batch-store.ts";
import { toBatch } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { readPage } from "./pages.ts";
import type { SqlRunner } from "./sql-work.ts";

/** Before every time: where a batch without one stands. */
const noTime = "-1";

export function createBatchList({ run }: SqlRunner, dialect: Dialect): BatchStore["listBatches"] {
  const { schema, batchColumns, byteOrder, creationOrder, isOneOf, listOf, placeOf } = dialect;
  const sortColumns: { readonly [By in BatchSort["by"]]: string } = {
    created_at: "created_at",
    updated_at: "updated_at",
    scheduled_timestamp: `coalesce(scheduled_at, ${noTime})`,
    name: `name_folded ${byteOrder}`,
    status: `status ${byteOrder}`,
    total_task_count: `(SELECT count(*) FROM ${schema}.tasks WHERE batch_id = batches.id)`,
  };
  const isNamed = `EXISTS (SELECT 1 FROM ${listOf("$4")} WHERE ${placeOf}(name_folded, value) > 0)`;
  const matching = `
    FROM ${schema}.batches WHERE organization_id = $1
      AND (${isOneOf("status", "$2")} OR $2 IS NULL)
      AND (${isOneOf("agent_id", "$3")} OR $3 IS NULL)
      AND (${isNamed} OR $4 IS NULL)`;

  return (organizationId, { status, agentId, name }, { by, order }, page) => {
    const parts = name?.map((part) => part.toLowerCase());
    const parameters = [organizationId, status ?? null, agentId ?? null, parts ?? null];
    const listing = {
      columns: batchColumns,
      matching,
      parameters,
      keys: [sortColumns[by], creationOrder],
      order: order === "ascending" ? "ASC" : "DESC",
    } as const;
    return run(readPage(listing, page, toBatch));
  };
}
