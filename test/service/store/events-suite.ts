import { describe, expect, test } from "vitest";
import { webhookBody } from "../../../src/contract/webhook-events.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { noDialGuard } from "../../../src/service/dialing/dialing.ts";
import { recordOutcome } from "../../../src/service/dialing/record-outcome.ts";
import {
  type EventMessage,
  type EventStream,
  messagesAClaim,
  streamLeaseMs,
  tellWithinMs,
} from "../../../src/service/store/event-outbox.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { DialingWorld, numberOf, organizationId, retryAfter } from "../../support/dialing/dialing-world.ts";

const endpointId = "crm";
const endpoint = { id: endpointId, name: "crm.example.com" };
const second = { id: "erp", name: "erp.example.com" };
const dayMs = 24 * 60 * 60 * 1000;

/** What every store must do with events: write each with its fact, and give each line to one teller at a time. */
export function describeEvents(name: string, openStore: () => Promise<Store>): void {
  async function start(setup: { served?: readonly (typeof endpoint)[] } = {}): Promise<DialingWorld> {
    const { leases: _, ...store } = await openStore();
    const world = new DialingWorld({ store });
    await store.events.serve(setup.served ?? [endpoint], world.clock.now());
    await world.start();
    return world;
  }

  const claim = ({ store, clock }: DialingWorld, given: { endpointId?: string; after?: string; limit?: number } = {}) =>
    store.events.claim({ endpointId, after: "", limit: 10, now: clock.now(), ...given });

  /** All that waits, in order, with every body as its contract has it. */
  async function drain(world: DialingWorld, of = endpointId) {
    const told: EventMessage[] = [];
    for (let streams = await claim(world, { endpointId: of }); streams.length > 0; ) {
      for (const stream of streams) {
        told.push(...stream.messages);
        await world.store.events.settle(stream, { delivered: stream.messages }, world.clock.now());
      }
      streams = await claim(world, { endpointId: of });
    }
    return told
      .toSorted((a, b) => a.sequence - b.sequence)
      .map(({ id, type, recordedAt, data }) => ({
        id,
        ...webhookBody.parse({
          type,
          timestamp: recordedAt.toISOString(),
          environment: "live",
          data: JSON.parse(data),
        }),
      }));
  }

  const typesOf = async (world: DialingWorld) => (await drain(world)).map(({ type }) => type);

  async function one(world: DialingWorld): Promise<EventStream> {
    const [stream] = await claim(world);
    if (!stream) throw new Error("Nothing waits");
    return stream;
  }

  describe(name, () => {
    test("the life of a batch is told in order, each call with its outcome and what follows", async () => {
      const world = await start();
      world.carrier.script(numberOf(2), "busy", "answered");
      const tasks = [1, 2].map((n) => ({ toNumber: numberOf(n), variables: { customer_id: `c-${n}` } }));
      const batchId = await world.addBatch({ tasks, rules: retryAfter(10) });
      await world.clock.advance({ minutes: 12 });
      const told = await drain(world);
      expect(told.map(({ type }) => type)).toEqual([
        "batch.started",
        "call.ended",
        "call.ended",
        "call.ended",
        "batch.finished",
      ]);
      const common = { organization_id: organizationId, batch_id: batchId, batch_name: "Reminders" };
      const calls = told.filter(({ type }) => type === "call.ended").map(({ data }) => data);
      expect(calls.find((call) => "row" in call && call.row === 1)).toMatchObject({
        ...common,
        attempt: 1,
        to_number: numberOf(1),
        from_number: "+14155550100",
        variables: { customer_id: "c-1" },
        outcome: "answered",
        recipient_status: "completed",
      });
      expect(calls.filter((call) => "row" in call && call.row === 2)).toMatchObject([
        { attempt: 1, outcome: "busy", recipient_status: "pending", next_attempt_at: expect.stringMatching(/^2026-/) },
        { attempt: 2, outcome: "answered", recipient_status: "completed" },
      ]);
      expect(told.at(-1)?.data).toMatchObject({
        ...common,
        status: "completed",
        recipients: { completed: 2, pending: 0, failed: 0 },
        outcomes: { answered: 2, busy: 0 },
      });
      expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
      expect(await world.store.events.counts()).toEqual({ waiting: 0, parked: 0 });
    });

    test("pause, resume, hold, cancel and the start of a scheduled batch are told, with the reason of a hold", async () => {
      const world = await start();
      const scheduledAt = new Date("2026-03-02T16:00:00Z");
      const batchId = await world.addBatch({ scheduledAt, recipients: 2 });
      expect(await typesOf(world)).toEqual([]);
      await world.pause(batchId);
      await world.clock.advance({ minutes: 90 });
      expect(await typesOf(world)).toEqual(["batch.paused"]);
      await world.resume(batchId);
      expect((await typesOf(world))[0]).toBe("batch.started");
      await world.clock.advance({ minutes: 2 });
      await drain(world);
      const other = await world.addBatch({ recipients: 1, scheduledAt: new Date("2026-03-02T18:00:00Z") });
      await world.store.hold({ organizationId, id: other }, () => "stopped by the operator", world.clock.now());
      expect(await drain(world)).toMatchObject([{ type: "batch.held", data: { reason: "stopped by the operator" } }]);
      await world.store.changeBatch(
        organizationId,
        other,
        { status: ["scheduled"] },
        () => ({ isPaused: false, pausedAt: undefined, heldReason: undefined }),
        world.clock.now(),
      );
      await world.cancel(other);
      expect(await typesOf(world)).toEqual(["batch.resumed", "batch.cancelled"]);
      await world.addBatch({ recipients: 1, firstNumber: 5, scheduledAt: new Date("2026-03-02T18:00:00Z") });
      await world.clock.advance({ hours: 2 });
      expect(await typesOf(world)).toEqual(["batch.started", "call.ended", "batch.finished"]);
    });

    test("an edit tells nothing, and a fact that did not happen leaves no event", async () => {
      const world = await start();
      const batchId = await world.addBatch({ scheduledAt: new Date("2026-03-09T16:00:00Z") });
      const when = { status: ["scheduled"] } as const;
      await world.store.changeBatch(organizationId, batchId, when, () => ({ name: "Others" }), world.clock.now());
      const refuse = () => {
        throw new Error("no");
      };
      await expect(world.store.changeBatch(organizationId, batchId, when, refuse, world.clock.now())).rejects.toThrow(
        "no",
      );
      await world.store.cancelBatch(organizationId, batchId, { status: ["draft"] }, world.clock.now());
      expect(await typesOf(world)).toEqual([]);
    });

    test("an opt-out is told once, with the numbers and the batches in which they waited", async () => {
      const world = await start();
      world.carrier.say(numberOf(1), { optOut: true });
      const called = await world.addBatch();
      const waiting = await world.addBatch({ scheduledAt: new Date("2026-03-09T16:00:00Z") });
      await world.clock.advance({ minutes: 1 });
      const told = await drain(world);
      expect(told.map(({ type }) => type)).toEqual([
        "batch.started",
        "recipient.opted_out",
        "call.ended",
        "batch.finished",
      ]);
      expect(told[1]?.data).toMatchObject({ batch_id: called, numbers: [numberOf(1)], dropped_from: [waiting] });
      expect(told[2]?.data).toMatchObject({ opted_out: true, recipient_status: "completed" });
    });

    test("a call of which nobody knows anything is told as unknown, once", async () => {
      const world = await start();
      world.carrier.faults = ["lost_for_good"];
      await world.addBatch();
      await world.clock.advance({ minutes: 1 });
      const told = await drain(world);
      expect(told.map(({ type }) => type)).toEqual(["batch.started", "call.ended", "batch.finished"]);
      expect(told[1]?.data).toMatchObject({ outcome: "unknown", recipient_status: "unknown" });
    });

    test("the outcome of such a call that is known later is told as well, once", async () => {
      const world = await start();
      world.carrier.faults = ["lost_for_good"];
      const batchId = await world.addBatch();
      await world.clock.advance({ minutes: 1 });
      await drain(world);
      const { id, callId } = await world.task(batchId);
      const at = world.clock.now();
      const end = { outcome: "busy", startedAt: at, endedAt: at, ringMs: 0, talkMs: 0 } as const;
      const claim = await world.store.getClaim(`${id}:1`);
      if (!claim) throw new Error("No such call");
      const parts = { store: world.store, guard: noDialGuard, log: silentLog };
      expect(await recordOutcome(parts, claim, end, at)).toBe(true);
      expect(await recordOutcome(parts, claim, end, at)).toBe(false);
      const told = await drain(world);
      expect(told.map(({ type }) => type)).toEqual(["call.ended"]);
      expect(told[0]?.data).toMatchObject({ call_id: callId, outcome: "busy", recipient_status: "failed" });
    });

    test("each URL has its own line with the same ids, and nothing is kept where no process has one", async () => {
      const world = await start({ served: [endpoint, second] });
      await world.addBatch();
      await world.clock.advance({ minutes: 1 });
      const [first, other] = [await drain(world), await drain(world, second.id)];
      expect(first).toHaveLength(3);
      expect(other).toEqual(first);
      await world.clock.advance({ days: 4 });
      await world.addBatch({ firstNumber: 2 });
      await world.clock.advance({ minutes: 1 });
      expect(await world.store.events.counts()).toEqual({ waiting: 0, parked: 0 });
    });

    test("a batch is told by one at a time; one that is silent for a minute loses it, and only adds what was delivered", async () => {
      const world = await start();
      await world.addBatch({ recipients: 3 });
      await world.clock.advance({ minutes: 1 });
      const stream = await one(world);
      expect(stream.messages).toHaveLength(5);
      expect(await claim(world)).toEqual([]);
      await world.clock.advance({ ms: streamLeaseMs });
      const again = await one(world);
      expect(again.messages).toEqual(stream.messages);
      const [head, next] = again.messages;
      if (!head || !next) throw new Error("Too few messages");
      const late = { message: next, retryAt: new Date(world.clock.now().getTime() + dayMs), givenUp: true };
      await world.store.events.settle(stream, { delivered: [head], failed: late }, world.clock.now());
      expect(await claim(world)).toEqual([]);
      await world.store.events.settle(again, { delivered: [head] }, world.clock.now());
      expect((await one(world)).messages).toEqual(stream.messages.slice(1));
      expect(await world.store.events.counts()).toMatchObject({ waiting: 4, parked: 0 });
    });

    test("one that failed makes its batch wait, and no other; its failures are counted until it is told", async () => {
      const world = await start();
      await world.addBatch({ recipients: 1 });
      await world.addBatch({ recipients: 1, firstNumber: 2 });
      await world.clock.advance({ minutes: 1 });
      const [stream, other] = await claim(world);
      const [head] = stream?.messages ?? [];
      if (!stream || !other || !head) throw new Error("Too few streams");
      const retryAt = new Date(world.clock.now().getTime() + 5_000);
      const failed = { message: head, retryAt, givenUp: false };
      await world.store.events.settle(stream, { delivered: [], failed }, world.clock.now());
      await world.store.events.settle(other, { delivered: other.messages }, world.clock.now());
      expect(await claim(world)).toEqual([]);
      await world.clock.advance({ seconds: 5 });
      const again = await one(world);
      expect(again).toMatchObject({ batchId: stream.batchId, failures: 1, messages: stream.messages });
      await world.store.events.settle(again, { delivered: [head] }, world.clock.now());
      expect(await one(world)).toMatchObject({ failures: 0, messages: stream.messages.slice(1) });
    });

    test("one that is given up is parked and counted, and the next one's turn comes", async () => {
      const world = await start();
      await world.addBatch();
      await world.clock.advance({ minutes: 1 });
      const stream = await one(world);
      const [head] = stream.messages;
      if (!head) throw new Error("No message");
      const failed = { message: head, retryAt: world.clock.now(), givenUp: true };
      await world.store.events.settle(stream, { delivered: [], failed }, world.clock.now());
      expect(await world.store.events.counts()).toMatchObject({ waiting: 2, parked: 1 });
      expect(await one(world)).toMatchObject({ failures: 0, messages: stream.messages.slice(1) });
    });

    test("what is parked for the endpoints that are named is in line again: at once, before what waits, for three days more", async () => {
      const world = await start({ served: [endpoint, second] });
      const { store, clock } = world;
      const batchId = await world.addBatch({ recipients: 2 });
      await clock.advance({ minutes: 1 });
      const original = (await one(world)).messages;
      await clock.advance({ ms: tellWithinMs });
      for (const of of [endpointId, second.id]) {
        for (const message of original.slice(0, 3)) {
          const [stream] = await claim(world, { endpointId: of });
          const [head] = stream?.messages ?? [];
          if (!stream || !head) throw new Error("Nothing waits");
          expect(head.id).toBe(message.id);
          const failed = { message: head, retryAt: clock.now(), givenUp: true };
          await store.events.settle(stream, { delivered: [], failed }, clock.now());
        }
      }
      const waiting = await one(world);
      const [next] = waiting.messages;
      if (!next) throw new Error("Nothing waits");
      const laterOn = new Date(clock.now().getTime() + 6 * 60 * 60 * 1000);
      const failed = { message: next, retryAt: laterOn, givenUp: false };
      await store.events.settle(waiting, { delivered: [], failed }, clock.now());
      expect(await claim(world)).toEqual([]);

      const putBackAt = clock.now();
      expect(await store.events.sendParked([endpointId], putBackAt)).toEqual({
        sent: new Map([[endpointId, 3]]),
        left: 3,
      });
      expect(await store.events.sendParked([endpointId], putBackAt)).toEqual({ sent: new Map(), left: 3 });
      expect(await store.events.counts()).toMatchObject({ parked: 3 });
      const again = await one(world);
      expect(again).toMatchObject({ batchId, failures: 0 });
      const putBack = original.slice(0, 3).map((message) => ({ ...message, triedSince: putBackAt }));
      expect(again.messages).toEqual([...putBack, ...original.slice(3)]);
      expect(original.map(({ triedSince }) => triedSince)).toEqual(original.map(({ recordedAt }) => recordedAt));
      await store.events.settle(again, { delivered: again.messages }, clock.now());
      expect(await claim(world)).toEqual([]);
    });

    test("what was put back in line is not parked for its age while no process has its endpoint", async () => {
      const world = await start();
      const { store, clock } = world;
      await world.addBatch();
      await clock.advance({ minutes: 1, ms: 2 * tellWithinMs });
      expect((await store.events.tidy(clock.now())).abandoned).toBe(3);
      await store.events.sendParked([endpointId], clock.now());
      await clock.advance({ ms: tellWithinMs });
      expect((await store.events.tidy(clock.now())).abandoned).toBe(0);
      await clock.advance({ ms: 1 });
      expect((await store.events.tidy(clock.now())).abandoned).toBe(3);
    });

    test("batches get their turn one after the other, and a long line comes in parts", async () => {
      const world = await start();
      const ids: string[] = [];
      for (let n = 0; n < 5; n++) ids.push(await world.addBatch({ recipients: 30, firstNumber: 1 + n * 30 }));
      await world.clock.advance({ hours: 1 });
      const first = await claim(world, { limit: 2 });
      const rest = await claim(world, { limit: 9, after: first.at(-1)?.batchId ?? "" });
      expect([...first, ...rest].map(({ batchId }) => batchId)).toEqual(ids.toSorted());
      expect(first[0]?.messages).toHaveLength(messagesAClaim);
    });

    test("what is old is deleted, and what nobody has told for three days is parked", async () => {
      const world = await start();
      await world.addBatch();
      await world.clock.advance({ minutes: 1 });
      const { store, clock } = world;
      const stream = await one(world);
      await store.events.settle(stream, { delivered: stream.messages.slice(0, 1) }, clock.now());
      await clock.advance({ ms: tellWithinMs + 60_000 });
      await store.events.serve([endpoint], clock.now());
      expect(await store.events.tidy(clock.now())).toEqual({ abandoned: 0, forgotten: 0, parkedForgotten: 0 });
      await clock.advance({ ms: tellWithinMs });
      expect(await store.events.tidy(clock.now())).toEqual({ abandoned: 2, forgotten: 0, parkedForgotten: 0 });
      expect(await store.events.counts()).toEqual({ waiting: 0, parked: 2 });
      await clock.advance({ days: 2 });
      expect(await store.events.tidy(clock.now())).toEqual({ abandoned: 0, forgotten: 1, parkedForgotten: 0 });
      await clock.advance({ days: 29 });
      expect(await store.events.tidy(clock.now())).toEqual({ abandoned: 0, forgotten: 2, parkedForgotten: 2 });
    });
  });
}
