import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { absent } from "../mcp/example-tools.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const of = (source: object, changes: object = {}) => request(1, { tasks: undefined, ...source, ...changes });
const people = (...rows: readonly string[]) => ["first_name,city,phone", ...rows].join("\n");
const three = () => people(`Ann,Rome,${numberOf(1)}`, `Bob,Oslo,${numberOf(2)}`, `Cy,,${numberOf(3)}`);

async function listOf(tasks_csv: string, changes: object = {}): Promise<string> {
  return (await world.tool("preview_batch_call", of({ tasks_csv }, changes))).list_id;
}

describe("change_list", () => {
  test("leaves rows out and puts them back, in a list of its own", async () => {
    const list_id = await listOf(three());
    const without = await world.tool("change_list", { list_id, leave_out: [2, "4"] });
    expect(without).toMatchObject({
      list_id: expect.not.stringMatching(list_id),
      made_from: list_id,
      rows: { input: 3, accepted: 1, refused: 2 },
      issues: [{ row: 2, code: "left_out", rows: 2, first_rows: [2, 4] }],
      difference: { accepted_before: 3, accepted: 1, changed_rows: [2, 4], changed: 2 },
      repairs: [expect.stringMatching(/put_back: \[2, 4\]/)],
    });
    const back = await world.tool("change_list", { list_id: without.list_id, put_back: [4] });
    expect(back.rows).toMatchObject({ input: 3, accepted: 2, refused: 1 });
    expect((await world.tool("get_list", { list_id })).rows).toMatchObject({ input: 3, accepted: 3 });
  });

  test("names rows that putting back does not let be called", async () => {
    const list_id = await listOf(`${three()}\nDi,Bonn,${numberOf(1)}\nEd,Rome,${numberOf(5)}`);
    const without = await world.tool("change_list", { list_id, leave_out: [5, 6] });
    const change = { list_id: without.list_id, put_back: ["5-6"] };
    const back = await world.tool("change_list", change);
    expect(back.rows).toMatchObject({ input: 5, accepted: 4, duplicate: 1 });
    expect(back.difference).toMatchObject({ still_left_out: [5] });
    expect(await world.text("change_list", change)).toMatch(
      /1 stays left out for the reasons below: 5\..+Repeats the number/s,
    );
  });

  test("tells of its rows what adds up: callable before, again, no more, added, put back, and still left out for which reason", async () => {
    const earlier = await world.tool("create_batch_call", request(1, { tasks: [{ to_number: numberOf(4) }] }));
    const rows = [1, 2, 3, 4, 1, 6, 7].map((n, place) => `P${place},Rome,${numberOf(n)}`);
    const exclude = { batch_ids: [earlier.batch.batch_id] };
    const list_id = await listOf(people(...rows, "X,Rome,12"), { exclude });
    const without = await world.tool("change_list", { list_id, leave_out: [2, 3, 8] });
    expect(without).toMatchObject({
      rows: { input: 8, accepted: 3, duplicate: 0, suppressed: 1, refused: 4, excluded: 1 },
      difference: { accepted_before: 5, newly_accepted: 1, no_longer_accepted: 3, accepted: 3, left_out: 3 },
    });
    expect(without.difference).not.toHaveProperty("put_back");
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(6)] });
    const change = {
      list_id: without.list_id,
      put_back: [2, 3, 5, 7],
      add_csv: people(`New,Rome,${numberOf(9)}`, "Bad,Rome,x"),
    };
    const back = await world.tool("change_list", change);
    expect(back.rows).toMatchObject({ input: 10, accepted: 4, duplicate: 1, suppressed: 2, refused: 3, excluded: 1 });
    expect(back.difference).toMatchObject({
      accepted_before: 3,
      newly_accepted: 2,
      no_longer_accepted: 2,
      added: 2,
      added_accepted: 1,
      accepted: 4,
      left_out: 1,
      put_back: 4,
      put_back_accepted: 2,
      still_left_out: [5, 7],
    });
    const text = await world.text("change_list", change);
    expect(text).toContain(
      "3 rows could be called before and 4 can be now: 2 more that could not, 2 fewer that could, and 1 of 2 that were added.",
    );
    expect(text).toContain("Of 4 rows of put_back 2 can be called; 2 stay left out for the reasons below: 5, 7.");
    expect(text).toContain("Left out on purpose: 1 row in all, counted as refused.");
  });

  test("keeps only rows where a column has a value, or any", async () => {
    const list_id = await listOf(three());
    const oslo = await world.tool("change_list", { list_id, keep_where: { column: "city", values: ["Oslo"] } });
    expect(oslo.rows).toMatchObject({ input: 3, accepted: 1, refused: 2 });
    const somewhere = await world.tool("change_list", { list_id, keep_where: { column: "city" } });
    expect(somewhere.rows).toMatchObject({ input: 3, accepted: 2, refused: 1 });
  });

  test("adds the rows of another list after the last one", async () => {
    const list_id = await listOf(three());
    await world.file("more.csv", people(`Di,Bonn,${numberOf(4)}`, `Bob again,Oslo,${numberOf(2)}`));
    const longer = await world.tool("change_list", { list_id, add_file: "more.csv" });
    expect(longer.rows).toMatchObject({ input: 5, accepted: 4, duplicate: 1 });
    const longest = await world.tool("change_list", {
      list_id: longer.list_id,
      add_csv: people(`Ed,Rome,${numberOf(5)}`),
    });
    expect(longest.rows).toMatchObject({ input: 6, accepted: 5, duplicate: 1 });
    expect((await world.tool("create_batch_call", of({ list_id: longest.list_id }))).batch.counts.total).toBe(5);
  });

  test("maps a column to a variable that is blank, as the answer says", async () => {
    const list_id = await listOf(`Termin,phone\n9 am,${numberOf(1)}`);
    const mapped = await world.tool("change_list", { list_id, columns: { appointment_time: "Termin" } });
    const preview = await world.tool("preview_batch_call", of({ list_id: mapped.list_id }));
    expect(preview.sample).toMatchObject([{ dynamic_variables: { appointment_time: "9 am" } }]);
    expect(preview.missing_variables).not.toContainEqual(expect.objectContaining({ name: "appointment_time" }));
  });

  test("judges the list again by the do-not-call list as it is", async () => {
    const list_id = await listOf(three());
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(1)] });
    const changed = await world.tool("change_list", { list_id, leave_out: [3] });
    expect(changed.rows).toEqual({ input: 3, accepted: 1, duplicate: 0, suppressed: 1, refused: 1 });
  });

  test.each([
    ["nothing", {}, "arguments", /Give at least one of add_file/],
    ["no row", { leave_out: ["all"] }, "leave_out", /"10-20"/],
    ["a span without rows", { leave_out: ["100-200"] }, "leave_out", /no row/],
    ["no country", { set_country: { country: "Narnia" } }, "set_country.country", /two letters/],
  ])("refuses %s, and the list stays as it was", async (_name, change, field, words) => {
    const list_id = await listOf(three());
    const problem = await world.problem("change_list", { list_id, ...change });
    expect(problem.issues).toEqual([{ field, code: expect.any(String), message: expect.stringMatching(words) }]);
    expect(problem.message).toMatch(/Nothing was changed\.$/);
    expect((await world.tool("get_list", { list_id })).rows).toMatchObject({ input: 3, accepted: 3 });
  });

  test.each([
    ["a row", { leave_out: [99] }],
    ["a column", { keep_where: { column: "town" } }],
    ["the column of a cell", { set_cells: [{ row: 2, column: "town", value: "x" }] }],
  ])("refuses %s that is not there", async (_name, change) => {
    const list_id = await listOf(three());
    expect((await world.problem("change_list", { list_id, ...change })).code).toBe("invalid_input");
  });
});

test("three refused rows are repaired by the call that the refusal names", async () => {
  const source = { tasks_csv: people("Ann,London,020 7946 0958", "Bob,London,020 7946 0959", "Cy,London,020 7946") };
  const refusal = await world.problem("create_batch_call", of(source));
  const [, list_id] = /kept as (list_\w+)/.exec(refusal.message) ?? [];
  expect(refusal.message).toContain(`change_list {list_id: "${list_id}", set_country: {country: "…", rows: ["2-4"]}}`);
  const changed = await world.tool("change_list", { list_id, set_country: { country: "GB", rows: ["2-4"] } });
  expect(changed).toMatchObject({ rows: { input: 3, accepted: 2, refused: 1 }, issues: [{ row: 4 }] });
  const set_cells = [{ row: 4, column: "phone", value: "+44 20 7946 0960" }];
  const whole = await world.tool("change_list", { list_id: changed.list_id, set_cells });
  expect(whole.rows).toMatchObject({ input: 3, accepted: 3 });
});

test("people whom the operator allows nobody to call are named by row, with the call that leaves them out", async () => {
  const live = await startWorld({ carrierEnvironment: "live" });
  const tasks_csv = people(`Ann,Rome,${numberOf(1)}`, "Bob,London,+442079460958", "Cy,London,+442079460959");
  const created = await live.tool("create_batch_call", of({ tasks_csv }));
  const leaveOut = `change_list {list_id: "${created.list_id}", leave_out: [3, 4]}`;
  expect(created.repairs).toContain(leaveOut);
  const start = { batch_id: created.batch.batch_id, start: "now" };
  const refusal = await live.problem("start_batch", start);
  expect(refusal.code).toBe("refused_by_limit");
  expect(refusal.message).toContain(`Repair: ${leaveOut}`);
  const refused = await live.problem("create_batch_call", of({ tasks_csv }, { name: "Now", start: "now" }));
  expect(refused.message).toContain("leave_out: [3, 4]");
  await live.stop();
});

test("a row with too few cells is told how many it has", async () => {
  const { issues } = await world.tool(
    "preview_batch_call",
    of({ tasks_csv: `Name,City,Phone\nAnn,Rome,${numberOf(1)}\nBob,Oslo\n` }),
  );
  expect(issues).toMatchObject([
    { row: 3, code: "too_few_cells", message: expect.stringMatching(/^Cells: 3 expected, 2 found/) },
  ]);
});

test("a quote that is never closed is told where it hides the columns", async () => {
  const problem = await world.problem(
    "preview_batch_call",
    of({ tasks_csv: `Name,Phone\n"Ann,${numberOf(1)}\nBob,${numberOf(2)}\n` }),
  );
  expect(problem.message).toContain("has a quote in row 2 that is never closed");
});

describe("get_list", () => {
  test("has every row with its fate, the reason and its cells, numbers masked unless asked for", async () => {
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(3)] });
    const list_id = await listOf(
      people(`Ann,Rome,${numberOf(1)}`, `Ann,Rome,${numberOf(1)}`, `Cy,,${numberOf(3)}`, "Di,,x"),
    );
    const all = await world.tool("get_list", { list_id });
    expect(all).toMatchObject({ total: 4, rows: { input: 4, accepted: 1, duplicate: 1, suppressed: 1, refused: 1 } });
    expect(all.list_rows).toMatchObject([
      { row: 2, fate: "accepted", to_number: "+1 *** *** 0101", cells: { first_name: "Ann", phone: "+*******0101" } },
      { row: 3, fate: "duplicate", code: "duplicate", reason: expect.stringContaining("row 2") },
      { row: 4, fate: "suppressed", code: "do_not_call" },
      { row: 5, fate: "refused", code: "letters", cells: { first_name: "Di", phone: "x" } },
    ]);
    const shown = await world.tool("get_list", { list_id, fate: "accepted", show_numbers: true });
    expect(shown.list_rows).toMatchObject([{ to_number: numberOf(1), cells: { phone: numberOf(1) } }]);
  });

  test("pages through the refused rows, also of one code", async () => {
    const bad = Array.from({ length: 130 }, (_, n) => `P${n},Rome,${n % 2 === 0 ? "" : "12"}`);
    const list_id = await listOf(people(`Ann,Rome,${numberOf(1)}`, ...bad));
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.tool("get_list", { list_id, fate: "refused", limit: 50, cursor });
      seen.push(...page.list_rows.map(({ row }: { row: number }) => row));
      cursor = page.next_cursor;
    } while (cursor);
    expect(seen).toEqual(Array.from({ length: 130 }, (_, n) => n + 3));
    expect((await world.tool("get_list", { list_id, code: "empty" })).total).toBe(65);
  });

  test("tells which batch was made of the list, and what came of each call", async () => {
    const created = await world.tool("create_batch_call", of({ tasks_csv: three() }, { start: "now" }));
    await world.clock.advance({ minutes: 30 });
    const list = await world.tool("get_list", { list_id: created.list_id });
    expect(list.batch_ids).toEqual([created.batch.batch_id]);
    expect(list.list_rows).toMatchObject([2, 3, 4].map((row) => ({ row, status: "completed", outcome: "answered" })));
  });

  test("tells what came of a call also to somebody who asked for no more calls since", async () => {
    const { list_id } = await world.tool("create_batch_call", of({ tasks_csv: three() }, { start: "now" }));
    await world.clock.advance({ minutes: 30 });
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(2)] });
    await world.tool("preview_batch_call", of({ list_id }, { name: "July" }));
    const { list_rows } = await world.tool("get_list", { list_id, fate: "suppressed" });
    expect(list_rows).toMatchObject([{ row: 3, code: "do_not_call", status: "completed", outcome: "answered" }]);
  });

  test("is read also when the batch that was made of it is gone from an API that deletes", async () => {
    const hosted = await HostedApi.start();
    const there = await startWorld({ upstream: () => hosted.url });
    try {
      const { list_id, batch } = await there.tool(
        "create_batch_call",
        of({ tasks_csv: three() }, { agent_id: "agent_1" }),
      );
      await there.tool("cancel_batch", { batch_id: batch.batch_id });
      const { list_rows } = await there.tool("get_list", { list_id });
      expect(list_rows).toMatchObject([2, 3, 4].map((row) => ({ row, fate: "accepted" })));
    } finally {
      await there.stop();
      await hosted.stop();
    }
  });

  test("masks the numbers of rows that a quote made one of", async () => {
    const rows = [`Ann,Rome,${numberOf(1)}`, `"Bob,Oslo,${numberOf(2)}`, `Cy,Oslo,${numberOf(3)}`];
    const list_id = await listOf(people(...rows));
    const { list_rows } = await world.tool("get_list", { list_id, code: "unclosed_quote" });
    expect(list_rows[0].cells.first_name).toBe("Bob,Oslo,+1 *** *** 0102 Cy,Oslo,+1 *** *** 0103");
    const shown = await world.tool("get_list", { list_id, code: "unclosed_quote", show_numbers: true });
    expect(shown.list_rows[0].cells.first_name).toContain(numberOf(2));
  });

  test("masks numbers in whatever column they stand", async () => {
    const list_id = await listOf(
      `name,Mobile,Emergency Contact Phone,Visit\nAnn,${numberOf(1)},(202) 555-0191,2026-03-04`,
    );
    const masked = await world.tool("get_list", { list_id });
    expect(masked.list_rows[0].cells).toEqual({
      name: "Ann",
      Mobile: "+*******0101",
      "Emergency Contact Phone": "(***) ***-0191",
      Visit: "2026-03-04",
    });
    const shown = await world.tool("get_list", { list_id, show_numbers: true });
    expect(shown.list_rows[0].cells).toMatchObject({ "Emergency Contact Phone": "(202) 555-0191" });
  });
});

test("delete_list takes a list away, and the batch that was made of it goes on", async () => {
  const { list_id, batch } = await world.tool("create_batch_call", of({ tasks_csv: three() }));
  const changed = (await world.tool("change_list", { list_id, leave_out: [2] }))["list_id"];
  const gone = { list_id, batch_ids: [batch.batch_id], made_of_it: [changed] };
  expect(await world.tool("delete_list", { list_id })).toEqual(gone);
  for (const tool of ["get_list", "delete_list"])
    expect((await world.problem(tool, { list_id })).code).toBe("not_found");
  const started = await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
  expect(started.batch.status).toBe("sent");
  await world.clock.advance({ minutes: 30 });
  const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
  // No row is left to be told: a place in the batch is none.
  expect(results.map(({ row }: { row?: number }) => row)).toEqual([undefined, undefined, undefined]);
  expect(results.map(({ label, to_number }: { label: string; to_number: string }) => label === to_number)).toEqual([
    true,
    true,
    true,
  ]);
  expect(await world.tool("delete_list", { list_id: changed })).toEqual({ list_id: changed });
});

test("delete_list asks nobody but this server", async () => {
  const { list_id } = await world.tool("preview_batch_call", request(3));
  const alone = world.another({ api: absent("api"), campaigns: absent("campaigns") });
  expect(await alone.tool("delete_list", { list_id })).toEqual({ list_id });
});

test("delete_list says what is lost of whose results, and which lists have the same rows still", async () => {
  const { list_id, batch } = await world.tool("create_batch_call", of({ tasks_csv: three() }));
  const changed = (await world.tool("change_list", { list_id, leave_out: [2] }))["list_id"];
  const text = await world.text("delete_list", { list_id });
  expect(text).toContain(
    `${batch.batch_id}: this stops no call; results have numbers, outcomes and times, and no more rows`,
  );
  expect(text).toContain(`delete_list {list_id: "${changed}"}`);
});
