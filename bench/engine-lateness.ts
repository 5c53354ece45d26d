import { openDatabase } from "../src/lib/sqlite.ts";
import { openSqliteStore } from "../src/service/store/sqlite/store.ts";
import { addBatch, allEnded, InstantCarrier, startDialer } from "./engine-world.ts";

const waiting = 10_000;
const overSeconds = 20;

/** 10,000 retries that fall due one after another, all waiting from the beginning: how long after its time each is dialed. */
export async function benchLateness(path: string): Promise<void> {
  const store = openSqliteStore(path);
  await addBatch(store, waiting);
  const firstAt = Date.now() + 1000;
  const apartMs = (overSeconds * 1000) / waiting;
  const dueAt = (row: number): number => firstAt + row * apartMs;
  const database = openDatabase(path);
  database.prepare("UPDATE tasks SET due_at = ? + row_number * ?").run(firstAt, apartMs);
  database.close();

  const carrier = new InstantCarrier();
  const dialer = startDialer(store, carrier);
  await allEnded(store);
  await dialer.stop();
  await store.close();
  const numbers = carrier.dials.map(({ request }) => Number(request.toNumber));
  const first = numbers.reduce((least, number) => Math.min(least, number));
  const late = carrier.dials
    .map(({ request, atMs }) => atMs - dueAt(Number(request.toNumber) - first + 1))
    .sort((a, b) => a - b);
  const at = (share: number): number => late[Math.floor(late.length * share)] ?? Number.NaN;
  console.log(
    `lateness of ${waiting} dials due over ${overSeconds} s: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${late.at(-1)} ms`,
  );
}
