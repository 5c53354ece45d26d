import type { RunningBatch } from "../../dial-store.ts";
import { optional, type Row, text } from "../../rows.ts";
import { postgres } from "../../shared/dialect.ts";
import { selectRunning, toRunningBatch } from "../../shared/running.ts";
import type { PgValue, SqlSession } from "../sql.ts";

/** Name the version of a batch, and of its grant, as they stand in the tables: whoever writes either leaves another `xmin`. */
const versionColumn = "batches.xmin::text AS version";
const grantVersionColumn = "grants.xmin::text AS grant_version";

const inFull = selectRunning(
  { ...postgres, batchColumns: "batches.*" },
  "batches.id = ANY($1::text[])",
  `${versionColumn}, ${grantVersionColumn}`,
);
const all = `
  SELECT batches.id, ${versionColumn}, ${grantVersionColumn}
  FROM batch_call.batches LEFT JOIN batch_call.grants ON grants.id = batches.grant_id
  WHERE batches.status IN ('scheduled', 'sent') ORDER BY batches.created_at, batches.id`;

/** `condition` is about `batches`, which are scheduled or run; `columns` are read each time. */
export type BatchQuery = { readonly condition: string; readonly columns: string; readonly values: readonly PgValue[] };

/** Batches as they were read, so that of a thousand which run only those are read in full that changed. */
export type BatchMemory = {
  /**
   * In the order of their creation, with the columns that were asked for. The state of their grants may have changed since, and has to be
   * asked for in the condition. Nothing is said of their last dials.
   */
  read(session: SqlSession, query: BatchQuery): Promise<readonly { readonly batch: RunningBatch; readonly row: Row }[]>;
  /** All of them as they are now; forgets those that no longer run. */
  readAll(session: SqlSession): Promise<readonly RunningBatch[]>;
};

export function createBatchMemory(): BatchMemory {
  const known = new Map<string, { readonly row: Row; readonly batch: RunningBatch }>();

  /** With the batch of each row; one that no longer ran when it was read in full is left out. */
  async function withBatches(session: SqlSession, rows: readonly Row[]) {
    const found = new Map<string, RunningBatch>();
    const changed: string[] = [];
    for (const row of rows) {
      const id = text(row, "id");
      const before = known.get(id);
      if (before && isSameVersion(before.row, row)) found.set(id, before.batch);
      else changed.push(id);
    }
    for (const batch of await readInFull(session, changed)) found.set(batch.id, batch);
    return rows.flatMap((row) => {
      const batch = found.get(text(row, "id"));
      return batch ? [{ batch, row }] : [];
    });
  }

  async function readInFull(session: SqlSession, ids: readonly string[]): Promise<readonly RunningBatch[]> {
    if (ids.length === 0) return [];
    return (await session.query(inFull, [ids])).map((row) => {
      const batch = toRunningBatch(row);
      known.set(batch.id, { row: versionOf(row), batch });
      return batch;
    });
  }

  return {
    async read(session, { condition, columns, values }) {
      const rows = await session.query(
        `SELECT batches.id, ${versionColumn}, ${columns} FROM batch_call.batches
         WHERE batches.status IN ('scheduled', 'sent') AND ${condition} ORDER BY batches.created_at, batches.id`,
        values,
      );
      return withBatches(session, rows);
    },
    async readAll(session) {
      const found = await withBatches(session, await session.query(all));
      const running = new Set(found.map(({ batch }) => batch.id));
      for (const id of known.keys()) if (!running.has(id)) known.delete(id);
      return found.map(({ batch }) => batch);
    },
  };
}

function versionOf({ version, grant_version }: Row): Row {
  return { version, grant_version };
}

/** Of the grant too, where it was asked for. */
function isSameVersion(before: Row, row: Row): boolean {
  if (text(before, "version") !== text(row, "version")) return false;
  return !("grant_version" in row) || optional(before, "grant_version", text) === optional(row, "grant_version", text);
}
