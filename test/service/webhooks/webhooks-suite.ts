import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { webhookBody } from "../../../src/contract/webhook-events.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { Log } from "../../../src/lib/log.ts";
import type { EventOutbox } from "../../../src/service/store/event-outbox.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { createWebhooks, endpointOf, type Webhooks } from "../../../src/service/webhooks/webhooks.ts";
import { DialingWorld } from "../../support/dialing/dialing-world.ts";
import { type Conduct, WebhookReceiver, webhookSecret } from "../../support/http/webhook-receiver.ts";
import { waitUntil } from "../../support/wait-until.ts";

type Line = { readonly message: string; readonly level: string } & Readonly<Record<string, unknown>>;

/** What tells the operator's URLs must do on every store, towards a receiver that fails, hangs and lies. */
export function describeWebhooks(name: string, openStore: () => Promise<Store>): void {
  let receiver: WebhookReceiver;
  let world: DialingWorld;
  let tellers: Webhooks[];
  let lines: Line[];
  beforeEach(async () => {
    [tellers, lines] = [[], []];
    receiver = await WebhookReceiver.start();
    const { leases: _, ...store } = await openStore();
    // The library that judges compares with the machine's clock, five minutes to either side.
    world = new DialingWorld({ store, now: new Date(Date.now() - 120_000).toISOString() });
  });
  afterEach(async () => {
    await Promise.all(tellers.map((teller) => teller.stop()));
    await receiver.stop();
  });

  const note = (level: string) => (fields: object, message: string) => void lines.push({ ...fields, level, message });
  const log: Log = { debug() {}, info: note("info"), warn: note("warn"), error: note("error") };

  async function tell(urls = [receiver.url], events: EventOutbox = world.store.events): Promise<Webhooks> {
    const settings = { urls: urls.map((url) => new Secret(url)), secret: new Secret(webhookSecret) };
    const { clock } = world;
    const webhooks = createWebhooks({ store: { events }, clock, log, environment: "simulated", settings });
    tellers.push(webhooks);
    await webhooks.start();
    return webhooks;
  }

  /** Tells, and calls whoever is due. */
  async function start(urls?: readonly string[]): Promise<void> {
    await tell(urls ? [...urls] : undefined);
    await world.start();
  }

  /** Calls whoever is due, for a URL that nobody tells of it yet: the clock of the test runs ahead of every socket. */
  async function happen(recipients = 1): Promise<string> {
    await world.store.events.serve([endpointOf(new Secret(receiver.url))], world.clock.now());
    await world.start();
    const id = await world.addBatch({ recipients });
    await world.clock.advance({ minutes: 1 });
    return id;
  }

  /** Lets time go on, a little at a time, until it is so. */
  const passUntil = (what: string, look: () => boolean | Promise<boolean>, stepMs = 200) =>
    waitUntil(what, async () => {
      await world.clock.advance({ ms: stepMs });
      return look();
    });

  const allTold = (stepMs?: number) =>
    passUntil("nothing waits", async () => (await world.store.events.counts()).waiting === 0, stepMs);

  const typesTaken = (batchId: string) =>
    receiver.taken.filter((event) => event.batchId === batchId).map(({ event }) => event.type);

  /** The first request of each batch, or all of one, go wrong. */
  const once = (conduct: Conduct) => {
    const seen = new Set<string>();
    receiver.conduct = ({ id }) => {
      const isFirst = seen.size === 0;
      seen.add(id);
      return isFirst ? conduct : "take";
    };
  };

  const whole = ["batch.started", "call.ended", "batch.finished"];

  describe(name, () => {
    test("every event reaches the URL in the order of its batch, signed so that the library takes it, in its documented shape", async () => {
      const first = await happen();
      const second = await world.addBatch({ firstNumber: 2 });
      await world.clock.advance({ minutes: 1 });
      await tell();
      await allTold(20);
      for (const id of [first, second]) expect(typesTaken(id)).toEqual(whole);
      expect(receiver.refused).toEqual([]);
      for (const { event } of receiver.received) expect(webhookBody.parse(event).environment).toBe("simulated");
      expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(6);
    });

    test.each<[string, Conduct]>([
      ["fails", { status: 500 }],
      ["says no", { status: 404 }],
      ["cuts the connection", "break"],
      ["redirects", "redirect"],
    ])(
      "an event to a URL that %s comes again under the same id, before the next of its batch",
      async (_what, conduct) => {
        once(conduct);
        const id = await happen();
        await tell();
        await allTold();
        expect(typesTaken(id)).toEqual(whole);
        const [first, second] = receiver.received;
        expect(second?.id).toBe(first?.id);
        expect(receiver.received).toHaveLength(4);
        expect(receiver.strays).toBe(0);
        expect(lines.filter(({ level }) => level === "warn")).toMatchObject([
          { endpoint: new URL(receiver.url).host, event: first?.id, batchId: id, failures: 1 },
        ]);
      },
    );

    test.each<Conduct>(["flood", "half"])(
      "a success with a body that is a %s is a success, and the body is not read",
      async (conduct) => {
        receiver.conduct = () => conduct;
        const id = await happen();
        await tell();
        await allTold(50);
        expect(typesTaken(id)).toEqual(whole);
        expect(receiver.received).toHaveLength(3);
      },
    );

    test("a URL that never answers is left after 15 seconds; its batch waits, others are told and calls are made meanwhile", async () => {
      const stuck = await happen();
      receiver.conduct = ({ batchId }) => (batchId === stuck ? "hang" : "take");
      await tell();
      await passUntil("it hangs", () => receiver.received.length === 1, 20);
      const other = await world.addBatch({ firstNumber: 10, recipients: 3 });
      await passUntil("the other batch is told", () => typesTaken(other).length === 5, 200);
      expect(world.rung).toHaveLength(4);
      const ofStuck = () => receiver.received.filter(({ batchId }) => batchId === stuck);
      await passUntil("it is tried again", () => ofStuck().length > 1);
      expect(new Set(ofStuck().map(({ id }) => id)).size).toBe(1);
      expect(lines[0]).toMatchObject({ batchId: stuck, why: "no answer within 15 s" });
    });

    test("a hanging URL holds up no other URL: all of it is told before the first request to that URL is given up", async () => {
      const other = await WebhookReceiver.start();
      receiver.conduct = () => "hang";
      const urls = [receiver.url, other.url];
      // The calls first: time that they take would run out for requests that a loaded machine has not answered yet.
      await world.store.events.serve(
        urls.map((url) => endpointOf(new Secret(url))),
        world.clock.now(),
      );
      await world.start();
      for (let n = 0; n < 12; n++) await world.addBatch({ firstNumber: 1 + n });
      await world.clock.advance({ minutes: 1 });
      await tell(urls);
      const toldFrom = world.clock.now().getTime();
      // Time goes more slowly than the machine's, so that 15 seconds of it are longer than this waits.
      await passUntil("the other URL is told", () => other.taken.length === 36, 5);
      expect(world.clock.now().getTime() - toldFrom).toBeLessThan(15_000);
      expect(receiver.received.length).toBeGreaterThan(0);
      expect(receiver.taken).toEqual([]);
      await other.stop();
    });

    test("an event is tried for three days, then given up, parked and said; the next one's turn comes", async () => {
      let poison = "";
      receiver.conduct = ({ id, event }) => {
        if (event.type === "batch.started") poison = id;
        return id === poison ? { status: 500 } : "take";
      };
      const id = await happen();
      const triesOfPoison = () => receiver.received.filter((event) => event.id === poison).length;
      for (let hours = 0; hours < 72; hours += 8) {
        const [teller, before] = [await tell(), triesOfPoison()];
        await passUntil("it is tried again", () => triesOfPoison() > before);
        expect(typesTaken(id)).toEqual([]);
        await teller.stop();
        await world.clock.advance({ hours: 8 });
      }
      await tell();
      await allTold();
      expect(typesTaken(id)).toEqual(["call.ended", "batch.finished"]);
      expect(await world.store.events.counts()).toEqual({ waiting: 0, parked: 1 });
      expect(lines.filter(({ level }) => level === "error")).toMatchObject([{ event: poison, why: "HTTP 500" }]);
    });

    test("a URL that was dead for three days is back: each event that was given up arrives once, in order, when they are sent again", async () => {
      receiver.conduct = () => ({ status: 500 });
      const ids = [await happen(2), await world.addBatch({ firstNumber: 5 })];
      await world.clock.advance({ minutes: 1 });
      await world.clock.advance({ days: 3 });
      await tell();
      await allTold();
      const given = receiver.received.map(({ id }) => id);
      expect(await world.store.events.counts()).toEqual({ waiting: 0, parked: 7 });
      // Not all is well at once: what is sent again is tried again, too.
      receiver.received.length = 0;
      once({ status: 503 });
      const { id } = endpointOf(new Secret(receiver.url));
      expect(await world.store.events.sendParked([id], world.clock.now())).toEqual({
        sent: new Map([[id, 7]]),
        left: 0,
      });
      await allTold();
      expect(await world.store.events.counts()).toEqual({ waiting: 0, parked: 0 });
      expect(receiver.received).toHaveLength(8);
      expect(receiver.taken.map((event) => event.id).toSorted()).toEqual(given.toSorted());
      expect(ids.map(typesTaken)).toEqual([["batch.started", "call.ended", "call.ended", "batch.finished"], whole]);
    });

    test("410 ends it for this process, with a line in the log; after the next start all is told", async () => {
      receiver.conduct = () => ({ status: 410 });
      const teller = await tell();
      await world.start();
      const id = await world.addBatch();
      await passUntil("it was told", () => receiver.received.length === 1);
      await world.clock.advance({ hours: 1 });
      expect(receiver.received).toHaveLength(1);
      expect(lines.filter(({ level }) => level === "error")).toMatchObject([
        { message: expect.stringMatching(/410 Gone.*BATCH_CALL_WEBHOOK_URL/) },
      ]);
      receiver.conduct = () => "take";
      await teller.stop();
      await tell();
      await allTold();
      expect(typesTaken(id)).toEqual(whole);
    });

    test("what a receiver asks for with Retry-After is kept to", async () => {
      once({ status: 503, headers: { "retry-after": "600" } });
      await happen();
      await tell();
      await passUntil("it failed", () => lines.length === 1, 20);
      const failedAt = world.clock.now().getTime();
      await passUntil("the failure is kept", () => world.clock.now().getTime() > failedAt + 500, 10);
      await world.clock.advance({ seconds: 590 });
      expect(receiver.received).toHaveLength(1);
      await allTold(100);
      expect(receiver.taken).toHaveLength(3);
    });

    test("what happened while nobody told it, and what a process that died had told, is told under the same ids", async () => {
      const { events } = world.store;
      const never = new Promise<never>(() => {});
      const dying: EventOutbox = { ...events, settle: () => never };
      const dead = await tell([receiver.url], dying);
      tellers.pop();
      await world.start();
      const id = await world.addBatch();
      await passUntil("the first process told of it", () => receiver.received.length > 0);
      void dead.stop();
      await world.clock.advance({ minutes: 2 });
      const before = receiver.received.map((event) => event.id);
      await tell();
      await allTold();
      const distinct = [...new Map(receiver.received.map((event) => [event.id, event.event.type])).values()];
      expect(distinct).toEqual(whole);
      expect(receiver.received.filter((event) => before.includes(event.id)).length).toBeGreaterThan(before.length);
      expect(typesTaken(id).at(-1)).toBe("batch.finished");
    });

    test("no number and nothing of a URL but its host is in the log", async () => {
      const [path, query] = ["secret-path", "secret-query"];
      receiver.conduct = () => ({ status: 500 });
      await start([`${receiver.url.replace("/events", `/${path}`)}?key=${query}`, `http://127.0.0.1:9/${path}`]);
      await world.addBatch();
      await world.clock.advance({ minutes: 1 });
      await passUntil("both failed", () => new Set(lines.map(({ endpoint }) => endpoint)).size === 2);
      expect(JSON.stringify(lines)).not.toMatch(/secret|55501|whsec/);
    });
  });
}
