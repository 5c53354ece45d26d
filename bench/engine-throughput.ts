import { inTransaction, openDatabase } from "../src/lib/sqlite.ts";
import { openSqliteStore } from "../src/service/store/sqlite/store.ts";
import type { Store } from "../src/service/store/store.ts";
import { addBatch, allEnded, InstantCarrier, startDialer } from "./engine-world.ts";

const claimsATime = 50;
/** The most that REST takes; each batch has its own caller id. */
const batchSize = 1000;

export async function fill(store: Store, calls: number): Promise<void> {
  for (let n = 0; n < calls / batchSize; n += 1)
    await addBatch(store, batchSize, { fromNumber: `+1${4_155_550_100 + n}` });
}

/** Rows a second that the bare table takes: claim 50 in one transaction, complete them in another. No rules, no attempts. */
export async function floorPerSecond(path: string, rows: number): Promise<number> {
  const store = openSqliteStore(path);
  await fill(store, rows);
  await store.close();
  const database = openDatabase(path);
  const claim = database.prepare(
    `UPDATE tasks SET status = 'calling', attempt_count = 1 WHERE id IN (
       SELECT id FROM tasks WHERE batch_id = ? AND status = 'pending' AND attempt_count = 0 AND due_at IS NULL
       ORDER BY row_number LIMIT ${claimsATime}) RETURNING *`,
  );
  const complete = database.prepare("UPDATE tasks SET status = 'completed', outcome = 'answered' WHERE id = ?");
  const batchIds = database.prepare("SELECT id FROM batches").all();

  const startedAt = performance.now();
  for (const { id: batchId } of batchIds) {
    for (let claimed = claimNext(batchId); claimed.length > 0; claimed = claimNext(batchId)) {
      inTransaction(database, () => {
        for (const { id } of claimed) complete.run(String(id));
      });
    }
  }
  const seconds = (performance.now() - startedAt) / 1000;
  database.close();
  return rows / seconds;

  function claimNext(batchId: unknown) {
    return inTransaction(database, () => claim.all(String(batchId)));
  }
}

/** Calls a second that the whole engine completes, with a carrier that takes no time. */
export async function callsPerSecond(path: string, calls: number): Promise<number> {
  const store = openSqliteStore(path);
  await fill(store, calls);
  const carrier = new InstantCarrier();
  const startedAt = performance.now();
  const dialer = startDialer(store, carrier);
  await allEnded(store);
  const seconds = (performance.now() - startedAt) / 1000;
  await dialer.stop();
  await store.close();
  if (carrier.dials.length !== calls) throw new Error(`${carrier.dials.length} dials for ${calls} calls`);
  return calls / seconds;
}
