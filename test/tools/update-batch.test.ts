import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, test } from "vitest";
import { HostedApi } from "../support/http/hosted-api.ts";
import { numberOf, request, startWorld, type World, type WorldSetup } from "../support/world.ts";

let world: World;
let hosted: HostedApi | undefined;
afterEach(async () => {
  await world.stop();
  await hosted?.stop();
  hosted = undefined;
});

const open = async (setup: WorldSetup = {}): Promise<void> => {
  world = await startWorld(setup);
};
const live = () => open({ carrierEnvironment: "live" });
const people = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, n) => numberOf(first + n));
const update = (id: string, changes: object) =>
  world.whileTimePasses(world.tool("update_batch", { batch_id: id, ...changes }));
const keep = async (...numbers: string[]): Promise<string> => {
  const tasks = numbers.map((to_number, n) => ({ to_number, dynamic_variables: { first_name: `P${n}` } }));
  return (await world.tool("preview_batch_call", request(1, { tasks, ...(hosted && { agent_id: "agent_1" }) })))
    .list_id;
};
const setList = async (id: string, ...numbers: string[]) => update(id, { list_id: await keep(...numbers) });
const retries = (max_attempts: number) => ({ retry_config: { enabled: true, max_attempts } });
const rung = (): string[] => world.carrier.rings.map(({ toNumber }) => toNumber);
const create = async (recipients: number, changes: object = {}): Promise<string> =>
  (await world.whileTimePasses(world.tool("create_batch_call", request(recipients, changes)))).batch.batch_id;

/** Live, of so many people, started by a person's agreement; five were called, and the calls last. */
async function running(recipients: number, changes: object = {}): Promise<string> {
  world.carrier.callMs = 30 * 60_000;
  const id = await create(recipients, changes);
  world.person.willAnswer({ kind: "accepted", typedRecipients: recipients });
  await world.whileTimePasses(world.tool("start_batch", { batch_id: id, start: "now" }));
  await world.clock.advance({ ms: 200 });
  return id;
}

test("an edit of a held batch about which a person is being asked says that the question is over, and that nobody is called", async () => {
  await live();
  const id = await running(12);
  const left = 12 - rung().length;
  await update(id, { stop_when: { calls: 11 } });
  expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
  const { output, text } = await world.answer("update_batch", { batch_id: id, stop_when: { calls: 10 } });
  expect(output).toMatchObject({ starts_by_itself: false, question_ended: true });
  expect(text).toMatch(
    /^Nobody is called until resume_batch: the batch is held\.\nThe question that a person was asked is over: /,
  );
  const status = await world.tool("get_batch_status", { batch_id: id });
  expect(status.batch.start_status ?? "").not.toContain("starts by itself");
  // What changes nothing that is agreed to leaves the question open.
  expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
  const slower = await world.answer("update_batch", { batch_id: id, pace: { at_once: 1 } });
  expect(slower.output).toMatchObject({ starts_by_itself: true });
  expect(slower.output["question_ended"]).toBeUndefined();
  expect(slower.text).toMatch(/^A start waits for a person/);
  expect(left).toBe(7);
});

test("an edit of a draft about which a person is being asked says that the question is over", async () => {
  await live();
  const id = await create(3);
  expect((await world.problem("start_batch", { batch_id: id, start: "now" })).code).toBe("needs_approval");
  const { output, text } = await world.answer("update_batch", { batch_id: id, ...retries(2) });
  expect(output).toMatchObject({ starts_by_itself: false, question_ended: true });
  expect(text).toContain("start_batch asks anew");
});

describe("the list of a draft", () => {
  test("is the one that is given, and the same again changes nothing", async () => {
    await live();
    const id = await create(3);
    const changed = await setList(id, ...people(2, 5));
    expect(changed).toMatchObject({
      batch: { status: "draft", counts: { total: 4 } },
      starts_by_itself: false,
      list_change: { added: 2, removed: 1, not_removed: [] },
    });
    expect((await setList(id, ...people(2, 5))).list_change).toMatchObject({ added: 0, changed: 0, removed: 0 });
    expect((await world.tool("get_list", { list_id: await keep(...people(2, 5)) })).batch_ids).toEqual([id]);
    world.person.willAnswer({ kind: "accepted", typedRecipients: 4 });
    await world.whileTimePasses(world.tool("start_batch", { batch_id: id, start: "now" }));
    await world.clock.advance({ minutes: 10 });
    expect(rung().sort()).toEqual(people(2, 5));
  });

  test("that was changed is not what its first content asks for again", async () => {
    await live();
    const id = await create(3);
    await setList(id, ...people(2, 5));
    const again = await world.whileTimePasses(world.tool("create_batch_call", request(3)));
    expect(again).toMatchObject({ replayed: false, batch: { counts: { total: 3 } } });
    expect(again.batch.batch_id).not.toBe(id);
    expect((await world.tool("create_batch_call", request(3))).batch.batch_id).toBe(again.batch.batch_id);
  });

  test("voids a question that is open about it", async () => {
    await live();
    const id = await create(3);
    world.person.willAnswer({ kind: "unsupported" });
    await world.whileTimePasses(world.problem("start_batch", { batch_id: id, start: "now" }));
    const page = world.pages.at(-1);
    await setList(id, ...people(1, 4));
    expect(world.approvals.get(page?.id ?? "", world.clock.now())?.state).toBe("voided");
  });

  test("that has nobody to call is refused, and so is an empty change", async () => {
    await live();
    const id = await create(3);
    const listId = await keep(numberOf(9));
    const { list_id: empty } = await world.tool("change_list", { list_id: listId, leave_out: [1] });
    const problem = await world.problem("update_batch", { batch_id: id, list_id: empty });
    expect(problem).toMatchObject({ code: "invalid_input", issues: [{ field: "list_id", code: "nobody_to_call" }] });
    expect((await world.problem("update_batch", { batch_id: id })).code).toBe("invalid_input");
    expect((await world.tool("get_batch_status", { batch_id: id })).batch.counts.total).toBe(3);
  });
});

describe("the list of a scheduled batch that calls for real", () => {
  const scheduled = async (): Promise<string> => {
    const id = await create(3);
    world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
    const at = { start: "at_time", start_at: "2026-03-02T12:00" };
    await world.whileTimePasses(world.tool("start_batch", { batch_id: id, ...at }));
    return id;
  };

  test("with more people is that of a draft, which does not start by itself", async () => {
    await live();
    const id = await scheduled();
    expect(await setList(id, ...people(1, 4))).toMatchObject({ batch: { status: "draft" }, starts_by_itself: false });
    await world.clock.advance({ hours: 12 });
    expect(rung()).toEqual([]);
  });

  test("with fewer people starts for them at its time", async () => {
    await live();
    const id = await scheduled();
    expect(await setList(id, ...people(1, 2))).toMatchObject({
      batch: { status: "scheduled" },
      starts_by_itself: true,
    });
    await world.clock.advance({ hours: 12 });
    expect(rung().sort()).toEqual(people(1, 2));
  });
});

describe("the list of a batch that runs and calls for real", () => {
  test("with fewer people goes on for them without a question", async () => {
    await live();
    const id = await running(12);
    const asked = world.person.asked.length;
    const changed = await setList(id, ...people(1, 10));
    expect(changed).toMatchObject({ starts_by_itself: true, list_change: { added: 0, removed: 2 } });
    await world.clock.advance({ hours: 2 });
    expect(rung().sort()).toEqual(people(1, 10));
    expect(world.person.asked.length).toBe(asked);
  });

  test("with more people calls nobody until a person agreed to what changed", async () => {
    await live();
    const id = await running(12);
    const before = rung().length;
    const changed = await setList(id, ...people(1, 10), ...people(21, 22));
    expect(changed).toMatchObject({
      starts_by_itself: false,
      batch: { held_reason: expect.stringContaining("changed") },
      list_change: { added: 2, removed: 2 },
    });
    await world.clock.advance({ hours: 2 });
    expect(rung()).toHaveLength(before);
    world.person.willAnswer({ kind: "declined" });
    expect((await world.problem("resume_batch", { batch_id: id })).code).toBe("needs_approval");
    world.person.willAnswer({ kind: "accepted", typedRecipients: 12 - before });
    await world.whileTimePasses(world.tool("resume_batch", { batch_id: id }));
    expect(world.person.asked.at(-1)).toMatchObject({ changes: ["2 people added", "2 people taken out"] });
    await world.clock.advance({ hours: 2 });
    expect(rung().sort()).toEqual([...people(1, 10), ...people(21, 22)].sort());
  });

  test("is not called by a change where the account's own system had started it", async () => {
    await live();
    world.carrier.callMs = 30 * 60_000;
    const id = await create(12);
    await world.api.executeBatch(id);
    await world.clock.advance({ ms: 200 });
    const before = rung().length;
    await setList(id, ...people(1, 13));
    await world.clock.advance({ hours: 2 });
    expect(rung()).toHaveLength(before);
  });

  test("keeps the row and the cells of who was called before they were taken out", async () => {
    await open({ carrier: { [numberOf(2)]: ["busy"] } });
    const retried = { retry_config: { enabled: true, max_attempts: 2 }, start: "now" };
    const tasks_csv = `name,phone\nAnn,${numberOf(1)}\nBob,${numberOf(2)}\n`;
    const of = request(1, { tasks: undefined, tasks_csv, ...retried });
    const { batch, list_id } = await world.tool("create_batch_call", of);
    const id = { batch_id: batch.batch_id };
    await world.clock.advance({ minutes: 5 });
    const without = await world.tool("change_list", { list_id, leave_out: [2] });
    const moved = [{ row: 3, column: "phone", value: numberOf(3) }];
    const changed = await world.tool("change_list", { list_id: without.list_id, set_cells: moved });
    await update(batch.batch_id, { list_id: changed.list_id });
    const { results } = await world.tool("get_batch_results", { ...id, show_numbers: true });
    expect(results.map(({ row, to_number }: Record<string, unknown>) => [row, to_number])).toEqual([
      [2, numberOf(1)],
      [3, numberOf(2)],
      [3, numberOf(3)],
    ]);
    const { path } = await world.tool("export_batch_results", { ...id, format: "jsonl" });
    const lines = (await readFile(path, "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).list?.name)).toEqual(["Ann", "Bob", "Bob"]);
    const { list_rows: rows } = await world.tool("get_list", { list_id: changed.list_id });
    expect(rows).toMatchObject([
      { row: 2, code: "left_out", status: "completed", outcome: "answered" },
      { row: 3, fate: "accepted", status: "calling" },
    ]);
  });

  test("keeps what cannot change any more, and says so", async () => {
    await live();
    const id = await running(12);
    const called = rung();
    const { list_change: change } = await setList(id, numberOf(12));
    expect(change.not_removed.map(({ to_number }: { to_number: string }) => to_number).sort()).toEqual(called.sort());
    const told = await world.text("update_batch", { batch_id: id, list_id: await keep(numberOf(12)) });
    expect(told).toContain(
      "5 could not be removed: their call is under way or over. Nobody of them is called again; a call under way ends and keeps its outcome",
    );
    const problem = await world.problem("update_batch", {
      batch_id: id,
      agent_id: "agent_c3a9e7d4-8f16-4b0d-a2c8-1e5f7b9d6034",
    });
    expect(problem).toMatchObject({ code: "wrong_state", message: expect.stringContaining("list_id") });
  });
});

describe("the rules of a batch", () => {
  test("that runs and calls for real are asked about again, before and after", async () => {
    await live();
    const id = await running(12);
    const left = 12 - rung().length;
    expect(await update(id, retries(3))).toMatchObject({ starts_by_itself: false });
    world.person.willAnswer({ kind: "accepted", typedRecipients: left });
    await world.whileTimePasses(world.tool("resume_batch", { batch_id: id }));
    expect(world.person.asked.at(-1)).toMatchObject({
      changes: ["Calls to each person, at most: 1 before, 3 now", "When people are called again"],
    });
  });

  test("keep the operator's calling hours, whatever quiet hours are given", async () => {
    await open({ carrierEnvironment: "live", policy: { hours: { start: "09:00", end: "20:00" } } });
    const id = await create(2);
    await update(id, { quiet_hours: { enabled: false, start_time: "00:00", end_time: "00:01" } });
    world.person.willAnswer({ kind: "accepted", typedRecipients: 2 });
    await world.whileTimePasses(world.tool("start_batch", { batch_id: id, start: "now" }));
    expect(world.person.asked.at(-1)?.hours).toMatchObject({ start: "09:00", end: "20:00" });
  });

  test("of a simulated batch change while it runs, and it goes on", async () => {
    await open();
    world.carrier.callMs = 10 * 60_000;
    const id = await create(3);
    await world.tool("start_batch", { batch_id: id, start: "now" });
    expect(await update(id, retries(2))).toMatchObject({ starts_by_itself: true });
    expect(await setList(id, ...people(1, 4))).toMatchObject({ starts_by_itself: true, list_change: { added: 1 } });
  });

  test("that make no sense are refused before anything is changed", async () => {
    await live();
    const id = await create(2);
    const quiet = { enabled: true, start_time: "08:00", end_time: "08:00" };
    expect((await world.problem("update_batch", { batch_id: id, quiet_hours: quiet })).code).toBe("invalid_input");
  });
});

describe("at an API that changes a draft only as a whole", () => {
  const openHosted = async (): Promise<void> => {
    hosted = await HostedApi.start();
    const { url } = hosted;
    await open({ upstream: () => url });
  };
  const createThere = () => create(3, { agent_id: "agent_1", retry_config: { enabled: true, max_attempts: 2 } });

  test("the whole draft is sent with the new list, its rules as they were, and read back", async () => {
    await openHosted();
    const id = await createThere();
    const changed = await setList(id, ...people(2, 5));
    expect(changed).toMatchObject({
      batch: { status: "draft" },
      list_change: { added: 2, changed: 2, removed: 1 },
      unverified: expect.arrayContaining(["retry_config"]),
    });
    expect(hosted?.seen.findLast(({ method }) => method === "PUT")?.body).toMatchObject({
      status: "draft",
      send_now: false,
      retry_config: { enabled: true, max_attempts: 2 },
      name: hosted?.batches.get(id)?.name,
    });
    world.person.willAnswer({ kind: "accepted", typedRecipients: 4 });
    const started = await world.whileTimePasses(world.tool("start_batch", { batch_id: id, start: "now" }));
    expect(started.batch.status).toBe("sent");
  });

  test("rules alone, and a batch that began, are left as they are", async () => {
    await openHosted();
    const id = await createThere();
    const rules = { retry_config: { enabled: true, max_attempts: 3 } };
    expect((await world.problem("update_batch", { batch_id: id, ...rules })).code).toBe("unsupported");
    hosted?.execute(id);
    const late = await world.problem("update_batch", { batch_id: id, list_id: await keep(...people(1, 2)) });
    expect(late.code).toBe("wrong_state");
    expect(hosted?.seen.filter(({ method }) => method === "PUT" || method === "PATCH")).toEqual([]);
  });
});
