import { afterEach, expect, test } from "vitest";
import { Problem } from "../../../src/domain/problem.ts";
import { buildLiveBatches } from "../../../src/tools/batch/live-batches.ts";
import { longFile, longRequest } from "../../support/campaigns/long-list.ts";
import { request, startWorld, type World, type WorldSetup } from "../../support/world.ts";

const people = 1005;

let world: World;
afterEach(() => world.stop());

async function begin(setup: WorldSetup = {}): Promise<void> {
  world = await startWorld({
    service: { startsPerSecond: 1 },
    policy: { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 } },
    ...setup,
  });
}

/** What was done to a batch that ran, newest last: without what was asked and answered before. */
const stops = () => world.audit.read(100).flatMap(({ at: _at, ...line }) => (about.has(line.kind) ? [line] : []));
const about: ReadonlySet<string> = new Set(["paused", "resumed", "cancelled", "launched", "refused"]);

async function runningBatch(): Promise<string> {
  const { batch } = await world.tool("create_batch_call", request(3));
  world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
  await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
  return batch.batch_id;
}

async function runningGroup(): Promise<string> {
  await world.file("long.csv", longFile(people));
  const { batch } = await world.tool("create_batch_call", longRequest());
  world.person.willAnswer({ kind: "accepted", typedRecipients: people });
  await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
  return batch.batch_id;
}

test.each([
  ["a simulated batch", {}, runningBatch],
  ["a live batch", { carrierEnvironment: "live" as const }, runningBatch],
  ["simulated linked batches", {}, runningGroup],
])("the tools leave who paused, resumed and cancelled %s, one line each", async (_what, setup, running) => {
  await begin(setup);
  const batchId = await running();
  const { client } = world.context;
  const by = { principal: "local", ...(client !== undefined && { client }), batchId };
  const before = stops().length;
  await world.tool("pause_batch", { batch_id: batchId });
  await world.tool("resume_batch", { batch_id: batchId });
  await world.tool("cancel_batch", { batch_id: batchId });
  expect(stops().slice(before)).toMatchObject([
    { kind: "paused", ...by },
    { kind: "resumed", ...by },
    { kind: "cancelled", ...by },
  ]);
});

test("a resume of live linked batches stands there as one, part by part, and their pause once", async () => {
  await begin({ carrierEnvironment: "live" });
  const batchId = await runningGroup();
  const before = stops().length;
  await world.tool("pause_batch", { batch_id: batchId });
  await world.tool("resume_batch", { batch_id: batchId });
  const kinds = stops()
    .slice(before)
    .map(({ kind }) => kind);
  expect(kinds).toEqual(["paused", "resumed", "resumed"]);
});

test("a stop on an approval page leaves the person and the page", async () => {
  await begin({ carrierEnvironment: "live" });
  const batchId = await runningBatch();
  const live = buildLiveBatches((principal, through) => ({
    ...world.context,
    principal,
    ...(through && { through }),
  }));
  await live.stop(batchId, "ana", "page");
  expect(stops().at(-1)).toEqual({ kind: "paused", principal: "ana", channel: "page", batchId });
});

test("a stop that no answer came to is there with that, and one that was refused as refused", async () => {
  let problem: Problem | undefined;
  const fail = async (): Promise<never> => {
    throw problem;
  };
  await begin({
    watchApi: (api) => ({
      ...api,
      pauseBatch: (...args) => (problem ? fail() : api.pauseBatch(...args)),
      getBatch: (...args) => (problem ? fail() : api.getBatch(...args)),
    }),
  });
  const batchId = await runningBatch();
  problem = new Problem("outcome_unknown", "No answer.");
  await world.problem("pause_batch", { batch_id: batchId });
  problem = new Problem("unavailable", "Away.");
  await world.problem("pause_batch", { batch_id: batchId });
  problem = new Problem("not_found", "There is none.");
  await world.problem("cancel_batch", { batch_id: "batch_none" });
  expect(stops().slice(-2)).toMatchObject([
    { kind: "paused", batchId, detail: "outcome_unknown: the API has not confirmed it" },
    { kind: "refused", batchId, detail: "pause: unavailable" },
  ]);
});

test("a line of a kind that this copy does not know is read as it stands", async () => {
  await begin();
  world.database.exec("INSERT INTO audit (at, kind, principal, channel) VALUES (0, 'taught', 'ana', 'telepathy')");
  expect(world.audit.read(1)).toEqual([{ at: new Date(0), kind: "taught", principal: "ana", channel: "telepathy" }]);
});
