import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BatchCallApi } from "../../../src/client/api.ts";
import { Problem } from "../../../src/domain/problem.ts";
import { longRequest } from "../../support/campaigns/long-list.ts";
import { usNumber } from "../../support/us-numbers.ts";
import { startWorld, type World } from "../../support/world.ts";

const people = 2010;
let world: World;
let id: string;
/** Calls of the API that change a list fail as long as this says so. */
let fails: (batchId: string) => boolean;

beforeEach(async () => {
  fails = () => false;
  world = await startWorld({
    carrierEnvironment: "live",
    policy: { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 } },
    watchApi: (api): BatchCallApi => ({
      ...api,
      async replaceList(batchId, recipients, options) {
        if (fails(batchId)) throw new Problem("unavailable", "The API is busy.");
        return api.replaceList(batchId, recipients, options);
      },
      async createDraft(plan, key) {
        if (fails("new")) throw new Problem("unavailable", "The API is busy.");
        return api.createDraft(plan, key);
      },
    }),
  });
  await world.file("long.csv", fileOf(span(0, people - 1)));
  id = (await world.tool("create_batch_call", longRequest())).batch.batch_id;
});
afterEach(() => world.stop());

const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);

function fileOf(persons: readonly number[]): string {
  return ["name,city,phone", ...persons.map((n) => `P${n},Rome,${usNumber(n)}`)].join("\n");
}

/** The list of these people, kept. */
async function listOf(persons: readonly number[]): Promise<string> {
  await world.file("long.csv", fileOf(persons));
  return (await world.tool("preview_batch_call", longRequest())).list_id;
}

const update = async (persons: readonly number[]) =>
  world.tool("update_batch", { batch_id: id, list_id: await listOf(persons) });

/** The people of each part who may be called, or were, by what they are in `usNumber`. */
async function peopleOfParts(): Promise<readonly (readonly number[])[]> {
  const { batch } = await world.tool("get_batch_status", { batch_id: id });
  const places = new Map(span(0, people + 2000).map((n) => [usNumber(n) as string, n]));
  return Promise.all(
    batch.parts.map(async ({ batch_id }: { batch_id: string }) => {
      const found: number[] = [];
      for (let page = 0; page < 11; page++) {
        const { rows } = await world.api.listTasks(batch_id, { page, limit: 100 });
        for (const { toNumber, status } of rows) if (status !== "cancelled") found.push(places.get(toNumber) ?? -1);
      }
      return found.toSorted((a, b) => a - b);
    }),
  );
}

describe("another list of linked batches", () => {
  test("leaves who stays in their part, takes out who left, and puts who is new where there is room", async () => {
    const wanted = [...span(5, people - 1), ...span(people, people + 19)];
    const changed = await update(wanted.toReversed());
    expect(changed.list_change).toMatchObject({ added: 20, removed: 5, changed: 0, unchanged: people - 5 });
    expect(changed.batch).toMatchObject({ batch_id: id, status: "draft", counts: { total: people + 15 } });
    expect(await peopleOfParts()).toEqual([span(5, 999), span(1000, 1999), [...span(2000, people + 19)]]);
    // Once more it changes nothing.
    const again = await update(wanted.toReversed());
    expect(again.list_change).toMatchObject({ added: 0, removed: 0, changed: 0, unchanged: people + 15 });
    expect(await peopleOfParts()).toEqual([span(5, 999), span(1000, 1999), span(2000, people + 19)]);
    // Results stand beside the rows of the list as it is now.
    const { results } = await world.tool("get_batch_results", { batch_id: id, limit: 1, columns: ["name"] });
    expect(results).toMatchObject([{ cells: { name: "P5" } }]);
  });

  test("makes a further part of those for whom there is no room, which one agreement covers", async () => {
    const changed = await update(span(0, 3209));
    expect(changed.list_change).toMatchObject({ added: 1200, unchanged: people });
    expect((await peopleOfParts()).map(({ length }) => length)).toEqual([1000, 1000, 1000, 210]);
    expect(new Set((await peopleOfParts()).flat()).size).toBe(3210);
    world.person.willAnswer({ kind: "accepted", typedRecipients: 3210 });
    const { batch } = await world.tool("start_batch", { batch_id: id, start: "now" });
    expect(batch).toMatchObject({ status: "sent", counts: { total: 3210 } });
  });

  test("ends what was agreed to where somebody is new, and holds nobody else", async () => {
    world.person.willAnswer({ kind: "accepted", typedRecipients: people });
    await world.tool("start_batch", { batch_id: id, start: "now" });
    const changed = await update(span(0, people));
    expect(changed.list_change).toMatchObject({ added: 1 });
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    expect(batch.held_reason).toMatch(/^part 3 of 3: /);
    expect(batch.allowed_actions).toContain("resume_batch");
    const { list_change } = await update([...span(500, 1999), ...span(2005, people)]);
    expect(list_change.removed + list_change.not_removed.length).toBe(505);
    expect((await world.tool("get_batch_status", { batch_id: id })).batch.held_reason).toMatch(/^part 3 of 3: /);
  });

  test("calls nobody again who is taken out during their call, in any part", async () => {
    world.carrier.callMs = 5 * 60_000;
    for (const n of span(0, people - 1)) world.carrier.script(usNumber(n), "no_answer", "answered");
    const retries = { retry_config: { enabled: true, max_attempts: 3 } };
    await world.tool("update_batch", { batch_id: id, ...retries });
    world.person.willAnswer({ kind: "accepted", typedRecipients: people });
    await world.tool("start_batch", { batch_id: id, start: "now" });
    await world.clock.advance({ ms: 500 });
    const called = new Set(world.carrier.rings.map(({ toNumber }) => toNumber));
    expect(called.size).toBeGreaterThan(0);
    const others = span(0, people - 1).filter((n) => !called.has(usNumber(n)));
    const { list_change } = await update(others);
    expect(list_change).toMatchObject({ removed: 0, added: 0 });
    expect(list_change.not_removed).toHaveLength(called.size);
    await world.clock.advance({ minutes: 70 });
    const again = world.carrier.rings.filter(({ toNumber }) => called.has(toNumber));
    expect(again).toHaveLength(called.size);
  });

  test("adds a part to a group that is paused: one call and one agreement let all of it go on", async () => {
    world.person.willAnswer({ kind: "accepted", typedRecipients: people });
    await world.tool("start_batch", { batch_id: id, start: "now" });
    await world.tool("pause_batch", { batch_id: id });
    const list_id = await listOf(span(0, 3000));
    expect(await world.text("update_batch", { batch_id: id, list_id })).toMatch(
      /^Nobody is called until resume_batch: .* starts those that did not begin, under one agreement\./,
    );
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    expect(batch.parts.map(({ status }: { status: string }) => status)).toEqual(["sent", "sent", "sent", "draft"]);
    expect(batch.allowed_actions).toContain("resume_batch");
    expect(batch.allowed_actions).not.toContain("start_batch");
    const refused = await world.problem("start_batch", { batch_id: id, start: "now" });
    expect(refused).toMatchObject({ code: "wrong_state", message: expect.stringContaining("from here: resume_batch") });

    const { pending } = batch.counts;
    world.person.willAnswer({ kind: "accepted", typedRecipients: pending });
    const resumed = await world.tool("resume_batch", { batch_id: id });
    expect(resumed.batch.parts.map(({ status }: { status: string }) => status)).toEqual(Array(4).fill("sent"));
    expect(resumed.batch).toMatchObject({ status: "sent", is_paused: false });
    expect(resumed.batch.held_reason).toBeUndefined();
    expect(world.person.asked.at(-1)).toMatchObject({
      recipients: pending,
      changes: expect.arrayContaining(["1 person in parts that did not begin yet"]),
    });
    expect((await world.problem("resume_batch", { batch_id: id })).message).toMatch(
      /none of its parts can be resumed by this\. .*Allowed from here: pause_batch, /,
    );
  });

  test("adds a part to a paused group, and what a person agrees to on a page starts all of it", async () => {
    world.person.willAnswer({ kind: "accepted", typedRecipients: people });
    await world.tool("start_batch", { batch_id: id, start: "now" });
    await world.tool("pause_batch", { batch_id: id });
    await update(span(0, 3000));
    world.person.willAnswer({ kind: "unsupported" });
    expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
    const page = world.pages.at(-1);
    const by = { principal: "operator", channel: "page" } as const;
    const { pending } = (await world.tool("get_batch_status", { batch_id: id })).batch.counts;
    world.approvals.approve(page?.id ?? "", pending, by, world.clock.now());
    const approved = world.approvals.get(page?.id ?? "", world.clock.now());
    if (!approved) throw new Error("The question is gone");
    expect((await world.campaigns.askedPeople(approved, { page: pending - 1, limit: 1 }))?.people).toHaveLength(1);
    await world.campaigns.proceed(approved);
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    expect(batch.parts.map(({ status }: { status: string }) => status)).toEqual(Array(4).fill("sent"));
    expect(batch.held_reason).toBeUndefined();
  });

  test("ends a part in which nobody is left", async () => {
    const changed = await update(span(0, 1999));
    expect(changed.list_change).toMatchObject({ removed: 10, added: 0 });
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    expect(batch.parts.map(({ status }: { status: string }) => status)).toEqual(["draft", "draft", "cancelled"]);
    // Whom it did not call comes into a new part when they are wanted again.
    expect((await update(span(0, 2004))).list_change).toMatchObject({ added: 5 });
    expect((await peopleOfParts()).map(({ length }) => length)).toEqual([1000, 1000, 0, 5]);
  });
});

describe("a change that is cut off", () => {
  test("says which parts were changed, and the same call goes on: nobody is in two parts", async () => {
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    const [, , third] = batch.parts.map(({ batch_id }: { batch_id: string }) => batch_id);
    fails = (batchId) => batchId === third || batchId === "new";
    const list_id = await listOf(span(1, 3209));
    const problem = await world.problem("update_batch", { batch_id: id, list_id });
    expect(problem.code).toBe("unavailable");
    expect(problem.message).toContain("parts 3, 4 of 4 (rows 2001 to 3000,");
    expect(problem.message).toContain("Parts 1, 2 of 4: changed");
    expect(problem.message).toContain("Repeat the same update_batch");
    fails = () => false;
    // Another order of rows, after a restart.
    const later = world.another();
    await later.tool("update_batch", { batch_id: id, list_id: await listOf(span(1, 3209).toReversed()) });
    const parts = await peopleOfParts();
    expect(parts.map(({ length }) => length)).toEqual([1000, 1000, 1000, 209]);
    expect(new Set(parts.flat()).size).toBe(3209);
  });

  test("keeps who was promised to a part there, though another list is given next", async () => {
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    fails = (batchId) => batchId === batch.parts[0].batch_id;
    // Part 3 is full with the others, so the last one comes into the place that became free in part 1.
    await world.problem("update_batch", { batch_id: id, list_id: await listOf(span(1, 3000)) });
    fails = () => false;
    // That request may still arrive, so it stays part 1, though part 3 has room by now.
    await update([...span(1, 1999), 3000]);
    expect((await peopleOfParts())[0]).toEqual([...span(1, 999), 3000]);
  });
});

test("a person with one number in one part and one in another is refused with the row, and nothing is changed", async () => {
  const rows = span(0, people - 1).map((n) => `P${n},${usNumber(n)},${n === 3 ? usNumber(1500) : ""}`);
  // Whose own number that was is not on the list any more: until they are taken out they may still be called.
  await world.file("two.csv", ["name,phone,second", ...rows.filter((_, n) => n !== 1500)].join("\n"));
  const columns = { to_number: ["phone", "second"] };
  const { list_id } = await world.tool("preview_batch_call", longRequest({ tasks_file: "two.csv", columns }));
  const problem = await world.problem("update_batch", { batch_id: id, list_id });
  expect(problem.code).toBe("wrong_state");
  expect(problem.message).toMatch(/^Of row 5 .*two parts would call one phone\. Nothing was changed\./);
  expect((await peopleOfParts()).map(({ length }) => length)).toEqual([1000, 1000, 10]);
});

test("the list of one part alone is not replaced, nor that of a group that was cancelled", async () => {
  const { batch } = await world.tool("get_batch_status", { batch_id: id });
  const list_id = await listOf(span(0, 500));
  const ofPart = await world.problem("update_batch", { batch_id: batch.parts[0].batch_id, list_id });
  expect(ofPart).toMatchObject({ code: "unsupported", message: expect.stringContaining(`batch_id: "${id}"`) });
  await world.tool("cancel_batch", { batch_id: id });
  expect((await world.problem("update_batch", { batch_id: id, list_id })).code).toBe("wrong_state");
});
