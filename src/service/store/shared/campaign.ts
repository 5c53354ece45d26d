import type { Dialect } from "./dialect.ts";

/**
 * A subquery: the ids of the batches that are counted as one with a batch, which are itself and those of its campaign. `batch` is the
 * place of its id among the parameters.
 */
export function campaignOf({ schema }: Pick<Dialect, "schema">, batch: string): string {
  return `(SELECT id FROM ${schema}.batches WHERE id = ${batch} UNION ALL
    SELECT other.id FROM ${schema}.batches AS one JOIN ${schema}.batches AS other
      ON other.organization_id = one.organization_id AND other.campaign_id = one.campaign_id AND other.id <> one.id
    WHERE one.id = ${batch})`;
}
