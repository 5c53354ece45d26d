import { afterEach, beforeEach, expect, test } from "vitest";
import { fromBatchBody } from "../../../src/contract/batch/batch.ts";
import { batchOf, callerId, type Json, ServiceWorld } from "../../support/service-world.ts";

const newYork = "+12125550142";
const london = "+442079460018";

let world: ServiceWorld;
beforeEach(async () => {
  world = await ServiceWorld.start();
});
afterEach(() => world.stop());

const post = (body: object) => world.call("POST", "/batch-call", { body: batchOf(body) });
const patch = (id: string, body: Json) => world.call("PATCH", `/batch-call/${id}`, { body });
const tasks = [{ to_number: "+12125550123" }, { to_number: "+442079460123" }, { to_number: "+442079460124" }];
const both = { more_from_numbers: [newYork, london] };

test("more caller ids are kept, shown with how many people each is nearest to, and part of what is agreed to", async () => {
  const id = await world.create({ tasks, ...both });
  const draft = await world.batch(id);
  expect(draft).toMatchObject({
    from_number: callerId,
    ...both,
    caller_ids: [
      { from_number: callerId, recipients: 0 },
      { from_number: newYork, recipients: 1 },
      { from_number: london, recipients: 2 },
    ],
  });
  expect(fromBatchBody(draft)).toMatchObject({
    moreFromNumbers: [newYork, london],
    callerIds: [{}, { people: 1 }, {}],
  });
  await patch(id, { more_from_numbers: [london] });
  const other = await world.batch(id);
  expect(other.more_from_numbers).toEqual([london]);
  expect(other.content_digest).not.toBe(draft.content_digest);
  await patch(id, { more_from_numbers: [] });
  const alone = await world.batch(id);
  expect([alone.more_from_numbers, alone.caller_ids]).toEqual([undefined, undefined]);
});

test("each attempt shows the number that it was called from", async () => {
  const id = await world.create({ tasks, ...both });
  await world.call("POST", `/batch-call/${id}/execute`, { body: {} });
  await world.clock.advance({ minutes: 5 });
  const { body } = await world.call("GET", `/batch-call/${id}/tasks`);
  const from = body.data.tasks.map((task: Json) => task.attempts.map((attempt: Json) => attempt.from_number));
  expect(from).toEqual([[newYork], [london], [london]]);
});

test.each([
  ["one that the account does not have", { more_from_numbers: [london, "+12125550199"] }, "more_from_numbers[1]"],
  ["the first one again", { more_from_numbers: [callerId] }, "more_from_numbers"],
  ["one twice", { more_from_numbers: [london, london] }, "more_from_numbers"],
])("%s is refused at creation and as a change", async (_, wrong, field) => {
  const refused = await post({ tasks, ...wrong });
  expect(refused.status).toBe(400);
  expect(JSON.stringify(refused.body)).toContain(field);
  const id = await world.create({ tasks });
  const changed = await patch(id, wrong);
  expect(changed.status).toBe(400);
  expect(JSON.stringify(changed.body)).toContain(field);
  expect((await world.batch(id)).more_from_numbers).toBeUndefined();
});

test("nobody is called under the number of a caller id, whichever came first", async () => {
  const words = "Must differ from from_number and more_from_numbers.";
  const onList = [...tasks, { to_number: london }];
  const asFallback = [{ to_number: "+12125550123", fallback_number: london }];
  for (const list of [onList, asFallback]) {
    expect(JSON.stringify((await post({ tasks: list, ...both })).body)).toContain(words);
    const id = await world.create({ tasks: list });
    expect(JSON.stringify((await patch(id, both)).body)).toContain(words);
  }
  const id = await world.create({ tasks, ...both });
  const appended = await world.call("POST", `/batch-call/${id}/tasks`, { body: { tasks: [{ to_number: london }] } });
  expect(JSON.stringify(appended.body)).toContain(words);
  expect((await world.batch(id)).total).toBe(3);
});
