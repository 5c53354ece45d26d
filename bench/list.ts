import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ListRun, ListWay } from "./list-child.ts";
import { writeList } from "./list-file.ts";
import { median } from "./median.ts";

const rounds = 7;
const run = promisify(execFile);

/** The work is done by processes of their own, so that the memory of one is not the other's. */
const ways = {
  flat: "the same work written flat (Papa Parse, one compiled pattern, JSON)",
  table: "the table read and judged, nothing kept",
  list: "the list as it is kept, and its people put into JSON",
} as const satisfies Record<ListWay, string>;

/** Reads, normalises, chunks and writes a list of 100,000 rows by 8 columns; memory and stalls also for 1,000,000 rows. */
export async function benchList(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "batch-call-bench-"));
  try {
    const [short, long] = [join(dir, "short.csv"), join(dir, "long.csv")];
    await writeList(short, 100_000, "Spring St");
    await writeList(long, 1_000_000, "");
    const ratios: Record<"table" | "list", number[]> = { table: [], list: [] };
    const cpuRatios: Record<"table" | "list", number[]> = { table: [], list: [] };
    let last: Partial<Record<ListWay, ListRun>> = {};
    for (let round = 0; round < rounds; round++) {
      const [flat, table, list] = [
        await measure("flat", short, dir),
        await measure("table", short, dir),
        await measure("list", short, dir),
      ];
      ratios.table.push(table.ms / flat.ms);
      ratios.list.push(list.ms / flat.ms);
      cpuRatios.table.push(table.cpuMs / flat.cpuMs);
      cpuRatios.list.push(list.cpuMs / flat.cpuMs);
      last = { flat, table, list };
      if (table.people !== flat.people || list.people !== flat.people)
        throw new Error("The ways did not do the same work");
    }
    console.log(`100,000 rows by 8 columns, ${rounds} rounds, each way in a process of its own; aim 1.25`);
    for (const way of ["flat", "table", "list"] as const) printRun(way, last[way]);
    for (const way of ["table", "list"] as const)
      console.log(
        `ratio to the flat one, ${way}: ${median(ratios[way]).toFixed(2)}, by processor time ${median(cpuRatios[way]).toFixed(2)} (medians of the rounds' ratios)`,
      );
    console.log("1,000,000 rows by 8 columns; aims: 150 MB, 60 ms");
    printRun("list", await measure("list", long, dir));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function printRun(way: ListWay, result: ListRun | undefined): void {
  if (!result) return;
  const { ms, cpuMs, peakMb, stallMs, people } = result;
  console.log(
    `${ways[way]}: ${ms.toFixed(0)} ms (${cpuMs.toFixed(0)} ms of processor), ${people} people, peak ${peakMb.toFixed(0)} MB, longest stall ${stallMs.toFixed(0)} ms`,
  );
}

async function measure(way: ListWay, path: string, dir: string): Promise<ListRun> {
  const child = fileURLToPath(new URL("./list-child.js", import.meta.url));
  const { stdout } = await run(process.execPath, [child, way, path, dir]);
  return JSON.parse(stdout);
}
