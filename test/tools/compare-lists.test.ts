import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

async function listOf(rows: readonly string[], changes: object = {}): Promise<string> {
  const text = ["Name,Mobile,Home,Visit", ...rows].join("\n");
  const columns = { to_number: ["Mobile", "Home"] };
  const args = request(1, { tasks: undefined, tasks_csv: text, columns, ...changes });
  return (await world.tool("preview_batch_call", args))["list_id"];
}

const june = [
  `Ann,${numberOf(1)},,10:00`,
  `Bob,${numberOf(2)},${numberOf(12)},10:00`,
  `Cem,${numberOf(3)},,10:00`,
  `Dee,${numberOf(4)},,10:00`,
  "Cut,12,,10:00",
];
const july = [
  `Dee,${numberOf(4)},,10:00`,
  `Eve,${numberOf(5)},,10:00`,
  `Ann,${numberOf(1)},,11:30`,
  `Ann again,${numberOf(1)},,11:30`,
  `Bob,${numberOf(2)},${numberOf(13)},10:00`,
];

type Row = Readonly<Record<string, unknown>> & { readonly cells: { readonly Name: string } };
const told = (rows: readonly Row[]) =>
  rows.map(({ row, change, cells, changed }) => [change, row, cells.Name, changed]);

describe("a list compared with an earlier one", () => {
  test("tells who is new, changed in what, and gone, with the rows of both", async () => {
    const [earlier, list] = [await listOf(june), await listOf(july)];
    const found = await world.tool("get_list", { list_id: list, compare_with: earlier });
    expect(found).toMatchObject({
      list_id: list,
      comparison: { list_id: earlier, new: 1, changed: 2, gone: 1, unchanged: 1 },
      total: 4,
    });
    expect(told(found["list_rows"])).toEqual([
      ["new", 3, "Eve", undefined],
      ["changed", 4, "Ann", ["Visit"]],
      ["changed", 6, "Bob", ["fallback_number"]],
      ["gone", 4, "Cem", undefined],
    ]);
    expect(found["list_rows"][1].earlier).toMatchObject({ row: 2, cells: { Visit: "10:00" } });
    expect(found["list_rows"][2].earlier.cells.Home).toMatch(/^\+\*.*0112$/);
    const text = await world.text("get_list", { list_id: list, compare_with: earlier });
    expect(text).toContain(`Beside ${earlier}: 1 new, 2 changed, 1 gone (rows of ${earlier}), 1 unchanged`);
    expect(text).toContain("row 4: changed in Visit");
    expect(text).not.toContain(numberOf(13));
  });

  test("comes in pages, and one kind at a time", async () => {
    const [earlier, list] = [await listOf(june), await listOf(july)];
    const asked = { list_id: list, compare_with: earlier };
    const names: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.tool("get_list", { ...asked, limit: 1, ...(cursor !== undefined && { cursor }) });
      names.push(...told(page["list_rows"]).map(([, , name]) => name));
      cursor = page["next_cursor"];
    } while (cursor !== undefined);
    expect(names).toEqual(["Eve", "Ann", "Bob", "Cem"]);
    const gone = await world.tool("get_list", { ...asked, code: "gone" });
    expect([gone["total"], told(gone["list_rows"])]).toEqual([1, [["gone", 4, "Cem", undefined]]]);
  });

  test("goes by the number in whatever form it is written, whoever is on the do-not-call list or excluded by now", async () => {
    const earlier = await listOf([`Ann,${numberOf(1)},,`, `Bob,${numberOf(2)},,`, "Luz,+5215512345678,,"]);
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(1)] });
    const written = [`Ann,(201) 555-0101,,`, `Bob,201.555.0102,,`, "Luz,+52 55 1234 5678,,"];
    const { batch } = await world.tool("create_batch_call", request(2));
    const list = await listOf(written, { default_country: "US", exclude: { batch_ids: [batch.batch_id] } });
    const { comparison } = await world.tool("get_list", { list_id: list, compare_with: earlier });
    expect(comparison).toMatchObject({ new: 0, changed: 0, gone: 0, unchanged: 3 });
  });

  test("is the same list, compared with itself", async () => {
    const list = await listOf(june);
    const { comparison, list_rows } = await world.tool("get_list", { list_id: list, compare_with: list });
    expect([comparison, list_rows]).toEqual([{ list_id: list, new: 0, changed: 0, gone: 0, unchanged: 4 }, []]);
  });

  test("is refused for another's list, for a fate and for a code of rows", async () => {
    const [earlier, list] = [await listOf(june), await listOf(july)];
    const bob = world.another({ principal: "bob", owner: "bob" }, "http");
    expect((await bob.problem("get_list", { list_id: list, compare_with: earlier })).code).toBe("not_found");
    const gone = await world.problem("get_list", { list_id: list, compare_with: "list_none" });
    expect(gone.code).toBe("not_found");
    const asked = { list_id: list, compare_with: earlier, fate: "accepted", code: "too_short" };
    const wrong = await world.problem("get_list", asked);
    expect(wrong.issues.map(({ field }) => field)).toEqual(["code", "fate"]);
  });
});
