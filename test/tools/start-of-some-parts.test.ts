import { afterEach, expect, test } from "vitest";
import { toSummaryFacts } from "../../src/campaigns/approve/index.ts";
import { longFile, longRequest } from "../support/campaigns/long-list.ts";
import { startWorld, type World, type WorldSetup } from "../support/world.ts";

const people = 2497;
const left = 1497;

const roomy = { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 } };

let world: World;
afterEach(() => world.stop());

/** Linked batches of 2,497 people, of which the part of the first 1,000 was cancelled. */
async function withoutFirstPart(setup: WorldSetup = {}, start: object = {}): Promise<{ batch_id: string }> {
  world = await startWorld({
    policy: roomy,
    ...setup,
  });
  await world.file("long.csv", longFile(people));
  const { batch } = await world.tool("create_batch_call", longRequest(start));
  const id = { batch_id: batch.batch_id };
  const [first] = (await world.tool("get_batch_status", id)).batch.parts;
  await world.tool("cancel_batch", { batch_id: first.batch_id });
  return id;
}

const tomorrow = { start: "at_time", start_at: "2026-12-01T15:00", timezone: "UTC" };
const refusal = {
  code: "invalid_input",
  issues: [
    {
      field: "expected_recipients",
      code: "other_list",
      message: "This start would call 1,497 people, not 2,497. Ask the user again before starting it.",
    },
  ],
};

test.each([
  ["drafts", {}],
  ["scheduled", { start: "at_time", start_at: "2026-03-03T15:00", timezone: "UTC" }],
])("simulated parts that are %s are counted without the cancelled one", async (_what, start) => {
  const id = await withoutFirstPart({ now: "2026-03-02T15:00:00Z" }, start);
  const wanted = { ...id, start: "now" };
  expect(await world.problem("start_batch", { ...wanted, expected_recipients: people })).toMatchObject(refusal);
  expect(world.carrier.rings).toEqual([]);
  const { batch } = await world.tool("start_batch", { ...wanted, expected_recipients: left });
  expect(batch).toMatchObject({ status: "sent", counts: { cancelled: 1000 } });
});

test("a live start of what is left takes its count, and asks about it alone", async () => {
  const id = await withoutFirstPart({ carrierEnvironment: "live" });
  const wanted = { ...id, start: "now" };
  expect(await world.problem("start_batch", { ...wanted, expected_recipients: people })).toMatchObject(refusal);
  expect(world.person.asked).toEqual([]);
  world.person.willAnswer({ kind: "accepted", typedRecipients: left });
  expect((await world.tool("start_batch", { ...wanted, expected_recipients: left })).batch.status).toBe("sent");
  const facts = toSummaryFacts(world.person.asked[0] ?? expect.fail("Nobody was asked"));
  expect(facts.find(({ label }) => label === "How many")?.lines).toEqual(["1,497 people"]);
  expect(JSON.stringify(facts)).not.toContain("2,497");
});

test("the answer that asks for approval, and the question on its page, say the count that the start takes", async () => {
  const id = await withoutFirstPart({ carrierEnvironment: "live" });
  const answer = await world.problem("start_batch", { ...id, start: "now", expected_recipients: left });
  expect(answer.code).toBe("needs_approval");
  expect(answer.message).toContain("would call 1,497 people for real");
  expect(answer.message).toContain("(expected_recipients 1497,");
  expect(world.pages.at(-1)?.summary).toMatchObject({
    recipients: left,
    parts: [{ recipients: 1000 }, { recipients: 497 }],
  });
});

test("a repeat for parts that are scheduled already as asked for is held to the count too", async () => {
  const id = await withoutFirstPart({ carrierEnvironment: "live", now: "2026-11-30T15:00:00Z" });
  const wanted = { ...id, ...tomorrow };
  world.person.willAnswer({ kind: "accepted", typedRecipients: left });
  await world.tool("start_batch", wanted);
  expect(await world.problem("start_batch", { ...wanted, expected_recipients: people })).toMatchObject(refusal);
  const again = await world.tool("start_batch", { ...wanted, expected_recipients: left });
  expect(again.batch.status).toBe("scheduled");
  expect(world.person.asked).toHaveLength(1);
});
