import { afterAll, beforeAll, expect, test } from "vitest";
import type { BatchStatus } from "../../../src/domain/batch/batch.ts";
import { batchOf, numberOf, ServiceWorld, tasksOf } from "../../support/service-world.ts";

let world: ServiceWorld;
beforeAll(async () => {
  world = await ServiceWorld.start({ settings: { maxConcurrent: 1000, startsPerSecond: 1000 } });
  world.carrier.callMs = 30_000;
});
afterAll(() => world.stop());

let numbersUsed = 1000;
/** The first of two numbers that no other batch calls, so that none of its calls waits for another. */
const newNumber = (): number => (numbersUsed += 2);
const inAnHour = (): number => world.clock.now().getTime() + 3_600_000;

/** How a batch gets into a state, by what a user can do. */
const reach: { readonly [Status in BatchStatus | "paused" | "held"]: () => Promise<string> } = {
  draft: () => world.create(),
  scheduled: () => world.create({ status: undefined, trigger_timestamp: inAnHour() }),
  sent: () => world.create({ status: undefined, send_now: true }),
  async paused() {
    const id = await world.create({ status: undefined, send_now: true });
    await world.call("POST", `/batch-call/${id}/pause`);
    return id;
  },
  async held() {
    const id = await world.create({ status: undefined, trigger_timestamp: inAnHour() });
    await world.missTime({ hours: 3 });
    return id;
  },
  async completed() {
    const id = await world.create({ status: undefined, send_now: true, tasks: tasksOf(2, newNumber()) });
    await world.clock.advance({ minutes: 1 });
    return id;
  },
  async failed() {
    const tasks = tasksOf(2, newNumber());
    for (const { to_number } of tasks) world.carrier.script(to_number, "failed");
    const id = await world.create({ status: undefined, send_now: true, tasks });
    await world.clock.advance({ minutes: 1 });
    return id;
  },
  async cancelled() {
    const id = await world.create();
    await world.call("POST", `/batch-call/${id}/cancel`);
    return id;
  },
};

const actions = {
  execute: (id: string) => world.call("POST", `/batch-call/${id}/execute`),
  pause: (id: string) => world.call("POST", `/batch-call/${id}/pause`),
  resume: (id: string) => world.call("POST", `/batch-call/${id}/resume`),
  cancel: (id: string) => world.call("POST", `/batch-call/${id}/cancel`),
  delete: (id: string) => world.call("DELETE", `/batch-call/${id}`),
  rename: (id: string) => world.call("PATCH", `/batch-call/${id}`, { body: { name: "New name" } }),
  "set zone": (id: string) => world.call("PATCH", `/batch-call/${id}`, { body: { timezone: "Europe/Paris" } }),
  "set time": (id: string) => world.call("PATCH", `/batch-call/${id}`, { body: { trigger_timestamp: inAnHour() } }),
  schedule: (id: string) =>
    world.call("PATCH", `/batch-call/${id}`, { body: { status: "scheduled", trigger_timestamp: inAnHour() } }),
  "to draft": (id: string) => world.call("PATCH", `/batch-call/${id}`, { body: { status: "draft" } }),
  "PATCH sent": (id: string) => world.call("PATCH", `/batch-call/${id}`, { body: { status: "sent" } }),
  replace: (id: string) => world.call("PUT", `/batch-call/${id}`, { body: batchOf() }),
} as const;
type Action = keyof typeof actions;

/** What each action makes of each state; an action that is not named is refused. `gone` = deleted. */
const allowed: { readonly [State in keyof typeof reach]: { readonly [A in Action]?: BatchStatus | "gone" } } = {
  draft: {
    execute: "sent",
    cancel: "cancelled",
    delete: "gone",
    rename: "draft",
    "set zone": "draft",
    "set time": "draft",
    schedule: "scheduled",
    "to draft": "draft",
    "PATCH sent": "sent",
    replace: "draft",
  },
  scheduled: {
    execute: "sent",
    pause: "scheduled",
    resume: "scheduled",
    cancel: "cancelled",
    rename: "scheduled",
    "set zone": "scheduled",
    "set time": "scheduled",
    schedule: "scheduled",
    "to draft": "draft",
    "PATCH sent": "sent",
    replace: "draft",
  },
  held: {
    execute: "sent",
    pause: "scheduled",
    resume: "sent",
    cancel: "cancelled",
    rename: "scheduled",
    "set zone": "draft",
    "set time": "draft",
    schedule: "scheduled",
    "to draft": "draft",
    "PATCH sent": "sent",
    replace: "draft",
  },
  sent: { pause: "sent", resume: "sent", cancel: "cancelled", rename: "sent" },
  paused: { pause: "sent", resume: "sent", cancel: "cancelled", rename: "sent" },
  completed: { delete: "gone" },
  failed: {},
  cancelled: { cancel: "cancelled" },
};

const verbs: { readonly [A in Action]: string } = {
  execute: "execute",
  pause: "pause",
  resume: "resume",
  cancel: "cancel",
  delete: "delete",
  rename: "update",
  "set zone": "update",
  "set time": "update",
  schedule: "update",
  "to draft": "update",
  "PATCH sent": "execute",
  replace: "update",
};

const states = ["draft", "scheduled", "held", "sent", "paused", "completed", "failed", "cancelled"] as const;
const table = states.flatMap((state) =>
  Object.keys(actions).map((action) => ({
    state,
    action: action as Action,
    outcome: allowed[state][action as Action] ?? "refused",
  })),
);

test.each(table)("$state, $action: $outcome", async ({ state, action, outcome }) => {
  const id = await reach[state]();
  const before = await world.batch(id);
  const reply = await actions[action](id);
  const after = await world.call("GET", `/batch-call/${id}`);
  if (outcome === "refused") {
    const error = `Cannot ${verbs[action]} batch call with status ${before.status.toUpperCase()}`;
    expect([reply.status, reply.body]).toEqual([400, { message: "Validation error", status: "error", error }]);
    expect(after.body.data).toEqual(before);
  } else {
    expect([reply.status, reply.body.error]).toEqual([200, null]);
    if (outcome === "gone") expect(after.status).toBe(404);
    else expect(after.body.data.status).toBe(outcome);
  }
});

test.each(["completed", "failed", "cancelled", "done"])("status %s cannot be set by PATCH", async (status) => {
  const id = await world.create();
  const reply = await world.call("PATCH", `/batch-call/${id}`, { body: { status } });
  expect([reply.status, reply.body.error]).toEqual([400, "status: Must be one of: draft, scheduled, sent."]);
  expect((await world.batch(id)).status).toBe("draft");
});

test("of twenty executes at once one starts the batch, and everybody is called once", async () => {
  const numbers = [numberOf(900), numberOf(901)];
  const id = await world.create({ tasks: numbers.map((to_number) => ({ to_number })) });
  const replies = await Promise.all(Array.from({ length: 20 }, () => actions.execute(id)));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(replies.filter(({ status }) => status === 400)).toHaveLength(19);
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings.map(({ toNumber }) => toNumber).filter((number) => numbers.includes(number))).toEqual(
    numbers,
  );
});

test("of an edit and a start at once the edit is either in the calls or refused", async () => {
  for (let n = 0; n < 20; n++) {
    const id = await world.create();
    const [edit] = await Promise.all([actions["set zone"](id), actions.execute(id)]);
    const { timezone, status } = await world.batch(id);
    expect([status, timezone]).toEqual(["sent", edit.status === 200 ? "Europe/Paris" : "America/New_York"]);
  }
});
