import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HostedApi } from "../support/http/hosted-api.ts";
import { numberOf, startWorld, type World } from "../support/world.ts";

// The direct way: an API that has only the documented fields of a call, and tells outcomes nowhere else.

const at = Date.parse("2026-03-02T15:00:00Z");
let hosted: HostedApi;
let world: World;

beforeEach(async () => {
  hosted = await HostedApi.start();
  world = await startWorld({ now: "2026-03-02T16:00:00Z", upstream: () => hosted.url });
});
afterEach(async () => {
  await world.stop();
  await hosted.stop();
});

/** A call that is over, with the fields that the pages show. */
function hostedCall(callId: string, toNumber: string, fields: object = {}): object {
  return {
    call_id: callId,
    agent_id: "agent_1",
    call_status: "ended",
    from_number: "+14155550100",
    to_number: toNumber,
    start_timestamp: at,
    end_timestamp: at + 60_000,
    call_duration: 60_000,
    disconnection_reason: null,
    recording_url: null,
    transcript: null,
    transcript_object: [],
    call_analysis: null,
    call_cost: null,
    ...fields,
  };
}

const talk = (changes: object = {}) => ({
  disconnection_reason: "USER_HANGUP",
  call_analysis: { call_successful: true, call_summary: "Confirmed.", in_voicemail: false, ...changes },
});
const machine = {
  call_duration: 0,
  call_analysis: { call_successful: false, call_summary: "A mailbox answered.", in_voicemail: true },
};
const nobody = { disconnection_reason: "dial_no_answer", call_duration: null, start_timestamp: null };

/** A batch of so many people whose calls are over, in the API's word, with these fields of their calls. */
async function endedBatch(calls: readonly object[]): Promise<string> {
  const tasks = calls.map((_, n) => ({ to_number: numberOf(n + 1) }));
  const created = { name: "Visits", agent_id: "agent_1", from_number: "+14155550100", tasks };
  const { batch } = await world.tool("create_batch_call", created);
  hosted.taskStatus = "COMPLETED";
  Object.assign(hosted.batches.get(batch.batch_id) ?? {}, { status: "COMPLETED" });
  for (const [n, fields] of calls.entries()) {
    const [id, number] = [`call_${n + 1}`, numberOf(n + 1)];
    hosted.taskFields.set(number, { call_id: id });
    hosted.calls.set(id, hostedCall(id, number, fields));
  }
  return batch.batch_id;
}

const asked = () => hosted.seen.filter(({ path }) => path.startsWith("/api/calls/")).length;
const resultsOf = async (id: string, args: object = {}) =>
  (await world.tool("get_batch_results", { batch_id: id, ...args })).results;

describe("against an API with only the documented fields", () => {
  it("status, results and filters follow from the calls", async () => {
    const id = await endedBatch([talk(), machine, nobody, { disconnection_reason: "dial_busy" }, {}]);
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    expect(batch.outcomes).toEqual({ answered: 1, no_answer: 1, busy: 1, voicemail: 1, failed: 0 });
    expect(batch.counts).toMatchObject({ total: 5, completed: 2, failed: 3 });
    expect(batch.calls_unread).toBeUndefined();
    const results = await resultsOf(id);
    expect(
      results.map(({ row, status, outcome, reason }: Record<string, unknown>) => [row, status, outcome, reason]),
    ).toEqual([
      [1, "completed", "answered", undefined],
      [2, "failed", "voicemail", undefined],
      [3, "failed", "no_answer", "dial_no_answer"],
      [4, "failed", "busy", "dial_busy"],
      // Nothing says how that one went.
      [5, "completed", undefined, undefined],
    ]);
    expect(await resultsOf(id, { outcome: "voicemail" })).toMatchObject([{ row: 2, summary: "A mailbox answered." }]);
    expect(await resultsOf(id, { status: "completed" })).toHaveLength(2);
  });

  it("how a call ended is told in words, and as the API's own word beside them", async () => {
    const id = await endedBatch([talk(), nobody, { ...nobody, disconnection_reason: "a_new_word" }]);
    const [, second] = await resultsOf(id);
    expect(second).toMatchObject({ reason: "dial_no_answer" });
    const text = await world.text("get_batch_results", { batch_id: id });
    expect(text).toMatch(/failed, no_answer.* \(no answer\)/);
    expect(await world.text("get_call", { call_id: "call_1" })).toContain("answered (they hung up), from");
    expect((await world.tool("get_call", { call_id: "call_1" })).call.reason).toBe("user_hangup");
    expect(await world.text("get_call", { call_id: "call_3" })).toContain("(a new word), from");
  });

  it("who asked not to be called is told as somebody on whose wish nobody acts, with what to do", async () => {
    const id = await endedBatch([talk({ custom_analysis_data: { opt_out: "yes" } }), talk()]);
    const words =
      /not to be called again\. This API does not act on it.*update_do_not_call_list.*BATCH_CALL_CARRIER=hosted/;
    const status = await world.tool("get_batch_status", { batch_id: id });
    expect(status.batch.opted_out).toBe(1);
    expect(status.opt_outs).toMatch(/^1 person asked/);
    for (const [tool, args] of [
      ["get_batch_status", { batch_id: id }],
      ["get_batch_results", { batch_id: id }],
      ["export_batch_results", { batch_id: id }],
      ["get_call", { call_id: "call_1" }],
    ] as const)
      expect(await world.text(tool, args)).toMatch(words);
    expect(await world.text("get_call", { call_id: "call_2" })).not.toContain("asked");
  });

  it("a voicemail is told as one", async () => {
    const id = await endedBatch([machine]);
    expect(await world.text("get_call", { call_id: "call_1" })).toContain("call_1: ended, voicemail, from");
    expect(await world.text("get_batch_results", { batch_id: id })).toContain("failed, voicemail, called");
  });

  it("a second look asks for no call, in another process either", async () => {
    const id = await endedBatch([talk(), machine, nobody]);
    await world.tool("get_batch_status", { batch_id: id });
    expect(asked()).toBe(3);
    await resultsOf(id, { outcome: "answered" });
    await world.tool("get_batch_status", { batch_id: id });
    await world.clock.advance({ hours: 3 });
    const another = world.another();
    await another.tool("get_batch_results", { batch_id: id });
    await another.tool("export_batch_results", { batch_id: id });
    expect(asked()).toBe(3);
  });

  it("a call whose analysis is still to come is asked for again until it is there, and not more than every 15 s", async () => {
    const early = { disconnection_reason: "USER_HANGUP", end_timestamp: at + 3_540_000 };
    const id = await endedBatch([early]);
    expect(await resultsOf(id)).toMatchObject([{ outcome: "answered" }]);
    await resultsOf(id);
    expect(asked()).toBe(1);
    hosted.calls.set("call_1", hostedCall("call_1", numberOf(1), talk({ custom_analysis_data: { day: "Tuesday" } })));
    await world.clock.advance({ seconds: 16 });
    expect(await resultsOf(id)).toMatchObject([
      { summary: "Confirmed.", answers: [{ name: "day", value: "Tuesday" }] },
    ]);
    await world.clock.advance({ seconds: 16 });
    await resultsOf(id);
    expect(asked()).toBe(2);
  });

  it("a call without any analysis is asked for no more a day after its end", async () => {
    const id = await endedBatch([{ disconnection_reason: "USER_HANGUP" }]);
    await world.clock.advance({ hours: 25 });
    await resultsOf(id);
    await world.clock.advance({ seconds: 16 });
    await resultsOf(id);
    expect(asked()).toBe(1);
  });

  it("the call of another person, or of another batch, is nobody's result", async () => {
    const foreign = { metadata: { batch_call_id: "batch_call_of_another" } };
    const id = await endedBatch([talk(), { ...talk(), ...foreign }, talk()]);
    hosted.calls.set("call_1", hostedCall("call_1", numberOf(9), machine));
    hosted.calls.set("call_3", hostedCall("call_2", numberOf(3), machine));
    const results = await resultsOf(id);
    expect(results.map(({ outcome }: Record<string, unknown>) => outcome)).toEqual([undefined, undefined, undefined]);
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    expect(batch.outcomes).toBeUndefined();
  });

  it("a recipient whose call goes on, or was not made, is left alone", async () => {
    const id = await endedBatch([talk(), talk(), talk()]);
    hosted.taskFields.set(numberOf(1), { status: "CALLING", call_id: "call_1" });
    hosted.taskFields.set(numberOf(2), { status: "PENDING" });
    hosted.taskFields.set(numberOf(3), { status: "FAILED", error_message: "No route" });
    const results = await resultsOf(id);
    expect(results).toMatchObject([{ status: "calling" }, { status: "pending" }, { reason: "No route" }]);
    expect(results.filter(({ outcome }: Record<string, unknown>) => outcome !== undefined)).toEqual([]);
  });

  it("an export has outcome, times, duration, summary and recording", async () => {
    const recording = { recording_url: "https://recordings.example/call_1.wav" };
    const id = await endedBatch([{ ...talk(), ...recording }, machine]);
    const { path } = await world.tool("export_batch_results", { batch_id: id, format: "jsonl" });
    const lines = (await readFile(path, "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        status: "completed",
        outcome: "answered",
        started_utc: "2026-03-02T15:00:00Z",
        ended_utc: "2026-03-02T15:01:00Z",
        duration_seconds: 60,
        summary: "Confirmed.",
        ...recording,
      },
      { status: "failed", outcome: "voicemail", summary: "A mailbox answered." },
    ]);
  });

  it("answers are counted, with those who gave none", async () => {
    const said = (day: string) => talk({ custom_analysis_data: { day } });
    const id = await endedBatch([said("Tuesday"), said("Tuesday"), said("Friday"), talk(), machine]);
    const { batch } = await world.tool("get_batch_status", { batch_id: id });
    expect(batch.answers).toEqual([
      {
        name: "day",
        values: [
          { value: "Tuesday", recipients: 2 },
          { value: "Friday", recipients: 1 },
        ],
        others: 0,
        without: 1,
        text: "day: Tuesday 2, Friday 1, no answer to it 1",
      },
    ]);
  });

  it("who was not reached by their calls is called again, and nobody else", async () => {
    const id = await endedBatch([talk(), machine, nobody]);
    const { rows } = await world.tool("preview_batch_call", {
      name: "Again",
      agent_id: "agent_1",
      from_number: "+14155550100",
      from_batch: { batch_id: id },
    });
    expect(rows).toMatchObject({ input: 3, accepted: 1 });
  });
});

describe("an API that takes no more requests for now", () => {
  const many = Array.from({ length: 12 }, () => talk());

  it("is given its rest, and then all calls are read", async () => {
    const id = await endedBatch(many);
    hosted.callLimits = [15];
    const { batch } = await world.whileTimePasses(world.tool("get_batch_status", { batch_id: id }));
    expect(batch.outcomes).toMatchObject({ answered: 12 });
    expect(batch.calls_unread).toBeUndefined();
    // One was refused, and asked for again.
    expect(asked()).toBe(13);
  });

  it("is not waited for longer than 20 s; the answer says how many calls are not read, and the next look has them", async () => {
    const id = await endedBatch(many);
    hosted.callLimits = Array.from({ length: 8 }, () => 60);
    const first = await world.whileTimePasses(world.tool("get_batch_status", { batch_id: id }));
    expect(first.batch.calls_unread).toBeGreaterThan(0);
    const filtered = world.problem("get_batch_results", { batch_id: id, outcome: "answered" });
    expect(await world.whileTimePasses(filtered)).toMatchObject({ code: "unavailable" });
    await world.clock.advance({ seconds: 60 });
    const { batch } = await world.whileTimePasses(world.tool("get_batch_status", { batch_id: id }));
    expect(batch.outcomes).toMatchObject({ answered: 12 });
  });
});
