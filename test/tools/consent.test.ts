import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toSummaryFacts } from "../../src/campaigns/approve/index.ts";
import { contentDigest } from "../../src/domain/batch/fingerprint.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { request, startWorld, type World, type WorldSetup } from "../support/world.ts";

const said = { purpose: "appointment reminders", consent_basis: "agreed on the booking form" };
const kept = { purpose: said.purpose, basis: said.consent_basis };

let hosted: HostedApi;
const worlds: World[] = [];
beforeEach(async () => {
  hosted = await HostedApi.start();
});
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
  await hosted.stop();
});

async function worldOf(setup: WorldSetup): Promise<World> {
  const world = await startWorld({ now: "2026-03-02T15:00:00Z", ...setup });
  worlds.push(world);
  return world;
}

/** Our own service, and an API that has only what its pages document. */
const upstreams: readonly [name: string, setup: () => WorldSetup, changes: object][] = [
  ["our own service", () => ({ carrierEnvironment: "live" }), {}],
  ["an API without a place for them", () => ({ upstream: () => hosted.url }), { agent_id: "agent_1" }],
];

describe.each(upstreams)("purpose and consent basis, at %s", (_name, setup, changes) => {
  test("are shown by preview, status, question and record", async () => {
    const world = await worldOf(setup());
    const preview = await world.tool("preview_batch_call", request(2, { ...changes, ...said }));
    expect(preview.batch).toMatchObject(said);
    const { batch, unverified = [] } = await world.tool("create_batch_call", request(2, { ...changes, ...said }));
    expect(batch).toMatchObject(said);
    expect(unverified.filter((field: string) => field in said)).toEqual([]);
    const status = await world.tool("get_batch_status", { batch_id: batch.batch_id });
    expect(status.batch).toMatchObject(said);
    expect(await world.text("get_batch_status", { batch_id: batch.batch_id })).toContain(`Purpose: ${said.purpose}`);

    world.person.willAnswer({ kind: "accepted", typedRecipients: 2 });
    await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
    const [question] = world.person.asked;
    expect(question?.consent).toEqual(kept);
    const facts = question ? toSummaryFacts(question) : [];
    expect(facts.filter(({ label }) => label === "What for" || label === "Consent").map(({ lines }) => lines)).toEqual([
      [said.purpose],
      [said.consent_basis],
    ]);
    const record = world.audit.read(100).filter(({ kind }) => kind === "asked" || kind === "approved");
    expect(record.map(({ consent }) => consent)).toEqual([kept, kept]);
  });

  test("make another batch of the same list when they are others", async () => {
    const world = await worldOf(setup());
    const create = async (more: object) =>
      (await world.tool("create_batch_call", request(2, { ...changes, ...more }))).batch.batch_id;
    const first = await create(said);
    expect(await create(said)).toBe(first);
    expect(await create({ ...said, purpose: "an offer" })).not.toBe(first);
  });
});

test("an API without a place for them is not sent them", async () => {
  const world = await worldOf({ upstream: () => hosted.url });
  await world.tool("create_batch_call", request(1, { agent_id: "agent_1", ...said }));
  expect(JSON.stringify(hosted.seen)).not.toMatch(/purpose|consent/);
});

test("what the calls are for is part of what is agreed to, and a batch that says nothing has the digest it always had", () => {
  const content = {
    fromNumber: "+14155550100",
    agentId: "agent_1",
    timezone: "UTC",
    rules: {},
    listDigest: "list",
  };
  expect(contentDigest(content)).toBe("d37f4510447eba66b9bdaf84034247cebeab22e5e4ea946b9254f1892c7e8543");
  expect(contentDigest({ ...content, consent: kept })).not.toBe(contentDigest(content));
  expect(contentDigest({ ...content, consent: { purpose: kept.purpose } })).not.toBe(
    contentDigest({ ...content, consent: { basis: kept.purpose } }),
  );
});

describe("where the operator requires them", () => {
  const policy = { requiresConsent: true };

  test.each(["create_batch_call", "preview_batch_call"])(
    "%s names what is missing, and makes nothing",
    async (tool) => {
      const world = await worldOf({ upstream: () => hosted.url, policy });
      const problem = await world.problem(tool, request(2, { agent_id: "agent_1", purpose: said.purpose }));
      expect(problem.code).toBe("invalid_input");
      expect(problem.issues).toMatchObject([
        { field: "consent_basis", message: expect.stringContaining("BATCH_CALL_REQUIRE_CONSENT") },
      ]);
      expect(hosted.batches.size).toBe(0);
    },
  );

  test("a batch that was made without them is not started", async () => {
    const world = await worldOf({ upstream: () => hosted.url });
    const { batch } = await world.tool("create_batch_call", request(2, { agent_id: "agent_1" }));
    const strict = await worldOf({ upstream: () => hosted.url, policy });
    const problem = await strict.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
    expect(problem.code).toBe("refused_by_limit");
    expect(problem.issues.map(({ field }) => field)).toEqual(["purpose", "consent_basis"]);
    expect(strict.person.asked).toEqual([]);
    expect(hosted.dangerous).toEqual([]);
  });

  test("a batch that says both is created and started", async () => {
    const world = await worldOf({ upstream: () => hosted.url, policy });
    world.person.willAnswer({ kind: "accepted", typedRecipients: 2 });
    const { batch } = await world.tool("create_batch_call", request(2, { agent_id: "agent_1", ...said, start: "now" }));
    expect(batch.status).toBe("sent");
  });
});
