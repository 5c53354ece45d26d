import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import Papa from "papaparse";
import type { CallReading } from "../src/client/api.ts";
import { type Parts, writeNewFile } from "../src/contacts/new-file.ts";
import { type Results, toCsv, toXlsx } from "../src/contacts/results-file.ts";
import { openTable } from "../src/contacts/table/open-table.ts";
import { writeZip } from "../src/contacts/xlsx/write-zip.ts";
import type { Task } from "../src/domain/batch/batch.ts";
import { formulaStart } from "../src/domain/formula-guard.ts";
import { systemClock } from "../src/lib/clock.ts";
import type { Lists } from "../src/lists/lists.ts";
import { openLists } from "../src/lists/open-lists.ts";
import { readResults } from "../src/tools/results/read-results.ts";
import { numberOf } from "./list-file.ts";

/** `cells` writes the file that `floor` reads: the same cells, unguarded. `live` is `export` that looks at what is held; it needs `--expose-gc`. */
export type ExportWay = "keep" | "cells" | "export" | "live" | "floor" | "copy";
export type ExportFormat = "csv" | "xlsx";

/** What one way took, and the file that it wrote. */
export type ExportRun = {
  readonly ms: number;
  /** Of all threads: what a machine with other work tells more surely. */
  readonly cpuMs: number;
  /** Resident at most, and before the work began. */
  readonly peakMb: number;
  readonly idleMb: number;
  /** Heap and buffers at most that were held while the file was written, garbage not counted; of `live` only. */
  readonly heldMb?: number;
  readonly stallMs: number;
  readonly path: string;
  readonly bytes: number;
};

const partSize = 1000;
const batchId = "group_bench";
const startedAt = Date.parse("2026-03-02T15:00:00Z");

/** Called `node export-child.js WAY FORMAT LIST DATABASE FILE`; prints an `ExportRun`. `FILE` is the export as CSV, for the floor. */
async function main([way = "", format = "", list = "", database = "", file = ""]: readonly string[]): Promise<void> {
  const kind: ExportFormat = format === "xlsx" ? "xlsx" : "csv";
  const work = {
    keep: () => keepList(list, database),
    cells: () => exportList(database, "cells.csv", (results) => toCsv(results, "machine")),
    export: () => exportList(database, `out.${kind}`, (results) => toParts(results, kind)),
    live: () => exportList(database, `out.${kind}`, (results) => toParts(watchHeld(results), kind)),
    floor: () => floor(kind, file),
    copy: () => copy(file),
  };
  if (way !== "keep" && way !== "cells" && way !== "export" && way !== "live" && way !== "floor" && way !== "copy")
    throw new Error(`There is no way "${way}"`);
  const idleMb = process.memoryUsage().rss / 1024 / 1024;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const begun = performance.now();
  const before = process.cpuUsage();
  delay.enable();
  const path = await work[way]();
  const ms = performance.now() - begun;
  const { user, system } = process.cpuUsage(before);
  delay.disable();
  const peakMb = process.resourceUsage().maxRSS / 1024;
  const { size: bytes } = await stat(path);
  const cpuMs = (user + system) / 1000;
  const run: ExportRun = { ms, cpuMs, peakMb, idleMb, heldMb, stallMs: delay.max / 1e6, path, bytes };
  process.stdout.write(JSON.stringify(run));
}

let heldMb = 0;
const lookedEvery = 2000;

/** The same results; what is held once the garbage is gone goes into `heldMb`. */
function watchHeld({ lines, ...results }: Results): Results {
  async function* watched() {
    let [count, looked] = [0, 0];
    for await (const some of lines) {
      yield some;
      count += some.length;
      if (count - looked < lookedEvery) continue;
      looked = count;
      globalThis.gc?.();
      const { heapUsed, external } = process.memoryUsage();
      heldMb = Math.max(heldMb, (heapUsed + external) / 1024 / 1024);
    }
  }
  return { ...results, lines: watched() };
}

/** The list as a create keeps it, linked to a group of batches. */
async function keepList(path: string, database: string): Promise<string> {
  const lists = openLists(database, systemClock);
  const { size } = await stat(path);
  const table = await openTable({ name: "The list", size, open: () => createReadStream(path) });
  const { listId } = await lists.read(table, { defaultCountry: "US" }, "bench");
  await lists.link(listId, batchId);
  lists.close();
  return database;
}

/** What the tool does, with an API that has all at hand: a group of batches of 1,000, everybody called once or twice. */
async function exportList(database: string, name: string, form: (results: Results) => Parts): Promise<string> {
  const lists = openLists(database, systemClock);
  try {
    const results = await readResults(batchId, await sourcesOf(lists));
    return await writeNewFile(dirname(database), name, form(results));
  } finally {
    lists.close();
  }
}

function toParts(results: Results, format: ExportFormat): Parts {
  return format === "csv" ? toCsv(results, "spreadsheet") : toXlsx(results);
}

async function sourcesOf(lists: Lists): Promise<Parameters<typeof readResults>[1]> {
  const list = await lists.ofBatch(batchId);
  if (!list) throw new Error("The list is not there");
  const { rows } = list;
  const parts = Array.from({ length: Math.ceil(rows.input / partSize) }, (_, part) => {
    const first = part * partSize;
    const recipients = Math.min(partSize, rows.input - first);
    return { part: part + 1, batchId: String(part), recipients, firstRow: first + 2, lastRow: first + recipients + 1 };
  });
  const listTasks = async (part: string) => ({ rows: tasksOf(Number(part), rows.input), hasMore: false });
  const campaigns = { partsOf: async () => parts, groupOf: async () => undefined };
  const readCalls = async (tasks: readonly Task[]) => ({
    calls: new Map(tasks.map((task) => [task.callId ?? "", toCall(task)])),
    missing: new Map(),
  });
  return { api: { listTasks }, lists, campaigns, readCalls };
}

function tasksOf(part: number, people: number): readonly Task[] {
  const first = part * partSize;
  return Array.from({ length: Math.min(partSize, people - first) }, (_, at) => taskOf(first + at));
}

function taskOf(index: number): Task {
  const [row, toNumber] = [index + 2, numberOf(index)];
  const at = new Date(startedAt + row * 1000);
  const end = { startedAt: at, endedAt: new Date(at.getTime() + 42_000), callId: `call_${row}` };
  const answered = { toNumber, outcome: "answered" as const, ...end };
  const dials = row % 2 === 0 ? [answered] : [{ ...answered, outcome: "no_answer" as const }, answered];
  return {
    taskId: `task_${row}`,
    row,
    toNumber,
    status: "completed",
    outcome: "answered",
    reason: "answered",
    attempts: dials.length,
    callId: `call_${row}`,
    dials,
  };
}

function toCall({ callId = "", toNumber, outcome = "answered" }: Task): CallReading {
  return {
    callId,
    toNumber,
    status: "completed",
    isOver: true,
    isAnalyzed: true,
    outcome,
    durationSeconds: 42,
    summary: `Will come on Tuesday, ${callId}.`,
  };
}

/** The same rows and bytes read and written flat: Papa Parse both ways, for a workbook plain text in the same packing. */
async function floor(format: ExportFormat, file: string): Promise<string> {
  const text = await readFile(file, "utf8");
  const { data } = Papa.parse<string[]>(text, { delimiter: ",", newline: "\r\n", skipEmptyLines: true });
  const parts =
    format === "csv"
      ? [`\uFEFF${Papa.unparse(data, { newline: "\r\n", escapeFormulae: formulaStart })}\r\n`]
      : flatWorkbook(data);
  return writeNewFile(dirname(file), `floor.${format}`, parts);
}

function flatWorkbook(data: readonly (readonly string[])[]): Parts {
  const rows = data.map(
    (cells, at) => `<row r="${at + 1}">${cells.map((cell, x) => toFlatCell(cell, x, at)).join("")}</row>`,
  );
  return writeZip([{ name: "xl/worksheets/sheet1.xml", content: [rows.join("")] }]);
}

/** The table has 27 columns: A to Z and AA. */
function toFlatCell(cell: string, column: number, at: number): string {
  if (cell === "") return "";
  const place = `${column < 26 ? String.fromCharCode(65 + column) : "AA"}${at + 1}`;
  const text = cell.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<c r="${place}" s="1" t="inlineStr"><is><t xml:space="preserve">${text}</t></is></c>`;
}

/** The bytes alone, without a look at them. */
async function copy(file: string): Promise<string> {
  return writeNewFile(dirname(file), `copy-of-${basename(file)}`, createReadStream(file));
}

await main(process.argv.slice(2));
