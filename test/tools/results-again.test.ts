import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

// What a file of results is when it is given as a list again.

let world: World;
beforeEach(async () => {
  world = await startWorld({ now: "2026-03-02T15:00:00Z" });
});
afterEach(() => world.stop());

const forms = [
  ["a CSV for spreadsheets", {}],
  ["a CSV for programs", { safe_for: "machine" }],
  ["a workbook", { format: "xlsx" }],
  ["JSON lines", { format: "jsonl" }],
] as const;

const ringsOf = (number: string) => world.carrier.rings.filter(({ toNumber }) => toNumber === number).length;

async function call(changes: object) {
  const args = request(1, { tasks: undefined, start: "now", ...changes });
  const created = await world.tool("create_batch_call", args);
  await world.clock.advance({ hours: 1 });
  return { id: created.batch.batch_id as string, listId: created.list_id as string, created };
}

const pathOf = async (batch_id: string, form: object = {}): Promise<string> =>
  (await world.tool("export_batch_results", { batch_id, ...form })).path;

const [ann, bob, cem, dee, deeAtWork, eve, eveAtWork] = [1, 2, 3, 4, 14, 5, 15].map(numberOf) as string[];
const people = [
  "Name,Mobile,Second phone",
  `Ann,${ann},`,
  `Ann again,${ann},`,
  `Bob,${bob},`,
  `Cem,${cem},`,
  `Dee,${dee},${deeAtWork}`,
  `Eve,${eve},${eveAtWork}`,
].join("\n");
const columns = { customer_name: "Name", to_number: ["Mobile", "Second phone"] };

/** Ann's number is a wrong one, Dee's first as well, and Eve asked not to be called again; Bob and Cem were not reached. */
async function called(): Promise<{ id: string; listId: string }> {
  for (const number of [ann, dee]) world.carrier.say(String(number), { wrongNumber: true });
  world.carrier.say(String(eve), { optOut: true });
  world.carrier.script(String(bob), "failed");
  world.carrier.script(String(cem), "no_answer");
  await world.file("june.csv", people);
  return call({ name: "June", tasks_file: "june.csv", columns });
}

async function read(path: string, changes: object = {}) {
  return world.tool("preview_batch_call", request(1, { tasks: undefined, tasks_file: path, columns, ...changes }));
}

describe("whom their results say not to call", () => {
  test.each(forms)("is not called again by them: %s", async (_, form) => {
    const { id } = await called();
    await world.tool("update_do_not_call_list", { action: "remove", numbers: [eve, eveAtWork] });
    const path = await pathOf(id, form);
    const preview = await read(path);
    expect(preview.rows).toMatchObject({ input: 6, accepted: 3, refused: 3 });
    expect(preview.issues.map(({ code }: { code: string }) => code)).toEqual(["not_again", "not_again"]);
    expect(JSON.stringify(preview.issues)).toMatch(/wrong number\. put_back.*asked for that.*put_back/);

    const failed = await world.tool("change_list", {
      list_id: preview.list_id,
      keep_where: { column: "result_status", values: ["failed"] },
    });
    expect(failed.rows).toMatchObject({ accepted: 2 });
    await call({ name: "Again", list_id: failed.list_id, allow_duplicate: true });
    await call({ name: "All", list_id: preview.list_id });
    expect([ann, dee, eve, eveAtWork].map((number) => ringsOf(String(number)))).toEqual([1, 1, 1, 0]);
    expect(ringsOf(String(deeAtWork))).toBe(2);
    expect(ringsOf(String(cem))).toBe(3);
  });

  test("is put back on purpose, row by row, and not by undoing what left it out", async () => {
    const { id } = await called();
    const { list_id, rows } = await read(await pathOf(id));
    const [wrong, deeRow] = [1, 5];
    const undone = await world.tool("change_list", { list_id, leave_out: [wrong + 1, deeRow + 1] });
    const again = await world.tool("change_list", { list_id: undone.list_id, put_back: [wrong + 1, deeRow + 1] });
    expect(again.rows).toMatchObject({ accepted: rows.accepted });
    // Dee is called on the second number as it is.
    const back = await world.tool("change_list", { list_id, put_back: [wrong + 1, deeRow + 1] });
    expect(back.rows).toMatchObject({ accepted: rows.accepted + 1 });
    await call({ name: "On purpose", list_id: back.list_id });
    expect([ann, dee].map((number) => ringsOf(String(number)))).toEqual([2, 1]);
  });

  test("is not called where another number was written for them, but that one is", async () => {
    const { id } = await called();
    const { list_id } = await read(await pathOf(id));
    const set_cells = [{ row: 2, column: "Mobile", value: numberOf(21) }];
    const changed = await world.tool("change_list", { list_id, set_cells });
    await call({ name: "Corrected", list_id: changed.list_id });
    expect([ringsOf(String(ann)), ringsOf(numberOf(21))]).toEqual([1, 1]);
  });

  test("stays so in the results of a retry, whose rows have no number for them", async () => {
    const { id } = await called();
    const from_batch = { batch_id: id, outcomes: ["failed", "no_answer"] };
    const retry = await call({ name: "Retry", from_batch });
    const { id: again } = await call({ name: "From the file", tasks_file: await pathOf(retry.id), columns });
    const last = await read(await pathOf(again));
    await call({ name: "From that one's file", list_id: last.list_id, allow_duplicate: true });
    expect([ann, dee].map((number) => ringsOf(String(number)))).toEqual([1, 1]);
  });

  test("is told by the words of an older file too, which has no column of wrong numbers", async () => {
    const older = [
      "Mobile,Work,result_row,result_to_number,result_status,result_outcome,result_reason,result_each_attempt,result_answer_opt_out",
      `${ann},,2,${ann},failed,answered,"answered; a wrong number, which is not called again",1 ${ann} answered 2026-03-01T15:00:00Z,`,
      `${dee},${deeAtWork},3,${dee},failed,answered,"answered; a wrong number, which is not called again",1 ${dee} no_answer 2026-03-01T15:00:00Z; 2 ${deeAtWork} answered 2026-03-01T15:00:05Z,`,
      `${eve},${eveAtWork},4,${eve},completed,answered,answered; asked not to be called again,1 ${eve} answered 2026-03-01T15:00:00Z,`,
      `${bob},,5,${bob},failed,busy,busy on attempt 1 of 1,1 ${bob} busy 2026-03-01T15:00:00Z,`,
      `${cem},,6,,refused,,"Is not called again: who answered there said that it is a wrong number.",,`,
      `${numberOf(31)},,7,${numberOf(31)},completed,answered,they hung up,,Yes`,
      `${numberOf(32)},,8,,refused,,"Is not called again: its result in batch_1 is answered.",,`,
    ].join("\n");
    const asked = { tasks_file: undefined, tasks_csv: older, columns: { to_number: ["Mobile", "Work"] } };
    const preview = await world.tool("preview_batch_call", request(1, { tasks: undefined, ...asked }));
    expect(preview.rows).toMatchObject({ accepted: 3, refused: 4 });
    const { list_rows: rows } = await world.tool("get_list", {
      list_id: preview.list_id,
      fate: "accepted",
      show_numbers: true,
    });
    expect(rows.map((row: { to_number: string }) => row.to_number)).toEqual([dee, bob, numberOf(32)]);
    expect(JSON.stringify(rows)).not.toContain(`"fallback_number":"${deeAtWork}"`);
  });

  test("added to another list it holds there as well", async () => {
    const { id } = await called();
    const path = await pathOf(id, { safe_for: "machine" });
    const csv = `Name,Mobile,Second phone\nFay,${numberOf(31)},\nSame,${ann},`;
    const first = await world.tool(
      "preview_batch_call",
      request(1, { tasks: undefined, tasks_csv: csv, columns, name: "Fay" }),
    );
    expect(first.rows).toMatchObject({ accepted: 2 });
    const added = await world.tool("change_list", { list_id: first.list_id, add_file: path });
    await call({ name: "Both", list_id: added.list_id });
    expect([ann, dee].map((number) => ringsOf(String(number)))).toEqual([1, 1]);
  });
});

describe("the results of a batch whose list was deleted", () => {
  test.each(forms)("are a list by the numbers that were called: %s", async (_, form) => {
    const { id, listId } = await called();
    await world.tool("delete_list", { list_id: listId });
    const path = await pathOf(id, form);
    const preview = await world.tool("preview_batch_call", request(1, { tasks: undefined, tasks_file: path }));
    expect(preview).toMatchObject({ phone_column: "result_to_number", rows: { input: 5, accepted: 3 } });
    const again = await call({ name: "Again", list_id: preview.list_id });
    expect(again.created.batch.counts.total).toBe(3);
    expect([ann, dee, bob, deeAtWork].map((number) => ringsOf(String(number)))).toEqual([1, 1, 2, 2]);
  });

  test("a column under which nobody could be called is not taken for the next file", async () => {
    const { id, listId } = await called();
    await world.tool("delete_list", { list_id: listId });
    const path = await pathOf(id);
    const wrong = request(1, { tasks: undefined, tasks_file: path, columns: { to_number: "result_row" } });
    expect((await world.problem("preview_batch_call", wrong)).code).toBe("invalid_input");
    const right = await world.tool("preview_batch_call", request(1, { tasks: undefined, tasks_file: path }));
    expect(right).toMatchObject({ phone_column: "result_to_number", rows: { accepted: 3 } });
  });
});

test("what is said of a file of results is true whoever is left out of it", async () => {
  const { id } = await called();
  await call({ name: "Some", tasks_csv: `phone\n${cem}` });
  const preview = await read(await pathOf(id), { exclude: { reached_within_days: 2 } });
  expect(preview.rows.accepted).toBe(2);
  expect(JSON.stringify(preview)).toContain("results of an earlier batch");
  expect(JSON.stringify(preview)).not.toMatch(/everybody on it is called again/i);
});
