import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import Papa from "papaparse";
import { openTable } from "../src/contacts/table/open-table.ts";
import type { TableSource } from "../src/contacts/table/table-source.ts";
import { Judge } from "../src/domain/list/judge.ts";
import { variablesOf } from "../src/domain/list/judge-row.ts";
import { planColumns } from "../src/domain/list/plan-columns.ts";
import type { TableRow } from "../src/domain/list/table.ts";
import { systemClock } from "../src/lib/clock.ts";
import { openLists } from "../src/lists/open-lists.ts";

export type ListWay = "flat" | "table" | "list";

/** What one way took: wall time, the most memory that was resident, the longest time without the event loop. */
export type ListRun = {
  readonly ms: number;
  /** Of all threads: what a machine with other work tells more surely. */
  readonly cpuMs: number;
  readonly people: number;
  readonly peakMb: number;
  readonly stallMs: number;
};

const chunkSize = 1000;

/** Called `node list-child.js WAY FILE DIR`; prints a `ListRun`. */
async function main([way, path, dir]: readonly string[]): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const startedAt = performance.now();
  const before = process.cpuUsage();
  delay.enable();
  const people = await ways[way === "flat" || way === "table" ? way : "list"](path ?? "", dir ?? "");
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  delay.disable();
  const peakMb = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(JSON.stringify({ ms, cpuMs: (user + system) / 1000, people, peakMb, stallMs: delay.max / 1e6 }));
}

const ways: { readonly [W in ListWay]: (path: string, dir: string) => Promise<number> } = {
  flat: readFlat,
  table: readTable,
  list: readList,
};

// The pattern of libphonenumber for callable numbers of the US, without the toll-free and premium ones.
const american = /^(?:\+?1)?([2-9]\d{2}[2-9]\d{6})$/;

async function readFlat(path: string): Promise<number> {
  const { data } = Papa.parse<string[]>(await readFile(path, "utf8"), {
    delimiter: ",",
    newline: "\n",
    skipEmptyLines: true,
  });
  const [header = [], ...rows] = data;
  const seen = new Set<string>();
  const people: object[] = [];
  for (const cells of rows) {
    const [, national] = american.exec((cells[1] ?? "").replace(/[\s().-]/g, "")) ?? [];
    if (national === undefined || seen.has(national)) continue;
    seen.add(national);
    people.push({
      to_number: `+1${national}`,
      dynamic_variables: Object.fromEntries(header.map((name, index) => [name, cells[index]])),
    });
  }
  writeChunks(people);
  return people.length;
}

function writeChunks(people: readonly object[]): void {
  for (let from = 0; from < people.length; from += chunkSize)
    JSON.stringify({ tasks: people.slice(from, from + chunkSize) });
}

async function readTable(path: string): Promise<number> {
  const table = await openTable(await sourceOfFile(path));
  const { columns } = table.shape;
  let judge: Judge | undefined;
  let [people, count]: [object[], number] = [[], 0];
  for await (const rows of table.rows) {
    const plan = planOf(columns, rows);
    judge ??= new Judge({ columns, plan, defaultCountry: "US" });
    for (const row of rows) {
      const fate = judge.judge(row);
      if (fate.kind !== "accepted") continue;
      people.push({ to_number: fate.toNumber, dynamic_variables: variablesOf(row.cells, plan) });
      count++;
    }
    if (people.length < chunkSize) continue;
    writeChunks(people);
    people = [];
  }
  return count;
}

const plans = new Map<readonly string[], ReturnType<typeof planColumns>>();

function planOf(columns: readonly string[], rows: readonly TableRow[]): ReturnType<typeof planColumns> {
  const known = plans.get(columns) ?? planColumns({ columns, rows: rows.slice(0, 500) }, {}, [], "the list");
  plans.set(columns, known);
  return known;
}

async function readList(path: string, dir: string): Promise<number> {
  const lists = openLists(join(dir, `${process.pid}.sqlite`), systemClock);
  const list = await lists.read(await openTable(await sourceOfFile(path)), { defaultCountry: "US" }, "bench");
  let cursor: string | undefined;
  let people = 0;
  do {
    const page = { page: 0, limit: chunkSize, ...(cursor !== undefined && { cursor }) };
    const { rows, nextCursor } = await lists.rows(list.listId, { fate: "accepted" }, page);
    JSON.stringify({
      tasks: rows.map(({ fate, cells }) => ({
        ...(fate.kind === "accepted" && { to_number: fate.toNumber }),
        dynamic_variables: variablesOf(cells, list.plan),
      })),
    });
    people += rows.length;
    cursor = nextCursor;
  } while (cursor !== undefined);
  lists.close();
  return people;
}

async function sourceOfFile(path: string): Promise<TableSource> {
  const { size } = await stat(path);
  return { name: "The list", size, open: () => createReadStream(path) };
}

await main(process.argv.slice(2));
