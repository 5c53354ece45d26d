import { readFile } from "node:fs/promises";
import Papa from "papaparse";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BatchCallApi } from "../../src/client/api.ts";
import { longFile, longRequest } from "../support/campaigns/long-list.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { usNumber } from "../support/us-numbers.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

const [ann, bob, cem, dee, eve, fay] = [1, 2, 3, 4, 5, 6].map(numberOf) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const landline = numberOf(50);

// Bob repeats Ann's number, Eve's line is busy under both of hers, and Gus has Ann's number as his second one.
const customers = [
  "Name,Mobile,Home,first_name",
  `Ann,${ann},,Ann`,
  `Bob,${bob},,Bob`,
  "Cut off,12,,Cut",
  `Cem,${cem},,Cem`,
  `Ann again,${ann},,Ann`,
  `Dee,${dee},,Dee`,
  `Eve,${eve},${landline},Eve`,
  `Fay,${fay},${ann},Fay`,
].join("\n");

const carrier = {
  [bob]: ["no_answer", "answered"],
  [cem]: ["voicemail"],
  [eve]: ["busy", "answered"],
  [landline]: ["failed"],
  [fay]: ["failed", "answered"],
} as const;

let world: World;
beforeEach(async () => {
  world = await startWorld({ carrier });
});
afterEach(() => world.stop());

const ofFile = (changes: object = {}) =>
  request(1, { tasks: undefined, tasks_file: "june.csv", columns: { to_number: ["Mobile", "Home"] }, ...changes });
const again = (batchId: string, changes: object = {}, of: object = {}) =>
  request(1, { tasks: undefined, name: "June, again", from_batch: { batch_id: batchId, ...of }, ...changes });

async function firstCampaign(changes: object = {}): Promise<string> {
  await world.file("june.csv", customers);
  const { batch } = await world.tool("create_batch_call", ofFile({ start: "now", ...changes }));
  await world.clock.advance({ hours: 1 });
  return batch.batch_id;
}

async function numbersOf(batchId: string): Promise<readonly string[]> {
  const { rows } = await world.api.listTasks(batchId, { page: 0, limit: 100 });
  return rows.map(({ toNumber }) => toNumber).toSorted();
}

const callFor = (batchId: string) => `preview_batch_call {from_batch: {batch_id: "${batchId}"}}`;
async function adviceOf(batchId: string): Promise<string> {
  return (await world.tool("export_batch_results", { batch_id: batchId }))["advice"];
}

describe("those of a batch who were not reached", () => {
  test("are called again with their rows, variables and fallback numbers, and nobody else is", async () => {
    const first = await firstCampaign();
    const preview = await world.tool("preview_batch_call", again(first));
    expect(preview).toMatchObject({
      rows: { input: 8, accepted: 3, duplicate: 0, suppressed: 0, refused: 5 },
      sample: [
        { row: 3, dynamic_variables: { first_name: "Bob" } },
        { row: 8, dynamic_variables: { first_name: "Eve" } },
        { row: 9 },
      ],
      fallback_columns: ["Home"],
    });
    expect(preview["notes"]).toContainEqual(
      `Of ${first} are called again: 1 no_answer, 2 failed; not those who are 2 answered, 1 voicemail.`,
    );
    const rung = world.carrier.dials.length;
    const { batch } = await world.tool("create_batch_call", again(first, { start: "now" }));
    const { rows } = await world.api.listTasks(batch.batch_id, { page: 0, limit: 100 });
    expect(rows.map(({ toNumber, fallbackNumber }) => [toNumber, fallbackNumber]).toSorted()).toEqual([
      [bob, undefined],
      [eve, landline],
      [fay, undefined],
    ]);
    await world.clock.advance({ hours: 1 });
    expect([...new Set(world.carrier.dials.slice(rung).map(({ toNumber }) => toNumber))].toSorted()).toEqual([
      bob,
      eve,
      fay,
    ]);
  });

  test("are told with the others' reasons, row by row, and nothing of the list is lost", async () => {
    const first = await firstCampaign();
    const { list_id, issues } = await world.tool("preview_batch_call", again(first));
    const told = issues.map((issue: { row: number; first_rows?: number[]; code: string; message: string }) => [
      issue.first_rows ?? issue.row,
      issue.code,
      issue.message,
    ]);
    expect(told).toEqual([
      [[2, 6, 7], "not_again", `Is not called again: its result in ${first} is answered.`],
      [4, "no_country", expect.any(String)],
      [5, "not_again", `Is not called again: its result in ${first} is voicemail.`],
    ]);
    // Somebody wants Cem called after all.
    const put = await world.tool("change_list", { list_id, put_back: [5] });
    expect(put["rows"]).toMatchObject({ accepted: 4 });
  });

  test("join the customer's own file, which comes back whole with their new results", async () => {
    const first = await firstCampaign();
    const { batch } = await world.tool("create_batch_call", again(first, { start: "now" }));
    await world.clock.advance({ hours: 1 });
    const { path, rows } = await world.tool("export_batch_results", { batch_id: batch.batch_id, safe_for: "machine" });
    const { data } = Papa.parse<Record<string, string>>(await readFile(path, "utf8"), {
      header: true,
      skipEmptyLines: true,
    });
    expect(rows).toBe(8);
    const joined = data.map((line) => [
      line["Name"],
      line["Mobile"],
      line["result_row"],
      line["result_outcome"] || line["result_status"],
    ]);
    expect(joined).toEqual([
      ["Ann", ann, "2", "refused"],
      ["Bob", bob, "3", "answered"],
      ["Cut off", "12", "4", "refused"],
      ["Cem", cem, "5", "refused"],
      ["Ann again", ann, "6", "refused"],
      ["Dee", dee, "7", "refused"],
      ["Eve", eve, "8", "answered"],
      ["Fay", fay, "9", "answered"],
    ]);
    expect(data[0]?.["result_reason"]).toBe(`Is not called again: its result in ${first} is answered.`);
    const { results } = await world.tool("get_batch_results", { batch_id: batch.batch_id, columns: ["Name"] });
    expect(results.map(({ row, cells }: { row: number; cells: { Name: string } }) => [row, cells.Name])).toEqual([
      [3, "Bob"],
      [8, "Eve"],
      [9, "Fay"],
    ]);
  });

  test("are those whose outcomes are named, and whoever is on the do-not-call list by now is not", async () => {
    const first = await firstCampaign();
    await world.tool("update_do_not_call_list", { action: "add", numbers: [cem] });
    const named = again(first, {}, { outcomes: ["voicemail", "busy", "no_answer", "failed"] });
    const { batch, rows } = await world.tool("create_batch_call", named);
    expect(rows).toMatchObject({ accepted: 3, suppressed: 1 });
    expect(await numbersOf(batch.batch_id)).toEqual([bob, eve, fay]);
  });

  test("a chain of retries goes on from the last one, and keeps every row's first reason", async () => {
    const first = await firstCampaign();
    world.carrier.script(bob, "no_answer");
    const second = (await world.tool("create_batch_call", again(first, { start: "now" }))).batch.batch_id;
    await world.clock.advance({ hours: 1 });
    const { rows, issues } = await world.tool("preview_batch_call", again(second, { name: "Third" }));
    expect(rows).toMatchObject({ input: 8, accepted: 1 });
    expect(issues.find(({ row }: { row: number }) => row === 2).message).toContain(first);
    expect(issues.find(({ row }: { row: number }) => row === 8).message).toContain(
      `its result in ${second} is answered`,
    );
  });
});

describe("nobody is called twice", () => {
  test("whose fate nobody knows is called again only where that is said", async () => {
    const first = await firstCampaign();
    const listTasks: BatchCallApi["listTasks"] = async (id, page) => {
      const found = await world.api.listTasks(id, page);
      return id === first ? { ...found, rows: found.rows.map((task) => ({ ...task, status: "unknown" })) } : found;
    };
    const doubtful = world.another({ api: { ...world.api, listTasks } });
    const refused = await doubtful.problem("create_batch_call", again(first));
    expect(refused.issues[0]?.message).toContain("6 unknown");
    const named = await doubtful.tool("preview_batch_call", again(first, {}, { outcomes: ["unknown"] }));
    expect(named["rows"]).toMatchObject({ accepted: 6 });
  });

  test("who is still to be called is not called by another batch", async () => {
    await world.file("june.csv", customers);
    const retries = { enabled: true, max_attempts: 2 };
    const { batch } = await world.tool("create_batch_call", ofFile({ start: "now", retry_config: retries }));
    await world.clock.advance({ minutes: 5 });
    const refused = await world.problem("preview_batch_call", again(batch.batch_id));
    expect(refused.issues).toMatchObject([{ field: "from_batch", code: "nobody_left" }]);
    expect(refused.issues[0]?.message).toMatch(/4 still to be called.*get_batch_status/);
  });

  test("whom a batch calls again already, a second one does not, unless that is wanted", async () => {
    const first = await firstCampaign();
    const second = await world.tool("create_batch_call", again(first));
    const repeated = await world.tool("create_batch_call", again(first));
    expect(repeated).toMatchObject({ replayed: true, batch: { batch_id: second["batch"].batch_id } });
    const other = again(first, { name: "Once more" });
    for (const tool of ["preview_batch_call", "create_batch_call"]) {
      const refused = await world.problem(tool, other);
      expect(refused.issues).toMatchObject([{ field: "from_batch", code: "called_again_already" }]);
      expect(refused.issues[0]?.message).toMatch(/^3 of these people.*batch_/);
      expect(refused.issues[0]?.message).toContain(second["batch"].batch_id);
    }
    const byList = { ...other, from_batch: undefined, list_id: second["list_id"] };
    expect((await world.problem("create_batch_call", byList)).issues).toMatchObject([{ code: "called_again_already" }]);
    expect(await world.tool("create_batch_call", { ...other, allow_duplicate: true })).toMatchObject({
      replayed: false,
    });
  });

  test.each(["deleted", "expired"])(
    "whom a batch called again whose list is %s, a second one does not",
    async (end) => {
      const first = await firstCampaign();
      const second = await world.tool("create_batch_call", again(first, { start: "now" }));
      const of = second["batch"].batch_id;
      if (end === "deleted") await world.tool("delete_list", { list_id: second["list_id"] });
      await world.clock.advance({ hours: end === "deleted" ? 1 : 31 * 24 });
      const refused = await world.problem("create_batch_call", again(first, { name: "Once more" }));
      expect(refused.issues).toMatchObject([{ field: "from_batch", code: "called_again_already" }]);
      expect(refused.issues[0]?.message).toContain(
        `3 of these people were called again by ${of} already (get_batch_status). Go on from there: from_batch {batch_id: "${of}"}`,
      );
    },
  );

  test("whom the retry of a part calls, the retry of its group does not, and the other way round", async () => {
    const people = 1001;
    await world.file("long.csv", longFile(people));
    for (let n = 0; n < people; n += 500) world.carrier.script(usNumber(n), "no_answer");
    const { batch } = await world.tool("create_batch_call", longRequest({ start: "now" }));
    await world.clock.advance({ hours: 3 });
    const [part] = (await world.tool("get_batch_status", { batch_id: batch.batch_id })).batch.parts;
    const [group, one] = [again(batch.batch_id), again(part.batch_id, { name: "Part" })];
    const ofPart = await world.tool("create_batch_call", one);
    expect((await world.problem("create_batch_call", group)).issues).toMatchObject([{ code: "called_again_already" }]);
    await world.tool("cancel_batch", { batch_id: ofPart["batch"].batch_id });
    await world.tool("create_batch_call", group);
    expect((await world.problem("create_batch_call", one)).issues).toMatchObject([{ code: "called_again_already" }]);
  });

  test("who was left to a retry that was cancelled before it called them can be called by another one", async () => {
    const first = await firstCampaign();
    const second = (await world.tool("create_batch_call", again(first))).batch.batch_id;
    await world.tool("cancel_batch", { batch_id: second });
    expect(await world.tool("create_batch_call", again(first, { name: "Other" }))).toMatchObject({
      rows: { accepted: 3 },
    });
  });
});

describe("a retry of a batch", () => {
  test("with nobody left is refused with what is there, and the call that helps", async () => {
    const first = await firstCampaign();
    const refused = await world.problem("create_batch_call", again(first, {}, { outcomes: ["busy"] }));
    expect(refused.code).toBe("invalid_input");
    expect(refused.message).toContain("Nothing was created.");
    const [issue] = refused.issues;
    expect(issue).toMatchObject({ field: "from_batch", code: "nobody_left" });
    expect(issue?.message).toContain("2 answered, 1 no_answer, 1 voicemail, 2 failed");
    expect(issue?.message).toContain(
      `preview_batch_call {from_batch: {batch_id: "${first}", outcomes: ["voicemail"]}}`,
    );
  });

  test("takes an id alone, and names the outcome that was meant", async () => {
    const first = await firstCampaign();
    const preview = await world.tool("preview_batch_call", again(first, { from_batch: first }));
    expect(preview["rows"]).toMatchObject({ accepted: 3 });
    const refused = await world.problem("preview_batch_call", again(first, {}, { outcomes: ["reached"] }));
    expect(refused.message).toBe("One thing is wrong with the arguments. Nothing was changed.");
    expect(refused.issues[0]?.message).toContain("Did you mean answered?");
  });

  test("that is not there, or beside another source, is refused", async () => {
    expect((await world.problem("create_batch_call", again("batch_none"))).code).toBe("not_found");
    const first = await firstCampaign();
    const both = await world.problem("create_batch_call", again(first, { list_id: "list_1" }));
    expect(both.issues).toMatchObject([{ field: "from_batch", code: "contradiction" }]);
    const mapped = await world.problem("create_batch_call", again(first, { columns: { name: "Name" } }));
    expect(mapped.issues[0]?.message).toMatch(/change_list \{list_id: "list_/);
  });

  test("whose list was deleted calls the numbers alone, and says what is lost", async () => {
    const first = await firstCampaign();
    const { list_id } = await world.tool("export_batch_results", { batch_id: first });
    await world.tool("delete_list", { list_id });
    expect(await adviceOf(first)).toContain(`Those who were not reached are called again by ${callFor(first)}`);
    const preview = await world.tool("preview_batch_call", again(first));
    expect(preview["rows"]).toMatchObject({ input: 3, accepted: 3 });
    expect(preview["notes"]).toContainEqual(expect.stringContaining(`The list of ${first} is not kept`));
    const { batch } = await world.tool("create_batch_call", again(first));
    const { rows } = await world.api.listTasks(batch.batch_id, { page: 0, limit: 100 });
    expect(rows.find(({ toNumber }) => toNumber === eve)?.fallbackNumber).toBe(landline);
    expect(await adviceOf(first)).toContain(`who is not reached by that is called again by ${callFor(batch.batch_id)}`);
  });

  test.each([
    ["whose list is kept", async () => undefined],
    [
      "whose list was deleted",
      async (id: string) => {
        const { list_id } = await world.tool("export_batch_results", { batch_id: id });
        await world.tool("delete_list", { list_id });
      },
    ],
  ])("%s calls nobody who was taken out of it, before a call or during one", async (_which, prepare) => {
    world.carrier.callMs = 10 * 60_000;
    const tasks = [bob, fay].map((to_number) => ({ to_number }));
    const { batch, list_id } = await world.tool("create_batch_call", request(1, { tasks, start: "now" }));
    const id = batch.batch_id;
    await world.clock.advance({ seconds: 1 });
    const without = await world.tool("change_list", { list_id, leave_out: [1] });
    await world.tool("update_batch", { batch_id: id, list_id: without.list_id });
    await world.clock.advance({ hours: 1 });
    await prepare(id);
    const preview = await world.tool(
      "preview_batch_call",
      again(id, {}, { outcomes: ["no_answer", "busy", "failed"] }),
    );
    expect(preview).toMatchObject({ rows: { accepted: 1 }, sample: [{ to_number: expect.stringContaining("6") }] });
    expect(preview["notes"]).toContainEqual(
      expect.stringContaining(`Of ${id} are called again: 1 failed; not those who are 1 taken out of its list.`),
    );
  });

  test("whose list was deleted calls nobody before their own time, by another clock, or more often than the list said", async () => {
    const notBefore = new Date(world.clock.now().getTime() + 60 * 60_000);
    const own = { timezone: "Pacific/Honolulu", not_before: notBefore.toISOString(), max_retries: 0 };
    const created = await world.tool(
      "create_batch_call",
      request(1, { tasks: [{ to_number: bob, ...own }, { to_number: ann }], start: "now" }),
    );
    const first = created["batch"].batch_id;
    await world.clock.advance({ hours: 2 });
    await world.tool("delete_list", { list_id: created["list_id"] });
    const { batch } = await world.tool("create_batch_call", again(first));
    const [task] = (await world.api.listTasks(batch.batch_id, { page: 0, limit: 100 })).rows;
    expect(task).toMatchObject({ toNumber: bob, timezone: own.timezone, notBefore, maxRetries: 0 });
  });

  test("of a list that is somebody else's calls the numbers alone, over HTTP as well", async () => {
    const first = await firstCampaign();
    const bob = world.another({ principal: "bob", owner: "bob" }, "http");
    const { rows, notes } = await bob.tool("preview_batch_call", again(first));
    expect(rows).toMatchObject({ input: 3, accepted: 3 });
    expect(notes).toContainEqual(expect.stringMatching(/is not kept .* keep whom this names\.$/));
    const ann = world.another({}, "http");
    expect((await ann.tool("preview_batch_call", again(first)))["rows"]).toMatchObject({ input: 8, accepted: 3 });
  });

  test("somebody whom its list does not have is not guessed at", async () => {
    const first = await firstCampaign();
    const listTasks: BatchCallApi["listTasks"] = async (id, page) => {
      const found = await world.api.listTasks(id, page);
      const added = { taskId: "t9", toNumber: numberOf(9), status: "failed", outcome: "busy" } as const;
      return id === first ? { ...found, rows: [...found.rows, added] } : found;
    };
    const other = world.another({ api: { ...world.api, listTasks } });
    const { rows, notes } = await other.tool("preview_batch_call", again(first));
    expect(rows).toMatchObject({ accepted: 3 });
    expect(notes).toContainEqual(expect.stringContaining("1 of them stand in no row of its list"));
  });
});

describe("the hours between batches", () => {
  test("let those who were not reached pass the same day, and hold the others back, which is said", async () => {
    const live = await startWorld({ carrier, carrierEnvironment: "live" });
    try {
      await live.file("june.csv", customers);
      live.person.willAnswer({ kind: "accepted", typedRecipients: 6 });
      const { batch } = await live.tool("create_batch_call", ofFile({ start: "now" }));
      await live.clock.advance({ hours: 1 });
      const unreached = await live.tool("preview_batch_call", again(batch.batch_id, { start: "now" }));
      expect(JSON.stringify(unreached)).not.toContain("BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES");
      const all = again(batch.batch_id, {}, { outcomes: ["no_answer", "busy", "failed", "voicemail"] });
      const { notes } = await live.tool("preview_batch_call", all);
      expect(notes[0]).toMatch(/1 of them was reached.*until 24 hours after.*BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES/);
    } finally {
      await live.stop();
    }
  });
});

describe("against an API that does not tell outcomes", () => {
  let hosted: HostedApi;
  let live: World;
  beforeEach(async () => {
    hosted = await HostedApi.start();
    live = await startWorld({ upstream: () => hosted.url });
  });
  afterEach(async () => {
    await live.stop();
    await hosted.stop();
  });

  const make = async (): Promise<string> =>
    (await live.tool("create_batch_call", request(2, { agent_id: "agent_1" }))).batch.batch_id;

  test("those whose attempts reached nobody are called again, and one outcome is not told from another", async () => {
    const first = await make();
    hosted.taskStatus = "FAILED";
    const { rows, notes } = await live.tool("preview_batch_call", again(first, { agent_id: "agent_1" }));
    expect(rows).toMatchObject({ input: 2, accepted: 2 });
    expect(notes).toContainEqual(`Of ${first} are called again: 2 unreached.`);
    const busy = await live.problem(
      "preview_batch_call",
      again(first, { agent_id: "agent_1" }, { outcomes: ["busy"] }),
    );
    expect(busy.code).toBe("unsupported");
    expect(busy.message).toContain("Leave from_batch.outcomes out");
  });

  test("nobody is who was answered or is still to be called", async () => {
    const first = await make();
    for (const [status, told] of [
      ["COMPLETED", "2 answered"],
      ["PENDING", "2 still to be called"],
    ] as const) {
      hosted.taskStatus = status;
      const refused = await live.problem("create_batch_call", again(first, { agent_id: "agent_1" }));
      expect(refused.issues[0]?.message).toContain(told);
    }
  });

  test("a start the same day is refused as before, with the setting that decides", async () => {
    const first = await make();
    live.person.willAnswer({ kind: "accepted", typedRecipients: 2 });
    await live.tool("start_batch", { batch_id: first, start: "now" });
    hosted.taskStatus = "FAILED";
    const { warnings } = await live.tool("preview_batch_call", again(first, { agent_id: "agent_1", start: "now" }));
    expect(warnings).toContainEqual(
      expect.stringMatching(/^A start would be refused: 2 .*BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES/),
    );
  });
});
