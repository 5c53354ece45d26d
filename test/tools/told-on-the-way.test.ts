import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { usNumber } from "../support/us-numbers.ts";
import { request, startWorld, type World } from "../support/world.ts";

let world: World;
let heard: { readonly done: number; readonly message: string; readonly total: number | undefined }[];
beforeEach(async () => {
  world = await startWorld({ policy: { limits: { maxRecipientsPerStart: 10_000, maxRecipientsPerDay: 10_000 } } });
  heard = [];
});
afterEach(() => world.stop());

const csvOf = (rows: number, column = "phone"): string =>
  `${column}\n${Array.from({ length: rows }, (_, n) => usNumber(n)).join("\n")}\n`;

const listening = (signal = new AbortController().signal): World =>
  world.another({
    signal,
    progress: (done, message, total) => {
      heard.push({ done, message, total });
    },
  });

async function createBatch(people: number, changes: object = {}): Promise<string> {
  const made = await world.tool(
    "create_batch_call",
    request(1, { tasks: undefined, tasks_csv: csvOf(people), ...changes }),
  );
  return made.batch.batch_id;
}

const again = (rows: number, changes: object): object =>
  request(1, { name: "Again", tasks: undefined, tasks_csv: csvOf(rows, "mobile"), ...changes });

/** A call of every tool that reads a whole batch or a long list on its way; what it tells, and of what. */
const longCalls: readonly [string, string, (id: string) => object, RegExp][] = [
  ["exclude", "preview_batch_call", (id) => again(1002, { exclude: { batch_ids: [id] } }), /^0 people of \S+ read$/],
  ["from_batch", "preview_batch_call", (id) => againFrom(id), /^0 people of \S+ read$/],
  ["an export", "export_batch_results", (id) => ({ batch_id: id }), /^0 people of \S+ read$/],
  ["rows of a list", "get_list", () => ({ list_id: lastList }), /^0 people of \S+ read$/],
  [
    "a start on each one's clock",
    "start_batch",
    (id) => ({ batch_id: id, start: "at_time", start_at: "2026-03-05T10:00", timezone: "recipient" }),
    /^0 people of \S+ read$/,
  ],
  [
    "a change on each one's clock",
    "update_batch",
    (id) => ({ batch_id: id, start_at: "2026-03-05T10:00", timezone: "recipient" }),
    /^0 people of \S+ read$/,
  ],
];
let lastList = "";
const againFrom = (id: string): object =>
  request(1, { name: "Again", tasks: undefined, from_batch: { batch_id: id, outcomes: ["cancelled"] } });

describe.each(longCalls)("%s", (what, tool, makeArgs, told) => {
  async function prepare(): Promise<object> {
    const id = await createBatch(300);
    lastList = (await world.tool("get_batch_status", { batch_id: id }))["list_id"];
    if (what === "from_batch") await world.tool("cancel_batch", { batch_id: id });
    return makeArgs(id);
  }

  test("is told of from its first page on", async () => {
    const args = await prepare();
    await listening().tool(tool, args);
    expect(heard.map(({ message }) => message)).toContainEqual(expect.stringMatching(told));
  });

  test("ends as soon as the caller gives up", async () => {
    const args = await prepare();
    const gone = new AbortController();
    gone.abort();
    await expect(listening(gone.signal).tool(tool, args)).rejects.toThrow(/aborted/);
  });
});

test("an export tells how many rows there will be", async () => {
  const batchId = await createBatch(5000);
  await listening().tool("export_batch_results", { batch_id: batchId });
  expect(heard).toContainEqual({ done: 5000, message: "5,000 rows written", total: 5000 });
});

test("a list that is changed, and one that is held against the do-not-call list, is told of", async () => {
  const all = request(1, { tasks: undefined, tasks_csv: csvOf(5000) });
  const preview = await listening().tool("preview_batch_call", all);
  expect(heard.map(({ message }) => message)).toEqual([
    "5,000 rows read",
    "5,000 numbers held against the do-not-call list",
  ]);
  await listening().tool("change_list", { list_id: preview.list_id, leave_out: [2] });
  expect(heard.at(-1)?.message).toBe("5,000 rows read");
  expect(heard).toHaveLength(3);
});
