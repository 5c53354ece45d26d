import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { openTable } from "../src/contacts/table/open-table.ts";
import { rowXml, workbookOf } from "../test/support/workbook.ts";

// Time, memory and longest stall of reading a long list: `node build/scripts/measure-table.js csv 100000`, or `xlsx`. With
// one column the most rows fit into the limit: `xlsx 1000000 1`.
const [format = "csv", rowCount = "100000", columnCount = "8", path] = process.argv.slice(2);

if (path === undefined) await measureInOwnProcess();
else await measure(path);

/** The file is written by this process and read by another, whose memory is that of the reading alone. */
async function measureInOwnProcess(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "measure-table-"));
  const file = join(folder, `list.${format}`);
  await (format === "xlsx" ? writeWorkbook(file) : writeCsv(file));
  const script = process.argv[1] ?? "";
  spawnSync(process.execPath, [script, format, rowCount, columnCount, file], { stdio: "inherit" });
  await rm(folder, { recursive: true });
}

async function measure(file: string): Promise<void> {
  const { size } = await stat(file);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const from = performance.now();
  const table = await openTable({ name: file, size, open: () => createReadStream(file) });
  const opened = performance.now();
  let rows = 0;
  for await (const block of table.rows) rows += block.length;
  const end = performance.now();
  delay.disable();
  const peakMb = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${format}, ${rows} rows × ${table.shape.columns.length} columns, ${(size / 1e6).toFixed(1)} MB: opened in ${(opened - from).toFixed(0)} ms, ` +
      `walked in ${(end - opened).toFixed(0)} ms, peak ${peakMb.toFixed(0)} MB, longest stall ${(delay.max / 1e6).toFixed(0)} ms`,
  );
}

async function writeCsv(file: string): Promise<void> {
  const stream = createWriteStream(file);
  stream.write(`${headers().join(",")}\n`);
  for (let row = 0; row < Number(rowCount); row++) {
    if (!stream.write(`${cellsOf(row).join(",")}\n`)) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "finish");
}

async function writeWorkbook(file: string): Promise<void> {
  const data = [rowXml(headers(), 1)];
  for (let row = 0; row < Number(rowCount); row++) {
    const reference = row + 2;
    const shared = cellsOf(row).map((cell, column) =>
      column === 0 ? `<c><v>${cell}</v></c>` : `<c t="s"><v>${row * (Number(columnCount) - 1) + column - 1}</v></c>`,
    );
    data.push(`<row r="${reference}">${shared.join("")}</row>`);
  }
  const strings: string[] = [];
  for (let row = 0; row < Number(rowCount); row++) {
    for (const cell of cellsOf(row).slice(1)) strings.push(`<si><t>${cell}</t></si>`);
  }
  await writeFile(
    file,
    workbookOf({ sheets: [{ name: "List", data: data.join("") }], sharedStrings: strings.join("") }),
  );
}

function headers(): string[] {
  return ["Phone", "First name", "Last name", "City", "Order", "Date", "Time", "Note"].slice(0, Number(columnCount));
}

function cellsOf(row: number): string[] {
  const phone = `1415555${String(row % 10_000).padStart(4, "0")}`;
  return [phone, `Ana${row}`, "Müller", "Köln", String(row), "2026-02-20", "13:00", "tea"].slice(
    0,
    Number(columnCount),
  );
}
