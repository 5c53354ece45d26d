import { createHmac } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { openConnections } from "../../../src/client/connection.ts";
import type { DialRequest } from "../../../src/contract/records.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { openPlatformHttp } from "../../../src/service/carriers/platforms/platform-http.ts";
import { readCall } from "../../../src/service/carriers/platforms/vapi/call.ts";
import { vapi } from "../../../src/service/carriers/platforms/vapi/vapi.ts";
import { PlatformWorld } from "../../support/carriers/platform-world.ts";
import { VapiStandIn } from "../../support/platforms/vapi-stand-in.ts";

const dial: DialRequest = {
  token: "task_1:1",
  callId: "call_1",
  fromNumber: "+14155550100",
  toNumber: "+12015550101",
  agentId: "agent_1",
  variables: { name: "Zoë", visits: 3, address: { city: "Paris" } },
};
const from = { phoneNumber: dial.fromNumber, id: "number_14155550100" };

test("a call is made from the number's id to one customer, and nothing is sent that makes the platform call by itself", () => {
  expect(vapi.toCreate(dial, "call_ref", from)).toEqual({
    method: "POST",
    path: "/call",
    body: {
      assistantId: "agent_1",
      phoneNumberId: "number_14155550100",
      customer: { number: "+12015550101" },
      assistantOverrides: {
        variableValues: { name: "Zoë", visits: 3, address: { city: "Paris" } },
        metadata: { batch_call_token: "task_1:1", batch_call_send: "call_ref" },
      },
    },
  });
});

const worded = (statusCode: number, message: string | string[]) => ({ statusCode, message, error: "Error" });
const limits = (concurrencyBlocked: boolean, remainingConcurrentCalls: number) => ({
  subscriptionLimits: { concurrencyBlocked, concurrencyLimit: 10, remainingConcurrentCalls },
});

test.each([
  [201, { id: "c1", status: "queued" }, { kind: "accepted", callId: "c1" }],
  [201, { id: "c1", status: "queued", ...limits(false, 10) }, { kind: "accepted", lines: { limit: 10, inUse: 1 } }],
  [201, { id: "c1", status: "queued", ...limits(false, 1) }, { kind: "accepted", lines: { limit: 10, inUse: 10 } }],
  // It may wait for a line: it is followed.
  [201, { id: "c1", status: "queued", ...limits(true, 0) }, { kind: "accepted", lines: { limit: 10, inUse: 10 } }],
  [201, { id: "c1", status: "ended", ...limits(true, 0) }, { kind: "not_now" }],
  [201, { results: [], errors: [] }, { kind: "unclear" }],
  [200, "<html>", { kind: "unclear" }],
  [400, worded(400, ["customer.number must be a valid phone number"]), { kind: "refused" }],
  [400, worded(400, "Couldn't find the assistant"), { kind: "hold" }],
  [400, worded(400, "Over Concurrency Limit"), { kind: "not_now" }],
  [400, worded(400, "The daily limit of this number is reached"), { kind: "hold" }],
  [400, undefined, { kind: "unclear" }],
  [400, worded(500, "customer.number"), { kind: "unclear" }],
  [401, worded(401, "Invalid Key."), { kind: "hold", advice: expect.stringContaining("CARRIER_KEY") }],
  [402, worded(402, "Wallet"), { kind: "hold", advice: expect.stringContaining("payment") }],
  [429, undefined, { kind: "not_now" }],
  [500, worded(500, "System failure"), { kind: "unclear" }],
])("%i %j to a call means %j", (status, body, meaning) => {
  expect(vapi.readCreated({ status, body })).toMatchObject(meaning);
});

const talked = { startedAt: "2026-03-02T15:00:00.000Z", endedAt: "2026-03-02T15:00:30.000Z" };
const spoken = { artifact: { messages: [{ role: "user", message: "Yes." }], transcript: "AI: Hello.\nUser: Yes.\n" } };

describe("a call that ended", () => {
  test.each([
    ["customer-ended-call", talked, "answered"],
    ["customer-ended-call-during-transfer", talked, "answered"],
    ["assistant-ended-call-after-message-spoken", talked, "answered"],
    ["assistant-said-end-call-phrase", talked, "answered"],
    ["assistant-forwarded-call", talked, "answered"],
    ["silence-timed-out", talked, "answered"],
    ["exceeded-max-duration", talked, "answered"],
    ["call.forwarding.operator-busy", talked, "answered"],
    ["manually-canceled", talked, "answered"],
    ["manually-canceled", {}, "failed"],
    ["customer-did-not-answer", {}, "no_answer"],
    ["call.in-progress.error-providerfault-outbound-sip-480-temporarily-unavailable", {}, "no_answer"],
    ["call.in-progress.error-providerfault-outbound-sip-408-request-timeout", {}, "no_answer"],
    ["customer-busy", {}, "busy"],
    ["vonage-rejected", {}, "busy"],
    ["voicemail", { ...talked, ...spoken }, "voicemail"],
    ["call.in-progress.error-providerfault-outbound-sip-403-forbidden", {}, "failed"],
    ["twilio-reported-customer-misdialed", {}, "failed"],
    ["call.start.error-subscription-frozen", {}, "failed"],
    ["call-deleted", {}, "failed"],
    ["pipeline-error-openai-429-exceeded-quota", talked, "failed"],
    ["pipeline-error-openai-429-exceeded-quota", { ...talked, ...spoken }, "answered"],
    ["a-word-of-next-year", { artifact: { transcript: "AI: Hello.\nUser: Yes.\n" } }, "answered"],
    ["a-word-of-next-year", {}, "failed"],
    [undefined, {}, "failed"],
  ])("%s %j is %s", (endedReason, fields, outcome) => {
    expect(readCall({ status: "ended", endedReason, ...fields })).toMatchObject({ state: "ended", outcome });
  });

  test("has times, talk, a summary and what either kind of analysis found out", () => {
    const analysis = { summary: "They said hello.", structuredData: { confirmed: true } };
    const artifact = { transcript: "User: Yes.", structuredOutputs: { id_1: { name: "mood", result: "good" } } };
    expect(readCall({ status: "ended", endedReason: "customer-ended-call", ...talked, analysis, artifact })).toEqual({
      state: "ended",
      outcome: "answered",
      isAnalyzed: true,
      startedAt: new Date(talked.startedAt),
      endedAt: new Date(talked.endedAt),
      talkMs: 30_000,
      transcript: "User: Yes.",
      summary: "They said hello.",
      answers: [
        { name: "confirmed", value: "yes" },
        { name: "mood", value: "good" },
      ],
    });
  });

  test("keeps Vapi's word for a failure", () => {
    expect(readCall({ status: "ended", endedReason: "a-word-of-next-year" })).toMatchObject({
      reason: "a-word-of-next-year",
    });
  });

  test("for want of a line never rang", () => {
    const endedReason = "call.start.error-subscription-concurrency-limit-reached";
    expect(readCall({ status: "ended", endedReason })).toMatchObject({ state: "no_room" });
  });

  test.each(["scheduled", "queued", "ringing", "in-progress", "forwarding", "a-status-of-next-year", undefined])(
    "status %s is not over",
    (status) => {
      expect(readCall({ status })).toEqual({ state: "alive" });
    },
  );

  test.each([null, [], "text", 7])("%j is no call that ended", (body) => {
    expect(readCall(body)).toEqual({ state: "alive" });
  });
});

describe("a notice", () => {
  const now = new Date("2026-03-02T15:00:00Z");
  const call = { assistantOverrides: { metadata: { batch_call_token: "task_1:1" } } };
  const bodyText = JSON.stringify({ message: { type: "end-of-call-report", call } });
  const sign = (text: string, at: number, key = "secret_1") => ({
    "x-timestamp": String(at),
    "x-signature": createHmac("sha256", key).update(`${at}.${text}`).digest("hex"),
  });
  const isGenuine = (headers: Readonly<Record<string, string>>) =>
    vapi.isGenuine({ bodyText, header: (name) => headers[name] }, new Secret("secret_1"), now);
  const at = now.getTime();

  test("is genuine when the credential's secret signed its body and time lately, in ms or seconds", () => {
    expect(isGenuine(sign(bodyText, at))).toBe(true);
    expect(isGenuine(sign(bodyText, at / 1000 - 299))).toBe(true);
  });

  test.each([
    ["no signature", {}],
    ["another key", sign(bodyText, at, "secret_2")],
    ["another body", sign(`${bodyText} `, at)],
    ["another time", { ...sign(bodyText, at), "x-timestamp": String(at + 1) }],
    ["an old one", sign(bodyText, at - 301_000)],
    ["one of the future", sign(bodyText, at + 301_000)],
    ["no time", { "x-signature": sign(bodyText, at)["x-signature"] }],
  ])("is not with %s", (_what, headers) => {
    expect(isGenuine(headers)).toBe(false);
  });

  test("names the attempt, and one of another's call none", () => {
    expect(vapi.tokenOf({ bodyText })).toBe("task_1:1");
    for (const text of ["", "[]", "{}", '{"message":{"call":{"assistantOverrides":{"metadata":null}}}}'])
      expect(vapi.tokenOf({ bodyText: text })).toBeUndefined();
  });
});

describe("with an account", () => {
  let closeAll: () => Promise<void> = async () => {};
  afterEach(() => closeAll());

  async function openAccount() {
    const standIn = await VapiStandIn.start(systemClock);
    const connections = openConnections(systemClock);
    closeAll = async () => {
      await connections.close();
      await standIn.stop();
    };
    const key = new Secret(standIn.apiKey);
    return { standIn, ...openPlatformHttp({ platform: vapi, baseUrl: standIn.url, key, connections }) };
  }

  test("assistants have the variables that they name, and whether they tell a mailbox; numbers their ids", async () => {
    const { standIn, ask } = await openAccount();
    const [first] = standIn.assistants;
    if (!first) throw new Error("No assistant");
    const { voicemailDetection: _, ...silent } = first;
    const byTool = { ...silent, model: { ...silent.model, tools: [{ type: "voicemail" }] } };
    standIn.assistants = [first, { ...first, voicemailDetection: "off" }, silent, byTool];
    const agents = await vapi.agents(ask);
    expect(agents[0]).toEqual({
      agentId: "agent_1",
      name: "Reminders",
      opening: "Hello {{first_name}}",
      variables: ["first_name", "appointment"],
      detectsVoicemail: true,
    });
    expect(agents.map(({ detectsVoicemail }) => detectsVoicemail)).toEqual([true, false, false, true]);
    expect(await vapi.numbers(ask)).toEqual([
      { phoneNumber: "+14155550100", id: "number_14155550100", nickname: "Main line" },
    ]);
  });

  test("a call is found among those of its minutes and number, and none that was never sent", async () => {
    const { standIn, ask } = await openAccount();
    standIn.callMs = 1;
    for (const n of [1, 2, 3]) await ask(vapi.toCreate({ ...dial, token: `task_${n}:1` }, `call_${n}`, from));
    const sentAt = new Date();
    const sought = {
      reference: "call_2",
      token: "task_2:1",
      fromNumber: dial.fromNumber,
      toNumber: dial.toNumber,
      sentAt,
      numberId: from.id,
    };
    expect(await vapi.find(sought, ask)).toEqual([standIn.calls[1]?.id]);
    expect(standIn.seen.at(-1)?.query.get("phoneNumberId")).toBe(from.id);
    expect(await vapi.find({ ...sought, reference: "call_9" }, ask)).toEqual([]);
    expect(
      await vapi.find(
        { reference: "call_2", token: "task_2:1", fromNumber: dial.fromNumber, toNumber: dial.toNumber },
        ask,
      ),
    ).toEqual([]);
  });
});

test("an account that was full is tried with one call when what it told is old, and its queue is never filled", async () => {
  const world = await PlatformWorld.open("vapi");
  try {
    const { standIn, clock } = world;
    standIn.lineLimit = 4;
    standIn.foreignCalls = 4;
    // It has no line, and the call waits for one.
    standIn.queueMs = 10 * 60_000;
    const batchId = await world.addBatch({ recipients: 6 });
    await clock.advance({ minutes: 9 });
    expect(standIn.creates).toHaveLength(1);
    standIn.foreignCalls = 0;
    standIn.queueMs = 0;
    await clock.advance({ minutes: 30 });
    expect((await world.batch(batchId)).status).toBe("completed");
    expect(standIn.rungTwice).toEqual([]);
  } finally {
    await world.close();
  }
});
