import { describe, expect, it } from "vitest";
import { readHostedCall } from "../../src/contract/hosted-call.ts";
import { saidIn } from "../../src/domain/said.ts";

const started = Date.parse("2026-03-02T15:00:00Z");

/** The call object of the API's pages, whole; talk of ten minutes. */
function call(changes: object = {}): Record<string, unknown> {
  return {
    id: "0b8c1a52-0000-4000-8000-000000000001",
    call_id: "call_1",
    agent_id: "agent_1",
    call_status: "ended",
    call_type: "phone_call",
    direction: "outbound",
    from_number: "+14155550100",
    to_number: "+12015550101",
    start_timestamp: started,
    end_timestamp: started + 600_000,
    call_duration: 600_000,
    created_at: started - 5_000,
    disconnection_reason: "USER_HANGUP",
    recording_url: "https://recordings.example/call_1.wav",
    opt_out_sensitive_data_storage: false,
    metadata: { batch_call_id: "batch_call_1" },
    transcript: null,
    transcript_object: [
      { role: "agent", content: "Does Tuesday suit you?", timestamp: 1, words: [] },
      { role: "user", content: "Yes, Tuesday is fine.", timestamp: 2, words: [] },
    ],
    call_analysis: {
      call_successful: true,
      call_summary: "Confirmed Tuesday.",
      user_sentiment: "Positive",
      in_voicemail: false,
    },
    call_cost: { combined_cost: 12.5, product_costs: [] },
    ...changes,
  };
}

const analysis = (changes: object) => ({ call_analysis: { in_voicemail: false, ...changes } });
const silent = { transcript_object: [], call_analysis: null, call_duration: null, disconnection_reason: null };

it("reads every documented field of a call", () => {
  expect(readHostedCall(call())).toEqual({
    isOver: true,
    isAnalyzed: true,
    outcome: "answered",
    reason: "user_hangup",
    summary: "Confirmed Tuesday.",
    sentiment: "Positive",
    isSuccessful: true,
    startedAt: new Date(started),
    endedAt: new Date(started + 600_000),
    durationMs: 600_000,
    cost: 12.5,
    recordingUrl: "https://recordings.example/call_1.wav",
    transcript: "Agent: Does Tuesday suit you?\nUser: Yes, Tuesday is fine.",
  });
});

describe("the outcome of a call", () => {
  it.each([
    ["voicemail, as the analysis says", call({ ...analysis({ in_voicemail: true }), call_duration: 0 }), "voicemail"],
    ["voicemail, by the reason", call({ ...silent, disconnection_reason: "voicemail_reached" }), "voicemail"],
    ["no answer", call({ ...silent, disconnection_reason: "DIAL_NO_ANSWER" }), "no_answer"],
    ["busy, in another spelling", call({ ...silent, disconnection_reason: "Dial Busy" }), "busy"],
    ["not placed", call({ ...silent, call_status: "ERROR", disconnection_reason: "invalid_destination" }), "failed"],
    ["an error without talk", call({ ...silent, call_status: "error" }), "failed"],
    ["an error after talk", call({ call_status: "error", disconnection_reason: "error_llm" }), "answered"],
    ["talk, and a reason that nobody knows", call({ disconnection_reason: "moon_phase" }), "answered"],
    [
      "judged to have met no voicemail",
      call({ ...silent, ...analysis({ in_voicemail: false }), call_duration: 9000 }),
      "answered",
    ],
  ])("is %s", (_name, body, outcome) => {
    expect(readHostedCall(body).outcome).toBe(outcome);
  });

  it.each([
    ["is registered", call({ call_status: "REGISTERED" })],
    ["goes on", call({ call_status: "ongoing" })],
    ["is to come", call({ call_status: "scheduled", call_analysis: { in_voicemail: true } })],
    ["has a status that nobody knows", call({ call_status: "dreaming" })],
    ["ended, and tells nothing more", call(silent)],
    ["ended for a reason that nobody knows", call({ ...silent, disconnection_reason: "moon_phase" })],
    ["ended for a reason that objects have by themselves", call({ ...silent, disconnection_reason: "constructor" })],
    ["lasted, and was not judged", call({ ...silent, call_duration: 9000 })],
    [
      "was talked at by the agent alone",
      call({ ...silent, transcript_object: [{ role: "agent", content: "Hello?" }] }),
    ],
  ])("is not invented of a call that %s", (_name, body) => {
    expect(readHostedCall(body).outcome).toBeUndefined();
  });
});

describe("what was found out in a call", () => {
  const answersOf = (fields: object) => readHostedCall(call(fields)).answers;

  it.each([
    ["custom analysis", analysis({ custom_analysis_data: { confirmed: true, people: 4, day: "Tuesday" } })],
    ["structured data", analysis({ structured_data: { confirmed: true, people: 4, day: "Tuesday" } })],
    [
      "data collection",
      analysis({
        data_collection_results: { confirmed: { value: true }, people: { value: 4 }, day: { value: "Tuesday" } },
      }),
    ],
    [
      "a list",
      {
        answers: [
          { name: "confirmed", value: true },
          { name: "people", value: 4 },
          { name: "day", value: "Tuesday" },
        ],
      },
    ],
  ])("is read from %s", (_name, fields) => {
    expect(answersOf(fields)).toEqual([
      { name: "confirmed", value: "yes" },
      { name: "people", value: "4" },
      { name: "day", value: "Tuesday" },
    ]);
  });

  it("keeps the sentence that it rests on", () => {
    const results = { day: { value: "Tuesday", rationale: "They said:\n“Tuesday is fine”.", json_schema: {} } };
    expect(answersOf(analysis({ data_collection_results: results }))).toEqual([
      { name: "day", value: "Tuesday", quote: "They said: “Tuesday is fine”." },
    ]);
  });

  const many = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`name ${n}`, "x"]));
  const named = (value: string) => ({ name: "opt_out", value });

  it("is one plain line of a bounded length, of at most 30 names", () => {
    expect(answersOf(analysis({ custom_analysis_data: many }))).toHaveLength(30);
    const hostile = { "a\u001b[31m\u202eb": `one\n\u0000${"y".repeat(9000)}` };
    const [answer] = answersOf(analysis({ custom_analysis_data: hostile })) ?? [];
    expect(answer?.name).toBe("ab");
    expect(answer?.value).toMatch(/^one y+…$/);
    expect(answer?.value.length).toBe(500);
  });

  it.each([
    ["JSON text", { custom_analysis_data: '{"opt_out": true}' }, "opt_out"],
    ["an object in it", { custom_analysis_data: { analysis: { opt_out: true } } }, "analysis.opt_out"],
    ["a list of objects", { custom_analysis_data: [{ opt_out: true }] }, "opt_out"],
    ["the analysis itself", { opt_out: true }, "opt_out"],
    ["the second place", { custom_analysis_data: { a: "b" }, structured_data: { opt_out: true } }, "opt_out"],
    ["behind too many", { custom_analysis_data: { ...many, "opt_out?": "requested" } }, "opt_out?"],
    ["behind a no of that name", { custom_analysis_data: [named("no"), named("No, never call again")] }, "opt_out"],
  ])("has an opt-out that is told as %s", (_where, fields, name) => {
    const answers = answersOf(analysis(fields)) ?? [];
    expect(answers.length).toBeLessThanOrEqual(30);
    expect(answers.map((answer) => answer.name)).toContain(name);
    expect(saidIn({ answers })?.optOut).toBe(true);
  });

  it("leaves out what is no value, and takes nothing from a voicemail", () => {
    const odd = { a: null, b: {}, c: [{}], d: "", e: Number.NaN, f: ["x", 2], __proto__: "g" };
    expect(answersOf(analysis({ custom_analysis_data: odd }))).toEqual([{ name: "f", value: "x, 2" }]);
    const machine = analysis({ in_voicemail: true, custom_analysis_data: { confirmed: false } });
    expect(answersOf(machine)).toBeUndefined();
  });
});

it("takes nonsense for nothing, field by field and whole", () => {
  const nonsense = [null, 7, "x", [], {}, true, { value: { value: {} } }, ["a", [["b"]]], Number.NaN];
  for (const thing of nonsense) expect(readHostedCall(thing)).toMatchObject({ isOver: false, isAnalyzed: false });
  const nested = ["call_successful", "call_summary", "user_sentiment", "in_voicemail", "custom_analysis_data"];
  const base = call({ ...silent, recording_url: null, start_timestamp: null, end_timestamp: null, call_cost: null });
  for (const thing of nonsense) {
    for (const field of Object.keys(base)) expect(() => readHostedCall(call({ [field]: thing }))).not.toThrow();
    for (const field of nested) expect(() => readHostedCall(call(analysis({ [field]: thing })))).not.toThrow();
  }
  const wrong = { call_duration: -5, call_cost: { combined_cost: -1 }, recording_url: "javascript:alert(1)" };
  expect(
    readHostedCall({ ...base, ...wrong, start_timestamp: "soon", transcript_object: [7, {}, { role: 1 }] }),
  ).toEqual({
    isOver: true,
    isAnalyzed: false,
  });
});
