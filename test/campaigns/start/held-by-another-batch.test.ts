import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toSummaryFacts } from "../../../src/campaigns/approve/summary.ts";
import { toFormMessage } from "../../../src/mcp/approval-form.ts";
import { numberOf, request, startWorld, type World } from "../../support/world.ts";

const reached = [numberOf(1), numberOf(2)];
const fresh = numberOf(3);
let world: World;
let firstId: string;

// Monday 2 March 2026, 10:00 in New York.
beforeEach(async () => {
  world = await startWorld({ now: "2026-03-02T15:00:00Z", carrierEnvironment: "live" });
  agree(2);
  const { batch } = await world.tool("create_batch_call", request(2, { name: "first", start: "now" }));
  firstId = batch.batch_id;
  await world.clock.advance({ minutes: 30 });
  expect(world.carrier.rings).toHaveLength(2);
});
afterEach(() => world.stop());

const agree = (typedRecipients: number) => world.person.willAnswer({ kind: "accepted", typedRecipients });
const to = (numbers: readonly string[], changes: object = {}) =>
  request(1, {
    name: "second",
    tasks: numbers.map((to_number) => ({ to_number, dynamic_variables: { first_name: "P" } })),
    start: "now",
    ...changes,
  });

function asked() {
  const summary = world.person.asked.at(-1);
  if (!summary) throw new Error("Nobody was asked");
  const facts = Object.fromEntries(toSummaryFacts(summary).map(({ label, lines }) => [label, lines]));
  return { facts, form: toFormMessage(summary) };
}

const wait = (people: string) =>
  `${people} until Tuesday 3 March 2026, 10:00 in America/New_York, since "first" (${firstId}) called them`;

describe("people whom another batch called", () => {
  test("wait, all of them, and that is when the first phone can ring: in preview, question and status", async () => {
    const preview = await world.text("preview_batch_call", to(reached));
    expect(preview).toContain(`Held back: ${wait("2 people wait")}; `);
    expect(preview).toContain("First and last ring: not before Tuesday 3 March 2026, 10:00 in America/New_York; ");
    agree(2);
    const { batch } = await world.tool("create_batch_call", to(reached));
    const { facts, form } = asked();
    expect(facts["Held back"]?.[0]).toBe(wait("2 people wait"));
    expect(form).toContain(
      "Starts: as soon as you agree; the first phone can ring Tuesday 3 March 2026, 10:00 in America/New_York\n",
    );
    await world.clock.advance({ minutes: 5 });
    const status = await world.text("get_batch_status", { batch_id: batch.batch_id });
    expect(status).toContain(`Held back: ${wait("2 people wait")}; `);
    const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
    expect(results[0].reason).toContain(
      "waits for 2026-03-03 10:00:30 in America/New_York, after another call to this number",
    );
    await world.clock.advance({ hours: 24 });
    const second = world.carrier.rings.slice(2).map(({ at }) => at.toISOString().slice(0, 16));
    expect(second).toEqual(["2026-03-03T15:00", "2026-03-03T15:00"]);
    expect(await world.text("get_batch_status", { batch_id: batch.batch_id })).not.toContain("Held back");
  });

  test("wait beside others, who are called at once", async () => {
    agree(2);
    const { batch } = await world.tool("create_batch_call", to([numberOf(1), fresh]));
    const { facts } = asked();
    expect(facts["Held back"]?.[0]).toBe(wait("1 person waits"));
    expect(facts["Starts"]).toEqual(["now, as soon as you agree"]);
    expect(facts["First and last ring"]?.[0]).toMatch(/^not before Monday 2 March 2026, 10:30/);
    await world.clock.advance({ minutes: 5 });
    expect(world.carrier.rings.slice(2).map(({ toNumber }) => toNumber)).toEqual([fresh]);
    expect((await world.tool("get_batch_status", { batch_id: batch.batch_id })).held_back[0]).toBe(
      wait("1 person waits"),
    );
  });

  test("are told of a batch that is scheduled, and of a draft nothing", async () => {
    const soon = { start: "at_time", start_at: "2026-03-02T12:00", timezone: "America/New_York" };
    agree(2);
    const { batch } = await world.tool("create_batch_call", to(reached, soon));
    expect(asked().facts["Starts"]?.at(-1)).toBe(
      "the first phone can ring Tuesday 3 March 2026, 10:00 in America/New_York",
    );
    const status = () => world.text("get_batch_status", { batch_id: batch.batch_id });
    expect(await status()).toContain(`Held back: ${wait("2 people wait")}; `);
    await world.tool("pause_batch", { batch_id: batch.batch_id });
    expect(await status()).not.toContain("Held back");
  });

  test("do not wait for a batch that did not reach them, nor from the next day on", async () => {
    const late = { start: "at_time", start_at: "2026-03-04T12:00", timezone: "America/New_York" };
    for (const input of [to([fresh]), to(reached, late)])
      expect(await world.text("preview_batch_call", input)).not.toContain("Held back");
  });
});
