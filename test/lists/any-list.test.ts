import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { tableOfText } from "../../src/contacts/table/open-table.ts";
import type { ListRow } from "../../src/domain/list/list.ts";
import type { RowFault, TableRow } from "../../src/domain/list/table.ts";
import type { ListEdit } from "../../src/lists/lists.ts";
import { Random, seedsToRun } from "../support/random.ts";
import { openListWorld, owner, tableOf } from "./list-world.ts";

const truthSchema = z.array(
  z.object({
    line: z.number(),
    ok: z.string().optional(),
    ok_or_issue: z.string().optional(),
    duplicate_of: z.string().optional(),
  }),
);

async function readFixture(name: string): Promise<string> {
  return readFile(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
}

describe.each(["contacts-messy", "contacts-2500"])("the kept list of %s", (name) => {
  it("has each row with the fate that its truth says", async () => {
    const truth = truthSchema.parse(JSON.parse(await readFixture(`${name}.truth.json`)));
    const { lists, rowsOf } = openListWorld();
    const table = await tableOfText(await readFixture(`${name}.csv`), name);
    const list = await lists.read(table, { defaultCountry: "US" }, owner);
    const rows = await rowsOf(list);
    const numbers = new Map(rows.flatMap((row) => ("toNumber" in row.fate ? [[row.row, row.fate.toNumber]] : [])));
    const expected = truth.map(({ line, ok, ok_or_issue, duplicate_of }) => [
      line,
      duplicate_of === undefined ? (ok ?? ok_or_issue ?? "refused") : `duplicate of ${duplicate_of}`,
    ]);
    expect(rows.map((row) => [row.row, toTruth(row, numbers)])).toEqual(expected);
  });
});

function toTruth({ fate }: ListRow, numbers: ReadonlyMap<number, string>): string {
  if (fate.kind === "duplicate") return `duplicate of ${numbers.get(fate.ofRow)}`;
  return fate.kind === "accepted" ? fate.toNumber : "refused";
}

const phones = [
  "+14155550101",
  "(415) 555-0102",
  "4155550103",
  "+1 415 555 0104",
  "555-01",
  "",
  "+44 20 7946 0958",
  "911",
  "x".repeat(6000),
  "\u0000",
  "9.19E+11",
  "=cmd()",
] as const;
const zones = ["", "Europe/London", "Mars"] as const;
const faults: readonly [RowFault, ...RowFault[]] = ["unclosed_quote", "stray_quote", "too_few_cells", "too_many_cells"];

function anyRows(random: Random): readonly TableRow[] {
  const rows: TableRow[] = [];
  let row = 1;
  for (let count = 1 + random.below(60); count > 0; count--) {
    row += 1 + random.below(3);
    const cells = [`Ann ${row}`, random.pick(phones), random.pick(zones), random.pick(["", "GB", "US", "?"])];
    const fault = random.chance(0.1) ? { fault: random.pick(faults) } : {};
    rows.push({ row, cells: random.chance(0.05) ? [...cells, "x".repeat(7000)].slice(0, 4) : cells, ...fault });
  }
  return rows;
}

const columns = ["Name", "Phone", "Zone", "Country"];
const choices = {
  defaultCountry: "US",
  columns: { to_number: "Phone", name: "Name", timezone: "Zone", country: "Country" },
};

function anyEdits(random: Random, rows: readonly TableRow[]): readonly ListEdit[] {
  const some = rows.map(({ row }) => row).filter(() => random.chance(0.3));
  const row = rows[random.below(rows.length)]?.row ?? 0;
  const all: readonly ListEdit[] = [
    { kind: "leave_out", rows: some },
    { kind: "put_back", rows: some },
    { kind: "keep_where", column: "Zone" },
    { kind: "set_cell", row, column: "Phone", value: random.pick(phones) },
    { kind: "set_country", country: "GB", rows: some },
    { kind: "map_columns", columns: { town: "Zone", name: "Country" } },
  ];
  return all.filter(() => random.chance(0.4));
}

describe("any list", () => {
  it.each(seedsToRun(25))("loses no row and adds up, whatever is in it (seed %i)", async (seed) => {
    const random = new Random(seed);
    const { lists, rowsOf } = openListWorld();
    const rows = anyRows(random);
    const list = await lists.read(tableOf(columns, [rows]), choices, owner);
    const changed = await lists.change(list.listId, anyEdits(random, rows), owner);
    const settled = await lists.settle(changed.listId, {
      findExcluded: async () => new Map<string, string>(),
      findDoNotCall: async (numbers) => new Set(numbers.filter((number) => number.endsWith("3"))),
    });
    for (const each of [list, settled]) {
      const found = await rowsOf(each);
      expect(found.map(({ row, cells }) => [row, cells])).toEqual(rows.map(({ row, cells }) => [row, cells]));
      expect(each.rows).toEqual(countFates(found));
      const called = (await lists.recipients(each.listId, 1000)).map(({ toNumber }) => toNumber);
      expect(new Set(called).size).toBe(called.length);
      expect(called).toHaveLength(each.rows.accepted);
    }
    const { before, after, newlyAccepted, noLongerAccepted, added } = await lists.difference(
      settled.listId,
      list.listId,
    );
    expect([before, after, added]).toEqual([list.rows, settled.rows, 0]);
    expect(before.accepted + newlyAccepted - noLongerAccepted).toBe(after.accepted);
  });

  it("finds each of its rows by their number, and every duplicate repeats a row that stands before it", async () => {
    const { lists, rowsOf } = openListWorld();
    const random = new Random(7);
    const many = Array.from({ length: 600 }, (_, index) => ({
      row: index + 2,
      cells: ["Ann", random.pick(phones), "", ""],
    }));
    const list = await lists.read(tableOf(columns, [many, []]), choices, owner);
    const rows = await rowsOf(list);
    for (const { row, fate } of rows) {
      if (fate.kind === "accepted")
        expect([...(await lists.rowsOf(list.listId, [fate.toNumber])).values()]).toEqual([row]);
      if (fate.kind === "duplicate") expect(fate.ofRow).toBeLessThan(row);
    }
    expect(list.rows.duplicate).toBeGreaterThan(0);
  });
});

function countFates(rows: readonly ListRow[]) {
  const counts = { input: rows.length, accepted: 0, duplicate: 0, suppressed: 0, refused: 0 };
  for (const { fate } of rows) counts[fate.kind]++;
  return counts;
}

describe("a list of 100,000 rows", () => {
  it("is read whole, block by block, and its last rows can be asked for", async () => {
    const { lists } = openListWorld();
    function* blocks(): Generator<readonly TableRow[]> {
      for (let from = 0; from < 100_000; from += 1000)
        yield Array.from({ length: 1000 }, (_, at) => ({
          row: from + at + 2,
          cells: ["Ann", phoneOf((from + at) % 90_000)],
        }));
    }
    let heard = 0;
    const progress = (rows: number): void => {
      heard = rows;
    };
    const list = await lists.read(tableOf(["Name", "Phone"], blocks()), {}, owner, progress);
    expect(list.rows).toEqual({ input: 100_000, accepted: 90_000, duplicate: 10_000, suppressed: 0, refused: 0 });
    expect(heard).toBe(100_000);
    const last = await lists.rows(list.listId, { fate: "duplicate" }, { page: 0, limit: 1, cursor: "100000" });
    expect(last.rows).toMatchObject([{ row: 100_001, fate: { kind: "duplicate", ofRow: 10_001 } }]);
    expect([...(await lists.rowsOf(list.listId, [phoneOf(89_999)]))]).toEqual([[phoneOf(89_999), 90_001]]);
  }, 300_000);
});

const areaCodes = ["202", "212", "213", "303", "305", "312", "404", "415", "512"];

/** 90,000 numbers. */
function phoneOf(index: number): string {
  return `+1${areaCodes[Math.floor(index / 10_000)]}555${String(index % 10_000).padStart(4, "0")}`;
}
