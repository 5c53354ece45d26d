import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { type Results, toCsv, toJsonLines, toXlsx } from "../../../src/contacts/results-file.ts";
import { openTable, tableOfText } from "../../../src/contacts/table/open-table.ts";
import { type Answer, cleanAnswers } from "../../../src/domain/batch/answers.ts";
import type { Task } from "../../../src/domain/batch/batch.ts";
import type { ContactList, ListRow } from "../../../src/domain/list/list.ts";
import { resultColumns } from "../../../src/domain/list/result-columns.ts";
import { type Table, trimCells, untrimmed } from "../../../src/domain/list/table.ts";
import type { Lists } from "../../../src/lists/lists.ts";
import { readResults } from "../../../src/tools/results/read-results.ts";
import { openListWorld, owner, tableOf } from "../../lists/list-world.ts";
import { Random, seedsToRun } from "../../support/random.ts";
import { numberOf } from "../../support/world.ts";

const spoilt = [
  "",
  "12",
  "=1+1",
  "'+1",
  "n/a",
  "+44",
  "a;b;c",
  "1;2\t3|4",
  "＝x",
  "'",
  '"',
  "two\nlines",
  "José",
  "-",
] as const;

function anyCell(random: Random): string {
  if (random.chance(0.5)) return random.pick(spoilt);
  const codes = Array.from({ length: random.below(9) }, () => 32 + random.below(random.chance(0.8) ? 95 : 0x3000));
  const blanks = () => random.pick(["", "", "", " ", "  ", "\t", "\n", "\u00a0"]);
  const beginning = random.pick(["", "=", "+", "-", "@", "'", ";"]);
  return blanks() + beginning + String.fromCodePoint(...codes) + blanks();
}

function anyRows(random: Random) {
  return Array.from({ length: 1 + random.below(80) }, (_, index) => {
    const phone = random.chance(0.6) ? numberOf(1 + random.below(60)) : anyCell(random);
    const cells = [`P${index}`, anyCell(random), phone, anyCell(random)];
    const row = 2 + 3 * index;
    const isWhole = random.chance(0.95);
    return isWhole
      ? { row, ...trimCells(cells) }
      : { row, ...trimCells([...cells, " more"]), fault: "too_many_cells" as const };
  });
}

/** Those of the list in any order, some of them missing, and others whom it does not have. */
function anyTasks(random: Random, rows: readonly ListRow[]): readonly Task[] {
  const numbers = rows.flatMap(({ fate }) => (fate.kind === "accepted" && random.chance(0.8) ? [fate.toNumber] : []));
  const strangers = Array.from({ length: random.below(4) }, (_, n) => numberOf(200 + n));
  return [...numbers, ...strangers]
    .map((toNumber): [number, string] => [random.below(1000), toNumber])
    .toSorted(([a], [b]) => a - b)
    .map(([, toNumber], index) => ({
      taskId: `task_${index}`,
      row: index + 1,
      toNumber,
      status: "failed",
      ...(random.chance(0.5) && { answers: anyAnswers(random) }),
    }));
}

const names = ["day", "=name", "2024", "__proto__", "a, b", "row", "late"];

/** The last of the names has no column. */
function anyAnswers(random: Random): readonly Answer[] {
  const given = names.filter(() => random.chance(0.4)).map((name) => ({ name, value: anyCell(random).trim() || "x" }));
  return cleanAnswers(given);
}

const answerNames = names.slice(0, -1);

type Form = (results: Results) => AsyncIterable<string>;

async function fileOf(list: ContactList, tasks: readonly Task[], lists: Lists, form?: Form): Promise<string> {
  const safeFor = tasks.length % 2 === 0 ? "spreadsheet" : "machine";
  let text = "";
  const results = await resultsOf(list, tasks, lists);
  for await (const part of form ? form(results) : toCsv(results, safeFor)) text += part;
  return text;
}

async function workbookOf(list: ContactList, tasks: readonly Task[], lists: Lists): Promise<Table> {
  const parts: Uint8Array[] = [];
  for await (const part of toXlsx(await resultsOf(list, tasks, lists))) parts.push(part);
  return openTable({
    name: "The results",
    open: async function* () {
      yield Buffer.concat(parts);
    },
  });
}

async function resultsOf(list: ContactList, tasks: readonly Task[], lists: Lists): Promise<Results> {
  await lists.link(list.listId, "batch");
  const api = { listTasks: async () => ({ rows: tasks, hasMore: false }) };
  const readCalls = async () => ({ calls: new Map(), missing: new Map() });
  const campaigns = { partsOf: async () => undefined, groupOf: async () => undefined };
  const read = await readResults("batch", { api, lists, campaigns, readCalls });
  return { ...read, answerNames };
}

test("the file of any list joins each result to its row, and read in again it is that list", async () => {
  const { lists, rowsOf } = openListWorld();
  for (const seed of seedsToRun(60)) {
    const random = new Random(seed);
    const rows = anyRows(random);
    const columns = random.pick([
      ["Name", "Note", "Phone", "=Other"],
      ["A", "B", "C", "D"],
      ["result_status", "result_row", "Mobile", "to"],
    ]);
    const choices = { defaultCountry: "US", columns: { to_number: columns[2] ?? "" } };
    const blankPlaces = random.pick([[], [0], [1, 4], [2, 5]]);
    const made = tableOf(columns, [rows]);
    const given = { ...made, shape: { ...made.shape, ...(blankPlaces.length > 0 && { blankPlaces }) } };
    const list = await lists.read(given, choices, owner);
    const before = await rowsOf(list);
    const tasks = anyTasks(random, before);
    const text = await fileOf(list, tasks, lists);

    const byNumber = new Map(tasks.map((task) => [task.toNumber, task]));
    const records = Papa.parse<string[]>(text.replace(/^\uFEFF/, ""), { delimiter: ",", newline: "\r\n" }).data;
    const place = (records[0]?.length ?? 0) - resultColumns.length - answerNames.length;
    expect(
      before.map(({ row }) => String(row)),
      `seed ${seed}`,
    ).toEqual(records.slice(1, before.length + 1).map((cells) => cells[place]));
    for (const [index, { fate }] of before.entries()) {
      const isCalled = fate.kind === "accepted" && byNumber.has(fate.toNumber);
      const status = isCalled ? "failed" : fate.kind === "accepted" ? "not_in_batch" : fate.kind;
      expect(records[index + 1]?.[place + 2], `seed ${seed}`).toBe(status);
    }
    const strangers = tasks.filter(
      ({ toNumber }) => !before.some(({ fate }) => "toNumber" in fate && fate.toNumber === toNumber),
    );
    expect(records.length - 2 - before.length, `seed ${seed}`).toBe(strangers.length);

    const lines = await fileOf(list, tasks, lists, (results) => toJsonLines(results));
    const tables = [
      await tableOfText(text, "the results"),
      await tableOfText(lines, "the results"),
      await workbookOf(list, tasks, lists),
    ];
    const [csv, , workbook] = tables;
    for (const table of [csv, workbook]) expect(table?.shape.blankPlaces ?? [], `seed ${seed}`).toEqual(blankPlaces);
    for (const table of tables) {
      const again = await lists.read(table, choices, owner);
      expect(again.shape.columns, `seed ${seed}`).toEqual([...columns, ...(records[0]?.slice(place) ?? [])]);
      const all = await rowsOf(again);
      expect(all.length, `seed ${seed}`).toBe(records.length - 2);
      expect(all.slice(0, before.length).map(toText), `seed ${seed}`).toEqual(before.map(toText));
      const results = all.map((row) => untrimmed(row).slice(4));
      expect(results, `seed ${seed}`).toEqual(
        records.slice(1, -1).map((cells) => cells.slice(place).map((cell) => plain(cell, tasks.length % 2 === 0))),
      );
    }
  }
}, 3_600_000);

/** What the form for spreadsheets puts before a number is taken off. */
function plain(cell: string, isGuarded: boolean): string {
  return isGuarded ? cell.replace(/^'(?='*\s*[=+\-@＝＋－＠])/, "") : cell;
}

/** A row without its number, its cells as they stood; those that belong to no column are in none of the file. */
function toText(row: ListRow): string {
  const { fault, fate } = row;
  const cells = untrimmed(row);
  const own = fault === undefined && row.cells.slice(0, 4).some((cell) => cell !== "") ? cells.slice(0, 4) : "none";
  return JSON.stringify([own, fate.kind, "toNumber" in fate && fate.toNumber]);
}

test("blank columns of the customer's file stay at their place, between the others and behind them", async () => {
  const { lists } = openListWorld();
  const text = ["Name,,Mobile,,", `Ann,,${numberOf(1)},,`, `Bob,,${numberOf(2)},,`].join("\n");
  const choices = { columns: { to_number: "Mobile" } };
  const list = await lists.read(await tableOfText(text, "june.csv"), choices, owner);
  expect(list.shape).toMatchObject({ columns: ["Name", "Mobile"], blankPlaces: [1, 3, 4] });
  const task = { taskId: "task_1", toNumber: numberOf(1), status: "completed" } as const;
  const records = Papa.parse<string[]>((await fileOf(list, [task], lists)).replace(/^\uFEFF/, "")).data;
  expect(records[0]?.slice(0, 6)).toEqual(["Name", "", "Mobile", "", "", "result_row"]);
  expect(records[1]?.slice(0, 6)).toEqual(["Ann", "", numberOf(1), "", "", "2"]);
  const again = (await workbookOf(list, [task], lists)).shape;
  expect(again.columns.slice(0, 3)).toEqual(["Name", "Mobile", "result_row"]);
  expect(again.blankPlaces).toEqual([1, 3, 4]);
});

test("of two recipients under the numbers of one row, the row is that of its own number", async () => {
  const { lists } = openListWorld();
  const rows = [{ row: 2, cells: ["Ann", numberOf(1), numberOf(2)] }];
  const columns = { to_number: ["Mobile", "Home"] };
  const list = await lists.read(tableOf(["Name", "Mobile", "Home"], [rows]), { columns }, owner);
  const tasks = [2, 1].map((n): Task => ({ taskId: `task_${n}`, toNumber: numberOf(n), status: "failed" }));
  const [, first, second] = (await fileOf(list, tasks, lists)).split("\r\n");
  expect(first).toMatch(/^Ann,.*,2,'?"?'?\+12015550101/);
  expect(second).toContain(numberOf(2));
});

test("the columns of results are neither called nor told to the agent, whatever the list's own are called", async () => {
  const { lists } = openListWorld();
  const rows = [1, 2, 3].map((n) => ({ row: n + 1, cells: [`P${n}`, numberOf(n)] }));
  const columns = { to_number: "B" };
  const list = await lists.read(tableOf(["A", "B"], [rows]), { columns }, owner);
  const tasks = [1, 2, 3].map((n): Task => ({ taskId: `task_${n}`, toNumber: numberOf(n), status: "failed" }));
  const again = await lists.read(await tableOfText(await fileOf(list, tasks, lists), "the results"), {}, owner);
  expect(again.plan.phone).toEqual([1]);
  expect([...again.plan.variables.values()]).toEqual(["A"]);
});

test("a list none of whose rows can be told apart comes back in every form, with its columns", async () => {
  const { lists, rowsOf } = openListWorld();
  const columns = ["Name", "Mobile"];
  const rows = [{ row: 2, cells: ["Ann", "x", numberOf(1)], fault: "too_many_cells" as const }];
  const choices = { columns: { to_number: "Mobile" } };
  const list = await lists.read(tableOf(columns, [rows]), choices, owner);
  for (const form of [undefined, (results: Results) => toJsonLines(results)]) {
    const text = await fileOf(list, [], lists, form);
    const again = await lists.read(await tableOfText(text, "the results"), choices, owner);
    expect(again.shape.columns.slice(0, 2)).toEqual(columns);
    expect(await rowsOf(again)).toMatchObject([{ fate: { kind: "refused" } }]);
  }
});

describe("results in JSON lines", () => {
  const ann = {
    row: 2,
    to_number: numberOf(1),
    status: "failed",
    outcome: "busy",
    list: { Name: "Ann", Phone: numberOf(1) },
  };
  const each = [
    { to_number: numberOf(1), outcome: "busy", started_utc: "2026-03-02T15:00:05.000Z" },
    { to_number: numberOf(2), call_id: "call_2" },
  ];
  const tableOfLines = (...lines: readonly object[]) =>
    tableOfText(lines.map((line) => `${JSON.stringify(line)}\n`).join(""), "june.jsonl");

  test("are read as the CSV of the same results, a line a row; what was said is left out", async () => {
    const { lists, rowsOf } = openListWorld();
    const bob = { row: 3, status: "refused", reason: "Too short.", list: { Name: "Bob", Phone: "12" } };
    const table = await tableOfLines({ ...ann, each_attempt: each, transcript: "Agent: Hello" }, bob);
    expect(table.shape).toMatchObject({ headerRow: 0, columns: ["Name", "Phone", ...resultColumns] });
    const list = await lists.read(table, {}, owner);
    const rows = await rowsOf(list);
    expect(rows.map(({ row, fate }) => [row, fate.kind])).toEqual([
      [1, "accepted"],
      [2, "refused"],
    ]);
    expect(rows[0]?.cells).toContain(`1 ${numberOf(1)} busy 2026-03-02T15:00:05Z; 2 ${numberOf(2)} open`);
    expect(JSON.stringify(rows)).not.toContain("Hello");
    expect([...list.plan.variables.values()]).toEqual(["Name"]);
  });

  test.each([
    ["is cut off", `${JSON.stringify(ann)}\n${JSON.stringify(ann).slice(0, 60)}`, "line 2 is not a row"],
    ["is no row of results", `${JSON.stringify(ann)}\n{"row":3}\n`, "line 2 is not a row"],
    [
      "has another column",
      `${JSON.stringify(ann)}\n\n${JSON.stringify({ ...ann, list: { Age: "3" } })}`,
      "line 3 has a column",
    ],
    ["has a list of another kind", `${JSON.stringify({ ...ann, list: ["x"] })}\n`, "line 1 has a list"],
  ])("are refused as a whole where a line %s", async (_what, text, words) => {
    const { lists } = openListWorld();
    const read = async () => lists.read(await tableOfText(text, "june.jsonl"), {}, owner);
    await expect(read()).rejects.toMatchObject({ code: "invalid_input", message: expect.stringContaining(words) });
  });

  test("are told from other JSON, which is no list", async () => {
    const other = tableOfText(`{"phone": "${numberOf(1)}"}\n`, "june.jsonl");
    await expect(other).rejects.toThrow(/is JSON, not a list/);
  });
});
