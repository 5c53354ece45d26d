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

/** Calls a second that the bare tables take: 50 are taken and their attempts written in one transaction, and ended in another. No rules. */
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
  const begin = database.prepare(
    `INSERT INTO attempts (token, task_id, batch_id, organization_id, attempt_number, call_id, from_number, to_number, agent_id, claimed_at, state)
     VALUES (?1, ?1, ?2, 'org_bench', 1, ?1, '+14155550100', ?3, 'agent_bench', ?4, 'claimed')`,
  );
  const end = database.prepare(
    "UPDATE attempts SET state = 'ended', outcome = 'answered', ended_at = ? WHERE token = ?",
  );
  const complete = database.prepare("UPDATE tasks SET status = 'completed', outcome = 'answered' WHERE id = ?");
  const batchIds = database.prepare("SELECT id FROM batches").all();

  const startedAt = performance.now();
  for (const { id: batchId } of batchIds) {
    for (let claimed = claimNext(batchId); claimed.length > 0; claimed = claimNext(batchId)) {
      inTransaction(database, () => {
        for (const { id } of claimed) {
          end.run(Date.now(), String(id));
          complete.run(String(id));
        }
      });
    }
  }
  const seconds = (performance.now() - startedAt) / 1000;
  database.close();
  return rows / seconds;

  function claimNext(batchId: unknown) {
    return inTransaction(database, () => {
      const claimed = claim.all(String(batchId));
      for (const { id, to_number: number } of claimed)
        begin.run(String(id), String(batchId), String(number), Date.now());
      return claimed;
    });
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
