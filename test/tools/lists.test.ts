import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "../../src/lib/sqlite.ts";
import { usNumber } from "../support/us-numbers.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const fromFile = (tasks_file: string, changes: object = {}) => request(1, { tasks: undefined, tasks_file, ...changes });

describe("a list from a file", () => {
  test("its phone column is found and reported, and its other columns become variables", async () => {
    await world.file(
      "june.csv",
      "First Name,Mobile,first_name\nAnn,(201) 555-0101,Ann\nBob,,Bob\nCem,201-555-0101,Cem\nDee,+1 201 555 0104,Dee\n",
    );
    const preview = await world.tool("preview_batch_call", fromFile("june.csv", { default_country: "us" }));
    expect(preview).toMatchObject({
      phone_column: "Mobile",
      rows: { input: 4, accepted: 2, duplicate: 1, suppressed: 0, refused: 1 },
      issues: [
        { row: 3, field: "Mobile", code: "empty" },
        { row: 4, field: "Mobile", code: "duplicate" },
      ],
      missing_variables: [
        { name: "appointment_date", rows: 2 },
        { name: "appointment_time", rows: 2 },
      ],
      sample: [
        { row: 2, to_number: "+1 *** *** 0101", dynamic_variables: { "First Name": "Ann", first_name: "Ann" } },
        { row: 5, to_number: "+1 *** *** 0104" },
      ],
    });
    const { batch } = await world.tool("create_batch_call", fromFile("june.csv", { default_country: "US" }));
    expect(batch.counts).toMatchObject({ total: 2, pending: 2 });
  });

  test("its sample masks numbers in whatever column they stand", async () => {
    await world.file("home.csv", `Mobile,Home,Visit\n${numberOf(1)},(202) 555-0191,2026-03-04\n`);
    const { sample } = await world.tool("preview_batch_call", fromFile("home.csv"));
    expect(sample).toMatchObject([{ dynamic_variables: { Home: "(***) ***-0191", Visit: "2026-03-04" } }]);
  });

  test.each([
    ["missing.csv", undefined],
    ["../outside.csv", undefined],
    ["empty.csv", ""],
    ["binary.csv", "phone\n\0\u0001"],
    ["no-phone.csv", "name,city\nAnn,Rome\nBob,Oslo\n"],
  ])("%s is refused with words that name the folder", async (name, text) => {
    if (text !== undefined) await world.file(name, text);
    const problem = await world.problem("create_batch_call", fromFile(name));
    expect(problem.code).toBe("invalid_input");
    expect(problem.message).toContain(world.filesDir);
    expect(problem.message).toContain("Nothing was created.");
  });

  test("more than 50 rows left out are put together by their reason", async () => {
    const rows = Array.from({ length: 60 }, (_, n) => `P${n},`);
    await world.file("long.csv", ["name,phone", `P,${numberOf(1)}`, ...rows, `P again,${numberOf(1)}`].join("\n"));
    const preview = await world.tool("preview_batch_call", fromFile("long.csv"));
    expect(preview.issues).toMatchObject([
      { row: 3, code: "empty", rows: 60, first_rows: expect.arrayContaining([3, 4, 5]) },
      { row: 63, code: "duplicate" },
    ]);
    expect(preview.rows).toMatchObject({ input: 62, accepted: 1, duplicate: 1, refused: 60 });
  });

  test("equal refusals are one with their rows, wherever rows are refused, and others stand for themselves", async () => {
    const empty = Array.from({ length: 40 }, (_, n) => `P${n},${n === 20 ? "12" : ""}`);
    await world.file("equal.csv", ["name,phone", `P,${numberOf(1)}`, ...empty].join("\n"));
    const told = "39 rows are like this: 3-22, 24-42.";
    const preview = await world.tool("preview_batch_call", fromFile("equal.csv"));
    const issues = [
      { row: 3, code: "empty", rows: 39, first_rows: expect.arrayContaining([3, 42]) },
      { row: 23, code: "no_country" },
    ];
    expect(preview.issues).toMatchObject(issues);
    expect(await world.text("create_batch_call", fromFile("equal.csv"))).toContain(told);
    const changed = await world.tool("change_list", { list_id: preview.list_id, leave_out: [2] });
    expect(changed.issues).toMatchObject([{ row: 2, code: "left_out" }, ...issues]);
    const nobody = await world.problem("create_batch_call", request(1, { tasks: undefined, list_id: changed.list_id }));
    expect(nobody.issues).toHaveLength(3);
    expect(nobody.issues[1]?.message).toContain(told);
  });

  test("there are no files by path where other machines reach the server", async () => {
    const remote = world.another({}, "http");
    expect(await remote.problem("create_batch_call", fromFile("june.csv"))).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("Nothing was created."),
    });
    const { batch } = await remote.tool("create_batch_call", request(1));
    const exported = await remote.tool("export_batch_results", { batch_id: batch.batch_id });
    expect(exported).toMatchObject({ uri: expect.stringMatching(/^http.*\/downloads\//), rows: 1 });
    expect(exported).not.toHaveProperty("path");
  });
});

test("an export holds every recipient with whole numbers, in a file that is new each time", async () => {
  const { batch } = await world.tool("create_batch_call", request(120, { start: "now" }));
  await world.clock.advance({ minutes: 30 });
  const args = { batch_id: batch.batch_id, safe_for: "machine" };
  const first = await world.tool("export_batch_results", args);
  expect(first).toMatchObject({ path: expect.stringMatching(/June-reminders-results\.csv$/), rows: 120 });
  const lines = (await readFile(first.path, "utf8")).trim().split("\r\n");
  expect(lines).toHaveLength(121);
  expect(lines[1]).toMatch(new RegExp(`^\\${numberOf(1)},P0,1,\\${numberOf(1)},completed,answered,`));

  expect((await world.tool("export_batch_results", args)).path).not.toBe(first.path);
  const { path } = await world.tool("export_batch_results", { ...args, safe_for: undefined, format: "jsonl" });
  const [line] = (await readFile(path, "utf8")).split("\n");
  expect(JSON.parse(line ?? "")).toMatchObject({ row: 1, to_number: numberOf(1), status: "completed" });
});

test("an export keeps the cells of somebody who asked for no more calls since", async () => {
  await world.file("june.csv", `name,phone\nAnn,${numberOf(1)}\nBob,${numberOf(2)}\n`);
  const { batch, list_id } = await world.tool("create_batch_call", fromFile("june.csv", { start: "now" }));
  await world.clock.advance({ minutes: 30 });
  await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(2)] });
  await world.tool("preview_batch_call", request(1, { tasks: undefined, list_id, name: "July" }));
  const { path } = await world.tool("export_batch_results", { batch_id: batch.batch_id, format: "jsonl" });
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).list?.name)).toEqual(["Ann", "Bob"]);
});

test("results come page by page, each recipient once", async () => {
  const { batch } = await world.tool("create_batch_call", request(45));
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await world.tool("get_batch_results", {
      batch_id: batch.batch_id,
      ...(cursor ? { cursor } : { limit: 20 }),
    });
    expect(page.total).toBe(45);
    seen.push(...page.results.map(({ row }: { row: number }) => row));
    cursor = page.next_cursor;
  } while (cursor);
  expect(seen).toEqual(Array.from({ length: 45 }, (_, n) => n + 1));
});

test("numbers are masked unless they are asked for", async () => {
  const { batch } = await world.tool("create_batch_call", request(1));
  const masked = await world.text("get_batch_results", { batch_id: batch.batch_id });
  expect(masked).not.toContain(numberOf(1));
  expect(
    (await world.tool("get_batch_results", { batch_id: batch.batch_id, show_numbers: true })).results[0].to_number,
  ).toBe(numberOf(1));
});

test("agents come with the variables they expect, and can be looked for by name", async () => {
  const { agents } = await world.tool("list_agents", { name: "reminder" });
  expect(agents).toEqual([
    {
      agent_id: expect.any(String),
      agent_name: "Appointment reminder",
      variables: ["first_name", "appointment_date", "appointment_time"],
    },
  ]);
  const first = await world.tool("list_agents", { limit: 3 });
  expect(first.agents).toHaveLength(3);
  expect((await world.tool("list_agents", { cursor: first.next_cursor })).agents).toHaveLength(1);
});

test("phone numbers come with their country and can be filtered by it", async () => {
  const { phone_numbers: numbers } = await world.tool("list_phone_numbers", { country: "gb" });
  expect(numbers).toEqual([{ phone_number: "+442079460018", country: "GB", nickname: "London office" }]);
});

test("batches can be looked for by state and name", async () => {
  await world.tool("create_batch_call", request(1));
  await world.tool("create_batch_call", request(1, { name: "July survey" }));
  expect((await world.tool("list_batches", { name: "july" })).batches).toMatchObject([
    { name: "July survey", status: "draft" },
  ]);
  expect((await world.tool("list_batches", { status: "completed" })).batches).toEqual([]);
  const first = await world.tool("list_batches", { limit: 1 });
  const second = await world.tool("list_batches", { cursor: first.next_cursor });
  expect(new Set([...first.batches, ...second.batches].map(({ name }) => name)).size).toBe(2);
});

test("batches come newest first, whichever was changed last", async () => {
  const { batch } = await world.tool("create_batch_call", request(1, { name: "Older" }));
  await world.clock.advance({ minutes: 1 });
  await world.tool("create_batch_call", request(1, { name: "Newer" }));
  await world.tool("update_batch", { batch_id: batch.batch_id, name: "Older, changed" });
  const { batches } = await world.tool("list_batches");
  expect(batches.map(({ name }: { name: string }) => name)).toEqual(["Newer", "Older, changed"]);
});

describe("the do-not-call list", () => {
  test("is written in any form, read page by page and taken back", async () => {
    const numbers = ["+1 (201) 555-0101", "+12015550101", "+442079460123"];
    expect(await world.tool("update_do_not_call_list", { action: "add", numbers })).toEqual({
      numbers: ["+12015550101", "+442079460123"],
      added: 2,
      removed: 0,
      total: 2,
    });
    const first = await world.tool("check_do_not_call", { limit: 1 });
    const second = await world.tool("check_do_not_call", { cursor: first.next_cursor });
    const listed = [...first.listed, ...second.listed].map(({ number }: { number: string }) => number);
    expect(listed.sort()).toEqual(["+12015550101", "+442079460123"]);
    expect(
      await world.tool("check_do_not_call", { numbers: ["tel:+1-201-555-0101", "+12015550103", "12"] }),
    ).toMatchObject({
      listed: [{ number: "+12015550101" }],
      refused: [{ field: "numbers[2]" }],
    });
    expect(await world.tool("update_do_not_call_list", { action: "remove", numbers: ["+12015550101"] })).toMatchObject({
      removed: 1,
      total: 1,
    });
  });

  test("refuses numbers that are none and arguments that the action does not take", async () => {
    const problem = await world.problem("update_do_not_call_list", {
      action: "remove",
      numbers: ["12", "abc"],
      reason: "x",
    });
    expect(problem.issues.map(({ field }) => field)).toEqual(["reason", "numbers[0]", "numbers[1]"]);
    expect((await world.problem("update_do_not_call_list", { action: "add" })).issues).toMatchObject([
      { field: "numbers", code: "required" },
    ]);
    expect((await world.problem("check_do_not_call", { limit: 1, numbers: ["+12015550101"] })).issues).toMatchObject([
      { field: "limit", code: "contradiction" },
    ]);
  });

  test("keeps the good numbers of a call, and names those that can be nobody's", async () => {
    const numbers = ["+12015550101", "+15555550123", "919600011957", "+52 1 55 1234 5678"];
    expect(await world.tool("update_do_not_call_list", { action: "add", numbers })).toMatchObject({
      numbers: ["+12015550101", "+525512345678"],
      added: 2,
      refused: [
        { field: "numbers[1]", code: "invalid" },
        { field: "numbers[2]", code: "no_country" },
      ],
    });
    const problem = await world.problem("update_do_not_call_list", { action: "add", numbers: ["+15555550123"] });
    expect(problem.issues).toMatchObject([{ field: "numbers[0]", code: "invalid" }]);
  });

  test("takes a thousand texts also where each means two numbers, and takes them off again", async () => {
    const numbers = Array.from({ length: 1000 }, (_, n) => `${usNumber(n)} / ${usNumber(n + 1000)}`);
    expect(await world.tool("update_do_not_call_list", { action: "add", numbers })).toMatchObject({ added: 2000 });
    const older = Array.from({ length: 1000 }, (_, n) => `+521551234${String(n).padStart(4, "0")}`);
    const { numbers: today, added } = await world.tool("update_do_not_call_list", { action: "add", numbers: older });
    expect([today.length, added]).toEqual([1000, 1000]);
    const gone = await world.tool("update_do_not_call_list", { action: "remove", numbers: older });
    expect(gone).toMatchObject({ removed: 1000, total: 2000 });
  });

  test("keeps why, who asked, when and which way of each number, and what was said first", async () => {
    const told = { reason: "asked on a call", requested_by: "Ann Lee, by phone" };
    await world.tool("update_do_not_call_list", { action: "add", numbers: ["+12015550101"], ...told });
    await world.clock.advance({ hours: 1 });
    await world.tool("update_do_not_call_list", { action: "add", numbers: ["+12015550101"], reason: "another" });
    const entry = {
      number: "+12015550101",
      ...told,
      added_by: "tool: local",
      added_at: "2026-03-02T15:00:00.000Z",
      added_local: "2026-03-02T10:00 America/New_York",
    };
    expect(await world.tool("check_do_not_call", { numbers: ["+1 201 555 0101"] })).toMatchObject({ listed: [entry] });
    expect(await world.tool("check_do_not_call")).toMatchObject({ listed: [entry], total: 1 });
    expect(await world.text("check_do_not_call")).toContain(
      "- +12015550101, asked on a call, asked by Ann Lee, by phone, added 2026-03-02T10:00 America/New_York",
    );
  });

  test("shows entries of earlier versions that can match nobody, and takes them off as they are written", async () => {
    const stored = ["+15555550123", "+99912345678", "+5215512345678"];
    await world.tool("update_do_not_call_list", { action: "add", numbers: [1, 2, 3].map(numberOf) });
    // As an earlier version stored them.
    const service = openDatabase(join(world.filesDir, "..", "service.sqlite"));
    const change = service.prepare("UPDATE do_not_call SET phone_number = ? WHERE phone_number = ?");
    for (const [index, number] of stored.entries()) change.run(number, numberOf(index + 1));
    service.close();
    const { listed } = await world.tool("check_do_not_call");
    expect(listed).toMatchObject([
      { number: "+15555550123", unusable: expect.stringContaining("not a valid number") },
      { number: "+5215512345678", today: "+525512345678" },
      { number: "+99912345678", unusable: expect.stringContaining("Add the right number, and remove this one.") },
    ]);
    expect(await world.text("check_do_not_call")).toContain("unusable: ");
    expect(await world.tool("update_do_not_call_list", { action: "remove", numbers: stored })).toMatchObject({
      removed: 3,
      total: 0,
    });
  });

  test("a number added while a batch runs is not called any more", async () => {
    const { batch } = await world.tool(
      "create_batch_call",
      request(3, { start: "at_time", start_at: "2026-03-02T12:00" }),
    );
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(2)] });
    await world.clock.advance({ hours: 3 });
    expect(world.carrier.rings.map(({ toNumber }) => toNumber)).not.toContain(numberOf(2));
    const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id, status: "cancelled" });
    expect(results).toMatchObject([{ row: 2 }]);
  });
});
