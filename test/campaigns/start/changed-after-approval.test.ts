import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Pace } from "../../support/dialing/pace.ts";
import { HostedApi } from "../../support/http/hosted-api.ts";
import { TestClock } from "../../support/test-clock.ts";
import { usNumber } from "../../support/us-numbers.ts";
import { startWorld, type World } from "../../support/world.ts";

const clock = new TestClock("2026-03-02T15:00:00Z");
const pace = new Pace(clock);
const account = { origin: "test", id: "first account" };
let hosted: HostedApi;
let world: World;
let next = 0;
beforeAll(async () => {
  hosted = await HostedApi.start();
  world = await startWorld({
    clock,
    account: () => ({ ...account }),
    upstream: () => hosted.url,
    watchApi: (api) => pace.watch(api),
  });
});
afterAll(async () => {
  await world.stop();
  await hosted.stop();
});

type Agreed = { readonly id: string; readonly start: object };
type Change = (agreed: Agreed) => unknown;

const numbers = (id: string) => hosted.batches.get(id)?.tasks ?? [];
const put = (id: string, fields: object) => void Object.assign(hosted.batches.get(id) ?? {}, fields);
const putTasks = (id: string, tasks: readonly object[]) => put(id, { tasks, total_task_count: tasks.length });
const update = ({ id }: Agreed, changes: object) =>
  pace.until(world.tool("update_batch", { batch_id: id, ...changes }));

/** What can change between the agreement and the start: at the API, by a tool, or at the account. */
const changes: Readonly<Record<string, fc.Arbitrary<Change>>> = {
  "somebody on the list is another": fc.nat(900).map((n) => ({ id }) => {
    const [, ...others] = numbers(id);
    putTasks(id, [{ to_number: usNumber(2000 + n) }, ...others]);
  }),
  "the list is longer": fc.nat(900).map((n) => ({ id }) => {
    putTasks(id, [...numbers(id), { to_number: usNumber(2000 + n) }]);
  }),
  "the list is shorter": fc.constant(({ id }) => putTasks(id, numbers(id).slice(1))),
  "the list tells another count than it has": fc.constant(({ id }) => put(id, { total_task_count: 99 })),
  "the agent is another": fc.stringMatching(/^agent_[2-9]{1,8}$/).map(
    (agent_id) =>
      ({ id }) =>
        put(id, { agent_id }),
  ),
  "the caller id is another": fc.constantFrom("+14155550109", "+12125550101").map(
    (from_number) =>
      ({ id }) =>
        put(id, { from_number }),
  ),
  "the zone is another": fc.constantFrom("Europe/London", "America/Chicago", "Asia/Tokyo").map(
    (timezone) =>
      ({ id }) =>
        put(id, { timezone }),
  ),
  "a tool changed the agent": fc.constant((agreed) => update(agreed, { agent_id: "agent_1" })),
  "a tool changed the zone": fc.constant((agreed) => update(agreed, { timezone: "America/Denver" })),
  "a tool changed the time": fc
    .integer({ min: 1, max: 500 })
    .map((hours) => (agreed) => update(agreed, { start_at: inHours(hours) })),
  "the account is another": fc.string({ minLength: 1, maxLength: 9 }).map((id) => () => {
    account.id = `not the ${id}`;
  }),
  "the API is another": fc.webAuthority().map((host) => () => {
    account.origin = `https://${host}`;
  }),
};

const inHours = (hours: number) => new Date(clock.now().getTime() + hours * 3_600_000).toISOString();
const starts = fc.oneof(
  fc.constant(() => ({ start: "now" })),
  fc.integer({ min: 1, max: 500 }).map((hours) => () => ({ start: "at_time", start_at: inHours(hours) })),
);

/** A batch of so many people, and a person's agreement to that start of it, given after the call that asked for it. */
async function agreeTo(people: number, start: object): Promise<Agreed & { readonly proceed: () => Promise<void> }> {
  next++;
  // What an earlier round left open, which would otherwise be enough of questions for a person.
  for (const { id } of world.approvals.openAll(clock.now()))
    world.approvals.withdraw(id, "The round is over.", { principal: "test" }, clock.now());
  const tasks = Array.from({ length: people }, (_, n) => ({ to_number: usNumber((next * 5 + n) % 2000) }));
  const args = { name: `Batch ${next}`, agent_id: "agent_1", from_number: "+14155550100", tasks };
  const { batch } = await pace.until(world.tool("create_batch_call", args));
  const asked = await pace.until(world.problem("start_batch", { batch_id: batch.batch_id, ...start }));
  expect(asked.code).toBe("needs_approval");
  const page = world.pages.at(-1);
  if (!page) throw new Error("No page was opened");
  const by = { principal: "operator", channel: "page" } as const;
  expect(world.approvals.approve(page.id, people, by, clock.now())).toBe("approved");
  return { id: batch.batch_id, start, proceed: () => world.campaigns.proceed(page) };
}

const startsOf = (id: string) => hosted.dangerous.filter(({ path }) => path.includes(id));

/** `again`: the caller starts it once more; else it goes on by itself. Both must come to nothing. */
async function isRefused(change: Change, start: () => object, people: number, again: boolean): Promise<void> {
  const agreed = await agreeTo(people, start());
  await change(agreed);
  if (again) {
    const { code } = await pace.until(world.problem("start_batch", { batch_id: agreed.id, ...agreed.start }));
    expect(code).toMatch(/^(needs_approval|bad_response)$/);
  } else await pace.until(agreed.proceed());
  await pace.pass({ seconds: 5 });
  expect(startsOf(agreed.id)).toEqual([]);
  Object.assign(account, { origin: "test", id: "first account" });
}

test.each(Object.entries(changes))("nothing starts when, after the agreement, %s", async (_what, change) => {
  const people = fc.integer({ min: 2, max: 5 });
  await fc.assert(fc.asyncProperty(change, starts, people, fc.boolean(), isRefused), { numRuns: 10 });
});

test("nothing starts at another time than the agreed one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 201, max: 500 }), async (agreedAt, other) => {
      const agreed = await agreeTo(2, { start: "at_time", start_at: inHours(agreedAt) });
      for (const start of [{ start: "now" }, { start: "at_time", start_at: inHours(other) }]) {
        const refused = await pace.until(world.problem("start_batch", { batch_id: agreed.id, ...start }));
        expect(refused.code).toBe("needs_approval");
      }
      expect(startsOf(agreed.id)).toEqual([]);
    }),
    { numRuns: 10 },
  );
});

test("what did not change is started", async () => {
  const agreed = await agreeTo(3, { start: "now" });
  await pace.until(agreed.proceed());
  expect(startsOf(agreed.id)).toHaveLength(1);
});
