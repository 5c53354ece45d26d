import { copyFile, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toDoNotCallCsv } from "../../src/contacts/do-not-call-file.ts";
import { tableOfText } from "../../src/contacts/table/open-table.ts";
import type { DoNotCallEntry } from "../../src/domain/do-not-call/entry.ts";
import { planDoNotCallColumns } from "../../src/domain/do-not-call/plan-columns.ts";
import { readDoNotCallRow } from "../../src/domain/do-not-call/read-row.ts";
import type { TableRow } from "../../src/domain/list/table.ts";
import { plainText } from "../../src/domain/text.ts";
import { usNumber } from "../support/us-numbers.ts";
import { startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const exportList = () => world.tool("update_do_not_call_list", { action: "export" });
const add = (changes: object) => world.tool("update_do_not_call_list", { action: "add", ...changes });

describe("the exported list", () => {
  test("holds every entry with why, who asked and when, here and in UTC, safe to open in a spreadsheet", async () => {
    await add({ numbers: [usNumber(1)], reason: '=HYPERLINK("x")', requested_by: "Ann, by phone" });
    await world.clock.advance({ hours: 1 });
    await add({ numbers: [usNumber(2)] });
    const { path, ...answer } = await exportList();
    expect([basename(path), answer]).toEqual([
      "do-not-call-2026-03-02.csv",
      { numbers: [], added: 0, removed: 0, total: 2 },
    ]);
    expect(await readFile(path, "utf8")).toBe(
      [
        "\uFEFFphone_number,reason,requested_by,requested_at,added_utc,added_local,added_by",
        `"'${usNumber(2)}",,,,2026-03-02T16:00:00.000Z,2026-03-02T11:00 America/New_York,tool: local`,
        `"'${usNumber(1)}","'=HYPERLINK(""x"")","Ann, by phone",,2026-03-02T15:00:00.000Z,2026-03-02T10:00 America/New_York,tool: local`,
        "",
      ].join("\r\n"),
    );
    expect((await exportList()).path).not.toBe(path);
  });

  test("has nobody twice and nobody left out, however long it is and whoever joins it meanwhile", async () => {
    for (const block of [0, 1, 2]) {
      await add({ numbers: Array.from({ length: 1000 }, (_, n) => usNumber(block * 1000 + n)), reason: `${block}` });
      await world.clock.advance({ minutes: 1 });
    }
    let pages = 0;
    const watched = { ...world.campaigns.doNotCall };
    const { list } = watched;
    watched.list = async (page) => {
      if (++pages === 5) await add({ numbers: ["+442079460123"] });
      return list(page);
    };
    const other = world.another({ campaigns: { ...world.campaigns, doNotCall: watched } });
    const { path } = await other.tool("update_do_not_call_list", { action: "export" });
    const numbers = (await readFile(path, "utf8")).match(/\+1\d{10}/g) ?? [];
    expect([numbers.length, new Set(numbers).size]).toEqual([3000, 3000]);
  });

  test("imports again to the same list, in another account as well", async () => {
    await add({ numbers: [usNumber(1)], reason: "-5", requested_by: "'=1" });
    await world.file("dnc.csv", `Phone,Reason,requested_at\n${usNumber(2)},"moved, twice",2026-02-01 09:30 CET\n`);
    await add({ numbers_file: "dnc.csv" });
    const first = await exportList();
    const text = await readFile(first.path, "utf8");
    expect(await add({ numbers_file: basename(first.path) })).toMatchObject({ added: 0, rows: { listed: 2 } });
    const other = await startWorld({ now: "2026-04-01T00:00:00Z" });
    await other.file("list.csv", "");
    await copyFile(first.path, join(other.filesDir, "list.csv"));
    await other.tool("update_do_not_call_list", { action: "add", numbers_file: "list.csv" });
    const { listed } = await other.tool("check_do_not_call", { numbers: [usNumber(1), usNumber(2)] });
    await other.stop();
    expect(text).toContain("2026-02-01 09:30 CET");
    expect(listed).toMatchObject([
      { reason: "-5", requested_by: "'=1", requested_at: "listed since 2026-03-02T15:00:00.000Z" },
      { reason: "moved, twice", requested_at: "2026-02-01 09:30 CET" },
    ]);
  });

  test("takes no other argument, and is fetched over HTTP", async () => {
    const problem = await world.problem("update_do_not_call_list", { action: "export", numbers: [usNumber(1)] });
    expect(problem.issues).toMatchObject([{ field: "numbers", code: "contradiction" }]);
    const remote = world.another({ principal: "http", owner: "http" }, "http");
    expect(await remote.tool("update_do_not_call_list", { action: "export" })).toMatchObject({
      uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:3000\/downloads\//),
      mime_type: "text/csv; charset=utf-8",
    });
  });
});

test("any list that is written is read again as it was", async () => {
  const said = fc.option(
    fc
      .oneof(fc.string({ unit: "grapheme", maxLength: 60 }), fc.stringMatching(/^'{0,3}[=+@-][ -~]{0,9}$/))
      .map((text) => plainText(text, 100)),
    { nil: undefined },
  );
  const entry = fc.record({ n: fc.nat(2999), reason: said, requestedBy: said, requestedAt: said });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(entry, { selector: ({ n }) => n, minLength: 1, maxLength: 20 }), async (some) => {
      const entries = some.map(({ n, ...facts }): DoNotCallEntry => {
        const told = Object.entries(facts).filter(([, text]) => text);
        return { phoneNumber: usNumber(n), ...Object.fromEntries(told), addedAt: new Date(n) };
      });
      const { shape, rows } = await tableOfText(toDoNotCallCsv(entries), "The list");
      const all: TableRow[] = [];
      for await (const block of rows) all.push(...block);
      const plan = planDoNotCallColumns({ columns: shape.columns, rows: all }, {}, shape.source);
      const by = { columns: shape.columns, plan, carryCodes: [false] };
      const read = all.map((row) => readDoNotCallRow(row, by));
      expect(read).toEqual(
        entries.map(({ phoneNumber, addedAt, ...facts }) => ({
          numbers: [phoneNumber],
          facts: { ...facts, requestedAt: facts.requestedAt ?? `listed since ${addedAt.toISOString()}` },
          issues: [],
        })),
      );
    }),
    { numRuns: 200 },
  );
});
