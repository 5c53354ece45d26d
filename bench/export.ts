import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ExportFormat, ExportRun, ExportWay } from "./export-child.ts";
import { writeList } from "./list-file.ts";
import { median } from "./median.ts";

const rounds = 5;
const run = promisify(execFile);
const formats = ["csv", "xlsx"] as const satisfies readonly ExportFormat[];

const heading = `100,000 rows of 8 columns and 19 of results, ${rounds} rounds, each in a process of its own, one after the other.
floor: the same cells read as CSV and written again whole, by Papa Parse; for XLSX written as plain text in the same packing. No list, no results, no times on clocks.
ms are of the clock on the wall, "of processor" those of all threads; MB are 2^20 bytes of resident memory, of files 10^6. What is held is heap and buffers right after a garbage collection.`;

/** 100,000 rows of a group of batches exported, beside the same cells read and written flat; memory also for 10,000 rows. */
export async function benchExport(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "batch-call-bench-"));
  try {
    console.log(heading);
    const [short, long] = [await keep(dir, 10_000), await keep(dir, 100_000)];
    for (const format of formats) {
      const few = await measure("export", format, short);
      const held = [await measure("live", format, short), await measure("live", format, long)];
      const { ratio, cpuRatio, last } = await compare(format, long);
      print(`${format}, exported`, last.export);
      print(`${format}, floor`, last.floor);
      print(`${format}, the bytes of the export copied, without a look at them`, last.copy);
      print(`${format}, exported, 10,000 rows`, few);
      console.log(
        `${format}, time of the export divided by that of the floor, median: ${ratio.toFixed(2)}; processor time: ${cpuRatio.toFixed(2)} (aim: at most 1.50)`,
      );
      const [heldFew, heldMany] = held.map(({ heldMb = 0 }) => heldMb.toFixed(1));
      console.log(`${format}, held at most while exporting: 10,000 rows ${heldFew} MB, 100,000 rows ${heldMany} MB`);
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** A list of so many rows, kept. */
type Kept = { readonly list: string; readonly database: string };

async function keep(dir: string, rows: number): Promise<Kept> {
  const kept = { list: join(dir, `${rows}.csv`), database: join(dir, `${rows}.sqlite`) };
  await writeList(kept.list, rows, "Spring St");
  await measure("keep", "csv", kept);
  return kept;
}

async function compare(format: ExportFormat, kept: Kept) {
  const { path: file } = await measure("cells", "csv", kept);
  const [ratios, cpuRatios]: [number[], number[]] = [[], []];
  let last: { readonly [W in "export" | "floor" | "copy"]?: ExportRun } = {};
  for (let round = 0; round < rounds; round++) {
    const exported = await measure("export", format, kept);
    const floor = await measure("floor", format, kept, file);
    const copy = await measure("copy", format, kept, exported.path);
    if (format === "csv" && exported.bytes !== floor.bytes) throw new Error("The ways did not write the same");
    ratios.push(exported.ms / floor.ms);
    cpuRatios.push(exported.cpuMs / floor.cpuMs);
    await rm(exported.path);
    last = { export: exported, floor, copy };
  }
  return { ratio: median(ratios), cpuRatio: median(cpuRatios), last };
}

function print(what: string, result: ExportRun | undefined): void {
  if (!result) return;
  const { ms, cpuMs, peakMb, idleMb, stallMs, bytes } = result;
  console.log(
    `${what}: ${ms.toFixed(0)} ms (${cpuMs.toFixed(0)} ms of processor), ${(bytes / 1e6).toFixed(1)} MB, peak ${peakMb.toFixed(0)} MB (${(peakMb - idleMb).toFixed(0)} MB above idle), longest stall ${stallMs.toFixed(0)} ms`,
  );
}

async function measure(way: ExportWay, format: ExportFormat, kept: Kept, file = ""): Promise<ExportRun> {
  const child = fileURLToPath(new URL("./export-child.js", import.meta.url));
  const flags = way === "live" ? ["--expose-gc"] : [];
  const { stdout } = await run(process.execPath, [...flags, child, way, format, kept.list, kept.database, file]);
  return JSON.parse(stdout);
}
