import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { usNumber } from "../support/us-numbers.ts";
import { fromNumber, numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const of = (source: object, changes: object = {}) => request(1, { tasks: undefined, ...source, ...changes });
const csv = (...rows: readonly string[]) => ["first_name,city,phone", ...rows].join("\n");

describe("a list comes from one place", () => {
  test.each([
    ["tasks and tasks_csv", { tasks_csv: csv() }, "tasks_csv", /tasks and tasks_csv are given/],
    ["tasks and list_id", { list_id: "list_1" }, "list_id", /tasks and list_id are given/],
    ["a file and CSV text", { tasks: undefined, tasks_file: "a.csv", tasks_csv: csv() }, "tasks_csv", /Give one of/],
    ["columns for tasks", { columns: { first_name: "x" } }, "columns", /dynamic_variables/],
  ])("%s are refused", async (_name, source, field, words) => {
    const { issues } = await world.problem("create_batch_call", request(1, source));
    expect(issues).toEqual([{ field, code: "contradiction", message: expect.stringMatching(words) }]);
  });

  test("CSV text is read like a file, and rows are counted as in one", async () => {
    const answer = await world.tool(
      "create_batch_call",
      of({ tasks_csv: csv(`Ann,Rome,${numberOf(1)}`, "Bob,Oslo,") }),
    );
    expect(answer).toMatchObject({
      list_id: expect.stringMatching(/^list_/),
      phone_column: "phone",
      rows: { input: 2, accepted: 1, refused: 1 },
      issues: [{ row: 3, field: "phone", code: "empty" }],
      batch: { counts: { total: 1 } },
    });
  });

  test("columns of a list that was read with these very columns may be given again; others are refused", async () => {
    const columns = { first_name: "first_name", town: "city", to_number: "phone" };
    const source = { tasks_csv: csv(`Ann,Rome,${numberOf(1)}`, `Bob,Oslo,${numberOf(2)}`) };
    const { list_id } = await world.tool("preview_batch_call", of(source, { columns }));
    const others = { ...columns, town: "first_name" };
    const { issues } = await world.problem("create_batch_call", of({ list_id }, { columns: others }));
    expect(issues).toEqual([
      { field: "columns", code: "contradiction", message: expect.stringContaining("change_list {list_id") },
    ]);
    for (const again of [columns, { town: "City" }, { to_number: ["phone"] }]) {
      const made = await world.tool("preview_batch_call", of({ list_id }, { columns: again }));
      expect(made).toMatchObject({ list_id, rows: { accepted: 2 } });
    }
    for (const not of [{ town: "none" }, { to_number: ["phone", "city"] }, { country: "city" }, { street: "city" }])
      expect((await world.problem("preview_batch_call", of({ list_id }, { columns: not }))).code).toBe("invalid_input");
  });

  test("a list that was previewed is created by its list_id, without sending it again", async () => {
    await world.file("june.csv", csv(`Ann,Rome,${numberOf(1)}`, `Bob,Oslo,${numberOf(2)}`));
    const preview = await world.tool("preview_batch_call", of({ tasks_file: "june.csv" }));
    const created = await world.tool("create_batch_call", of({ list_id: preview.list_id }));
    expect(created).toMatchObject({ list_id: preview.list_id, replayed: false, batch: { counts: { total: 2 } } });
    const again = await world.tool("create_batch_call", of({ tasks_file: "june.csv" }));
    expect(again).toMatchObject({ replayed: true, batch: { batch_id: created.batch.batch_id } });
  });

  test("a list_id of nobody, or of somebody else, is not found", async () => {
    const { list_id } = await world.tool("preview_batch_call", request(2));
    const stranger = world.another({ principal: "somebody else", owner: "somebody else" });
    for (const problem of [
      await world.problem("create_batch_call", of({ list_id: "list_unknown" })),
      await stranger.problem("create_batch_call", of({ list_id })),
      await stranger.problem("get_list", { list_id }),
      await stranger.problem("change_list", { list_id, leave_out: [1] }),
      await stranger.problem("delete_list", { list_id }),
    ]) {
      expect(problem.code).toBe("not_found");
    }
  });

  test("how a kept list is read is not changed in passing: the answer names the call for it", async () => {
    const { list_id } = await world.tool("preview_batch_call", of({ tasks_csv: csv(`Ann,Rome,${numberOf(1)}`) }));
    const changes = { columns: { town: "city" }, default_country: "GB" };
    const { issues } = await world.problem("create_batch_call", of({ list_id }, changes));
    expect(issues.map(({ message }) => message)).toEqual([
      expect.stringContaining(`change_list {list_id: "${list_id}", columns: {town: "city"}}`),
      expect.stringContaining(`change_list {list_id: "${list_id}", set_country: {country: "GB"}}`),
    ]);
  });
});

describe("a row that cannot be called is that row's problem", () => {
  test("the caller id, variables over 5 KB and retries that are none leave the others alone", async () => {
    const long = "x".repeat(5200);
    await world.file(
      "mixed.csv",
      [
        "phone,note,max_retries",
        `${numberOf(1)},a,1`,
        `${fromNumber},b,1`,
        `${numberOf(3)},${long},1`,
        `${numberOf(4)},d,99`,
      ].join("\n"),
    );
    const created = await world.tool("create_batch_call", of({ tasks_file: "mixed.csv" }));
    expect(created.rows).toEqual({ input: 4, accepted: 1, duplicate: 0, suppressed: 0, refused: 3 });
    expect(created.issues).toMatchObject([
      { row: 3, code: "same_as_from_number" },
      { row: 4, code: "variables_too_large" },
      { row: 5, code: "out_of_range" },
    ]);
  });

  test("900 equal refusals are one line, with their count, the first of them and where the others are", async () => {
    const people = Array.from({ length: 900 }, (_, n) => `P${n},Rome,${n % 9}12`);
    const source = { tasks_csv: csv(`Ann,Rome,${numberOf(1)}`, ...people) };
    const preview = await world.tool("preview_batch_call", of(source, { default_country: "US" }));
    expect(preview.rows).toMatchObject({ input: 901, accepted: 1, refused: 900 });
    const counted = preview.issues.reduce((sum: number, { rows = 1 }: { rows?: number }) => sum + rows, 0);
    expect(counted).toBe(900);
    expect(preview.issues.length).toBeLessThan(5);
    const text = await world.text("preview_batch_call", of(source, { default_country: "US" }));
    expect(text).toMatch(/rows are like this: 3, \d/);
    expect(text).toContain(`get_list {list_id: "${preview.list_id}", fate: "refused"}`);
  });
});

test("where every row left out stands is told by what became of them", async () => {
  const doubles = Array.from({ length: 60 }, (_, n) => `P${n},Rome,${numberOf(1)}`);
  const { list_id, notes } = await world.tool("preview_batch_call", of({ tasks_csv: csv(...doubles) }));
  expect(notes).toEqual([expect.stringContaining(`get_list {list_id: "${list_id}", fate: "duplicate"}`)]);
  expect((await world.tool("get_list", { list_id, fate: "duplicate" })).total).toBe(59);
});

test("a repair names every cell that is to be filled, as far as they are few", async () => {
  const tasks_csv = csv(`Ann,Rome,${numberOf(1)}`, "Bob,Rome,", "Cy,Rome,12", "Di,Rome,x");
  const { list_id, repairs } = await world.tool("preview_batch_call", of({ tasks_csv }, { default_country: "US" }));
  const cells = [3, 4, 5].map((row) => `{row: ${row}, column: "phone", value: "…"}`).join(", ");
  expect(repairs).toContain(`change_list {list_id: "${list_id}", set_cells: [${cells}]}`);
});

describe("a zone that is not read refuses its row, which might be called at night by its number", () => {
  test.each([
    ["of a column that is named", { columns: { timezone: "Zone" } }],
    ["of one that is found", {}],
  ])("%s", async (_how, changes) => {
    const tasks_csv = `phone,Zone\n${numberOf(1)},America/Denver\n${numberOf(2)},PST\n${numberOf(3)},Pacific\n${numberOf(4)},`;
    const { list_id, rows, issues, repairs } = await world.tool("preview_batch_call", of({ tasks_csv }, changes));
    expect(rows).toMatchObject({ input: 4, accepted: 2, refused: 2 });
    expect(issues).toMatchObject([
      { row: 3, field: "Zone", code: "unknown_zone", message: expect.stringContaining('"PST"') },
      { row: 4, field: "Zone", code: "unknown_zone", message: expect.stringContaining('"Pacific"') },
    ]);
    expect(repairs[0]).toContain('{row: 3, column: "Zone", value: "…"}');
    const cells = [3, 4].map((row) => ({ row, column: "Zone", value: "America/Los_Angeles" }));
    const mended = await world.tool("change_list", { list_id, set_cells: cells });
    expect(mended.rows).toMatchObject({ accepted: 4, refused: 0 });
  });

  test("of a task", async () => {
    const tasks = [
      { to_number: numberOf(1), timezone: "america/denver" },
      { to_number: numberOf(2), timezone: "Pacific" },
    ];
    const { rows, issues } = await world.tool("preview_batch_call", request(1, { tasks }));
    expect(rows).toMatchObject({ accepted: 1, refused: 1 });
    expect(issues).toMatchObject([{ row: 2, field: "timezone", code: "unknown_zone" }]);
  });
});

test("a column called not_before holds whether or not it is named: rows with other words are refused", async () => {
  const cells = ["15:00", "tomorrow", "2026-12-08 15:00", ""];
  const tasks_csv = ["phone,not_before", ...cells.map((cell, n) => `${numberOf(n + 1)},${cell}`)].join("\n");
  const { rows, issues } = await world.tool("preview_batch_call", of({ tasks_csv }));
  expect(rows).toMatchObject({ input: 4, accepted: 2, refused: 2 });
  expect(issues).toMatchObject([
    { row: 2, field: "not_before", code: "invalid_time" },
    { row: 3, field: "not_before", code: "invalid_time" },
  ]);
});

test("a time that is not read refuses its row, which might be called before it", async () => {
  const tasks_csv = `phone,Not before\n${numberOf(1)},2026-04-01T09:00\n${numberOf(2)},soon`;
  const columns = { not_before: "Not before" };
  const { rows, issues } = await world.tool("preview_batch_call", of({ tasks_csv }, { columns }));
  expect(rows).toMatchObject({ input: 2, accepted: 1, refused: 1 });
  expect(issues).toMatchObject([{ row: 3, field: "Not before", code: "invalid_time" }]);
});

test("a row whose cells cannot be told apart is not repaired by filling a cell", async () => {
  const tasks_csv = `phone,city\n${numberOf(1)},Rome\n${numberOf(2)},Rome,Lazio,x`;
  const { issues, repairs = [] } = await world.tool("preview_batch_call", of({ tasks_csv }));
  expect(issues).toMatchObject([{ row: 3, code: "too_many_cells" }]);
  expect(repairs.join()).not.toContain("set_cells");
});

test("a list with more people than a batch takes is cut in place where parts of it are to be campaigns of their own", async () => {
  const big = csv(...Array.from({ length: 1300 }, (_, n) => `P${n},${n < 700 ? "Rome" : "Oslo"},${usNumber(n)}`));
  await world.file("big.csv", big);
  const { rows, list_id } = await world.tool("preview_batch_call", of({ tasks_file: "big.csv" }));
  expect(rows).toMatchObject({ input: 1300, accepted: 1300 });

  const rome = await world.tool("change_list", { list_id, keep_where: { column: "city", values: ["Rome"] } });
  expect(rome).toMatchObject({ rows: { input: 1300, accepted: 700, refused: 600 }, made_from: list_id });
  const rest = await world.tool("change_list", { list_id, leave_out: ["2-701"] });
  expect(rest.rows).toMatchObject({ input: 1300, accepted: 600, refused: 700 });
  const batches = [
    await world.tool("create_batch_call", of({ list_id: rome.list_id })),
    await world.tool("create_batch_call", of({ list_id: rest.list_id })),
  ];
  expect(batches.map(({ batch }) => batch.counts.total)).toEqual([700, 600]);
});

test("`row` is the row of the file in issues, samples, blank variables, results and the export", async () => {
  await world.file("rows.csv", csv("Ann,Rome,bad", `Bob,,${numberOf(2)}`, "Cy,Rome,bad too", `Di,Bonn,${numberOf(4)}`));
  const args = of({ tasks_file: "rows.csv" }, { start: "now" });
  const preview = await world.tool("preview_batch_call", args);
  expect(preview.sample.map(({ row }: { row: number }) => row)).toEqual([3, 5]);
  const { batch, issues, missing_variables: missing } = await world.tool("create_batch_call", args);
  expect(issues.map(({ row }: { row: number }) => row)).toEqual([2, 4]);
  expect(missing).toContainEqual(expect.objectContaining({ first_rows: [3, 5] }));
  await world.clock.advance({ minutes: 30 });
  const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
  expect(results.map(({ row }: { row: number }) => row)).toEqual([3, 5]);
  const { path } = await world.tool("export_batch_results", { batch_id: batch.batch_id, safe_for: "machine" });
  const [header = "", ...lines] = (await readFile(path, "utf8")).trim().split("\r\n");
  expect(header).toMatch(/^first_name,city,phone,result_row,result_to_number,result_status,/);
  expect(lines.map((line) => line.split(",").slice(0, 6))).toEqual([
    ["Ann", "Rome", "bad", "2", "", "refused"],
    ["Bob", "", numberOf(2), "3", numberOf(2), "completed"],
    ["Cy", "Rome", "bad too", "4", "", "refused"],
    ["Di", "Bonn", numberOf(4), "5", numberOf(4), "completed"],
  ]);
});

test("a column is mapped to a variable of the agent by name", async () => {
  const source = { tasks_csv: `Vorname,phone\nAnn,${numberOf(1)}`, columns: { first_name: "Vorname" } };
  const preview = await world.tool("preview_batch_call", of(source));
  expect(preview.sample).toMatchObject([{ dynamic_variables: { first_name: "Ann" } }]);
});

test("a caller who listens hears how many rows of a long list were read", async () => {
  const heard: string[] = [];
  const listening = world.another({ progress: (_done, message) => void heard.push(message) });
  const people = Array.from({ length: 12_000 }, (_, n) => `P${n},Rome,${usNumber(n % 3000)}`);
  await listening.tool("preview_batch_call", of({ tasks_csv: csv(...people) }));
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.at(-1)).toMatch(/^1\d,\d{3} rows read$/);
});
