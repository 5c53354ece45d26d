import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { request, startWorld, type World } from "../../support/world.ts";

const agrees = (typedRecipients: number) => ({ kind: "accepted", typedRecipients }) as const;

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

let world: World;
let id: string;
beforeEach(async () => {
  world = await startWorld({ carrierEnvironment: "live" });
  world.person.willAnswer(agrees(40));
  id = (await world.tool("create_batch_call", request(40, { start: "now" }))).batch.batch_id;
  await world.clock.advance({ seconds: 2 });
});
afterEach(() => world.stop());

const status = async () =>
  (await world.tool("get_batch_status", { batch_id: id })) as {
    batch: { allowed_actions: string[] };
    stopped?: string;
  };
const offered = async () => (await status()).batch.allowed_actions;

describe.each([
  {
    where: "in this data directory",
    stop: async () => world.killSwitch.set(true, "operator", world.clock.now()),
    release: async () => world.killSwitch.set(false, "operator", world.clock.now()),
  },
  {
    where: "at the service, by another machine",
    stop: async () => void (await world.api.setStop(true)),
    release: async () => void (await world.api.setStop(false)),
  },
])("while all calls are stopped $where", ({ stop, release }) => {
  beforeEach(async () => {
    await stop();
    await world.clock.advance({ minutes: 3 });
  });

  test("nobody is asked, and the refusal offers no call that it forbids", async () => {
    const askedBefore = world.person.asked.length;
    const refused = await world.problem("resume_batch", { batch_id: id });
    expect(refused.code).toBe("refused_by_limit");
    expect(refused.message).toMatch(/^All calls are stopped since .*`batch-call-mcp stop-all --release`/);
    expect(refused.message).not.toMatch(/resume_batch|asks again/);
    const created = await world.problem("create_batch_call", request(2, { name: "Another", start: "now" }));
    expect(created.message).toMatch(/after the release, start_batch starts it/);
    expect(world.person.asked).toHaveLength(askedBefore);
  });

  test("neither resume_batch nor start_batch can be used, and the status says what releases it", async () => {
    const { batch, stopped } = await status();
    expect(batch.allowed_actions).toEqual(expect.arrayContaining(["cancel_batch"]));
    expect(batch.allowed_actions).not.toContain("resume_batch");
    expect(stopped).toContain("stop-all --release");
    const draft = await world.tool("create_batch_call", request(2, { name: "Another", start: "draft" }));
    expect(draft.batch.allowed_actions).not.toContain("start_batch");
    expect(draft.warnings?.join(" ")).toContain("stop-all --release");
  });

  test("after the release a person agrees, and it goes on", async () => {
    await release();
    expect(await offered()).toContain("resume_batch");
    const { counts } = (await world.tool("get_batch_status", { batch_id: id })).batch;
    world.person.willAnswer(agrees(counts.pending));
    await world.tool("resume_batch", { batch_id: id });
    expect(await offered()).toContain("pause_batch");
  });
});

test("a stop between the question and the answer uses up no agreement", async () => {
  await world.tool("pause_batch", { batch_id: id });
  await world.clock.advance({ minutes: 20 });
  const { counts } = (await world.tool("get_batch_status", { batch_id: id })).batch;
  const asked = world.person.asked.length;
  const { promise, resolve } = deferred<ReturnType<typeof agrees>>();
  world.person.willAnswer(promise);
  const refusal = world.problem("resume_batch", { batch_id: id });
  await vi.waitFor(() => expect(world.person.asked.length).toBeGreaterThan(asked));
  await world.api.setStop(true);
  resolve(agrees(counts.pending));
  const refused = await refusal;
  expect(refused.message).toMatch(/^All calls are stopped/);
  expect(refused.message).not.toContain("used up");
});

test("a stop after the last look at it and before the start is written down refuses that start", async () => {
  let isArmed = false;
  const other = await startWorld({
    carrierEnvironment: "live",
    watchApi: (api) => ({
      ...api,
      getBatch(batchId) {
        if (isArmed) other.killSwitch.set(true, "operator", other.clock.now());
        return api.getBatch(batchId);
      },
    }),
  });
  onTestFinished(() => other.stop());
  const { batch } = await other.tool("create_batch_call", request(3));
  const { promise, resolve } = deferred<ReturnType<typeof agrees>>();
  other.person.willAnswer(promise);
  const refusal = other.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
  await vi.waitFor(() => expect(other.person.asked).toHaveLength(1));
  isArmed = true;
  resolve(agrees(3));
  expect((await refusal).message).toMatch(/^All calls are stopped/);
  await other.clock.advance({ minutes: 10 });
  expect(other.carrier.rings).toEqual([]);
});
