import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, test } from "vitest";
import { toSummaryFacts } from "../../src/campaigns/approve/index.ts";
import { longFile, longRequest } from "../support/campaigns/long-list.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { fromNumber, numberOf, request, startWorld, type World, type WorldSetup } from "../support/world.ts";

const newYork = "+12125550142";
const london = "+442079460018";

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
});

async function start(setup: WorldSetup = {}): Promise<World> {
  const world = await startWorld(setup);
  worlds.push(world);
  return world;
}

const openPolicy = { hours: { start: "00:00", end: "24:00" } };
const startLive = () => start({ carrierEnvironment: "live", policy: openPolicy });
const list = (...numbers: readonly string[]) => ({ tasks: numbers.map((to_number) => ({ to_number })) });
const three = list("+12125550123", "+442079460123", "+14155550123");
const both = { more_from_numbers: [newYork, london] };

function asked(world: World): Readonly<Record<string, readonly string[]>> {
  const summary = world.person.asked.at(-1);
  if (!summary) throw new Error("Nobody was asked");
  return Object.fromEntries(toSummaryFacts(summary).map(({ label, lines }) => [label, lines]));
}

const shares = [`${fromNumber}, nearest to 1`, `${newYork}, nearest to 1`, `${london}, nearest to 1`];

describe("a batch with several caller ids", () => {
  test("calls each person from the nearest one, and preview, status, results, call and file tell it", async () => {
    const world = await start({ carrier: { "+12125550123": ["busy"] } });
    const input = request(3, { ...three, ...both, start: "now" });
    const preview = await world.answer("preview_batch_call", input);
    expect(preview.output["batch"].caller_ids).toEqual(shares);
    expect(preview.text).toContain(`Caller ids: ${shares.join("; ")}`);
    const { batch } = await world.tool("create_batch_call", input);
    expect(batch.caller_ids).toEqual(shares);
    await world.clock.advance({ minutes: 10 });
    const calls = world.carrier.rings.map((ring) => [ring.toNumber, ring.fromNumber]);
    expect(Object.fromEntries(calls)).toEqual({
      "+12125550123": newYork,
      "+442079460123": london,
      "+14155550123": fromNumber,
    });
    const id = { batch_id: batch.batch_id };
    expect((await world.tool("get_batch_status", id)).batch.caller_ids).toEqual(shares);
    const { output, text } = await world.answer("get_batch_results", id);
    expect(output["results"].map((row: { called_from: string }) => row.called_from)).toEqual([
      newYork,
      london,
      fromNumber,
    ]);
    expect(text).toContain(` from ${london}`);
    const { call } = await world.tool("get_call", { call_id: output["results"][1].call_id });
    expect(call.from_number).toBe(london);
    for (const format of ["csv", "jsonl"]) {
      const { path } = await world.tool("export_batch_results", { ...id, format, safe_for: "machine" });
      const file = await readFile(path, "utf8");
      expect(file).toContain(format === "csv" ? ` from ${london}` : `"from_number":"${london}"`);
    }
  });

  test("takes them by nickname, in any form and named again; other names of the argument are refused with the right one", async () => {
    const world = await start();
    const names = ["east coast, new york", "+44 20 7946 0018", newYork, fromNumber];
    const preview = await world.tool("preview_batch_call", request(3, { ...three, more_from_numbers: names }));
    expect(preview.batch.caller_ids).toEqual(shares);
    for (const name of ["caller_ids", "from_numbers"]) {
      const problem = await world.problem("preview_batch_call", request(3, { ...three, [name]: names }));
      expect(problem.issues[0]?.message).toContain("more_from_numbers");
    }
  });

  test("one that the account does not have, or that stands on the list, is refused or left out by name", async () => {
    const world = await start();
    const problem = await world.problem(
      "create_batch_call",
      request(3, { ...three, more_from_numbers: ["+12125550199"] }),
    );
    expect(problem.issues).toMatchObject([{ field: "more_from_numbers[0]", code: "unknown_caller_id" }]);
    const { rows, issues } = await world.tool(
      "preview_batch_call",
      request(1, { ...list(numberOf(1), newYork), ...both }),
    );
    expect(rows).toMatchObject({ accepted: 1, refused: 1 });
    expect(issues).toMatchObject([{ row: 2, code: "same_as_from_number" }]);
  });

  test("may call the countries of all of them, unless the operator named others", async () => {
    const world = await startLive();
    world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
    await world.tool("create_batch_call", request(3, { ...three, ...both, start: "now" }));
    await world.clock.advance({ minutes: 5 });
    expect(world.carrier.rings).toHaveLength(3);
    const alone = await world.problem("create_batch_call", request(3, { ...three, name: "One", start: "now" }));
    expect(alone.issues).toMatchObject([{ code: "country_not_allowed" }]);
  });

  test("is agreed to with all of them, and with how many people each is nearest to", async () => {
    const world = await startLive();
    world.person.willAnswer({ kind: "declined" });
    await world.problem("create_batch_call", request(3, { ...three, ...both, start: "now" }));
    expect(asked(world)["From"]).toEqual(shares);
  });

  test("that gets one more while it runs is held until somebody agrees to that", async () => {
    const world = await start({ carrierEnvironment: "live", policy: openPolicy, service: { maxConcurrent: 1 } });
    world.person.willAnswer({ kind: "accepted", typedRecipients: 2 });
    const { batch } = await world.tool(
      "create_batch_call",
      request(2, { ...list("+14155550123", "+12125550123"), start: "now" }),
    );
    const id = { batch_id: batch.batch_id };
    const { batch: changed, starts_by_itself } = await world.tool("update_batch", {
      ...id,
      more_from_numbers: [newYork],
    });
    expect([changed.is_paused, starts_by_itself]).toEqual([true, false]);
    await world.clock.advance({ minutes: 30 });
    expect(world.carrier.rings).toHaveLength(1);
    world.person.willAnswer({ kind: "accepted", typedRecipients: 1 });
    await world.tool("resume_batch", id);
    expect(asked(world)["From"]).toEqual([`${fromNumber}, nearest to 0`, `${newYork}, nearest to 1`]);
    await world.clock.advance({ minutes: 5 });
    expect(world.carrier.rings.at(-1)).toMatchObject({ toNumber: "+12125550123", fromNumber: newYork });
    const twice = await world.problem("update_batch", { ...id, more_from_numbers: [london] });
    expect(twice.code).toBe("wrong_state");
  });

  test("loses them again where none are named, and refuses one that the account does not have", async () => {
    const world = await start();
    const { batch } = await world.tool("create_batch_call", request(3, { ...three, ...both }));
    const id = { batch_id: batch.batch_id };
    const problem = await world.problem("update_batch", { ...id, more_from_numbers: ["+12125550199"] });
    expect(problem.issues).toMatchObject([{ field: "more_from_numbers[0]", code: "unknown_caller_id" }]);
    const { batch: changed } = await world.tool("update_batch", { ...id, more_from_numbers: [] });
    expect(changed.caller_ids).toBeUndefined();
  });

  test("of linked batches has the same in all parts, and one part alone is not given others", async () => {
    const world = await start({ service: { maxConcurrent: 8, startsPerSecond: 50 } });
    await world.file("long.csv", longFile(1020));
    const { batch } = await world.tool("create_batch_call", longRequest({ ...both, allow_duplicate: true }));
    // One person of the list has the number of a caller id.
    const { batch: read } = await world.tool("get_batch_status", { batch_id: batch.batch_id });
    expect(read.caller_ids).toEqual([
      `${fromNumber}, nearest to 0`,
      `${newYork}, nearest to 1,019`,
      `${london}, nearest to 0`,
    ]);
    for (const { batch_id } of read.parts) {
      const part = await world.api.getBatch(batch_id);
      expect(part.moreFromNumbers).toEqual([newYork, london]);
    }
    const [{ batch_id }] = read.parts;
    expect((await world.problem("update_batch", { batch_id, more_from_numbers: [] })).code).toBe("unsupported");
    await world.tool("update_batch", { batch_id: batch.batch_id, more_from_numbers: [london] });
    for (const part of read.parts) expect((await world.api.getBatch(part.batch_id)).moreFromNumbers).toEqual([london]);
  });

  test("whose account has one of them no more calls from the others, and every status says so", async () => {
    const world = await start({ service: { maxConcurrent: 1 } });
    world.carrier.gone.add(london);
    const { batch } = await world.tool("create_batch_call", request(3, { ...three, ...both, start: "now" }));
    const id = { batch_id: batch.batch_id };
    await world.clock.advance({ seconds: 45 });
    const { output, text } = await world.answer("get_batch_status", id);
    expect(output["batch"]).toMatchObject({ gone_from_numbers: [london], is_paused: false });
    expect(text).toContain(
      `Caller ids that the account did not have when they were tried last: ${london}. The others call`,
    );
    const { batch: same } = await world.another().tool("get_batch_status", id);
    expect(same.gone_from_numbers).toEqual([london]);
    expect((await world.api.getBatch(batch.batch_id)).goneFromNumbers).toEqual([london]);
    await world.clock.advance({ minutes: 2 });
    expect(world.carrier.rings).toHaveLength(3);
    expect(world.carrier.rings.some((ring) => ring.fromNumber === london)).toBe(false);
  });

  test.each([false, true])(
    "whose account has none of them is held, gets another one, and goes on (live: %s)",
    async (isLive) => {
      const world = isLive ? await startLive() : await start();
      const agrees = () => world.person.willAnswer({ kind: "accepted", typedRecipients: 2 });
      for (const number of [fromNumber, newYork]) world.carrier.gone.add(number);
      agrees();
      const people = list("+12125550123", "+14155550123");
      const input = request(2, { ...people, more_from_numbers: [newYork], start: "now" });
      const { batch } = await world.tool("create_batch_call", input);
      const id = { batch_id: batch.batch_id };
      await world.clock.advance({ minutes: 1 });
      const { batch: held } = await world.tool("get_batch_status", id);
      expect(held.gone_from_numbers).toEqual([fromNumber, newYork]);
      expect(held.held_reason).toMatch(
        /none of .*caller ids\. .*update_batch.*as more_from_numbers.*in place of from_number.*from_batch and another/,
      );
      const refused = await world.problem("update_batch", { ...id, from_number: london });
      expect(JSON.stringify(refused)).toMatch(/from_number stays. Write more_from_numbers: .*call in place of one/);
      const { batch: changed } = await world.tool("update_batch", { ...id, more_from_numbers: [london] });
      expect(changed.is_paused).toBe(true);
      expect((await world.tool("get_batch_status", id)).batch.gone_from_numbers).toBeUndefined();
      agrees();
      await world.whileTimePasses(world.tool("resume_batch", id));
      await world.clock.advance({ minutes: 5 });
      expect(world.carrier.rings.map((ring) => [ring.toNumber, ring.fromNumber]).toSorted()).toEqual([
        ["+12125550123", london],
        ["+14155550123", london],
      ]);
      expect((await world.tool("get_batch_status", id)).batch.status).toBe("completed");
    },
  );

  test("is tried on one phone from the nearest", async () => {
    const world = await start({ policy: { testNumbers: ["+442079460199"] } });
    const { batch } = await world.tool("create_batch_call", request(3, { ...three, ...both }));
    await world.tool("test_call", { batch_id: batch.batch_id, row: 1, to_number: "+442079460199" });
    await world.clock.advance({ minutes: 2 });
    expect(world.carrier.rings.map((ring) => ring.fromNumber)).toEqual([london]);
  });
});

test("an API without extensions takes none of them, and nothing is sent", async () => {
  const hosted = await HostedApi.start();
  const world = await start({ upstream: () => hosted.url });
  for (const tool of ["create_batch_call", "preview_batch_call"]) {
    const problem = await world.problem(tool, request(3, { agent_id: "agent_1", more_from_numbers: [newYork] }));
    expect(problem).toMatchObject({ code: "unsupported", message: expect.stringContaining("no more_from_numbers") });
    expect(problem.message).toContain("BATCH_CALL_CARRIER=hosted");
  }
  expect(JSON.stringify(hosted.seen)).not.toContain('"path":"/batch-call');
  await hosted.stop();
});
