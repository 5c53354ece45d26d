import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { DialRequest } from "../../../src/contract/records.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { readCall } from "../../../src/service/carriers/platforms/retell/call.ts";
import { retell } from "../../../src/service/carriers/platforms/retell/retell.ts";

const dial: DialRequest = {
  token: "task_1:1",
  callId: "call_1",
  fromNumber: "+14155550100",
  toNumber: "+12015550101",
  agentId: "agent_1",
  variables: { name: "Zoë", visits: 3, isNew: true, note: null, address: { city: "Paris" } },
};

test("variables are texts, and nothing is sent that makes the platform call by itself", () => {
  expect(retell.toCreate(dial, "call_ref", { phoneNumber: dial.fromNumber })).toEqual({
    method: "POST",
    path: "/v2/create-phone-call",
    body: {
      from_number: "+14155550100",
      to_number: "+12015550101",
      override_agent_id: "agent_1",
      metadata: { batch_call_token: "task_1:1", batch_call_send: "call_ref" },
      retell_llm_dynamic_variables: { name: "Zoë", visits: "3", isNew: "true", note: "", address: '{"city":"Paris"}' },
    },
  });
});

test("recording, cost in cents, sentiment and the reason of the end are passed on", () => {
  const call = {
    ...{ call_status: "ended", disconnection_reason: "agent_hangup", recording_url: "https://r.example/1.wav" },
    ...{ call_cost: { combined_cost: 70 }, call_analysis: { user_sentiment: "Positive", call_successful: true } },
  };
  expect(readCall(call)).toMatchObject({
    details: {
      ...{ recordingUrl: "https://r.example/1.wav", cost: 70, costUnit: "cents", sentiment: "Positive" },
      ...{ isSuccessful: true, disconnectionReason: "agent_hangup" },
    },
  });
});

test("a message for voicemails is told for the one call, and counts as left where one picked up", () => {
  const created = retell.toCreate({ ...dial, voicemailMessage: "Hello Zoë." }, "call_ref", {
    phoneNumber: dial.fromNumber,
  });
  expect(created.body).toMatchObject({
    agent_override: { agent: { voicemail_option: { action: { type: "static_text", text: "Hello Zoë." } } } },
    metadata: { batch_call_message: true },
  });
  const ended = { call_status: "ended", metadata: { batch_call_message: true } };
  const left = { details: { messageLeft: true } };
  expect(readCall({ ...ended, disconnection_reason: "voicemail_reached" })).toMatchObject(left);
  expect(readCall({ ...ended, disconnection_reason: "dial_no_answer" })).not.toMatchObject(left);
  const asked = { ...ended, metadata: {}, disconnection_reason: "voicemail_reached" };
  expect(readCall(asked)).not.toMatchObject(left);
});

const words = (message: string) => ({ status: "error", message });

test.each([
  [201, { call_id: "call_1", call_status: "registered" }, { kind: "accepted", callId: "call_1" }],
  [201, {}, { kind: "unclear" }],
  [200, "<html>", { kind: "unclear" }],
  [400, words("Invalid to_number"), { kind: "refused", reason: "Invalid to_number" }],
  [400, words("from_number is not yours"), { kind: "hold" }],
  [400, undefined, { kind: "unclear" }],
  [401, words("API key is missing or invalid."), { kind: "hold", advice: expect.stringContaining("CARRIER_KEY") }],
  [402, words("Trial has ended"), { kind: "hold", advice: expect.stringContaining("payment") }],
  [422, words("Cannot find requested asset"), { kind: "hold", advice: expect.stringContaining("agent and caller id") }],
  [404, { error: "no such route" }, { kind: "unclear" }],
  [408, words("Timeout"), { kind: "unclear" }],
  [429, undefined, { kind: "not_now" }],
  [500, words("An unexpected server error occurred."), { kind: "unclear" }],
])("%i %j to a call means %j", (status, body, meaning) => {
  expect(retell.readCreated({ status, body })).toMatchObject(meaning);
});

test("how long to wait is taken from a refusal for too many requests", () => {
  expect(retell.readCreated({ status: 429, body: undefined, retryAfterSeconds: 7 })).toMatchObject({
    retryAfterMs: 7000,
  });
});

const talked = { start_timestamp: 1_770_000_000_000, end_timestamp: 1_770_000_030_000, duration_ms: 30_000 };
const spoken = { transcript: "Agent: Hello.\nUser: Yes.\n" };

describe("a call that ended", () => {
  test.each([
    ["user_hangup", talked, "answered"],
    ["agent_hangup", talked, "answered"],
    ["inactivity", talked, "answered"],
    ["max_duration_reached", talked, "answered"],
    ["call_transfer", talked, "answered"],
    ["ivr_reached", talked, "answered"],
    ["scam_detected", talked, "answered"],
    ["manual_stopped", talked, "answered"],
    ["manual_stopped", {}, "failed"],
    ["dial_no_answer", {}, "no_answer"],
    ["dial_busy", {}, "busy"],
    ["user_declined", {}, "busy"],
    ["voicemail_reached", talked, "voicemail"],
    ["user_hangup", { ...talked, call_analysis: { in_voicemail: true } }, "voicemail"],
    ["dial_failed", {}, "failed"],
    ["invalid_destination", {}, "failed"],
    ["sip_routing_error", {}, "failed"],
    ["registered_call_timeout", {}, "failed"],
    ["error_llm_websocket_open", {}, "failed"],
    ["error_retell", { ...talked, ...spoken }, "answered"],
    ["a_word_of_next_year", { ...talked, ...spoken }, "answered"],
    ["a_word_of_next_year", {}, "failed"],
    ["constructor", {}, "failed"],
    [undefined, {}, "failed"],
  ])("%s %j is %s", (disconnection_reason, fields, outcome) => {
    const known = readCall({ call_status: "ended", disconnection_reason, ...fields });
    expect(known).toMatchObject({ state: "ended", outcome });
  });

  test("keeps Retell's word for a failure", () => {
    expect(readCall({ call_status: "error", disconnection_reason: "a_word_of_next_year" })).toMatchObject({
      outcome: "failed",
      reason: "a_word_of_next_year",
    });
  });

  test.each(["concurrency_limit_reached", "no_concurrency_fallback"])("%s never rang", (disconnection_reason) => {
    expect(readCall({ call_status: "not_connected", disconnection_reason })).toMatchObject({ state: "no_room" });
  });

  test.each(["registered", "ongoing", "a_status_of_next_year", undefined])("status %s is not over", (call_status) => {
    expect(readCall({ call_status })).toEqual({ state: "alive" });
  });

  test.each([null, [], "text", 7])("%j is no call that ended", (body) => {
    expect(readCall(body)).toEqual({ state: "alive" });
  });
});

describe("a notice", () => {
  const now = new Date("2026-03-02T15:00:00Z");
  const bodyText = JSON.stringify({ event: "call_ended", call: { metadata: { batch_call_token: "task_1:1" } } });
  const sign = (text: string, at: number, key = "key_1") =>
    `v=${at},d=${createHmac("sha256", key).update(`${text}${at}`).digest("hex")}`;
  const isGenuine = (signature: string | undefined) =>
    retell.isGenuine(
      { bodyText, header: (name) => (name === "x-retell-signature" ? signature : undefined) },
      new Secret("key_1"),
      now,
    );
  const at = now.getTime();

  test("is genuine when the account's key signed its body and time lately", () => {
    expect(isGenuine(sign(bodyText, at))).toBe(true);
    expect(isGenuine(sign(bodyText, at - 299_000))).toBe(true);
  });

  test.each([
    ["no signature", undefined],
    ["another key", sign(bodyText, at, "key_2")],
    ["another body", sign(`${bodyText} `, at)],
    ["another time", sign(bodyText, at).replace(/^v=\d+/, `v=${at + 1}`)],
    ["an old one", sign(bodyText, at - 301_000)],
    ["one of the future", sign(bodyText, at + 301_000)],
    ["half a signature", sign(bodyText, at).slice(0, -2)],
    ["no time", sign(bodyText, at).replace(/^v=\d+/, "v=")],
  ])("is not with %s", (_what, signature) => {
    expect(isGenuine(signature)).toBe(false);
  });

  test("names the attempt, and one of another's call none", () => {
    expect(retell.tokenOf({ bodyText })).toBe("task_1:1");
    for (const text of ["", "[]", "{}", '{"call":{"metadata":{"batch_call_token":7}}}', '{"call":{"metadata":null}}'])
      expect(retell.tokenOf({ bodyText: text })).toBeUndefined();
  });
});
