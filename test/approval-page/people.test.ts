import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ApprovalRequest, ListAskedPeople } from "../../src/campaigns/approve/index.ts";
import { openLists } from "../../src/lists/open-lists.ts";
import { listAskedPeople } from "../../src/tools/calls/asked-people.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";
import { type PageWorld, sendFromPage, startPageWorld } from "./page-world.ts";

describe("the list on the page", () => {
  let world: PageWorld;
  let asked: ApprovalRequest;
  let link: string;
  const open = async (listPeople?: ListAskedPeople) => {
    world = await startPageWorld(listPeople);
    asked = world.ask();
    link = world.page.urlFor(asked);
  };
  const people = (fields: Record<string, string> = {}, changes: Record<string, string> = {}) =>
    sendFromPage(link, "/people", fields, changes);
  afterEach(() => world.stop());

  test("shows fifty people at a time, masked, with names that are escaped, and ways on and back", async () => {
    await open();
    expect((await sendFromPage(link, "/question")).text).toContain("Look at the whole list");
    const { status, text } = await people();
    expect(status).toBe(200);
    expect(text.match(/<tr><td>/g)).toHaveLength(50);
    for (const part of [
      "1 to 50 of 1,042",
      "+1 *** *** 0002",
      "Person &lt;b&gt;2&lt;/b&gt;",
      "Next page",
      "Back to the question",
    ])
      expect(text).toContain(part);
    expect(text).not.toContain("Previous page");
    const last = await people({ page: "20" });
    expect(last.text.match(/<tr><td>/g)).toHaveLength(42);
    expect(last.text).toContain("1,001 to 1,042 of 1,042");
    expect(last.text).not.toContain("Next page");
    expect(world.state(asked)).toBe("waiting");
  });

  test("is searched, and says what for", async () => {
    await open();
    const { text } = await people({ search: ' "Ann <b>' });
    expect(text).toContain("1 to 1 of 1 whose row, name or number holds &quot;&quot;Ann &lt;b&gt;&quot;");
    expect(text).toContain('value="&quot;Ann &lt;b&gt;"');
  });

  test.each(["-1", "x", "1e9", "99999999"])("takes %j for the first page", async (page) => {
    await open();
    expect((await people({ page })).text).toContain("1 to 50 of 1,042");
  });

  test("is shown to nobody without the secret of its question, and never another batch's", async () => {
    const seen: string[] = [];
    await open(async ({ summary }) => {
      seen.push(summary.batchId);
      return { people: [], total: 0 };
    });
    const other = world.ask({ batchId: "batch_other", fingerprint: "b".repeat(64) });
    expect((await people({}, { "X-Approval-Secret": "wrong" })).status).toBe(403);
    expect((await people({}, { Origin: "http://evil.test" })).status).toBe(403);
    expect(seen).toEqual([]);
    expect((await people({ id: other.id })).status).toBe(404);
    expect(seen).toEqual([]);
    await people({ id: asked.id });
    expect(seen).toEqual([asked.summary.batchId]);
  });

  test("is gone once the question is answered", async () => {
    await open();
    await sendFromPage(link, "/answer", { answer: "no" });
    const { text } = await people();
    expect(text).not.toContain("+1 ***");
    expect(text).toContain("Nobody is called");
  });

  test("says that the batch was changed, or that it cannot be read", async () => {
    await open(async () => undefined);
    expect((await people()).text).toContain("The batch was changed");
    await world.stop();
    await open(async () => Promise.reject(new Error("away")));
    expect((await people()).text).toContain("The list cannot be read");
    expect(world.logged).toHaveLength(1);
  });
});

describe("the people of a question", () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld({ carrierEnvironment: "live" });
  });
  afterEach(() => world.stop());

  async function askAbout(given: string | readonly object[]) {
    const { tasks: _, ...others } = request(1) as { tasks: unknown };
    const args = { ...others, ...(typeof given === "string" ? { tasks_csv: given } : { tasks: given }) };
    const { batch, list_id: listId } = await world.tool("create_batch_call", args);
    world.person.willAnswer({ kind: "unsupported" });
    await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
    const [question] = world.pages;
    if (!question) throw new Error("Nobody was asked");
    const lists = openLists(join(dirname(world.filesDir), "lists.sqlite"), world.clock);
    const list = listAskedPeople({ campaigns: world.campaigns, lists });
    const read = (page = 0, limit = 50, search = "") =>
      list(question, { page, limit, search }).finally(() => lists.close());
    return { batchId: batch.batch_id, listId, read };
  }

  const csv = `Name,Mobile\nAnn Lee,${numberOf(1)}\nBob Ray,12\nCid Fox,${numberOf(3)}`;

  test("are those who would be called, by their rows and names, without a whole number", async () => {
    const { read } = await askAbout(csv);
    expect(await read()).toEqual({
      people: [
        { row: 2, label: "Ann Lee", maskedNumber: "+1 *** *** 0101" },
        { row: 4, label: "Cid Fox", maskedNumber: "+1 *** *** 0103" },
      ],
      total: 2,
    });
  });

  test.each([
    ["one name", { name: "Nell" }, { name: "Oto" }, "Nell"],
    ["two", { first_name: "Nell", last_name: "Ito" }, { first_name: "Oto" }, "Nell Ito"],
  ])("of tasks that were given in the call have %s from their variables", async (_what, nell, oto, label) => {
    const { read } = await askAbout([
      { to_number: numberOf(1), dynamic_variables: nell },
      { to_number: numberOf(2), dynamic_variables: oto },
      { to_number: numberOf(3), dynamic_variables: { order: "7" } },
    ]);
    const found = await read();
    expect(found?.people.map((one) => one.label)).toEqual([label, "Oto", undefined]);
  });

  test("of tasks that were given in the call are found by their names", async () => {
    const { read } = await askAbout([
      { to_number: numberOf(1), dynamic_variables: { name: "Nell" } },
      { to_number: numberOf(2), dynamic_variables: { name: "Oto" } },
    ]);
    expect(await read(0, 50, "nel")).toMatchObject({ people: [{ label: "Nell" }], total: 1 });
  });

  test.each([
    ["a part of a name, in any case", "fox", [4]],
    ["a row", "2", [2]],
    ["a number, however it is written", "555 01-03", [4]],
    ["nobody", "zzz", []],
  ])("are found by %s", async (_what, search, rows) => {
    const found = await (await askAbout(csv)).read(0, 50, search);
    expect(found?.people.map(({ row }) => row)).toEqual(rows);
    expect(found?.total).toBe(rows.length);
  });

  test("come in pages", async () => {
    const { read } = await askAbout(csv);
    expect(await read(1, 1)).toMatchObject({ people: [{ row: 4 }], total: 2 });
  });

  test("are not told where the batch has other people, words or rules since", async () => {
    const { batchId, read } = await askAbout(csv);
    await world.tool("update_batch", { batch_id: batchId, retry_config: { enabled: true, max_attempts: 2 } });
    expect(await read()).toBeUndefined();
  });
});
