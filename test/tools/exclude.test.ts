import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toSummaryFacts } from "../../src/campaigns/approve/index.ts";
import type { BatchCallApi } from "../../src/client/api.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { usNumber } from "../support/us-numbers.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

const home = numberOf(50);

let world: World;
beforeEach(async () => {
  world = await startWorld({ carrier: { [numberOf(2)]: ["no_answer"], [numberOf(3)]: ["voicemail"] } });
});
afterEach(() => world.stop());

/** A batch of these people, who are called at once. */
async function called(people: readonly number[], changes: object = {}): Promise<string> {
  const tasks = people.map((n) => ({ to_number: numberOf(n) }));
  const name = `Earlier ${people.join(" ")}`;
  const { batch } = await world.tool("create_batch_call", request(1, { tasks, name, start: "now", ...changes }));
  await world.clock.advance({ hours: 1 });
  return batch.batch_id;
}

type Told = { readonly row: number; readonly code: string; readonly message: string };
const reasons = (issues: readonly Told[]) => issues.map(({ row, code, message }) => [row, code, message]);

const numbersOf = async (batchId: string) =>
  (await world.api.listTasks(batchId, { page: 0, limit: 100 })).rows.map(({ toNumber }) => toNumber);

describe("who is excluded", () => {
  test.each<[string, (id: string) => unknown]>([
    ["an id alone", (id) => id],
    ["a list of ids", (id) => [id]],
    ["JSON text of one", (id) => JSON.stringify([id])],
    ["an object with one id", (id) => ({ batch_id: id })],
    ["an object with one id in a list", (id) => [{ batchId: id }]],
  ])("is named by %s", async (_what, exclude) => {
    const earlier = await called([1, 2]);
    const { rows } = await world.tool("preview_batch_call", request(4, { exclude: exclude(earlier) }));
    expect(rows).toMatchObject({ accepted: 2, excluded: 2 });
  });

  test.each(["last week", "yesterday", "7d", "7", 7, true, [7], ["a", "b"], "batch_1, batch_2"])(
    "is refused with the form of exclude where %j could mean several things",
    async (exclude) => {
      const { issues } = await world.problem("preview_batch_call", request(4, { exclude }));
      expect(issues).toMatchObject([
        { field: "exclude", message: expect.stringContaining("{batch_ids, called_within_days, reached_within_days}") },
      ]);
    },
  );

  test("groups and batches under names of their own are told what to write", async () => {
    const { issues } = await world.problem("preview_batch_call", request(4, { exclude: { groups: ["group_1"] } }));
    expect(issues).toMatchObject([{ field: "exclude.groups", message: expect.stringContaining("Write batch_ids") }]);
  });

  test("and nobody else can be called: it says who by what, and the call that helps, apart from rows to repair", async () => {
    const earlier = await called([1, 2]);
    const { tasks: _, ...args } = request(1) as Record<string, unknown>;
    const tasks_csv = `phone\n${numberOf(1)}\n${numberOf(2)}\n12`;
    const refused = await world.problem("preview_batch_call", { ...args, tasks_csv, exclude: earlier });
    expect(refused.message).toContain(
      `2 rows are left out by exclude {batch_ids: ["${earlier}"]}: 2, 3. preview_batch_call {from_batch: {batch_id: "${earlier}"}} with the other arguments, without exclude, calls those again whom ${earlier} did not reach. To call them whatever was before, make this call again from the list's own source without exclude. Other rows can be repaired: change_list {`,
    );
    const lately = await world.problem("preview_batch_call", {
      ...args,
      tasks_csv: `phone\n${numberOf(1)}`,
      exclude: { called_within_days: 7 },
    });
    expect(lately.message).toContain("1 row is left out by exclude {called_within_days: 7}: 2. To call them");
    expect(lately.message).toMatch(/source with fewer days, or without exclude\.$/);
  });

  test("by an earlier batch is not called, is told row by row, and the rows add up", async () => {
    const earlier = await called([1, 2]);
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(4)] });
    const args = request(4, { exclude: { batch_ids: [earlier] } });
    const preview = await world.tool("preview_batch_call", args);
    expect(preview).toMatchObject({
      rows: { input: 4, accepted: 1, duplicate: 0, suppressed: 3, refused: 0, excluded: 2 },
    });
    expect(reasons(preview["issues"])).toEqual([
      [1, "excluded", `Is left out: it is in ${earlier}.`],
      [4, "do_not_call", expect.any(String)],
    ]);
    expect(preview["issues"]).toMatchObject([{ rows: 2, first_rows: [1, 2] }, {}]);
    expect(await world.text("preview_batch_call", args)).toContain("2 excluded, 1 on the do-not-call list");
    const { batch, list_id } = await world.tool("create_batch_call", args);
    expect(await numbersOf(batch.batch_id)).toEqual([numberOf(3)]);
    const { list_rows, total } = await world.tool("get_list", { list_id, code: "excluded" });
    expect([
      total,
      list_rows.map(({ row, fate, code }: { row: number; fate: string; code: string }) => [row, fate, code]),
    ]).toEqual([
      2,
      [
        [1, "suppressed", "excluded"],
        [2, "suppressed", "excluded"],
      ],
    ]);
    const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id });
    expect(results).toMatchObject([{ row: 3 }]);
  });

  test("by when they were called, or reached, is who was called by any batch so lately", async () => {
    const earlier = await called([1, 2, 3]);
    const at = "2026-03-02T15:0\\dZ";
    await world.clock.advance({ hours: 24 });
    await called([4]);
    const left = async (exclude: object) => {
      const { issues } = await world.tool("preview_batch_call", request(5, { exclude }));
      return reasons(issues).map(([row, , message], at) => [issues[at].first_rows ?? row, message]);
    };
    const [whole, part] = [await left({ called_within_days: 2 }), await left({ called_within_days: 1 })];
    expect(whole.map(([row]) => row)).toEqual([[1, 2, 3], 4]);
    expect(whole[0]?.[1]).toMatch(new RegExp(`^Is left out: called ${at} by ${earlier}\\.$`));
    expect(part.map(([row]) => row)).toEqual([4]);
    const reached = await left({ reached_within_days: 2 });
    expect(reached.map(([row]) => row)).toEqual([[1, 3], 4]);
    expect(reached[0]?.[1]).toMatch(new RegExp(`^Is left out: reached ${at} by ${earlier}\\.$`));
    expect((await left({ called_within_days: 1, reached_within_days: 2 })).map(([row]) => row)).toEqual([[1, 3], 4]);
  });

  test("of more than fifty is told between when they were called and by which batches, not the time of one of them", async () => {
    const people = (first: number, count: number) => Array.from({ length: count }, (_, n) => first + n);
    const first = await called(people(1, 30));
    await world.clock.advance({ hours: 5 });
    const second = await called(people(31, 30));
    const args = request(61, { exclude: { called_within_days: 7 } });
    const { issues } = await world.tool("preview_batch_call", args);
    expect(issues).toMatchObject([{ row: 1, code: "excluded", rows: 60 }]);
    const [told, from, to, ...by] =
      /^Is left out: called (\S+) to (\S+) by (batch_\w+) or (batch_\w+)\.$/.exec(issues[0].message) ?? [];
    expect(told, issues[0].message).toBeDefined();
    expect([from?.slice(0, 14), to?.slice(0, 14)]).toEqual(["2026-03-02T15:", "2026-03-02T21:"]);
    expect(by).toEqual([first, second]);
    expect(await world.text("preview_batch_call", args)).toContain(`${told} 60 rows are like this: 1-`);
  });

  test("by any of their numbers: who was called on one of them was called", async () => {
    const earlier = await called([1], { tasks: [{ to_number: home }] });
    const tasks = [{ to_number: numberOf(7), fallback_number: home }, { to_number: numberOf(8) }];
    for (const exclude of [{ batch_ids: [earlier] }, { called_within_days: 1 }]) {
      const { rows, issues } = await world.tool("preview_batch_call", request(1, { tasks, exclude }));
      expect(rows).toMatchObject({ accepted: 1, suppressed: 1 });
      expect(issues[0].message).toMatch(/^By its fallback number: Is left out: /);
    }
    // And whoever has as their own number what was somebody's fallback number.
    const other = await called([9], {
      tasks: [{ to_number: numberOf(9), fallback_number: numberOf(10) }],
      name: "Two numbers",
    });
    const own = request(1, {
      tasks: [{ to_number: numberOf(10) }, { to_number: numberOf(11) }],
      exclude: { batch_ids: [other] },
    });
    expect((await world.tool("preview_batch_call", own))["rows"]).toMatchObject({ accepted: 1, suppressed: 1 });
  });

  test("stays out where only the list is given, and everybody is there again in the list before", async () => {
    const earlier = await called([1, 2]);
    const whole = await world.tool("preview_batch_call", request(3));
    const cut = await world.tool(
      "preview_batch_call",
      request(1, { tasks: undefined, list_id: whole["list_id"], exclude: { batch_ids: [earlier] } }),
    );
    expect(cut["list_id"]).not.toBe(whole["list_id"]);
    const of = async (list_id: string, changes: object = {}) =>
      await world.tool("preview_batch_call", request(1, { tasks: undefined, list_id, ...changes }));
    expect((await of(cut["list_id"]))["rows"]).toMatchObject({ accepted: 1, suppressed: 2 });
    expect((await of(cut["list_id"], { exclude: { batch_ids: [earlier] } }))["list_id"]).toBe(cut["list_id"]);
    expect((await of(whole["list_id"]))["rows"]).toMatchObject({ accepted: 3 });
    const changed = await world.tool("change_list", { list_id: cut["list_id"], leave_out: [3] });
    expect(changed).toMatchObject({ rows: { accepted: 0, suppressed: 2, refused: 1, excluded: 2 } });
  });
});

describe("the same content with another exclusion", () => {
  test("is another batch: nobody who is excluded is called by the one that was made before", async () => {
    const earlier = await called([1]);
    const all = await world.tool("create_batch_call", request(3));
    const cut = await world.tool("create_batch_call", request(3, { exclude: { batch_ids: [earlier] } }));
    expect(cut["replayed"]).toBe(false);
    expect(cut["batch"].batch_id).not.toBe(all["batch"].batch_id);
    expect(await numbersOf(cut["batch"].batch_id)).toEqual([numberOf(2), numberOf(3)]);
  });

  test("and the same one again is that batch, also when more people are excluded meanwhile", async () => {
    const args = request(3, { exclude: { called_within_days: 7 } });
    const first = await world.tool("create_batch_call", args);
    await called([2]);
    const again = await world.tool("create_batch_call", args);
    expect(again).toMatchObject({ replayed: true, batch: { batch_id: first["batch"].batch_id } });
  });

  test("and the same one again is that batch while it calls everybody whom its exclusion leaves out", async () => {
    const retry_config = { enabled: true, max_attempts: 2 };
    const args = request(3, { exclude: { called_within_days: 7 }, retry_config, start: "now" });
    const first = await world.tool("create_batch_call", args);
    await world.clock.advance({ minutes: 2 });
    expect(await world.tool("preview_batch_call", args)).toMatchObject({ replayed: true });
    const again = await world.tool("create_batch_call", args);
    expect(again).toMatchObject({ replayed: true, batch: { batch_id: first["batch"].batch_id, status: "sent" } });
    const other = await world.problem("create_batch_call", { ...args, allow_duplicate: true });
    expect(other.message).toContain("None of the 3 rows can be called");
    await world.clock.advance({ minutes: 90 });
    expect(world.carrier.rings).toHaveLength(5);
    // Over and simulated it is no batch to answer with, and everybody was called lately.
    expect((await world.problem("create_batch_call", args)).message).toContain("None of the 3 rows can be called");
  });
});

describe("who was called since the batch was made", () => {
  test("is not called by it: the start is refused until they are taken out", async () => {
    const args = request(3, { exclude: { called_within_days: 7 } });
    const { batch, list_id } = await world.tool("create_batch_call", args);
    await called([2]);
    const dials = world.carrier.dials.length;
    for (const start of [
      () => world.problem("start_batch", { batch_id: batch.batch_id, start: "now" }),
      () => world.problem("create_batch_call", { ...args, start: "now" }),
    ]) {
      const refused = await start();
      expect(refused.code).toBe("wrong_state");
      expect(refused.message).toContain(`update_batch {batch_id: "${batch.batch_id}", list_id: "${list_id}"}`);
      expect(refused.message).toMatch(/1 person of it is to be left out/);
    }
    await world.tool("update_batch", { batch_id: batch.batch_id, list_id });
    await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
    await world.clock.advance({ hours: 1 });
    const rung = world.carrier.dials.slice(dials).map(({ toNumber }) => toNumber);
    expect(rung.toSorted()).toEqual([numberOf(1), numberOf(3)]);
  });
});

test("a draft all of whose people are to be left out by now is ended, since nobody else waits in it", async () => {
  const args = request(2, { exclude: { called_within_days: 7 } });
  const { batch } = await world.tool("create_batch_call", args);
  await called([1, 2]);
  const refused = await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
  expect(refused.message).toContain(`Nobody else waits in it: cancel_batch {batch_id: "${batch.batch_id}"} ends it.`);
  expect(refused.message).not.toContain("update_batch");
});

describe("who is called by another batch between the start and their turn", () => {
  test("is not called: the service ends their call with the reason, which results and status show", async () => {
    const exclude = { called_within_days: 7 };
    const tomorrow = { start: "at_time", start_at: "2026-03-03T15:00", timezone: "UTC" };
    const { batch } = await world.tool("create_batch_call", request(3, { exclude, ...tomorrow }));
    await called([2]);
    const dials = world.carrier.dials.length;
    await world.clock.advance({ hours: 26 });
    const rung = world.carrier.dials.slice(dials).map(({ toNumber }) => toNumber);
    expect(rung.toSorted()).toEqual([numberOf(1), numberOf(3)]);
    const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id, status: "cancelled" });
    expect(results).toMatchObject([{ row: 2, status: "cancelled", reason: "excluded" }]);
    const told = await world.tool("get_batch_status", { batch_id: batch.batch_id });
    expect(told["batch"]).toMatchObject({ status: "completed", excluded: 1 });
    expect(await world.text("get_batch_status", { batch_id: batch.batch_id })).toContain(
      "another batch called them lately: 1",
    );
  });

  test("is called by a retry of that batch, and by one whose list leaves nobody out any more", async () => {
    const exclude = { called_within_days: 7 };
    const first = await called([2, 4], { exclude });
    const retry = await world.tool(
      "create_batch_call",
      request(1, { tasks: undefined, name: "Again", from_batch: { batch_id: first }, exclude, start: "now" }),
    );
    await world.clock.advance({ hours: 1 });
    const { results } = await world.tool("get_batch_results", { batch_id: retry["batch"].batch_id });
    expect(results).toMatchObject([{ row: 1, status: "failed", outcome: "no_answer" }]);

    const draft = await world.tool("create_batch_call", request(3, { exclude, name: "Draft" }));
    const everybody = await world.tool("preview_batch_call", request(3));
    const id = draft["batch"].batch_id;
    await world.tool("update_batch", { batch_id: id, list_id: everybody["list_id"] });
    await called([1], { name: "Meanwhile" });
    await world.tool("start_batch", { batch_id: id, start: "now" });
    await world.clock.advance({ hours: 1 });
    const after = await world.tool("get_batch_status", { batch_id: id });
    expect(after["batch"].counts).toMatchObject({ total: 3, cancelled: 0 });
  });

  test("is told before anybody agrees, among the rules", async () => {
    const args = request(3, { exclude: { called_within_days: 7, reached_within_days: 30 } });
    const { rules } = (await world.tool("preview_batch_call", args))["preview"] ?? {};
    const text = rules === undefined ? await world.text("preview_batch_call", args) : rules.join("\n");
    expect(text).toContain("whom another batch called within 7 days or reached within 30 days is not called");
  });
});

test("a batch's own calls take nobody out of it who waits for a retry", async () => {
  const retries = { enabled: true, max_attempts: 2 };
  const args = request(3, { exclude: { called_within_days: 7 }, start: "now", retry_config: retries });
  const { batch, list_id } = await world.tool("create_batch_call", args);
  await world.clock.advance({ minutes: 10 });
  const { list_change } = await world.tool("update_batch", { batch_id: batch.batch_id, list_id });
  expect(list_change).toMatchObject({ added: 0, removed: 0, not_removed: [] });
});

describe("a retry of a batch that left people out", () => {
  test("tells in preview, status and question that calls of that batch leave nobody out", async () => {
    await world.stop();
    world = await startWorld({ carrierEnvironment: "live" });
    world.person.willAnswer({ kind: "accepted", typedRecipients: 2 });
    const earlier = await called([1, 2]);
    const exclude = { called_within_days: 7, reached_within_days: 30 };
    const words = `whom another batch called within 7 days or reached within 30 days, except by ${earlier}, is not called`;
    const args = request(1, {
      tasks: undefined,
      name: "Again",
      from_batch: { batch_id: earlier, outcomes: ["answered"] },
      exclude,
    });
    const { outlook } = await world.tool("preview_batch_call", args);
    expect(outlook.rules).toContainEqual(expect.stringContaining(words));
    expect(await world.text("preview_batch_call", args)).toContain(words);
    const { batch } = await world.tool("create_batch_call", args);
    const { rules } = await world.tool("get_batch_status", { batch_id: batch.batch_id });
    expect(rules).toContainEqual(expect.stringContaining(words));
    await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
    const question = world.pages.at(-1)?.summary ?? expect.fail("Nobody was asked");
    const lines = toSummaryFacts(question).flatMap((fact) => fact.lines);
    expect(lines).toContainEqual(expect.stringMatching(`${words}, as it stands right before each call$`));

    const three = lines.find((line) => line.includes(words))?.replace(earlier, `${earlier}, ${earlier} or ${earlier}`);
    const ofLinked = { ...question, outlook: { ...question.outlook, rules: [three ?? ""] } };
    expect(toSummaryFacts(ofLinked).flatMap((fact) => fact.lines)).toContain(three);
  });

  test("calls its people again: its own calls are no reason to leave them out", async () => {
    const args = request(3, { exclude: { called_within_days: 7 }, start: "now" });
    const { batch } = await world.tool("create_batch_call", args);
    await world.clock.advance({ hours: 1 });
    const retry = request(1, { tasks: undefined, name: "Again", from_batch: { batch_id: batch.batch_id } });
    expect((await world.tool("preview_batch_call", retry))["rows"]).toMatchObject({ accepted: 1 });
    const cautious = { ...retry, exclude: { called_within_days: 7 } };
    expect((await world.tool("preview_batch_call", cautious))["rows"]).toMatchObject({ accepted: 1 });
    await called([2], { name: "Another" });
    const nobody = await world.problem("preview_batch_call", cautious);
    expect(nobody.message).toContain("None of the 3 rows can be called");
    expect(nobody.message).toContain("1 row is left out by exclude {called_within_days: 7}: 2. To call them");
    expect(nobody.issues).toContainEqual(expect.objectContaining({ code: "excluded" }));
  });
});

describe("an exclusion is refused", () => {
  test("for a batch that is not there, and for days that are none", async () => {
    const gone = await world.problem("create_batch_call", request(2, { exclude: { batch_ids: ["batch_none"] } }));
    expect(gone.issues).toMatchObject([{ field: "exclude.batch_ids", code: "unknown_batch" }]);
    const wrong = await world.problem(
      "create_batch_call",
      request(2, { exclude: { called_within_days: 0, batches: ["x"] } }),
    );
    expect(wrong.issues.map(({ field }) => field)).toEqual(["exclude.called_within_days", "exclude.batches"]);
  });

  test("by an API that does not tell when its calls were; earlier batches are left out there too", async () => {
    const hosted = await HostedApi.start();
    const live = await startWorld({ upstream: () => hosted.url });
    try {
      const ours = (changes: object) => request(3, { agent_id: "agent_1", ...changes });
      const refused = await live.problem("preview_batch_call", ours({ exclude: { reached_within_days: 7 } }));
      expect(refused.code).toBe("unsupported");
      expect(refused.message).toContain("exclude {batch_ids: […]}");
      const tasks = [{ to_number: numberOf(2) }];
      const { batch } = await live.tool("create_batch_call", ours({ tasks, name: "Earlier" }));
      const { rows } = await live.tool("preview_batch_call", ours({ exclude: { batch_ids: [batch.batch_id] } }));
      expect(rows).toMatchObject({ accepted: 2, suppressed: 1 });
    } finally {
      await live.stop();
      await hosted.stop();
    }
  });

  test("never silently: where the calls cannot be read, nothing is created", async () => {
    const recentCalls: BatchCallApi["recentCalls"] = () => Promise.reject(new Error("broken"));
    const broken = world.another({ api: { ...world.api, recentCalls } });
    await expect(broken.tool("create_batch_call", request(2, { exclude: { called_within_days: 7 } }))).rejects.toThrow(
      "broken",
    );
    expect((await world.tool("list_batches"))["batches"]).toEqual([]);
  });
});

test("linked batches are named, called again and started as one", async () => {
  const people = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, n) => `P${first + n},${usNumber(first + n)}`);
  const csv = (rows: readonly string[]) =>
    request(1, { tasks: undefined, tasks_csv: ["first_name,Mobile", ...rows].join("\n") });
  const group = await world.tool("create_batch_call", csv(people(101, 1104)));
  const id = group["batch"].batch_id;
  expect(id).toMatch(/^group_/);
  const { rows } = await world.tool("preview_batch_call", {
    ...csv(people(1100, 1109)),
    name: "Other",
    exclude: { batch_ids: [id] },
  });
  expect(rows).toMatchObject({ input: 10, accepted: 5, suppressed: 5, excluded: 5 });
  await world.tool("cancel_batch", { batch_id: id });
  const again = request(1, { tasks: undefined, name: "Again", from_batch: { batch_id: id, outcomes: ["cancelled"] } });
  expect((await world.tool("preview_batch_call", again))["rows"]).toMatchObject({ input: 1004, accepted: 1004 });
});

test("linked batches whose people were called since are not started until they are taken out", async () => {
  const rows = Array.from({ length: 1003 }, (_, n) => `P${n},${usNumber(101 + n)}`);
  const args = request(1, {
    tasks: undefined,
    tasks_csv: ["first_name,Mobile", ...rows].join("\n"),
    exclude: { called_within_days: 7 },
  });
  const { batch, list_id } = await world.tool("create_batch_call", args);
  await called([1], { tasks: [{ to_number: usNumber(1103) }] });
  const refused = await world.problem("start_batch", { batch_id: batch.batch_id, start: "now" });
  expect(refused.message).toContain(`update_batch {batch_id: "${batch.batch_id}", list_id: "${list_id}"}`);
  expect(await world.tool("update_batch", { batch_id: batch.batch_id, list_id })).toMatchObject({
    list_change: { removed: 1, added: 0 },
  });
  expect((await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" }))["batch"].status).toBe("sent");
});
