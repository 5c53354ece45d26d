import { sign } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { openConnections } from "../../../src/client/connection.ts";
import type { DialRequest } from "../../../src/contract/records.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { openPlatformHttp } from "../../../src/service/carriers/platforms/platform-http.ts";
import { readEnd, readEvents } from "../../../src/service/carriers/platforms/telnyx/call.ts";
import { toCommandId } from "../../../src/service/carriers/platforms/telnyx/client-state.ts";
import { telnyx } from "../../../src/service/carriers/platforms/telnyx/telnyx.ts";
import { PlatformWorld } from "../../support/carriers/platform-world.ts";
import { privateKeyOf, publicKeyOf, TelnyxStandIn } from "../../support/platforms/telnyx-stand-in.ts";

const dial: DialRequest = {
  token: "task_1:1",
  callId: "call_1",
  fromNumber: "+14155550100",
  toNumber: "+12015550101",
  agentId: "agent_1",
  variables: { name: "Zoë", visits: 3, isNew: true, note: null, address: { city: "Paris" } },
};
const from = { phoneNumber: dial.fromNumber, id: "7267" };
const clientState = Buffer.from('{"batch_call_token":"task_1:1","batch_call_send":"call_ref"}').toString("base64");

test("one number is called under a command id, mailboxes are told, and Telnyx repeats nothing by itself", () => {
  expect(telnyx.toCreate(dial, "call_ref", from)).toEqual({
    method: "POST",
    path: "/calls",
    body: {
      connection_id: "7267",
      from: "+14155550100",
      to: "+12015550101",
      assistant: {
        id: "agent_1",
        dynamic_variables: { name: "Zoë", visits: 3, isNew: true, note: "", address: '{"city":"Paris"}' },
      },
      client_state: clientState,
      command_id: toCommandId("call_ref"),
      answering_machine_detection: "premium",
      retry_on_timeout: false,
    },
  });
});

test("the command id is a UUIDv5 of the reference: the same for one send, another for each other", () => {
  expect(toCommandId("call_ref")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(toCommandId("call_ref")).toBe(toCommandId("call_ref"));
  expect(toCommandId("call_ref2")).not.toBe(toCommandId("call_ref"));
});

const worded = (detail: string, pointer?: string, code = "10015") => ({
  errors: [{ code, title: "Bad Request", detail, ...(pointer && { source: { pointer } }) }],
});
const ids = { call_control_id: "v3:1", call_leg_id: "leg_1", call_session_id: "s_1" };

test.each([
  [200, { data: { ...ids, is_alive: false } }, { kind: "accepted", callId: "leg_1|v3:1" }],
  [200, { data: { is_alive: false } }, { kind: "unclear" }],
  [200, "<html>", { kind: "unclear" }],
  [400, worded("Not a number", "/to"), { kind: "refused", reason: "Not a number" }],
  [422, worded("Not a number", "/to"), { kind: "refused" }],
  [422, worded("Bad value", "/assistant/dynamic_variables/name"), { kind: "refused" }],
  [422, worded("Bad value", "/connection_id"), { kind: "hold", advice: expect.stringContaining("caller id") }],
  [422, worded("Invalid characters in the request."), { kind: "hold" }],
  [400, undefined, { kind: "unclear" }],
  [400, { errors: [] }, { kind: "unclear" }],
  [401, worded("Authentication failed"), { kind: "hold", advice: expect.stringContaining("CARRIER_KEY") }],
  [402, worded("No funds"), { kind: "hold", advice: expect.stringContaining("payment") }],
  [403, worded("Not whitelisted", "/to"), { kind: "hold", advice: expect.stringContaining("outbound voice profile") }],
  [403, "Forbidden", { kind: "unclear" }],
  [404, worded("Not found"), { kind: "hold" }],
  [408, worded("Timeout"), { kind: "unclear" }],
  [429, worded("Too many dials", undefined, "90103"), { kind: "not_now", why: "Too many dials" }],
  [500, worded("Unexpected error"), { kind: "unclear" }],
  [503, undefined, { kind: "unclear" }],
])("%i %j to a call means %j", (status, body, meaning) => {
  expect(telnyx.readCreated({ status, body })).toMatchObject(meaning);
});

const at = (seconds: number) => new Date(1_770_000_000_000 + seconds * 1000).toISOString();
const event = (name: string, seconds: number, payload: object = {}) => ({
  call_leg_id: "leg_1",
  name,
  event_timestamp: at(seconds),
  metadata: { raw: { payload } },
});
const hangup = (hangup_cause: unknown, more: object = {}) => event("call.hangup", 40, { hangup_cause, ...more });
const answered = event("call.answered", 10);
const detected = (result: string, kind = "premium.") => event(`call.machine.${kind}detection.ended`, 12, { result });

describe("a call that ended", () => {
  test.each([
    ["no_answer", [hangup("no_answer")], "no_answer"],
    ["timeout", [hangup("timeout")], "no_answer"],
    ["user_busy", [hangup("user_busy")], "busy"],
    ["call_rejected", [hangup("call_rejected", { sip_hangup_cause: "603" })], "busy"],
    ["not_found", [hangup("not_found")], "failed"],
    ["unspecified", [hangup("unspecified")], "failed"],
    ["originator_cancel", [hangup("originator_cancel")], "failed"],
    ["a word of next year", [hangup("a_word_of_next_year")], "failed"],
    ["constructor", [hangup("constructor")], "failed"],
    ["no word", [hangup(7)], "failed"],
    ["normal_clearing", [answered, hangup("normal_clearing")], "answered"],
    ["time_limit", [answered, hangup("time_limit")], "answered"],
    ["an answer that is not shown", [hangup("normal_clearing")], "answered"],
    ["a word of next year after an answer", [answered, hangup("a_word_of_next_year")], "answered"],
    ["a person", [answered, detected("human_residence"), hangup("normal_clearing")], "answered"],
    ["nobody knows", [answered, detected("not_sure"), hangup("normal_clearing")], "answered"],
    ["a mailbox", [answered, detected("machine"), hangup("normal_clearing")], "voicemail"],
    ["a mailbox by the plain detection", [answered, detected("machine", ""), hangup("normal_clearing")], "voicemail"],
    ["a fax", [answered, detected("fax_detected"), hangup("normal_clearing")], "voicemail"],
    ["events out of order", [hangup("normal_clearing"), detected("machine"), answered], "voicemail"],
  ])("%s", (_what, rows, outcome) => {
    expect(readEnd(readEvents(rows))).toMatchObject({ state: "ended", outcome });
  });

  test("has the times of its events, and Telnyx' word for a failure", () => {
    const rows = [event("call.initiated", 0), answered, hangup("normal_clearing")];
    const times = { startedAt: new Date(at(0)), endedAt: new Date(at(40)), talkMs: 30_000 };
    expect(readEnd(readEvents(rows))).toMatchObject({ ...times, isAnalyzed: false });
    expect(readEnd(readEvents([hangup("not_found")]))).toMatchObject({ reason: "not_found", isAnalyzed: true });
  });

  test("for want of a channel never rang", () => {
    const refused = { ...hangup("call_rejected"), metadata: { why: "403 User channel limit exceeded D1" } };
    expect(readEnd(readEvents([refused]))).toMatchObject({ state: "no_room" });
  });

  test.each([[[]], [[answered]], [[{}, null, "text", { name: "call.hangup" }]]])("is not %j", (rows) => {
    expect(readEnd(readEvents(rows))).toBeUndefined();
  });
});

let open: PlatformWorld | TelnyxStandIn | undefined;
afterEach(() => (open instanceof PlatformWorld ? open.close() : open?.stop()));

test("a call whose end Telnyx never shows is unknown ten minutes after it, and is not made again", async () => {
  const world = await PlatformWorld.open("telnyx");
  open = world;
  world.standIn.listedAfterMs = 24 * 3_600_000;
  const batchId = await world.addBatch();
  await world.clock.advance({ minutes: 8 });
  expect((await world.task(batchId)).status).toBe("calling");
  await world.clock.advance({ minutes: 5 });
  expect((await world.task(batchId)).status).toBe("unknown");
  await world.clock.advance({ hours: 4 });
  expect(world.standIn.creates).toHaveLength(1);
});

test("so is a long one: what counts is its end", async () => {
  const world = await PlatformWorld.open("telnyx");
  open = world;
  world.standIn.callMs = 30 * 60_000;
  world.standIn.listedAfterMs = 34 * 60_000;
  const batchId = await world.addBatch();
  await world.clock.advance({ minutes: 33 });
  expect((await world.task(batchId)).status).toBe("calling");
  await world.clock.advance({ minutes: 3 });
  expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
});

test("of calls to one number the one that carries our client state is ours, in progress or over", async () => {
  const standIn = await TelnyxStandIn.start(systemClock);
  open = standIn;
  const connections = openConnections(systemClock);
  const access = { platform: telnyx, baseUrl: standIn.url, key: new Secret(standIn.apiKey), connections };
  const { ask } = openPlatformHttp(access);
  const [{ id: connection_id = "" } = {}] = standIn.applications;
  const caller = { phoneNumber: dial.fromNumber, id: connection_id };
  for (const n of [1, 2, 3]) {
    standIn.callMs = n === 3 ? 3_600_000 : 0;
    await ask(telnyx.toCreate({ ...dial, token: `task_${n}:1` }, `call_${n}`, caller));
  }
  const find = (n: number) =>
    telnyx.find(
      {
        reference: `call_${n}`,
        token: `task_${n}:1`,
        fromNumber: dial.fromNumber,
        toNumber: dial.toNumber,
        numberId: connection_id,
      },
      ask,
    );
  const found = await Promise.all([1, 2, 3, 4].map(find)).finally(() => connections.close());
  const idOf = (n: number) => `leg_${standIn.calls[n - 1]?.id}|v3:${standIn.calls[n - 1]?.id}`;
  expect(found).toEqual([[idOf(1)], [idOf(2)], [idOf(3)], []]);
});

describe("the application that makes the calls", () => {
  async function numbersOf(change: (standIn: TelnyxStandIn) => void) {
    const standIn = await TelnyxStandIn.start(systemClock);
    open = standIn;
    change(standIn);
    const connections = openConnections(systemClock);
    const { ask } = openPlatformHttp({
      platform: telnyx,
      baseUrl: standIn.url,
      key: new Secret(standIn.apiKey),
      connections,
    });
    return telnyx.numbers(ask).finally(() => connections.close());
  }
  const app = (id: string, application_name: string, active = true) => ({ id, application_name, active });

  test("is the only one of the account, whatever a number is assigned to", async () => {
    const numbers = await numbersOf((standIn) => {
      standIn.applications = [app("1", "Reminders"), app("2", "Old", false)];
      standIn.assigned = { "+14155550100": "2" };
    });
    expect(numbers).toEqual([{ phoneNumber: "+14155550100", id: "1", nickname: "Main line" }]);
  });

  test("is that of the number where there are several; a number without one is not offered", async () => {
    const numbers = await numbersOf((standIn) => {
      standIn.applications = [app("1", "Reminders"), app("2", "Sales")];
      standIn.numbers = [...standIn.numbers, { phone_number: "+14155550101", nickname: null }];
      standIn.assigned = { "+14155550101": "2" };
    });
    expect(numbers).toEqual([{ phoneNumber: "+14155550101", id: "2" }]);
  });

  test("is asked for by name where nothing says which", async () => {
    const several = numbersOf((standIn) => {
      standIn.applications = [app("1", "Reminders"), app("2", "Sales")];
    });
    await expect(several).rejects.toThrow(/2 Call Control applications, Reminders \(1\), Sales \(2\).*Assign each/);
    const none = numbersOf((standIn) => {
      standIn.applications = [];
    });
    await expect(none).rejects.toThrow(/no active Call Control application.*Create one/);
  });
});

describe("a notice", () => {
  const now = new Date("2026-03-02T15:00:00Z");
  const seconds = now.getTime() / 1000;
  const bodyText = JSON.stringify({ data: { event_type: "call.hangup", payload: { client_state: clientState } } });
  const signed = (text: string, time: number | string, name = "account") =>
    sign(null, Buffer.from(`${time}|${text}`), privateKeyOf(name)).toString("base64");
  const isGenuine = (time: number | string, signature: string | undefined, key = publicKeyOf("account")) => {
    const headers: Readonly<Record<string, string | undefined>> = {
      "telnyx-timestamp": String(time),
      "telnyx-signature-ed25519": signature,
    };
    return telnyx.isGenuine({ bodyText, header: (name) => headers[name] }, new Secret(key), now);
  };

  test("is genuine when the account's key signed its body and time lately", () => {
    expect(isGenuine(seconds, signed(bodyText, seconds))).toBe(true);
    expect(isGenuine(seconds - 299, signed(bodyText, seconds - 299))).toBe(true);
  });

  test.each([
    ["no signature", seconds, undefined],
    ["another key", seconds, signed(bodyText, seconds, "another")],
    ["another body", seconds, signed(`${bodyText} `, seconds)],
    ["another time", seconds + 1, signed(bodyText, seconds)],
    ["an old one", seconds - 301, signed(bodyText, seconds - 301)],
    ["one of the future", seconds + 301, signed(bodyText, seconds + 301)],
    ["half a signature", seconds, signed(bodyText, seconds).slice(0, 40)],
    ["no time", "", signed(bodyText, "")],
  ])("is not with %s", (_what, time, signature) => {
    expect(isGenuine(time, signature)).toBe(false);
  });

  test.each(["", "no key", "AAAA"])("is not where the public key is %j", (key) => {
    expect(isGenuine(seconds, signed(bodyText, seconds), key)).toBe(false);
  });

  test("names the attempt, and one of another's call none", () => {
    expect(telnyx.tokenOf({ bodyText })).toBe("task_1:1");
    const others = ["aGF2ZSBhIG5pY2UgZGF5ID1d", "", "e30=", Buffer.from('{"batch_call_token":7}').toString("base64")];
    for (const client_state of [...others, 7, null])
      expect(telnyx.tokenOf({ bodyText: JSON.stringify({ data: { payload: { client_state } } }) })).toBeUndefined();
    for (const text of ["", "[]", "{}", '{"data":{"payload":null}}'])
      expect(telnyx.tokenOf({ bodyText: text })).toBeUndefined();
  });
});
