import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import Papa from "papaparse";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BatchCallApi } from "../../src/client/api.ts";
import { parsePhoneNumber } from "../../src/domain/phone/phone-number.ts";
import { isIssue, Problem } from "../../src/domain/problem.ts";
import { openDatabase } from "../../src/lib/sqlite.ts";
import { fromNumber, numberOf, request, startWorld, type World } from "../support/world.ts";

const said = { durationSeconds: 42.5, recordingUrl: "https://calls.test/1", transcript: "Agent: Hello\nAnn: =Yes" };

let world: World;
beforeEach(async () => {
  // The scripted carrier has no conversations.
  const watchApi = (api: BatchCallApi): BatchCallApi => ({
    ...api,
    getCall: async (id) => ({ ...(await api.getCall(id)), ...said, summary: `Summary of ${id}` }),
  });
  world = await startWorld({ carrier: { [numberOf(3)]: ["no_answer"] }, watchApi });
});
afterEach(() => world.stop());

const list = [
  "Note;Customer;Mobile",
  `=1+1;Ann;${numberOf(1)}`,
  "x;Bob;12",
  `;;`,
  `y;Ann again;${numberOf(1)}`,
  `z;Cem;${numberOf(2)}`,
  `too;many;${numberOf(5)};cells`,
  `'-5;Dee;${numberOf(3)}`,
  `w;Eve;${numberOf(4)}`,
].join("\n");

type Line = Readonly<Record<string, string | undefined>>;

async function linesOf(path: string): Promise<readonly Line[]> {
  const text = (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  return Papa.parse<Line>(text, { header: true, delimiter: ",", skipEmptyLines: true }).data;
}

/** A campaign of the list in which one number is on the do-not-call list and everybody else was called. */
async function called(): Promise<string> {
  await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(2)] });
  await world.file("june.csv", list);
  const args = request(1, { tasks: undefined, tasks_file: "june.csv", start: "now" });
  const { batch } = await world.tool("create_batch_call", args);
  await world.clock.advance({ minutes: 30 });
  return batch.batch_id;
}

async function exported(batchId: string, changes: object = {}): Promise<readonly Line[]> {
  const { path, rows } = await world.tool("export_batch_results", { batch_id: batchId, ...changes });
  const lines = await linesOf(path);
  expect(lines).toHaveLength(rows);
  return lines;
}

describe("the customer's own file", () => {
  const header = ["Name ", "Phone", "Name ", "", "Note"];
  const people = [
    [" Ada ", ` ${numberOf(1)}`, "Lovelace\u00a0", "x", " =1+1 "],
    ["Bob", "12 ", "", "", "  "],
    ["\tCem", numberOf(2), "  two\nlines ", "", "'"],
    [" Ada", `${numberOf(1)} `, "again ", "", "-"],
  ];
  const sheet = Papa.unparse([header, ...people], { newline: "\r\n" });

  async function calledFrom(file: string): Promise<string> {
    const columns = { customer_name: "Name", to_number: "Phone" };
    const { batch } = await world.tool(
      "create_batch_call",
      request(1, { tasks: undefined, tasks_file: file, columns, start: "now" }),
    );
    await world.clock.advance({ minutes: 30 });
    return batch.batch_id;
  }

  async function pathOf(batchId: string, changes: object): Promise<string> {
    return (await world.tool("export_batch_results", { batch_id: batchId, ...changes })).path;
  }

  test("comes back cell for cell, with its blanks and its header, in every form and from every form", async () => {
    await world.file("june.csv", sheet);
    const batchId = await calledFrom("june.csv");
    const machine = await pathOf(batchId, { format: "csv", safe_for: "machine" });
    const spreadsheet = await pathOf(batchId, { format: "csv" });
    const workbook = await pathOf(batchId, { format: "xlsx" });
    const jsonLines = await pathOf(batchId, { format: "jsonl" });

    const records = Papa.parse<string[]>(await readFile(machine, "utf8"), { delimiter: "," }).data.slice(0, -1);
    expect(records.map((cells) => cells.slice(0, 5))).toEqual([header, ...people]);
    const told = (await readFile(jsonLines, "utf8")).trimEnd().split("\n");
    expect(told.map((line) => Object.values(JSON.parse(line).list))).toEqual(people);

    for (const path of [machine, spreadsheet, workbook, jsonLines]) {
      const again = await calledFrom(path);
      const file = await pathOf(again, { format: "csv", safe_for: "machine" });
      const rows = Papa.parse<string[]>(await readFile(file, "utf8"), { delimiter: "," }).data.slice(0, -1);
      expect(
        rows.slice(1).map((cells) => cells.slice(0, 5)),
        path,
      ).toEqual(people);
      if (path !== jsonLines) expect(rows[0]?.slice(0, 5), path).toEqual(header);
    }
  });

  test("keeps what was set afterwards", async () => {
    await world.file("june.csv", sheet);
    const columns = { customer_name: "Name", to_number: "Phone" };
    const read = await world.tool(
      "preview_batch_call",
      request(1, { tasks: undefined, tasks_file: "june.csv", columns }),
    );
    const changed = await world.tool("change_list", {
      list_id: read.list_id,
      set_cells: [{ row: 2, column: "Note", value: "new" }],
    });
    const { batch } = await world.tool(
      "create_batch_call",
      request(1, { tasks: undefined, list_id: changed.list_id, start: "now" }),
    );
    await world.clock.advance({ minutes: 30 });
    const [ada, bob] = await exported(batch.batch_id, { safe_for: "machine" });
    expect([ada?.["Note"], bob?.["Note"], bob?.["Phone"]]).toEqual(["new", "  ", "12 "]);
  });
});

describe("the results of a batch", () => {
  test("name each person, and tell when they were called, for how long and what was said in short", async () => {
    const batchId = await called();
    const asked = { batch_id: batchId, columns: ["note", "Mobile"] };
    const { results } = await world.tool("get_batch_results", asked);
    expect(results.map(({ row, label }: { row: number; label: string }) => [row, label])).toEqual([
      [2, "Ann"],
      [8, "Dee"],
      [9, "Eve"],
    ]);
    expect(results[0]).toMatchObject({
      called_at: { local: "2026-03-02T10:00", utc: "2026-03-02T15:00:00Z" },
      duration_seconds: 42.5,
      summary: `Summary of ${results[0].call_id}`,
      cells: { Note: "=1+1", Mobile: expect.stringMatching(/\*.*0101$/) },
    });
    const text = await world.text("get_batch_results", { ...asked, show_numbers: true });
    expect(text).toContain(`row 2 Ann ${numberOf(1)}: completed, answered, called 2026-03-02T10:00 local`);
    expect(text).toContain("42.5 s");
    expect(text).toContain(`Summary of ${results[0].call_id} {"Note":"=1+1","Mobile":"${numberOf(1)}"}`);
  });

  test("have a masked number where nobody is named, and are there when calls cannot be read", async () => {
    const tasks = [1, 2].map((n) => ({ to_number: numberOf(n), dynamic_variables: { order: `A${n}` } }));
    const { batch } = await world.tool("create_batch_call", request(2, { tasks, start: "now" }));
    await world.clock.advance({ minutes: 30 });
    const getCall = async () => Promise.reject(new Problem("rate_limited", "Too many requests."));
    const limited = world.another({ api: { ...world.api, getCall } });
    const { results } = await limited.tool("get_batch_results", { batch_id: batch.batch_id });
    expect(results).toMatchObject([
      { label: "+1 *** *** 0101", to_number: "+1 *** *** 0101", status: "completed", outcome: "answered" },
      { label: "+1 *** *** 0102" },
    ]);
    expect(results[0].summary).toBeUndefined();
  });

  test("name the answers where a column is asked for that is neither", async () => {
    for (const n of [1, 2, 3, 4, 5]) world.carrier.answers.set(numberOf(n), [{ name: "appointment", value: "yes" }]);
    const batchId = await called();
    const asked = { batch_id: batchId, columns: ["answers"] };
    const message = expect.stringMatching(/no column "answers".*Answers of the batch: "appointment"\.$/);
    expect((await world.problem("get_batch_results", asked)).issues).toMatchObject([{ code: "no_column", message }]);
  });

  test("refuse a column that the list does not have, and any where there is no list", async () => {
    const batchId = await called();
    const asked = { batch_id: batchId, columns: ["Notes", "Age"] };
    const refused = await world.problem("get_batch_results", asked);
    expect(refused.issues).toMatchObject([
      { field: "columns", code: "no_column", message: expect.stringMatching(/"Notes".*Is it "Note"\?/) },
      { field: "columns", code: "no_column" },
    ]);
    const { list_id } = await world.tool("export_batch_results", { batch_id: batchId });
    await world.tool("delete_list", { list_id });
    expect((await world.problem("get_batch_results", asked)).issues).toMatchObject([{ code: "no_list" }]);
  });
});

describe("the export of a batch", () => {
  test("is its list, row by row, with what came of each", async () => {
    const lines = await exported(await called(), { safe_for: "machine" });
    expect(Object.keys(lines[0] ?? {}).slice(0, 4)).toEqual(["Note", "Customer", "Mobile", "result_row"]);
    const told = lines.map((line) => [line["Note"], line["Customer"], line["Mobile"], line["result_row"]]);
    expect(told).toEqual([
      ["=1+1", "Ann", numberOf(1), "2"],
      ["x", "Bob", "12", "3"],
      ["y", "Ann again", numberOf(1), "5"],
      ["z", "Cem", numberOf(2), "6"],
      ["", "", "", "7"],
      ["'-5", "Dee", numberOf(3), "8"],
      ["w", "Eve", numberOf(4), "9"],
    ]);
    expect(lines.map((line) => [line["result_status"], line["result_outcome"], line["result_to_number"]])).toEqual([
      ["completed", "answered", numberOf(1)],
      ["refused", "", ""],
      ["duplicate", "", numberOf(1)],
      ["suppressed", "", numberOf(2)],
      ["refused", "", ""],
      ["failed", "no_answer", numberOf(3)],
      ["completed", "answered", numberOf(4)],
    ]);
    expect(lines.map((line) => line["result_reason"])).toEqual([
      "answered",
      expect.stringMatching(/^"12" has no country/),
      "Repeats the number of row 2, which is called once.",
      "This number is on the do-not-call list and is left out.",
      expect.stringMatching(/Cells: 3 expected, 4 found.*Its cells: too,many,\+\d+,cells$/),
      expect.stringMatching(/^no answer/),
      "answered",
    ]);
  });

  test("keeps the result of somebody who opted out after the call, and of those who were added without a row", async () => {
    const batchId = await called();
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(4)] });
    await world.tool("preview_batch_call", request(1, { tasks: undefined, tasks_file: "june.csv" }));
    const lines = await exported(batchId, { safe_for: "machine" });
    expect(lines.at(-1)).toMatchObject({ Customer: "Eve", result_status: "completed", result_outcome: "answered" });
  });

  test("tells when each call was, on the recipient's clock too, how long it took and what came of it", async () => {
    const text = `Customer,Mobile,Time zone\nAnn,${numberOf(1)},\nCem,${numberOf(3)},America/Los_Angeles`;
    const args = request(1, { tasks: undefined, tasks_csv: text, start: "now" });
    const { batch } = await world.tool("create_batch_call", args);
    await world.clock.advance({ minutes: 30 });
    const [ann = {}, cem = {}] = await exported(batch.batch_id, { safe_for: "machine" });
    const { call } = await world.tool("get_call", { call_id: ann["result_call_id"] });
    expect(ann).toMatchObject({
      result_started_utc: call.started_at.utc,
      result_duration_seconds: "42.5",
      result_summary: `Summary of ${call.call_id}`,
      result_recording_url: said.recordingUrl,
      result_timezone: "America/New_York",
      result_each_attempt: `1 ${numberOf(1)} answered ${call.started_at.utc} from ${fromNumber}`,
    });
    const minutes = (line: Line, clock: string) => line[`result_ended_${clock}`]?.slice(0, 16);
    const hourOf = (line: Line, clock: string) => Number(minutes(line, clock)?.slice(11, 13));
    expect(hourOf(ann, "utc") - hourOf(ann, "local")).toBe(5);
    expect(hourOf(cem, "utc") - hourOf(cem, "local")).toBe(8);
    expect(cem).toMatchObject({ result_outcome: "no_answer", result_timezone: "America/Los_Angeles" });
  });

  test("is the same in an Excel workbook, whose numbers are texts, and in JSON lines with transcripts when asked", async () => {
    const batchId = await called();
    const workbook = await world.tool("export_batch_results", { batch_id: batchId, format: "xlsx" });
    const preview = await world.tool("preview_batch_call", request(1, { tasks: undefined, tasks_file: workbook.path }));
    expect(preview).toMatchObject({
      phone_column: "Mobile",
      rows: { accepted: 3, duplicate: 1, suppressed: 1, refused: 2 },
    });
    const { list_rows: rows } = await world.tool("get_list", { list_id: preview.list_id, show_numbers: true });
    const machine = await exported(batchId, { safe_for: "machine" });
    const filled = machine.map((line) => Object.fromEntries(Object.entries(line).filter(([, cell]) => cell !== "")));
    expect(rows.map(({ cells }: { cells: Line }) => cells)).toEqual(filled);

    const jsonOf = async (changes: object) => {
      const { path } = await world.tool("export_batch_results", { batch_id: batchId, format: "jsonl", ...changes });
      return (await readFile(path, "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    };
    const [ann, bob] = await jsonOf({ transcripts: true });
    expect(ann).toMatchObject({ row: 2, list: { Customer: "Ann" }, each_attempt: [{ outcome: "answered" }] });
    expect(ann.transcript).toBe(said.transcript);
    expect(bob).toMatchObject({ row: 3, status: "refused", list: { Customer: "Bob" } });
    expect(JSON.stringify(await jsonOf({}))).not.toContain("transcript");
    const { path } = await world.tool("export_batch_results", {
      batch_id: batchId,
      format: "jsonl",
      transcripts: true,
    });
    expect(path).toMatch(/\.jsonl$/);
    const again = await world.tool("preview_batch_call", request(1, { tasks: undefined, tasks_file: path }));
    expect(again).toMatchObject({ phone_column: "Mobile", rows: preview.rows });
    const lines = await world.tool("get_list", { list_id: again.list_id, show_numbers: true });
    expect(lines.list_rows.map(({ cells }: { cells: Line }) => cells)).toEqual(filled);
    const refused = await world.problem("export_batch_results", { batch_id: batchId, transcripts: true });
    expect(refused).toMatchObject({ code: "invalid_input", issues: [{ field: "transcripts" }] });
  });

  test("has those at its end whom the list does not have", async () => {
    await world.file("short.csv", `Customer,Mobile,Home\nAnn,${numberOf(1)},${numberOf(6)}\nBob,${numberOf(2)},`);
    const columns = { to_number: ["Mobile", "Home"] };
    const args = request(1, { tasks: undefined, tasks_file: "short.csv", columns });
    const { batch } = await world.tool("create_batch_call", args);
    // One of them under a number that Ann's row only falls back to.
    const people = [numberOf(6), numberOf(7), numberOf(1)].map((text, index) => {
      const number = parsePhoneNumber(text);
      if (isIssue(number)) throw new Error(number.message);
      return { row: index + 1, toNumber: number.e164, type: number.type, variables: {} };
    });
    await world.api.replaceList(batch.batch_id, people, { hold: false });
    const lines = await exported(batch.batch_id, { safe_for: "machine" });
    expect(lines.map((line) => [line["Customer"], line["result_row"], line["result_to_number"]])).toEqual([
      ["Ann", "2", numberOf(1)],
      ["Bob", "3", numberOf(2)],
      ["", "", numberOf(7)],
      ["", "", numberOf(6)],
    ]);
    expect(lines[1]).toMatchObject({
      result_status: "not_in_batch",
      result_reason: expect.stringContaining("another"),
    });
  });

  test("of a batch whose list is gone offers a batch of those who were not reached only where there are some", async () => {
    const { batch, list_id } = await world.tool("create_batch_call", request(1));
    await world.tool("delete_list", { list_id });
    const text = await world.text("export_batch_results", { batch_id: batch.batch_id });
    expect(text).toMatch(/^1 row was written .*no list that is kept/);
    expect(text).not.toContain("from_batch");
  });

  test("says that its list is gone, and has everybody of the batch then", async () => {
    const batchId = await called();
    const { list_id } = await world.tool("export_batch_results", { batch_id: batchId });
    await world.tool("delete_list", { list_id });
    const text = await world.text("export_batch_results", { batch_id: batchId });
    expect(text).toContain("no list that is kept");
    expect(text).toMatch(
      /the columns of the list and its rows that were not called are not.*result_to_number.*from_batch/,
    );
    const lines = await exported(batchId, { safe_for: "machine" });
    expect(lines.map((line) => line["result_to_number"])).toEqual([1, 3, 4].map(numberOf));
  });

  test("have no rows where the list is gone: places in the batch are those of other people in the user's file", async () => {
    const batchId = await called();
    const rowsOf = async () =>
      (await world.tool("get_batch_results", { batch_id: batchId })).results.map(({ row }: { row?: number }) => row);
    expect(await rowsOf()).toEqual([2, 8, 9]);
    const { list_id } = await world.tool("export_batch_results", { batch_id: batchId });
    await world.tool("delete_list", { list_id });
    expect(await rowsOf()).toEqual([undefined, undefined, undefined]);
    expect(await world.text("get_batch_results", { batch_id: batchId })).not.toMatch(/\brows? \d/);
    const lines = await exported(batchId, { safe_for: "machine" });
    expect(lines.map((line) => line["result_row"])).toEqual(["", "", ""]);
  });

  test.each(["spreadsheet", "machine"])(
    "for a %s is the same list again, of which those who were not reached can be called",
    async (safeFor) => {
      const batchId = await called();
      const before = await world.tool("export_batch_results", { batch_id: batchId });
      const { path } = await world.tool("export_batch_results", { batch_id: batchId, safe_for: safeFor });
      const again = request(1, { tasks: undefined, tasks_file: path });
      const preview = await world.tool("preview_batch_call", again);
      expect(preview).toMatchObject({
        phone_column: "Mobile",
        rows: { accepted: 3, duplicate: 1, suppressed: 1, refused: 2 },
      });
      expect(JSON.stringify(preview)).toContain("results of an earlier batch");
      expect(Object.keys(preview.sample[0].dynamic_variables)).toEqual(["Note", "Customer"]);
      expect(preview.list_id).not.toBe(before.list_id);
      const { list_rows: rows } = await world.tool("get_list", { list_id: preview.list_id, show_numbers: true });
      expect(rows.map(({ cells }: { cells: Line }) => [cells["Note"], cells["Mobile"]])).toEqual([
        ["=1+1", numberOf(1)],
        ["x", "12"],
        ["y", numberOf(1)],
        ["z", numberOf(2)],
        [undefined, undefined],
        ["'-5", numberOf(3)],
        ["w", numberOf(4)],
      ]);
      const kept = { list_id: preview.list_id, keep_where: { column: "result_outcome", values: ["no_answer"] } };
      expect(await world.tool("change_list", kept)).toMatchObject({ rows: { accepted: 1 } });
    },
  );

  describe("at an API that has had enough", () => {
    /** Answers so many calls, then 429 until the clock has gone on by so many seconds, if ever. */
    const limited = (free: number, seconds: number, retryAfterSeconds?: number): World => {
      let asked = 0;
      let until = Number.POSITIVE_INFINITY;
      const getCall: BatchCallApi["getCall"] = async (id) => {
        asked += 1;
        if (asked > free && until === Number.POSITIVE_INFINITY) until = world.clock.now().getTime() + seconds * 1000;
        if (asked <= free || world.clock.now().getTime() >= until) return world.api.getCall(id);
        throw new Problem("rate_limited", "Too many requests.", { retryAfterSeconds });
      };
      return world.another({ api: { ...world.api, getCall } });
    };
    const batchOf = async (people: number): Promise<string> => {
      const { batch } = await world.tool("create_batch_call", request(people, { start: "now" }));
      await world.clock.advance({ minutes: 30 });
      return batch.batch_id;
    };

    test("waits as long as it asks, and goes on", async () => {
      const batch_id = await batchOf(20);
      const before = world.clock.now().getTime();
      const answer = await world.whileTimePasses(limited(5, 20, 20).tool("export_batch_results", { batch_id }));
      expect(answer).toMatchObject({ rows: 20 });
      expect(answer).not.toHaveProperty("missing");
      const lines = await linesOf(answer.path);
      expect(lines.map((line) => line["result_summary"])).toEqual(
        lines.map((line) => `Summary of ${line["result_call_id"]}`),
      );
      expect(world.clock.now().getTime() - before).toBeGreaterThanOrEqual(20_000);
    });

    test("that does not stop keeps everything else, and each row says what it lacks", async () => {
      const batch_id = await batchOf(20);
      const api = limited(8, 1e9, 30);
      const answer = await world.whileTimePasses(api.tool("export_batch_results", { batch_id }));
      expect(answer).toMatchObject({ rows: 20, missing: 12 });
      const lines = await linesOf(answer.path);
      const lacking = lines.filter((line) => line["result_missing"] !== "");
      expect(lacking).toHaveLength(12);
      for (const line of lacking) {
        expect(line["result_missing"]).toBe("duration, summary and recording could not be read (rate_limited)");
        expect(line).toMatchObject({ result_status: "completed", result_outcome: "answered", result_summary: "" });
        expect(line["result_started_utc"]).not.toBe("");
      }
    });

    test("is not asked again and again where it fails otherwise", async () => {
      const batch_id = await batchOf(20);
      let asked = 0;
      const getCall = async () => {
        asked += 1;
        throw new Problem("unavailable", "The API answered 503.");
      };
      const failing = world.another({ api: { ...world.api, getCall } });
      expect(await failing.text("export_batch_results", { batch_id, format: "jsonl" })).toContain(
        "Of 20 of them the last call could not be read",
      );
      expect(asked).toBe(8);
    });
  });

  test("that cannot be read to its end leaves no file and says so", async () => {
    const people = Array.from({ length: 7000 }, (_, n) => `P${n},${numberOf(1 + (n % 9))}`);
    await world.file("long.csv", `Customer,Mobile\n${people.join("\n")}`);
    const args = request(1, { tasks: undefined, tasks_file: "long.csv" });
    const { batch } = await world.tool("create_batch_call", args);
    const database = openDatabase(join(dirname(world.filesDir), "lists.sqlite"));
    const heard: string[] = [];
    const listening = world.another({
      progress: (_done, message) => {
        heard.push(message);
        if (message.endsWith("rows written")) database.exec("DELETE FROM lists");
      },
    });
    const problem = await listening.problem("export_batch_results", { batch_id: batch.batch_id });
    database.close();
    expect(heard).toEqual([`0 people of ${batch.batch_id} read`, "5,000 rows written"]);
    expect(problem).toMatchObject({ code: "not_found", message: expect.stringContaining("no file was written") });
    expect(await readdir(world.filesDir)).toEqual(["long.csv"]);
  });
});
