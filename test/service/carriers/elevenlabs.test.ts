import { createHmac } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { openConnections } from "../../../src/client/connection.ts";
import type { DialRequest } from "../../../src/contract/records.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { readConversation } from "../../../src/service/carriers/platforms/elevenlabs/conversation.ts";
import { elevenlabs } from "../../../src/service/carriers/platforms/elevenlabs/elevenlabs.ts";
import { openPlatformHttp } from "../../../src/service/carriers/platforms/platform-http.ts";
import { PlatformWorld } from "../../support/carriers/platform-world.ts";
import { numberOf } from "../../support/dialing/dialing-world.ts";
import { ElevenlabsStandIn } from "../../support/platforms/elevenlabs-stand-in.ts";

const dial: DialRequest = {
  token: "task_1:1",
  callId: "call_1",
  fromNumber: "+14155550100",
  toNumber: "+12015550101",
  agentId: "agent_1",
  variables: { name: "Zoë", visits: 3, isNew: true, note: null, address: { city: "Paris" } },
};

test.each([
  ["twilio", "/v1/convai/twilio/outbound-call"],
  ["sip_trunk", "/v1/convai/sip-trunk/outbound-call"],
])(
  "a call from a number of %s goes to %s, by the number's id, and nothing is sent that repeats it",
  (provider, path) => {
    const from = { phoneNumber: dial.fromNumber, id: "phnum_1", provider };
    expect(elevenlabs.toCreate(dial, "call_ref", from)).toEqual({
      method: "POST",
      path,
      body: {
        agent_id: "agent_1",
        agent_phone_number_id: "phnum_1",
        to_number: "+12015550101",
        conversation_initiation_client_data: {
          user_id: "call_ref:task_1:1",
          dynamic_variables: { name: "Zoë", visits: 3, isNew: true, note: "", address: '{"city":"Paris"}' },
        },
      },
    });
  },
);

const none = { conversation_id: null, callSid: null };
const refusal = (message: string, ids: object = none) => ({ success: false, message, ...ids });
const detail = (message: string) => ({ detail: { status: "some_status", message } });
const invalid = (...loc: string[]) => ({ detail: [{ loc: ["body", ...loc], msg: "is wrong", type: "value_error" }] });

test.each([
  [
    200,
    { success: true, message: "Success", conversation_id: "conv_1", callSid: "CA1" },
    { kind: "accepted", callId: "conv_1" },
  ],
  [200, { success: true, message: "Success", ...none }, { kind: "unclear" }],
  [200, refusal("Something went wrong"), { kind: "unclear" }],
  [200, refusal("Too many concurrent calls"), { kind: "not_now" }],
  [200, refusal("Unable to create record: The number is not a valid phone number."), { kind: "refused" }],
  [200, refusal("Twilio authentication failed"), { kind: "hold", advice: expect.stringContaining("telephony") }],
  [200, refusal("Quota exceeded"), { kind: "hold", advice: expect.stringContaining("Add credit") }],
  [200, refusal("This workspace is suspended"), { kind: "hold", advice: expect.stringContaining("support") }],
  [200, refusal("Calls to it are not allowed"), { kind: "hold", advice: expect.stringContaining("may call") }],
  [403, detail("Not enough credits"), { kind: "hold", advice: expect.stringContaining("Add credit") }],
  [403, detail("Missing permissions"), { kind: "hold", advice: expect.stringContaining("CARRIER_KEY") }],
  [200, refusal("Too many concurrent calls", { conversation_id: null, callSid: "CA1" }), { kind: "unclear" }],
  [200, refusal("Too many concurrent calls", { conversation_id: "conv_1", callSid: null }), { kind: "accepted" }],
  [200, { success: "no" }, { kind: "unclear" }],
  [200, "<html>", { kind: "unclear" }],
  [400, detail("to_number is not valid"), { kind: "refused" }],
  [400, detail("We are missing some Twilio credentials for the number"), { kind: "hold" }],
  [400, undefined, { kind: "unclear" }],
  [401, detail("Invalid API key"), { kind: "hold", advice: expect.stringContaining("CARRIER_KEY") }],
  [404, detail("No such agent"), { kind: "hold", advice: expect.stringContaining("agent and caller id") }],
  [404, { error: "no such route" }, { kind: "unclear" }],
  [422, invalid("agent_id"), { kind: "hold" }],
  [422, invalid("to_number"), { kind: "refused", reason: "body.to_number: is wrong" }],
  [422, { detail: [] }, { kind: "unclear" }],
  [429, detail("too_many_concurrent_requests"), { kind: "not_now" }],
  [408, detail("Timeout"), { kind: "unclear" }],
  [500, detail("Error"), { kind: "unclear" }],
])("%i %j to a call means %j", (status, body, meaning) => {
  expect(elevenlabs.readCreated({ status, body })).toMatchObject(meaning);
});

const said = [
  { role: "agent", message: "Hello." },
  { role: "user", message: "Yes." },
];
const times = { start_time_unix_secs: 1_770_000_000, call_duration_secs: 30 };
const result = (call_result: string) => ({ ...times, phone_call: { type: "twilio", call_result } });

describe("a conversation that ended", () => {
  test.each([
    ["done", { metadata: result("answered") }, "answered"],
    ["done", { metadata: result("voicemail"), transcript: said }, "voicemail"],
    ["done", { metadata: result("busy") }, "busy"],
    ["failed", { metadata: result("no_answer") }, "no_answer"],
    ["failed", { metadata: result("failed") }, "failed"],
    ["done", { metadata: times, transcript: said }, "answered"],
    ["done", { metadata: times, transcript: said.slice(0, 1) }, "failed"],
    ["done", { metadata: result("a_word_of_next_year"), transcript: said }, "answered"],
    ["done", { metadata: result("a_word_of_next_year") }, "failed"],
    ["done", {}, "failed"],
    ["processing", { metadata: result("busy") }, "busy"],
  ])("%s %j is %s", (status, fields, outcome) => {
    expect(readConversation({ status, ...fields })).toMatchObject({ state: "ended", outcome });
  });

  test("has times, talk, a summary and answers", () => {
    const analysis = {
      transcript_summary: "They said hello.",
      data_collection_results: { confirmed: { data_collection_id: "confirmed", value: true, rationale: "Said so." } },
    };
    expect(readConversation({ status: "done", metadata: result("answered"), transcript: said, analysis })).toEqual({
      state: "ended",
      outcome: "answered",
      isAnalyzed: true,
      startedAt: new Date(1_770_000_000_000),
      endedAt: new Date(1_770_000_030_000),
      talkMs: 30_000,
      transcript: "Agent: Hello.\nUser: Yes.",
      summary: "They said hello.",
      answers: [{ name: "confirmed", value: "yes", quote: "Said so." }],
    });
  });

  test("keeps ElevenLabs' word for a failure", () => {
    const metadata = { ...times, error: { code: 1011, reason: "a_word_of_next_year" } };
    expect(readConversation({ status: "failed", metadata })).toMatchObject({ reason: "a_word_of_next_year" });
  });

  test("is waited for while it is analysed, which can make a mailbox of it", () => {
    const processing = readConversation({ status: "processing", metadata: result("answered") });
    expect(processing).toMatchObject({ state: "ended", isAnalyzed: false });
  });

  test.each([
    ["initiated", {}],
    ["in-progress", { transcript: said }],
    ["processing", { metadata: times }],
    ["a_status_of_next_year", {}],
    [undefined, { metadata: result("answered") }],
  ])("status %s %j is not over", (status, fields) => {
    expect(readConversation({ status, ...fields })).toEqual({ state: "alive" });
  });

  test.each([null, [], "text", 7])("%j is no conversation that ended", (body) => {
    expect(readConversation(body)).toEqual({ state: "alive" });
  });
});

describe("a notice", () => {
  const now = new Date("2026-03-02T15:00:00Z");
  const bodyText = JSON.stringify({ type: "post_call_transcription", data: { user_id: "call_a1:task_1:1" } });
  const sign = (text: string, at: number, key = "wsec_1") =>
    `t=${at},v0=${createHmac("sha256", key).update(`${at}.${text}`).digest("hex")}`;
  const isGenuine = (signature: string | undefined) =>
    elevenlabs.isGenuine(
      { bodyText, header: (name) => (name === "elevenlabs-signature" ? signature : undefined) },
      new Secret("wsec_1"),
      now,
    );
  const at = now.getTime() / 1000;

  test("is genuine when the webhook's secret signed its body and time lately", () => {
    expect(isGenuine(sign(bodyText, at))).toBe(true);
    expect(isGenuine(sign(bodyText, at - 299))).toBe(true);
  });

  test.each([
    ["no signature", undefined],
    ["another key", sign(bodyText, at, "wsec_2")],
    ["another body", sign(`${bodyText} `, at)],
    ["another time", sign(bodyText, at).replace(/^t=\d+/, `t=${at + 1}`)],
    ["an old one", sign(bodyText, at - 301)],
    ["half a signature", sign(bodyText, at).slice(0, -2)],
    ["no time", sign(bodyText, at).replace(/^t=\d+/, "t=")],
  ])("is not with %s", (_what, signature) => {
    expect(isGenuine(signature)).toBe(false);
  });

  test("names the attempt, and one of another's conversation none", () => {
    expect(elevenlabs.tokenOf({ bodyText })).toBe("task_1:1");
    const older = { data: { conversation_initiation_client_data: { user_id: "call_a1:task_1:1" } } };
    expect(elevenlabs.tokenOf({ bodyText: JSON.stringify(older) })).toBe("task_1:1");
    for (const text of ["", "[]", "{}", '{"data":{"user_id":7}}', '{"data":{"user_id":"ada@example.com"}}'])
      expect(elevenlabs.tokenOf({ bodyText: text })).toBeUndefined();
  });
});

describe("with an account", () => {
  let closeAll: () => Promise<void> = async () => {};
  afterEach(() => closeAll());

  async function openAccount() {
    const standIn = await ElevenlabsStandIn.start(systemClock);
    const connections = openConnections(systemClock);
    closeAll = async () => {
      await connections.close();
      await standIn.stop();
    };
    const key = new Secret(standIn.apiKey);
    return { standIn, ...openPlatformHttp({ platform: elevenlabs, baseUrl: standIn.url, key, connections }) };
  }

  test("agents have the variables that they declare or name, and whether they tell a mailbox; numbers their ids", async () => {
    const { standIn, ask } = await openAccount();
    expect(await elevenlabs.agents(ask)).toEqual([
      {
        agentId: "agent_1",
        name: "Reminders",
        language: "en",
        opening: "Hello {{first_name}}",
        variables: ["company", "first_name", "appointment"],
        detectsVoicemail: true,
      },
    ]);
    standIn.agents = standIn.agents.map((agent) => ({ ...agent, detectsVoicemail: false }));
    expect((await elevenlabs.agents(ask))[0]?.detectsVoicemail).toBe(false);
    expect(await elevenlabs.numbers(ask)).toEqual([
      { phoneNumber: "+14155550100", id: "phnum_14155550100", provider: "twilio", nickname: "Main line" },
    ]);
  });

  test("a filter that is not understood shows nobody else's conversation as ours", async () => {
    const { standIn, ask } = await openAccount();
    standIn.callMs = 1;
    for (const n of [1, 2]) {
      const from = { phoneNumber: dial.fromNumber, id: "phnum_14155550100", provider: "twilio" };
      await ask(elevenlabs.toCreate({ ...dial, token: `task_${n}:1`, variables: {} }, `call_a${n}`, from));
    }
    const sought = { reference: "call_a2", token: "task_2:1", fromNumber: dial.fromNumber, toNumber: dial.toNumber };
    expect(await elevenlabs.find(sought, ask)).toEqual([standIn.calls[1]?.id]);
    const unfiltered: typeof ask = (request) =>
      ask({ ...request, path: request.path.replace("call_a2%3Atask_2%3A1", "call_a1%3Atask_1%3A1") });
    expect(await elevenlabs.find(sought, unfiltered)).toEqual([]);
  });
});

describe("a 200 that is a refusal", () => {
  let world: PlatformWorld | undefined;
  afterEach(() => world?.close());

  async function callWith(refusalOf: (toNumber: string) => string | undefined) {
    world = await PlatformWorld.open("elevenlabs");
    if (world.standIn instanceof ElevenlabsStandIn) world.standIn.refusal = refusalOf;
    const batchId = await world.addBatch({ recipients: 2 });
    return { world, batchId };
  }

  test("of one number fails that attempt alone", async () => {
    const wrong = "Unable to create record: it is not a valid phone number.";
    const { world, batchId } = await callWith((to) => (to === numberOf(1) ? wrong : undefined));
    await world.clock.advance({ minutes: 3 });
    expect((await world.tasks(batchId)).map(({ status }) => status).toSorted()).toEqual(["completed", "failed"]);
  });

  test("in words that are not known says nothing: it is unknown, and nobody is called again", async () => {
    const { world, batchId } = await callWith(() => "Something went wrong.");
    await world.clock.advance({ hours: 2 });
    expect((await world.tasks(batchId)).map(({ status }) => status)).toEqual(["unknown", "unknown"]);
    expect(world.standIn.creates).toHaveLength(2);
  });
});
