import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { longFile, longRequest } from "../support/campaigns/long-list.ts";
import { usNumber } from "../support/us-numbers.ts";
import { startWorld, type World } from "../support/world.ts";

/** As few as need a second batch, where each of them is called. */
const people = 1020;

let world: World;
beforeEach(async () => {
  world = await startWorld({ service: { maxConcurrent: 500, startsPerSecond: 500 } });
  await world.file("long.csv", longFile(2500));
});
afterEach(() => world.stop());

const create = async (changes: object = {}) => (await world.tool("create_batch_call", longRequest(changes))).batch;
const status = async (batch_id: string) => (await world.tool("get_batch_status", { batch_id })).batch;
const allBatches = () => world.api.listBatches({ page: 0, limit: 100 });

describe("a list of 2,500 people", () => {
  test("is one campaign to the caller, and three batches of at most 1,000 at the API", async () => {
    const preview = await world.tool("preview_batch_call", longRequest());
    expect(preview.batch).toMatchObject({ name: "June reminders", counts: { total: 2500 } });
    expect(preview.replayed).toBe(false);

    const batch = await create();
    expect(batch).toMatchObject({ status: "draft", counts: { total: 2500, pending: 2500 } });
    expect(batch.batch_id).toMatch(/^group_[0-9a-f]{24}$/);
    const batches = (await allBatches()).rows;
    expect(batches.map(({ name, total }) => `${name}: ${total}`).sort()).toEqual([
      "June reminders (1/3): 1000",
      "June reminders (2/3): 1000",
      "June reminders (3/3): 500",
    ]);
    expect(batch.parts).toHaveLength(3);
    expect(await status(batch.batch_id)).toMatchObject({
      parts: batch.parts.map(({ batch_id }: { batch_id: string }) => ({ batch_id, status: "draft" })),
      allowed_actions: ["start_batch", "update_batch", "cancel_batch"],
      waits_for: { start: 2500 },
    });
    const text = await world.text("get_batch_status", { batch_id: batch.batch_id });
    expect(text).toContain("Waiting: 2500 for the start");
    expect(text).toMatch(/^Now: 2026-03-02T10:00 in America\/New_York \(2026-03-02T15:00:00Z\)$/m);
  });

  test("that is over says to the same create that its people were called before", async () => {
    await world.file("long.csv", longFile(people));
    const { batch_id: id } = await create({ start: "now" });
    await world.clock.advance({ hours: 1 });
    const preview = await world.tool("preview_batch_call", longRequest());
    expect(preview.replayed).toBe(false);
    expect(preview.warnings[0]).toMatch(new RegExp(`^These people were called by ${id} already, created at .* UTC`));
  });

  test("is the same group when it is created again, in whatever order, and another one only when that is asked for", async () => {
    const first = await create();
    const again = await world.tool("create_batch_call", longRequest());
    expect(again).toMatchObject({ replayed: true, batch: { batch_id: first.batch_id } });
    const [header = "", ...rows] = longFile(2500).split("\n");
    await world.file("long.csv", [header, ...rows.reverse()].join("\n"));
    const reversed = await world.tool("create_batch_call", longRequest());
    expect(reversed).toMatchObject({ replayed: true, batch: { batch_id: first.batch_id } });
    expect((await world.tool("preview_batch_call", longRequest())).replayed).toBe(true);
    expect((await allBatches()).rows).toHaveLength(3);

    const other = await create({ allow_duplicate: true });
    expect(other.batch_id).not.toBe(first.batch_id);
    expect((await allBatches()).rows).toHaveLength(6);
  });

  test("is resumed only where some of it is held", async () => {
    const { batch_id } = await create();
    const resume = () => world.problem("resume_batch", { batch_id });
    const isRefused = (status: string) => ({
      code: "wrong_state",
      message: expect.stringMatching(`is ${status}: none of its parts can be resumed`),
    });
    expect(await resume()).toMatchObject(isRefused("draft"));
    await world.tool("cancel_batch", { batch_id });
    expect(await resume()).toMatchObject(isRefused("cancelled"));
  });

  test("stays the same group when people opt out, so that nobody moves into a second part", async () => {
    const gone = Array.from({ length: 100 }, (_, n) => usNumber(n * 2));
    const first = await create();
    await world.tool("update_do_not_call_list", { action: "add", numbers: gone });
    const again = await world.tool("create_batch_call", longRequest());
    expect(again).toMatchObject({ replayed: true, batch: { batch_id: first.batch_id }, rows: { suppressed: 100 } });
  });

  test("is called once each, and its results are those of one campaign", async () => {
    await world.file("long.csv", longFile(people));
    const { batch_id } = await create({ start: "now" });
    await world.clock.advance({ minutes: 30 });
    expect(await status(batch_id)).toMatchObject({
      status: "completed",
      counts: { total: people, completed: people },
      outcomes: { answered: people },
      is_final: true,
    });
    expect(world.carrier.dials.map(({ toNumber }) => toNumber).sort()).toEqual(
      Array.from({ length: people }, (_, n) => usNumber(n)).sort(),
    );

    const rows: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.tool("get_batch_results", { batch_id, limit: 100, ...(cursor && { cursor }) });
      rows.push(...page.results.map(({ row }: { row: number }) => row));
      expect(page.total).toBe(people);
      cursor = page.next_cursor;
    } while (cursor);
    expect(rows).toEqual(Array.from({ length: people }, (_, n) => n + 2));

    const { path, rows: written } = await world.tool("export_batch_results", { batch_id });
    expect(written).toBe(people);
    const lines = (await readFile(path, "utf8")).trim().split(/\r?\n/);
    expect(lines).toHaveLength(people + 1);
    expect(lines[1]).toContain("P1,Rome,");
    expect(lines[people]).toContain(`P${people},Oslo,`);
    expect(lines.filter((line) => line.includes("answered"))).toHaveLength(people);
  });

  test("tells how many there are in all parts of a status or an outcome, on every page of them", async () => {
    await world.file("long.csv", longFile(people));
    const missed = [3, 500, 998, 999, 1000, 1001, 1019];
    const busy = [7, 1010];
    for (const n of missed) world.carrier.script(usNumber(n), "no_answer");
    for (const n of busy) world.carrier.script(usNumber(n), "busy");
    const { batch_id } = await create({ start: "now" });
    await world.clock.advance({ minutes: 30 });
    const walk = async (filter: object) => {
      const rows: number[] = [];
      for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
        const page = await world.tool("get_batch_results", {
          batch_id,
          limit: 2,
          ...filter,
          ...(cursor && { cursor }),
        });
        expect(page["total"], `page ${pages}`).toBe("status" in filter && filter.status === "failed" ? 9 : 7);
        rows.push(...page["results"].map(({ row }: { row: number }) => row - 2));
        cursor = page.next_cursor;
      }
      return rows;
    };
    expect(await walk({ outcome: "no_answer" })).toEqual(missed);
    expect(await walk({ status: "failed" })).toEqual([...missed, ...busy].sort((a, b) => a - b));
    const count = async (filter: object) =>
      (await world.tool("get_batch_results", { batch_id, limit: 1, ...filter }))["total"];
    expect(await count({ outcome: "answered" })).toBe(people - 9);
    expect(await count({ status: "failed", outcome: "busy" })).toBe(2);
    expect(await count({ status: "pending" })).toBe(0);
    expect(await world.text("get_batch_results", { batch_id, outcome: "busy" })).toMatch(
      /^2 of 2 results|^1 of 2 results/,
    );
  });

  test("stands in the list of batches once, with a status of its own, beside other batches", async () => {
    const { batch_id } = await create();
    const small = await world.tool(
      "create_batch_call",
      longRequest({ name: "Small", tasks_file: undefined, columns: undefined, tasks: [{ to_number: usNumber(2600) }] }),
    );
    const { batches } = await world.tool("list_batches");
    expect(batches.map(({ batch_id: id }: { batch_id: string }) => id)).toEqual([batch_id, small.batch.batch_id]);
    expect((await world.tool("list_batches", { status: "sent" })).batches).toEqual([]);
    expect((await world.tool("list_batches", { name: "june" })).batches).toHaveLength(1);
    expect((await world.tool("get_list", { list_id: small.list_id })).batch_ids).toEqual([small.batch.batch_id]);
  });

  test("stands in the list of batches where the time of its creation puts it, on pages of any size and while others are made", async () => {
    await world.file("long.csv", longFile(people));
    const small = async (n: number) => {
      await world.clock.advance({ minutes: 1 });
      const tasks = [{ to_number: usNumber(2600 + n) }];
      const named = { name: `Small ${n}`, tasks_file: undefined, columns: undefined, tasks };
      return (await create(named)).batch_id;
    };
    const group = async () => {
      await world.clock.advance({ minutes: 1 });
      return (await create({ allow_duplicate: true })).batch_id;
    };
    const made = [await small(1), await group(), await small(2), await small(3), await group(), await small(4)];
    const newest = made.toReversed();
    const ids = (batches: readonly { batch_id: string }[]) => batches.map(({ batch_id: id }) => id);
    const walk = async (query: object, between: () => Promise<unknown> = async () => undefined) => {
      const seen: string[] = [];
      for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
        const page = await world.tool("list_batches", { ...query, ...(cursor && { cursor }) });
        seen.push(...ids(page["batches"]));
        cursor = page.next_cursor;
        if (pages === 0) await between();
      }
      return seen;
    };
    for (const limit of [1, 2, 3, 4, 5, 6, 100]) expect(await walk({ limit }), `pages of ${limit}`).toEqual(newest);
    const groups = newest.filter((id) => id.startsWith("group_"));
    expect(await walk({ limit: 1, name: "june" })).toEqual(groups);
    expect(await walk({ limit: 1, status: "draft" })).toEqual(newest);

    await world.tool("start_batch", { batch_id: groups[1], start: "now" });
    expect(await walk({ limit: 2, status: "sent" })).toEqual([groups[1]]);
    expect(await walk({ limit: 2, status: "draft" })).toEqual(newest.filter((id) => id !== groups[1]));
    const others = [() => small(5), group];
    for (const other of others) {
      const before = await walk({ limit: 100 });
      expect(await walk({ limit: 2 }, other)).toEqual(before);
    }
  });

  test("shows the state of each row in get_list and takes the id of a part in the other tools", async () => {
    await world.file("long.csv", longFile(people));
    const { batch, list_id } = await world.tool("create_batch_call", longRequest({ start: "now" }));
    await world.clock.advance({ minutes: 30 });
    const cursorless = await world.tool("get_list", { list_id, limit: 2 });
    expect(cursorless.batch_ids).toEqual([batch.batch_id]);
    expect(cursorless.list_rows).toMatchObject([
      { row: 2, status: "completed", outcome: "answered" },
      { row: 3, status: "completed", outcome: "answered" },
    ]);
    const [, second] = batch.parts;
    const { results, total } = await world.tool("get_batch_results", { batch_id: second.batch_id, limit: 1 });
    expect({ results, total }).toMatchObject({ results: [{ row: 1002, label: "P1001" }], total: people - 1000 });
  });

  test("goes on where a crash ended its creation, and makes no part twice", async () => {
    let left = 2;
    const dying = await startWorld({
      watchApi: (api) => ({
        ...api,
        createDraft: async (plan, key) => {
          if (left-- === 0) world.crash();
          return api.createDraft(plan, key);
        },
      }),
    });
    await world.stop();
    world = dying;
    await world.file("long.csv", longFile(2500));
    void world.tool("create_batch_call", longRequest()).catch(() => {});
    while (left >= 0) await new Promise(setImmediate);
    const next = world.another();
    const [header = "", ...rows] = longFile(2500).split("\n");
    await world.file("reversed.csv", [header, ...rows.reverse()].join("\n"));
    const { code, message } = await next.problem("create_batch_call", longRequest({ tasks_file: "reversed.csv" }));
    expect(code).toBe("wrong_state");
    expect(message).toMatch(/in another order of rows, and 2 of its 3 parts exist/);
    const going = next.tool("create_batch_call", longRequest());
    await world.whileTimePasses(going);
    const { batch, replayed } = await going;
    expect(replayed).toBe(false);
    expect(batch).toMatchObject({ status: "draft", counts: { total: 2500 } });
    expect((await next.api.listBatches({ page: 0, limit: 100 })).rows).toHaveLength(3);
  });
});

describe("all parts of a group", () => {
  test("are paused, resumed and cancelled as one", async () => {
    const { batch_id } = await create({ start: "now" });
    expect((await world.tool("pause_batch", { batch_id })).batch).toMatchObject({ status: "sent", is_paused: true });
    const dialed = world.carrier.dials.length;
    await world.clock.advance({ minutes: 5 });
    expect(world.carrier.dials).toHaveLength(dialed);
    expect((await world.tool("resume_batch", { batch_id })).batch).toMatchObject({ status: "sent", is_paused: false });
    const { batch } = await world.tool("cancel_batch", { batch_id });
    expect(batch).toMatchObject({ status: "cancelled" });
    expect(batch.parts.every(({ status }: { status: string }) => status === "cancelled")).toBe(true);
  });
});
