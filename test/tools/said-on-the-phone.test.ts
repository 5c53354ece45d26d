import { afterEach, beforeEach, expect, test } from "vitest";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld({ now: "2026-03-02T15:00:00Z" });
});
afterEach(() => world.stop());

const tomorrow = { start: "at_time", start_at: "2026-03-03T12:00", timezone: "America/New_York" };

async function create(name: string, changes: object): Promise<string> {
  return (await world.tool("create_batch_call", request(2, { name, ...changes }))).batch.batch_id;
}

test("who opts out in one batch is seen to be left out of the others, drafts too, and why", async () => {
  world.carrier.say(numberOf(1), { optOut: true });
  const draft = await create("Draft", { start: "draft" });
  const scheduled = await create("Scheduled", tomorrow);
  const running = await create("Running", { start: "now" });
  await world.clock.advance({ minutes: 1 });

  const { results } = await world.tool("get_batch_results", { batch_id: running });
  const [{ call_id: callId, reason }] = results;
  expect(reason).toBe("answered; asked not to be called again");
  expect((await world.tool("get_batch_status", { batch_id: running })).batch).toMatchObject({ opted_out: 1 });
  for (const id of [draft, scheduled]) {
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    expect(batch).toMatchObject({ do_not_call: 1, counts: { total: 2, pending: 1, cancelled: 1 } });
    expect(await world.text("get_batch_status", { batch_id: id })).toContain("on the do-not-call list: 1");
    const [dropped] = (await world.tool("get_batch_results", { batch_id: id })).results;
    expect(dropped).toMatchObject({ status: "cancelled", reason: expect.stringContaining(`in ${callId} of`) });
  }
  const { listed } = await world.tool("check_do_not_call", { numbers: [numberOf(1)] });
  expect(listed).toMatchObject([
    { reason: "asked on the phone not to be called again", added_by: `${callId} of ${running}` },
  ]);
  await world.tool("start_batch", { batch_id: draft, start: "now" });
  await world.clock.advance({ days: 2 });
  expect(world.carrier.rings.filter(({ toNumber }) => toNumber === numberOf(1))).toHaveLength(1);
});

test("an answer about an opt-out that can mean either holds the number back and calls for a person, with the words and what to do", async () => {
  world.carrier.answers.set(numberOf(1), [{ name: "opt_out", value: "maybe later" }]);
  world.carrier.answers.set(numberOf(2), [{ name: "opt_out", value: "not requested" }]);
  const draft = await create("Draft", { start: "draft" });
  const retries = { retry_config: { enabled: true, max_attempts: 3 } };
  const id = await create("Running", { start: "now", ...retries });
  await world.clock.advance({ minutes: 1 });
  for (const tool of ["get_batch_status", "get_batch_results"]) {
    const { opt_outs: optOuts } = await world.tool(tool, { batch_id: id });
    expect(optOuts).toMatch(/^Of 1 person it is not clear .*\(opt_out: "maybe later"\).*update_do_not_call_list/);
    expect(await world.text(tool, { batch_id: id })).toContain(optOuts);
  }
  const { listed } = await world.tool("check_do_not_call", { numbers: [numberOf(1), numberOf(2)] });
  const reason = 'may have asked on the phone not to be called again ("maybe later")';
  expect(listed).toMatchObject([{ reason: `${reason}; take it off the list if they did not` }]);
  const [first, second] = (await world.tool("get_batch_results", { batch_id: id })).results;
  expect(first.reason).toBe('answered; may have asked not to be called again ("maybe later")');
  const { opt_out: said } = (await world.tool("get_call", { call_id: first.call_id })).call;
  expect(said).toMatch(/^It is not clear .*\(opt_out: "maybe later"\).*\(action: "remove"\)/);
  expect((await world.tool("get_call", { call_id: second.call_id })).call.opt_out).toBeUndefined();
  await world.tool("start_batch", { batch_id: draft, start: "now" });
  await world.clock.advance({ days: 2 });
  const ringsOf = (n: number) => world.carrier.rings.filter(({ toNumber }) => toNumber === numberOf(n)).length;
  expect([ringsOf(1), ringsOf(2)]).toEqual([1, 2]);
});

test("when somebody is called back is their next attempt", async () => {
  world.carrier.say(numberOf(1), { callBackAt: "2026-03-03T10:00:00-05:00" });
  const id = await create("Running", { start: "now", retry_config: { enabled: true, max_attempts: 2 } });
  await world.clock.advance({ minutes: 1 });
  const [waiting] = (await world.tool("get_batch_results", { batch_id: id })).results;
  expect(waiting).toMatchObject({
    status: "pending",
    outcome: "answered",
    reason: "asked to be called back at 2026-03-03 10:00 (America/New_York)",
    next_attempt_at: { utc: "2026-03-03T15:00:00Z" },
    waits_for: "retry",
  });
});

test("a wrong number is told as such, and a retry of the batch does not call it", async () => {
  world.carrier.say(numberOf(1), { wrongNumber: true });
  world.carrier.script(numberOf(2), "no_answer");
  const id = await create("Running", { start: "now" });
  await world.clock.advance({ minutes: 5 });
  const [wrong] = (await world.tool("get_batch_results", { batch_id: id })).results;
  expect(wrong).toMatchObject({ status: "failed", outcome: "answered" });
  expect(wrong.reason).toBe("answered; a wrong number, which is not called again");
  const again = request(1, { name: "Again", from_batch: { batch_id: id }, start: "now" });
  const { tasks: _, ...retry } = again as Record<string, unknown>;
  await world.tool("create_batch_call", retry);
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings.map(({ toNumber }) => toNumber).toSorted()).toEqual(
    [numberOf(1), numberOf(2), numberOf(2)].toSorted(),
  );
});

test("a retry that asks for those who answered leaves wrong numbers out, and says so", async () => {
  world.carrier.say(numberOf(1), { wrongNumber: true });
  const id = await create("Running", { start: "now" });
  await world.clock.advance({ minutes: 5 });
  const from_batch = { batch_id: id, outcomes: ["answered"] };
  const created = await world.tool(
    "create_batch_call",
    request(1, { name: "Again", tasks: undefined, from_batch, start: "now" }),
  );
  expect(created.batch.counts.total).toBe(1);
  expect(JSON.stringify(created)).toContain("1 at a wrong number");
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings.filter(({ toNumber }) => toNumber === numberOf(1))).toHaveLength(1);
  expect(world.carrier.rings.filter(({ toNumber }) => toNumber === numberOf(2))).toHaveLength(2);
});

const [ann, annAtWork, bob, bobAtWork] = [1, 2, 3, 4].map(numberOf);
const withSecondNumbers = `name,phone,second phone\nAnn,${ann},${annAtWork}\nBob,${bob},${bobAtWork}`;
const columns = { to_number: ["phone", "second phone"] };

async function firstIsWrong(changes: object = {}): Promise<{ readonly id: string; readonly list_id: string }> {
  world.carrier.say(String(ann), { wrongNumber: true });
  for (const number of [annAtWork, bob, bobAtWork]) world.carrier.script(String(number), "no_answer", "no_answer");
  const source = { tasks: undefined, tasks_csv: withSecondNumbers, columns };
  const input = request(1, { name: "First", ...source, start: "now", ...changes });
  const { batch, list_id } = await world.tool("create_batch_call", input);
  await world.clock.advance({ hours: 3 });
  return { id: batch.batch_id, list_id };
}

async function retry(id: string, changes: object = {}) {
  const from_batch = { batch_id: id, ...changes };
  return world.tool(
    "create_batch_call",
    request(1, { name: `Again ${id.slice(-4)}`, tasks: undefined, from_batch, start: "now" }),
  );
}

const ringsOf = (number: string | undefined) =>
  world.carrier.rings.filter(({ toNumber }) => toNumber === number).length;

test("a retry calls the second number of who has a wrong first one, which is never called again", async () => {
  const { id } = await firstIsWrong();
  expect([ann, annAtWork, bob, bobAtWork].map(ringsOf)).toEqual([1, 1, 1, 1]);
  const again = await retry(id);
  expect(again.batch.counts.total).toBe(2);
  expect(JSON.stringify(again.notes)).toContain(
    "1 of them is called on another number alone, since the one that was called is a wrong number.",
  );
  await world.clock.advance({ hours: 3 });
  expect([ann, annAtWork, bob, bobAtWork].map(ringsOf)).toEqual([1, 2, 2, 2]);
  const { results } = await world.tool("get_batch_results", { batch_id: again.batch.batch_id, show_numbers: true });
  expect(results).toMatchObject([
    { row: 2, label: "Ann", to_number: annAtWork },
    { row: 3, label: "Bob", to_number: bob },
  ]);
  // Nor by a retry of the retry, whose calls say nothing of that number.
  for (const number of [annAtWork, bob, bobAtWork]) world.carrier.script(String(number), "no_answer");
  await retry(again.batch.batch_id, { outcomes: ["answered", "no_answer"] });
  await world.clock.advance({ hours: 3 });
  expect(ringsOf(ann)).toBe(1);
  expect(ringsOf(annAtWork)).toBe(3);
});

test("nor is it where the list is deleted, or another row repeats it", async () => {
  const { id, list_id } = await firstIsWrong({ tasks_csv: `${withSecondNumbers}\nAnn again,${ann},` });
  const preview = await world.tool(
    "preview_batch_call",
    request(1, { name: "P", tasks: undefined, from_batch: { batch_id: id } }),
  );
  expect(preview.rows).toMatchObject({ accepted: 2, refused: 1 });
  expect(preview.issues).toMatchObject([
    { row: 4, code: "not_again", message: expect.stringContaining("wrong number") },
  ]);
  await world.tool("delete_list", { list_id });
  await retry(id);
  await world.clock.advance({ hours: 3 });
  expect([ann, annAtWork, bob, bobAtWork].map(ringsOf)).toEqual([1, 2, 2, 2]);
});

test("who waited for the second number when the batch was cancelled is cancelled, and called on that one alone", async () => {
  const inHonolulu = "+18085550103";
  const quiet_hours = { enabled: true, start_time: "21:00", end_time: "09:00", timezone: "recipient" };
  world.carrier.say(String(ann), { wrongNumber: true });
  const tasks_csv = `name,phone,second phone\nAnn,${ann},${inHonolulu}`;
  const id = await create("First", { tasks: undefined, tasks_csv, columns, start: "now", quiet_hours });
  await world.clock.advance({ minutes: 5 });
  expect([ann, inHonolulu].map(ringsOf)).toEqual([1, 0]);
  await world.tool("cancel_batch", { batch_id: id });
  await retry(id, { outcomes: ["cancelled"] });
  await world.clock.advance({ hours: 3 });
  expect([ann, inHonolulu].map(ringsOf)).toEqual([1, 1]);
});
