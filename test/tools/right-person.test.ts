import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

type Case = {
  readonly name: string;
  readonly country: string;
  readonly header: string;
  /** Each row of the file, and the number that it means; undefined for one that is to be refused. */
  readonly rows: readonly (readonly [row: string, meant: string | undefined])[];
  readonly column: string;
};

/** Rows, from 2 on, with the number that they are called at. */
async function callsOf(source: object, country: string): Promise<readonly (readonly [number, string])[]> {
  const args = request(1, { tasks: undefined, default_country: country, allow_duplicate: true, ...source });
  const answer = await world.tool("create_batch_call", args).catch(() => undefined);
  if (!answer) return [];
  const { rows, batch } = answer;
  expect(rows.input).toBe(rows.accepted + rows.duplicate + rows.suppressed + rows.refused);
  const page = await world.tool("get_batch_results", { batch_id: batch.batch_id, show_numbers: true, limit: 100 });
  return page.results.map(({ row, to_number }: { row: number; to_number: string }) => [row, to_number]);
}

const cases: readonly Case[] = [
  {
    name: "numbers with their country code and without a plus, a whole column of them",
    country: "DE",
    header: "name,phone",
    column: "phone",
    rows: [
      ["Ann,4917604069001", "+4917604069001"],
      ["Bob,4917604069002", "+4917604069002"],
      ["Cy,49 30 23125 003", "+493023125003"],
      ["Di,0176 04069004", "+4917604069004"],
    ],
  },
  {
    name: "a country code in a column of its own",
    country: "US",
    header: "name,country_code,phone_number",
    column: "phone_number",
    rows: [
      ["Ann,+44,2079460958", "+442079460958"],
      ["Bob,+44,7400123456", "+447400123456"],
      ["Cy,+1,2015550101", "+12015550101"],
    ],
  },
  {
    name: "a mangled column for phones beside a relative's whole one",
    country: "US",
    header: "Name,Mobile,Next of kin phone",
    column: "Mobile",
    rows: [
      ["Ann,2.01556E+09,201-555-0191", undefined],
      ["Bob,2.01556E+09,201-555-0192", undefined],
    ],
  },
  {
    name: "order numbers that look like phone numbers",
    country: "US",
    header: "Order,Phone",
    column: "Phone",
    rows: [
      ["2015550198,Tel. (201) 555-0101", "+12015550101"],
      ["2015550199,Tel. (201) 555-0102", "+12015550102"],
    ],
  },
  {
    name: "two numbers in one cell",
    country: "DE",
    header: "name,phone",
    column: "phone",
    rows: [
      ["Ann,030 23125001/57", undefined],
      ["Bob,+49 30 23125002 / 7", undefined],
      ["Cy,030 23125003", "+493023125003"],
    ],
  },
  {
    name: "a plus in brackets, or after a dot",
    country: "GB",
    header: "name,phone",
    column: "phone",
    rows: [
      ["Ann,(+44) 20 7946 0958", "+442079460958"],
      ["Bob,.+44 20 7946 0959", "+442079460959"],
      ["Cy,(+1) 201 555 0101", "+12015550101"],
    ],
  },
  {
    name: "forms of Mexico that were retired",
    country: "MX",
    header: "name,phone",
    column: "phone",
    rows: [
      ["Ann,+5215512345678", "+525512345678"],
      ["Bob,044 55 1234 5679", "+525512345679"],
      ["Cy,01 55 1234 5671", "+525512345671"],
    ],
  },
  {
    name: "scientific form with every digit there",
    country: "US",
    header: "name,phone",
    column: "phone",
    rows: [
      ["Ann,1.2015550101E+10", "+12015550101"],
      ["Bob,2.015550102E9", "+12015550102"],
    ],
  },
];

describe.each(cases)("$name", ({ country, header, rows, column }) => {
  const meant = new Map(rows.map(([, number], index) => [index + 2, number]));

  test("rings nobody else, and somebody of every row that is clear, from a file", async () => {
    await world.file("case.csv", [header, ...rows.map(([row]) => row)].join("\n"));
    const calls = await callsOf({ tasks_file: "case.csv" }, country);
    for (const [row, number] of calls) expect([row, number]).toEqual([row, meant.get(row)]);
    expect(calls).toHaveLength([...meant.values()].filter((number) => number !== undefined).length);
  });

  // A country that stands in another column is not part of `tasks`.
  if (header.includes("country_code")) return;
  test("rings nobody else when the cells come in tasks", async () => {
    const at = header.split(",").indexOf(column);
    const tasks = rows.map(([row]) => ({ to_number: row.split(",")[at] ?? "" }));
    for (const [row, number] of await callsOf({ tasks }, country))
      expect([row, number]).toEqual([row, meant.get(row + 1)]);
  });
});

test("a first row that is a person is no header", async () => {
  await world.file("people.csv", `Ann,202-555-01 (cell)\nBob,${numberOf(2)}\nCy,${numberOf(3)}\n`);
  const args = request(1, { tasks: undefined, tasks_file: "people.csv", default_country: "US" });
  const { rows, notes, issues } = await world.tool("preview_batch_call", args);
  expect(rows).toMatchObject({ input: 3, accepted: 2, refused: 1 });
  expect(issues).toMatchObject([{ row: 1 }]);
  expect(notes).toContainEqual(expect.stringMatching(/no header/));
});

test.each([
  ["DE", "4917604069001", "+4917604069001"],
  ["MX", "+52 1 55 1234 5678", "+52 55 1234 5678"],
])("who opted out as %s %s is not called as %s", async (country, listed, called) => {
  const local = world.another({ defaultCountry: country });
  await local.tool("update_do_not_call_list", { action: "add", numbers: [listed] }).catch(() => undefined);
  const tasks = [{ to_number: called }, { to_number: numberOf(9) }];
  const { rows } = await local.tool("preview_batch_call", request(1, { tasks }));
  expect(rows.suppressed).toBe(1);
});
