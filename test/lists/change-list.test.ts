import { describe, expect, it } from "vitest";
import { tableOfText } from "../../src/contacts/table/open-table.ts";
import { untrimmed } from "../../src/domain/list/table.ts";
import type { ListEdit, Lists } from "../../src/lists/lists.ts";
import { openListWorld, owner, problemOf, tableOf } from "./list-world.ts";

const csv = `Name,Phone,Town
Ann,+14155550101,York
Bob,+14155550101,
Cem,555-01,Bath
Dee,(0)20 7946 0958,york
`;

const american = { defaultCountry: "US", agent: { agentId: "agent_1", variables: ["first_name"] } };

async function addition(text: string): Promise<ListEdit> {
  return { kind: "add", table: await tableOfText(text, "more.csv") };
}

type Case = readonly [what: string, edits: readonly ListEdit[], fates: readonly string[], changed: readonly number[]];

const cases: readonly Case[] = [
  [
    "the next row with the number is called when the first one is left out",
    [{ kind: "leave_out", rows: [2] }],
    ["2 left_out", "3 +14155550101", "4 too_short", "5 too_long"],
    [2, 3],
  ],
  [
    "a row that was put back in the same breath is as before",
    [
      { kind: "leave_out", rows: [2, 3] },
      { kind: "put_back", rows: [2, 3] },
    ],
    ["2 +14155550101", "3 duplicate of 2", "4 too_short", "5 too_long"],
    [],
  ],
  [
    "only rows with such a cell stay",
    [{ kind: "keep_where", column: "town", values: ["YORK "] }],
    ["2 +14155550101", "3 left_out", "4 left_out", "5 too_long"],
    [3, 4],
  ],
  [
    "only rows with any text in the cell stay",
    [{ kind: "keep_where", column: "Town" }],
    ["2 +14155550101", "3 left_out", "4 too_short", "5 too_long"],
    [3],
  ],
  [
    "a cell is set, and its row judged again",
    [{ kind: "set_cell", row: 4, column: "Phone", value: " 415 555 0103 " }],
    ["2 +14155550101", "3 duplicate of 2", "4 +14155550103", "5 too_long"],
    [4],
  ],
  [
    "a row gets a country of its own",
    [{ kind: "set_country", country: "GB", rows: [5] }],
    ["2 +14155550101", "3 duplicate of 2", "4 too_short", "5 +442079460958"],
    [5],
  ],
  [
    "the whole list gets a country",
    [{ kind: "set_country", country: "GB" }],
    ["2 +14155550101", "3 duplicate of 2", "4 too_short", "5 +442079460958"],
    [4, 5],
  ],
  [
    "a column becomes a variable, which the agent is told of everybody",
    [{ kind: "map_columns", columns: { first_name: "Name" } }],
    ["2 +14155550101", "3 duplicate of 2", "4 too_short", "5 too_long"],
    [2],
  ],
];

describe("a changed list", () => {
  it.each(cases)("%s", async (_what, edits, fates, changedRows) => {
    const { read, lists, fatesOf } = openListWorld();
    const before = await read(csv, { ...american, columns: { town: "Town" } });
    const was = await fatesOf(before);
    const list = await lists.change(before.listId, edits, owner);
    const difference = await lists.difference(list.listId, before.listId);
    expect(await fatesOf(list)).toEqual(fates);
    expect(difference).toMatchObject({
      before: before.rows,
      after: list.rows,
      changedRows,
      changedCount: changedRows.length,
      added: 0,
    });
    const { newlyAccepted, noLongerAccepted } = difference;
    expect(before.rows.accepted + newlyAccepted - noLongerAccepted).toBe(list.rows.accepted);
    expect(list).toMatchObject({ madeFrom: before.listId });
    expect(list.listId).not.toBe(before.listId);
    expect(await fatesOf(before)).toEqual(was);
    expect((await lists.change(before.listId, edits, owner)).listId).toBe(list.listId);
  });

  it("shows cells as they were given and what was set", async () => {
    const { read, lists, rowsOf } = openListWorld();
    const before = await read(csv, american);
    const edits = [
      { kind: "set_cell", row: 4, column: "Phone", value: "+14155550103" },
      { kind: "set_cell", row: 4, column: "Town", value: "Ely" },
    ] as const;
    const list = await lists.change(before.listId, edits, owner);
    expect((await rowsOf(list))[2]).toMatchObject({
      cells: ["Cem", "555-01", "Bath"],
      changed: { 1: "+14155550103", 2: "Ely" },
    });
  });

  it("holds the rows of another table, whose columns stand in another order, after the last row", async () => {
    const { read, lists, fatesOf, rowsOf } = openListWorld();
    const before = await read(csv, american);
    const more = "phone,Note,NAME\n+14155550101,again,Ann\n+14155550109,late,Gus\nx,\n";
    const list = await lists.change(before.listId, [await addition(more)], owner);
    const difference = await lists.difference(list.listId, before.listId);
    expect((await fatesOf(list)).slice(4)).toEqual(["7 duplicate of 2", "8 +14155550109", "9 too_few_cells"]);
    expect(list.shape.columns).toEqual(["Name", "Phone", "Town", "Note"]);
    expect(list.shape.said).toContain("more.csv: its row 2 is row 7 of the list.");
    expect((await rowsOf(list))[5]?.cells).toEqual(["Gus", "+14155550109", "", "late"]);
    expect((await rowsOf(list))[0]?.cells).toEqual(["Ann", "+14155550101", "York", ""]);
    expect(difference).toMatchObject({ after: { input: 7 }, changedCount: 0, added: 3, addedAccepted: 1 });
    expect((await lists.change(before.listId, [await addition(more)], owner)).listId).toBe(list.listId);
    const other = await lists.change(before.listId, [await addition(more.replace("Gus", "Pat"))], owner);
    expect(other.listId).not.toBe(list.listId);
  });

  it("has added rows without a header by their places", async () => {
    const { lists, read, fatesOf } = openListWorld();
    const before = await read("+14155550101,Ann\n+14155550102,Bob\n");
    const list = await lists.change(before.listId, [await addition("+14155550103,Cem\n")], owner);
    expect(await fatesOf(list)).toEqual(["1 +14155550101", "2 +14155550102", "3 +14155550103"]);
  });
});

describe("a change that cannot be made", () => {
  const impossible: readonly (readonly [string, () => Promise<ListEdit>, string, string])[] = [
    ["a row that is not there", async () => ({ kind: "leave_out", rows: [2, 1, 99] }), "no_row", "no row 1, 99"],
    ["a column that is not there", async () => ({ kind: "keep_where", column: "Twon" }), "no_column", 'Is it "Town"?'],
    ["a country that is none", async () => ({ kind: "set_country", country: "ZZ" }), "unknown_country", "two capital"],
    ["a table without the phone column", () => addition("Name,Tel\nGus,+14155550109\n"), "columns_differ", '"Tel"'],
  ];
  it.each(impossible)("names %s, and changes nothing", async (_what, edit, code, words) => {
    const { read, lists } = openListWorld();
    const before = await read(csv, american);
    const edits = [{ kind: "leave_out", rows: [3] } as const, await edit()];
    const problem = await problemOf(lists.change(before.listId, edits, owner));
    expect(problem.code).toBe("invalid_input");
    expect(problem.issues).toMatchObject([{ code, message: expect.stringContaining(words) }]);
    expect(await lists.get(before.listId, owner)).toEqual(before);
  });
});

describe("columns that were mapped for an agent", () => {
  const columns = { first_name: "Name", town: "Town" };
  const variablesOf = async (lists: Lists, listId: string) => (await lists.recipients(listId, 10))[0]?.variables;

  it("are used again for a table of the same shape, and that is said", async () => {
    const { read, lists } = openListWorld();
    await read(csv, { ...american, columns });
    const later = await read(csv.replace("Ann", "Eve"), american);
    expect(await variablesOf(lists, later.listId)).toEqual({ first_name: "Eve", town: "York" });
    expect(later.plan.said[0]).toBe('As for this agent before: first_name from "Name", town from "Town".');
    const changed = await lists.change(later.listId, [{ kind: "map_columns", columns: { city: "Town" } }], owner);
    expect(await variablesOf(lists, changed.listId)).toMatchObject({ city: "York", first_name: "Eve" });
    expect((await read(csv.replace("Ann", "Flo"), american)).plan.said[0]).toContain('city from "Town"');
  });

  it("are not used for another agent, owner or shape", async () => {
    const { read, lists } = openListWorld();
    await read(csv, { ...american, columns });
    const others = [
      await read(csv, { defaultCountry: "US", agent: { agentId: "agent_2", variables: ["first_name"] } }),
      await lists.read(await tableOfText(csv, "june.csv"), american, "bob"),
      await read(csv.replace("Town", "City"), american),
    ];
    for (const { plan } of others) expect(plan.said.join()).not.toContain("before");
  });
});

describe("a zone that is not read", () => {
  it("refuses its row, and a blank one does not", async () => {
    const { lists } = openListWorld();
    const table = tableOf(
      ["Phone", "Zone"],
      [
        [
          { row: 2, cells: ["+14155550101", "America/New_York"] },
          { row: 3, cells: ["+14155550102", "Mars"] },
          { row: 4, cells: ["+14155550103", ""] },
        ],
      ],
    );
    const list = await lists.read(table, { columns: { timezone: "Zone" } }, owner);
    expect(list.rows).toMatchObject({ accepted: 2, refused: 1 });
    expect((await lists.rows(list.listId, { code: "unknown_zone" }, { page: 0, limit: 9 })).rows).toMatchObject([
      { row: 3 },
    ]);
  });
});

describe("times before which rows are not called", () => {
  it("go with the people: instants, times and days on their own clock, on the last of all clocks where nobody knows theirs", async () => {
    const { lists } = openListWorld();
    const cells = [
      ["+14155550101", "America/New_York", "2026-07-01T09:00"],
      ["+14155550102", "", "2026-07-01T09:00+02:00"],
      ["+14155550103", "", "2026-07-01"],
      ["+14155550104", "", " "],
      ["+14155550105", "", "2026-03-08 02:30"],
      ["+14155550106", "", "2026-11-01 01:30"],
      ["+88213300107", "", "2026-07-01"],
      ["+14155550108", "", "2026-02-30"],
      ["+14155550109", "", "soon"],
    ];
    const rows = cells.map((row, n) => ({ row: n + 2, cells: row }));
    const choices = { columns: { timezone: "Zone", not_before: "From" } };
    const list = await lists.read(tableOf(["Phone", "Zone", "From"], [rows]), choices, owner);
    const times = (await lists.recipients(list.listId, 100)).map(({ notBefore }) =>
      notBefore?.toISOString().slice(0, 16),
    );
    expect(times.slice(0, 6)).toEqual([
      "2026-07-01T13:00",
      "2026-07-01T07:00",
      "2026-07-01T07:00",
      undefined,
      // The clocks of San Francisco skip the one and show the other twice.
      "2026-03-08T10:00",
      "2026-11-01T09:30",
    ]);
    expect(list.rows).toMatchObject({ input: 9, refused: 9 - times.length });
    expect((await lists.rows(list.listId, { code: "invalid_time" }, { page: 0, limit: 9 })).rows).toMatchObject([
      { row: 9 },
      { row: 10 },
    ]);
  });
});

it("blanks around cells are kept for whoever gets the file back, where rows were added too, and told to nobody", async () => {
  const { lists, read, rowsOf } = openListWorld();
  const first = await read(`Phone,Name\n+14155550101, Ann \n`);
  const more = await addition("Name;Phone;Note\n Bob;+14155550102 ; y\n");
  const list = await lists.change(first.listId, [more], owner);
  expect((await rowsOf(list)).map(untrimmed)).toEqual([
    ["+14155550101", " Ann ", ""],
    [`+14155550102 `, " Bob", " y"],
  ]);
  expect((await lists.recipients(list.listId, 10)).map(({ variables }) => variables)).toEqual([
    { Name: "Ann" },
    { Name: "Bob" },
  ]);
});
