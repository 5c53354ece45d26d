import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSqliteStore } from "../src/service/store/sqlite/store.ts";
import { addBatch, InstantCarrier, startDialer } from "./engine-world.ts";

const sizes = [1000, 10_000, 100_000, 1_000_000];
const batchSize = 1000;
const measuredCalls = 3000;

/** What one call costs with ever more tasks stored: beside it in drafts, and waiting in the same batch. */
export async function benchSizes(home: string): Promise<void> {
  for (const size of sizes) {
    const besideDrafts = await costOfCalls(join(home, `drafts-${size}.sqlite`), {
      drafts: size,
      waiting: measuredCalls,
    });
    const inOneBatch = await costOfCalls(join(home, `one-${size}.sqlite`), {
      drafts: 0,
      waiting: Math.max(size, measuredCalls),
    });
    console.log(
      `${size} tasks: ${besideDrafts.toFixed(3)} ms a call beside drafts, ${inOneBatch.toFixed(3)} ms in one running batch`,
    );
  }
}

async function costOfCalls(path: string, { drafts, waiting }: { drafts: number; waiting: number }): Promise<number> {
  const store = openSqliteStore(path);
  for (let n = 0; n < drafts; n += batchSize) await addBatch(store, batchSize, { status: "draft" });
  await addBatch(store, waiting);
  const carrier = new InstantCarrier();
  const startedAt = performance.now();
  const dialer = startDialer(store, carrier);
  while (carrier.dials.length < measuredCalls) await new Promise((resolve) => setTimeout(resolve, 2));
  const ms = (performance.now() - startedAt) / carrier.dials.length;
  await dialer.stop();
  await store.close();
  return ms;
}

/** Memory of a process that opens a store of a million tasks in a thousand running batches and makes calls from it. */
export async function benchMemoryOfMany(path: string): Promise<void> {
  const store = openSqliteStore(path);
  for (let n = 0; n < 1000; n += 1) await addBatch(store, batchSize);
  await store.close();
  const program = fileURLToPath(new URL("./engine-memory.js", import.meta.url));
  spawnSync(process.execPath, [program, path], { stdio: "inherit" });
}

export function residentMb(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
}
