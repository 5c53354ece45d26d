import { statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { TableRow } from "../../src/domain/list/table.ts";
import type { E164 } from "../../src/domain/phone/phone-number.ts";
import { parseE164 } from "../../src/domain/phone/phone-number.ts";
import { isIssue } from "../../src/domain/problem.ts";
import { openDatabase } from "../../src/lib/sqlite.ts";
import { openListWorld, owner, problemOf, tableOf } from "./list-world.ts";

const csv = `Name,Phone,Retries
Ann,415 555 0101,
Bob,(415) 555-0101,
Cem,555-01,
Dee,+14155550102,2

Eve,,
Flo,+1 415 555 0103,99
`;

function number(text: string): E164 {
  const parsed = parseE164(text);
  if (isIssue(parsed)) throw new Error(parsed.message);
  return parsed;
}

const noRules = { findExcluded: async () => new Map<string, string>(), findDoNotCall: async () => new Set<string>() };

describe("a list that was read", () => {
  it("has every row with its fate, and its counts add up", async () => {
    const { read, fatesOf, lists } = openListWorld();
    const list = await read(csv, { defaultCountry: "US", columns: { max_retries: "Retries" } });
    expect(list.listId).toMatch(/^list_[0-9a-f]{32}$/);
    expect(list.rows).toEqual({ input: 6, accepted: 2, duplicate: 1, suppressed: 0, refused: 3 });
    expect(await fatesOf(list)).toEqual([
      "2 +14155550101",
      "3 duplicate of 2",
      "4 too_short",
      "5 +14155550102",
      "7 empty",
      "8 out_of_range",
    ]);
    expect(await lists.get(list.listId, owner)).toEqual(list);
  });

  it("gives its people with their variables, in the order of the rows", async () => {
    const { read, lists } = openListWorld();
    const list = await read(csv, { defaultCountry: "US", columns: { max_retries: "Retries", first_name: "Name" } });
    expect(await lists.recipients(list.listId, 1000)).toMatchObject([
      { row: 2, toNumber: "+14155550101", variables: { first_name: "Ann" } },
      { row: 5, toNumber: "+14155550102", variables: { first_name: "Dee" }, maxRetries: 2 },
    ]);
    expect((await problemOf(lists.recipients(list.listId, 1))).message).toMatch(/^2 people of the list can be called/);
  });

  it("is for the owner of its file only, and nobody sees another's", async () => {
    const { read, lists, path } = openListWorld();
    const { listId } = await read(csv);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await problemOf(lists.get(listId, "bob"))).code).toBe("not_found");
    expect((await problemOf(lists.change(listId, [{ kind: "leave_out", rows: [2] }], "bob"))).code).toBe("not_found");
    expect((await problemOf(lists.delete(listId, "bob"))).code).toBe("not_found");
    expect((await lists.get(listId, owner)).listId).toBe(listId);
  });

  it("that an earlier version kept apart, for whoever had a token, is the organization's", async () => {
    const { lists, path, open } = openListWorld();
    const { listId } = await lists.read(tableOf(["Phone"], [[{ row: 2, cells: ["+14155550101"] }]]), {}, "http");
    const database = openDatabase(path);
    database.exec("PRAGMA user_version = 2");
    database.close();
    expect((await open().get(listId, "local")).listId).toBe(listId);
  });

  it("is the same list for the same owner, bytes and choices, however the rows come in", async () => {
    const { read, lists } = openListWorld();
    const first = await read(csv);
    expect((await read(csv)).listId).toBe(first.listId);
    expect((await read(csv, { defaultCountry: "GB" })).listId).not.toBe(first.listId);
    expect((await read(`${csv}Gus,+14155550109,\n`)).listId).not.toBe(first.listId);

    const rows = Array.from({ length: 1700 }, (_, index) => rowOf(index + 2));
    const whole = await lists.read(tableOf(["Name", "Phone"], [rows]), {}, owner);
    const pieces = tableOf(["Name", "Phone"], [rows.slice(0, 1), rows.slice(1, 999), rows.slice(999)]);
    expect((await lists.read(pieces, {}, owner)).listId).toBe(whole.listId);
    const others = await lists.read(tableOf(["Name", "Phone"], [rows]), {}, "bob");
    expect(others.listId).not.toBe(whole.listId);
  });

  it("is gone after 30 days, and a list read again is kept for 30 more", async () => {
    const { read, lists, clock } = openListWorld();
    const { listId } = await read(csv);
    await clock.advance({ days: 29 });
    await read(csv);
    await clock.advance({ days: 29 });
    expect((await lists.get(listId, owner)).rows.input).toBe(6);
    await clock.advance({ days: 1 });
    expect((await problemOf(lists.get(listId, owner))).code).toBe("not_found");
    expect((await read(csv)).rows.input).toBe(6);
  });

  it("is deleted with its rows", async () => {
    const { read, lists } = openListWorld();
    const { listId } = await read(csv);
    await lists.link(listId, "batch_1");
    await lists.delete(listId, owner);
    expect((await problemOf(lists.rows(listId, {}, { page: 0, limit: 10 }))).code).toBe("not_found");
    expect(await lists.ofBatch("batch_1")).toBeUndefined();
  });

  it("is none when it has no rows or its phone column is missing", async () => {
    const { read, lists } = openListWorld();
    expect((await problemOf(lists.read(tableOf(["Phone"], []), {}, owner))).message).toContain("has no rows");
    expect((await problemOf(read("Name,Town\nAnn,York\n"))).code).toBe("invalid_input");
  });
});

describe("rows of a list", () => {
  it("are paged by a cursor that no filter passes a row over", async () => {
    const { lists } = openListWorld();
    const rows = Array.from({ length: 1300 }, (_, index) => rowOf(index + 2, index % 3 === 0 ? "12" : undefined));
    const { listId } = await lists.read(tableOf(["Name", "Phone"], [rows]), {}, owner);
    const refused: number[] = [];
    let cursor: string | undefined;
    do {
      const page = { page: refused.length / 100, limit: 100, ...(cursor !== undefined && { cursor }) };
      const found = await lists.rows(listId, { fate: "refused" }, page);
      expect(found.totalCount).toBe(434);
      refused.push(...found.rows.map(({ row }) => row));
      cursor = found.nextCursor;
    } while (cursor !== undefined);
    expect(refused).toEqual(Array.from({ length: 434 }, (_, index) => 2 + index * 3));
    const byPage = await lists.rows(listId, { fate: "refused" }, { page: 2, limit: 100 });
    expect(byPage.rows[0]?.row).toBe(602);
    expect((await problemOf(lists.rows(listId, {}, { page: 0, limit: 5, cursor: "x" }))).issues[0]?.code).toBe(
      "bad_cursor",
    );
  });

  it("are found by the code that they were refused with", async () => {
    const { read, lists } = openListWorld();
    const { listId } = await read(csv, { defaultCountry: "US", columns: { max_retries: "Retries" } });
    const found = await lists.rows(listId, { fate: "refused", code: "empty" }, { page: 0, limit: 10 });
    expect(found).toMatchObject({ rows: [{ row: 7, cells: ["Eve", "", ""] }], totalCount: 1, hasMore: false });
    expect((await lists.rows(listId, { fate: "accepted", code: "empty" }, { page: 0, limit: 10 })).rows).toEqual([]);
  });
});

describe("settling a list", () => {
  it("suppresses who must not be called, and calls them again when that is over", async () => {
    const { read, lists, fatesOf } = openListWorld();
    const list = await read(csv);
    const settled = await lists.settle(list.listId, {
      findExcluded: async () => new Map<string, string>(),
      findDoNotCall: async () => new Set(["+14155550101"]),
    });
    expect(settled.rows).toEqual({ ...list.rows, accepted: list.rows.accepted - 1, suppressed: 1 });
    expect(await fatesOf(settled)).toContain("2 suppressed");
    expect(await lists.suppressed(list.listId)).toMatchObject([{ row: 2, toNumber: "+14155550101" }]);
    expect((await lists.settle(list.listId, noRules)).rows).toEqual(list.rows);
  });

  it("refuses the row that holds the caller id, and that row alone", async () => {
    const { read, lists, fatesOf } = openListWorld();
    const list = await read(csv);
    const callerIds = ["+14155550199", number("+14155550102")];
    const settled = await lists.settle(list.listId, { ...noRules, callerIds });
    expect(settled.rows).toEqual({ ...list.rows, accepted: list.rows.accepted - 1, refused: list.rows.refused + 1 });
    expect(await fatesOf(settled)).toContain("5 same_as_from_number");
    const byCode = { fate: "refused", code: "same_as_from_number" } as const;
    expect((await lists.rows(list.listId, byCode, { page: 0, limit: 10 })).rows).toHaveLength(1);
  });

  it("withholds a fallback number that must not be called, and no more", async () => {
    const { read, lists, fatesOf } = openListWorld();
    const list = await read("Mobile,Home\n+14155550101,+14155550102\n+14155550102,+14155550103\n", {
      columns: { to_number: ["Mobile", "Home"] },
    });
    expect(await fatesOf(list)).toEqual(["2 +14155550101", "3 +14155550102 then +14155550103"]);
    const settled = await lists.settle(list.listId, {
      findExcluded: async () => new Map<string, string>(),
      findDoNotCall: async () => new Set(["+14155550103"]),
    });
    expect(await fatesOf(settled)).toEqual(["2 +14155550101", "3 +14155550102"]);
    expect(await fatesOf(await lists.settle(list.listId, noRules))).toEqual(await fatesOf(list));
  });

  it("calls a number for the row that has it in the first column, wherever that row stands", async () => {
    const { read, fatesOf } = openListWorld();
    const rows = [
      "n/a,+14155550101",
      ",+14155550102",
      "+14155550101,",
      "+14155550103,+14155550104",
      ",+14155550104",
      ",+14155550102",
    ];
    const list = await read(`Mobile,Home\n${rows.join("\n")}\n`, { columns: { to_number: ["Mobile", "Home"] } });
    expect(await fatesOf(list)).toEqual([
      "2 duplicate of 4",
      "3 +14155550102",
      "4 +14155550101",
      "5 +14155550103",
      "6 +14155550104",
      "7 duplicate of 3",
    ]);
    expect(list.rows).toMatchObject({ input: 6, accepted: 4, duplicate: 2 });
  });

  it("calls nobody on the fallback number who must not be called on the first", async () => {
    const { read, lists } = openListWorld();
    const list = await read("Mobile,Home\n+14155550101,+14155550102\n", { columns: { to_number: ["Mobile", "Home"] } });
    const { rows } = await lists.settle(list.listId, {
      findExcluded: async () => new Map<string, string>(),
      findDoNotCall: async () => new Set(["+14155550101"]),
    });
    expect(rows).toMatchObject({ accepted: 0, suppressed: 1 });
  });
});

describe("digits without a plus", () => {
  const german = { defaultCountry: "DE" };

  it("are read as the rest of their column, also in rows before those that say it", async () => {
    const { read, fatesOf } = openListWorld();
    const others = Array.from({ length: 30 }, (_, index) => `49176123456${10 + index}`);
    const list = await read(`Phone\n4921123456\n${others.join("\n")}\n`, german);
    expect((await fatesOf(list))[0]).toBe("2 +4921123456");
  });

  it("are refused where nothing tells which of two people is meant", async () => {
    const { read, fatesOf } = openListWorld();
    expect(await fatesOf(await read("Phone\n4921123456\n", german))).toEqual(["2 ambiguous"]);
  });

  it("are of the country that the cell beside them says, or nobody's", async () => {
    const { read, fatesOf } = openListWorld();
    const list = await read(
      "Phone,Country\n2079460958,+44\n2079460958,United Kingdom\n2079460958,Mars\n+14155550101,GB\n",
      {
        defaultCountry: "US",
        columns: { country: "Country" },
      },
    );
    expect(await fatesOf(list)).toEqual([
      "2 +442079460958",
      "3 duplicate of 2",
      "4 unknown_country",
      "5 country_contradiction",
    ]);
  });
});

describe("a batch of a list", () => {
  it("leads to its list and its rows, the last one that it was made of", async () => {
    const { read, lists, clock } = openListWorld();
    const list = await read(csv);
    await lists.link(list.listId, "batch_1");
    await clock.advance({ minutes: 1 });
    await lists.link(list.listId, "batch_2");
    expect(await lists.ofBatch("batch_1")).toEqual(list);
    expect(await lists.batchesOf(list.listId)).toEqual(["batch_1", "batch_2"]);
    const rows = await lists.rowsOf(list.listId, ["+14155550102", "+14155550101", "+19995550000", "x", ""]);
    expect([...rows]).toEqual([
      ["+14155550102", 5],
      ["+14155550101", 2],
    ]);
    const changed = await lists.change(list.listId, [{ kind: "leave_out", rows: [2] }], owner);
    await lists.link(changed.listId, "batch_1");
    expect((await lists.ofBatch("batch_1"))?.listId).toBe(changed.listId);
    expect([...(await lists.rowsOf(changed.listId, ["+14155550101"]))]).toEqual([["+14155550101", 3]]);
  });
});

describe("several copies of the program", () => {
  it("read the same list at once, and both have it", async () => {
    const { lists, open } = openListWorld();
    const other = open();
    const rows = Array.from({ length: 3000 }, (_, index) => rowOf(index + 2));
    const both = await Promise.all(
      [lists, other, lists].map((copy) => copy.read(tableOf(["Name", "Phone"], [rows]), {}, owner)),
    );
    expect(new Set(both.map(({ listId }) => listId)).size).toBe(1);
    expect(await other.get(both[0]?.listId ?? "", owner)).toMatchObject({ rows: { input: 3000, accepted: 3000 } });
  });

  it("see nothing of a list whose reading broke off, and nothing of it is left", async () => {
    const { lists, open, path } = openListWorld();
    const table = tableOf(["Name", "Phone"], brokenOff());
    await expect(lists.read(table, {}, owner)).rejects.toThrow("the disk was taken out");
    const again = await open().read(tableOf(["Name", "Phone"], [[rowOf(2)]]), {}, owner);
    expect(again.rows.input).toBe(1);
    expect(countBlocks(path)).toBe(1);
  });

  it("clear away what a copy left that died while it read, and tell one that only slept", async () => {
    const { lists, open, path, clock } = openListWorld();
    const sleep = createMark();
    const kept = createMark();
    const reading = lists.read(tableOf(["Name", "Phone"], manyRows(), sleep.isSet), {}, owner, (rows) => {
      if (rows === 20_000) kept.set();
    });
    const refusal = problemOf(reading);
    await kept.isSet;
    const other = open();
    await other.read(tableOf(["Name", "Phone"], [[rowOf(2)]]), {}, owner);
    expect(countBlocks(path)).toBeGreaterThan(1);
    await clock.advance({ minutes: 61 });
    await other.read(tableOf(["Name", "Phone"], [[rowOf(3)]]), {}, owner);
    expect(countBlocks(path)).toBe(2);
    sleep.set();
    expect((await refusal).code).toBe("unavailable");
    expect(countBlocks(path)).toBe(2);
  });
});

function createMark() {
  let set = (): void => {};
  const isSet = new Promise<void>((resolve) => {
    set = resolve;
  });
  return { set: () => set(), isSet };
}

function* manyRows(): Generator<readonly TableRow[]> {
  for (let from = 2; from < 20_000; from += 1000) yield Array.from({ length: 1000 }, (_, at) => rowOf(from + at));
}

function* brokenOff(): Generator<readonly TableRow[]> {
  yield* manyRows();
  throw new Error("the disk was taken out");
}

function countBlocks(path: string): number {
  const database = openDatabase(path);
  const row = database.prepare("SELECT count(*) AS count FROM blocks").get();
  database.close();
  return Number(row?.["count"]);
}

function rowOf(row: number, phone = `+1415555${String(row).padStart(4, "0")}`): TableRow {
  return { row, cells: [`Ann ${row}`, phone] };
}
