import type { BatchSort } from "../../../contract/records.ts";
import type { BatchStore } from "../batch-store.ts";
import { toBatch } from "../rows.ts";
import type { Dialect } from "./dialect.ts";
import { readPage } from "./pages.ts";
import type { SqlRunner } from "./sql-work.ts";

/** NULL counts as the smallest value. */
const directions: { readonly [Order in BatchSort["order"]]: readonly [ofColumn: string, ofCreation: string] } = {
  ascending: ["ASC NULLS FIRST", "ASC"],
  descending: ["DESC NULLS LAST", "DESC"],
};

export function createBatchList({ run }: SqlRunner, dialect: Dialect): BatchStore["listBatches"] {
  const { schema, batchColumns, byteOrder, creationOrder, isOneOf, listOf, placeOf } = dialect;
  const sortColumns: { readonly [By in BatchSort["by"]]: string } = {
    created_at: "created_at",
    updated_at: "updated_at",
    scheduled_timestamp: "scheduled_at",
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
    const [ofColumn, ofCreation] = directions[order];
    const ordering = `${sortColumns[by]} ${ofColumn}, ${creationOrder} ${ofCreation}`;
    return run(readPage({ columns: batchColumns, matching, parameters, order: ordering }, page, toBatch));
  };
}
