import { createHmac } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { openConnections } from "../../../src/client/connection.ts";
import type { DialRequest } from "../../../src/contract/records.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { openPlatformHttp } from "../../../src/service/carriers/platforms/platform-http.ts";
import { readCall } from "../../../src/service/carriers/platforms/twilio/call.ts";
import { basicHeaders } from "../../../src/service/carriers/platforms/twilio/key.ts";
import { readPages } from "../../../src/service/carriers/platforms/twilio/pages.ts";
import { twilio } from "../../../src/service/carriers/platforms/twilio/twilio.ts";
import { createCallNotices } from "../../../src/service/dialing/call-notices.ts";
import { nobody, noDialGuard } from "../../../src/service/dialing/dialing.ts";
import { noticeUrl, PlatformWorld } from "../../support/carriers/platform-world.ts";
import { numberOf } from "../../support/dialing/dialing-world.ts";
import type { StandInNotice } from "../../support/platforms/stand-in.ts";
import { TwilioStandIn, twilioAccount } from "../../support/platforms/twilio-stand-in.ts";

const dial: DialRequest = {
  token: "task_1:1",
  callId: "call_1",
  fromNumber: "+14155550100",
  toNumber: "+12015550101",
  agentId: "AP1",
  variables: { name: "Zoë & Jo", visits: 3, note: null, address: { city: "Paris" } },
};
const from = { phoneNumber: dial.fromNumber };
const agent = {
  agentId: "AP1",
  name: "Reminders",
  callFields: {
    Url: "https://agent.example.com/voice?lang=en#rc=2",
    Method: "GET",
    StatusCallback: "https://agent.example.com/status",
    StatusCallbackMethod: "GET",
  },
};

describe("a call", () => {
  const url =
    "https://agent.example.com/voice?lang=en&name=Zo%C3%AB+%26+Jo&visits=3&note=&address=%7B%22city%22%3A%22Paris%22%7D#rc=2";

  test("does what the application does, asked at its own URL with the variables, and tells mailboxes", () => {
    expect(twilio.toCreate(dial, "call_ref", from, { agent })).toEqual({
      method: "POST",
      path: "/Calls.json",
      form: [
        ["To", "+12015550101"],
        ["From", "+14155550100"],
        ["Url", url],
        ["MachineDetection", "Enable"],
        ["Method", "GET"],
        ["StatusCallback", "https://agent.example.com/status"],
        ["StatusCallbackMethod", "GET"],
      ],
    });
  });

  test("tells where this service is reached, with token and reference, where the operator set it", () => {
    const { form } = twilio.toCreate(dial, "call_ref", from, { agent, noticeUrl });
    expect(form?.slice(-5)).toEqual([
      ["Method", "GET"],
      ["StatusCallback", `${noticeUrl}?batch_call_token=task_1%3A1&batch_call_send=call_ref`],
      ["StatusCallbackMethod", "POST"],
      ["StatusCallbackEvent", "initiated"],
      ["StatusCallbackEvent", "completed"],
    ]);
  });
});

test.each([
  [`${twilioAccount}:token`, `${twilioAccount}:token`],
  [`${twilioAccount}:SK1:secret`, "SK1:secret"],
])("the key %s names the account, and logs in as %s", (key, login) => {
  expect(basicHeaders(new Secret(key))).toEqual({
    authorization: `Basic ${Buffer.from(login).toString("base64")}`,
  });
  expect(twilio.accountPath?.(new Secret(key))).toBe(`/2010-04-01/Accounts/${twilioAccount}`);
});

const worded = (status: number, code: number, message = "No") => ({ status, code, message, more_info: "https://…" });

test.each([
  [201, { sid: "CA1", status: "queued", queue_time: "0" }, { kind: "accepted", callId: "CA1", queueMs: 0 }],
  [201, { sid: "CA1", queue_time: "3500" }, { kind: "accepted", queueMs: 3500 }],
  [201, { sid: "CA1", queue_time: null }, { kind: "accepted", callId: "CA1" }],
  [201, { status: "queued" }, { kind: "unclear" }],
  [201, "<html>", { kind: "unclear" }],
  [400, worded(400, 21211, "Not a number"), { kind: "refused", reason: "Not a number" }],
  [400, worded(400, 21215), { kind: "refused" }],
  [400, worded(400, 21210), { kind: "hold", advice: expect.stringContaining("caller id") }],
  [400, worded(400, 21205), { kind: "hold" }],
  [
    400,
    worded(400, 10004, "Call concurrency limit exceeded"),
    { kind: "not_now", why: expect.stringMatching(/limit/) },
  ],
  [400, worded(400, 22005), { kind: "not_now" }],
  [500, worded(500, 10004), { kind: "unclear" }],
  [400, { code: 21211 }, { kind: "unclear" }],
  [400, worded(401, 21211), { kind: "unclear" }],
  [401, worded(401, 20003), { kind: "hold", advice: expect.stringContaining("CARRIER_KEY") }],
  [403, worded(403, 20003), { kind: "hold" }],
  [403, "Forbidden", { kind: "unclear" }],
  [404, worded(404, 20404), { kind: "hold" }],
  [408, worded(408, 20408), { kind: "unclear" }],
  [429, worded(429, 20429, "Too Many Requests"), { kind: "not_now", why: "Too Many Requests" }],
  [500, worded(500, 20500), { kind: "unclear" }],
  [503, undefined, { kind: "unclear" }],
])("%i %j to a call means %j", (status, body, meaning) => {
  expect(twilio.readCreated({ status, body })).toMatchObject(meaning);
});

const times = { start_time: "Mon, 02 Mar 2026 15:00:00 +0000", end_time: "Mon, 02 Mar 2026 15:00:40 +0000" };
const over = { sid: "CA1", status: "completed", duration: "30", ...times };

describe("a call that ended", () => {
  test.each([
    [{ status: "completed" }, "answered"],
    [{ status: "completed", answered_by: "human" }, "answered"],
    [{ status: "completed", answered_by: "unknown" }, "answered"],
    [{ status: "completed", answered_by: "machine" }, "voicemail"],
    [{ status: "completed", answered_by: "machine_end_beep" }, "voicemail"],
    [{ status: "completed", answered_by: "fax" }, "voicemail"],
    [{ status: "busy", answered_by: "machine" }, "busy"],
    [{ status: "no-answer" }, "no_answer"],
    [{ status: "failed" }, "failed"],
    [{ status: "canceled" }, "failed"],
  ])("%j is %s", (fields, outcome) => {
    expect(readCall({ ...over, ...fields })).toMatchObject({ state: "ended", outcome });
  });

  test("has its times and price, which is told below zero and later than the end", () => {
    const known = { startedAt: new Date(times.start_time), endedAt: new Date(times.end_time), talkMs: 30_000 };
    expect(readCall(over)).toMatchObject({ ...known, isAnalyzed: false });
    const priced = readCall({ ...over, price: "-0.01300", price_unit: "EUR" });
    expect(priced).toMatchObject({ ...known, isAnalyzed: true, details: { cost: 0.013, costUnit: "EUR" } });
    expect(readCall({ ...over, price: "-0.00000" })).toMatchObject({ details: { cost: 0 } });
    expect(readCall({ ...over, status: "busy" })).toMatchObject({ isAnalyzed: true });
    expect(readCall({ ...over, status: "failed" })).toMatchObject({ reason: "failed" });
  });

  test("before it was dialed was taken back", () => {
    expect(readCall({ sid: "CA1", status: "canceled", start_time: null })).toMatchObject({ state: "taken_back" });
  });

  test.each([
    [
      { sid: "CA1", status: "queued", start_time: null },
      { state: "alive", isQueued: true },
    ],
    [{ sid: "CA1", status: "queued", start_time: times.start_time }, { state: "alive" }],
    [{ sid: "CA1", status: "ringing" }, { state: "alive" }],
    [{ sid: "CA1", status: "a_word_of_next_year" }, { state: "alive" }],
    [{ sid: "CA1", status: "constructor" }, { state: "alive" }],
    [{ sid: "CA1", status: 7 }, { state: "alive" }],
    ["<html>", { state: "alive" }],
  ])("%j is not", (body, known) => {
    expect(readCall(body)).toEqual(known);
  });
});

let open: PlatformWorld | TwilioStandIn | undefined;
afterEach(() => (open instanceof PlatformWorld ? open.close() : open?.stop()));

async function startWorld(setup: Parameters<typeof PlatformWorld.open>[1] = {}) {
  const world = await PlatformWorld.open("twilio", setup);
  open = world;
  return { world, standIn: world.standIn };
}

describe("a call whose answer was lost", () => {
  /** A call of the same numbers that somebody else makes, or we for another attempt. */
  async function foreignCall(world: PlatformWorld, toNumber = numberOf(1)): Promise<void> {
    const connections = openConnections(systemClock);
    const { standIn } = world;
    const key = new Secret(standIn.apiKey);
    const { ask } = openPlatformHttp({ platform: twilio, baseUrl: standIn.url, key, connections });
    const [first] = await twilio.agents(ask);
    if (!first) throw new Error("The account has no application");
    const fault = standIn.createFault;
    standIn.createFault = () => undefined;
    await ask(twilio.toCreate({ ...dial, toNumber }, "call_foreign", from, { agent: first }));
    standIn.createFault = fault;
    await connections.close();
  }

  test("is not one of two that it may be: it is unknown, and not made again", async () => {
    const { world, standIn } = await startWorld();
    standIn.createFault = () => "lost_answer";
    await foreignCall(world);
    const batchId = await world.addBatch();
    await world.clock.advance({ minutes: 12 });
    expect((await world.task(batchId)).status).toBe("unknown");
    expect(standIn.creates).toHaveLength(2);
  });

  test("is not a call of another time, nor one to us", async () => {
    const { world, standIn } = await startWorld();
    standIn.createFault = () => "lost_request";
    await foreignCall(world);
    await world.clock.advance({ minutes: 2 });
    const batchId = await world.addBatch();
    await world.clock.advance({ minutes: 12 });
    expect((await world.task(batchId)).status).toBe("unknown");
    const inbound = { sid: "CA1", direction: "inbound", date_created: world.clock.now().toUTCString() };
    const ask = async () => ({ status: 200, body: { calls: [inbound], next_page_uri: null } });
    const sought = { reference: "call_1", token: "task_1:1", fromNumber: "+1", toNumber: "+2" };
    expect(await twilio.find({ ...sought, sentAt: world.clock.now() }, ask)).toEqual([]);
  });

  /** Another send of ours to the same person. */
  async function anotherSend({ store, clock }: PlatformWorld, to: "in_doubt" | "accepted", providerId?: string) {
    const call = { token: "task_9:1", fromNumber: dial.fromNumber, toNumber: numberOf(1), agentId: "agent_1" };
    await store.sends.prepare("call_other", [call], clock.now());
    const known = providerId === undefined ? {} : { providerId };
    await store.sends.move("call_other", { from: ["prepared"], to, sentAt: clock.now(), ...known });
  }

  test("is not that of another send", async () => {
    const { world, standIn } = await startWorld();
    standIn.createFault = () => "lost_request";
    await foreignCall(world);
    await anotherSend(world, "accepted", `CA0000${standIn.calls[0]?.id.replace("call_", "")}`);
    const batchId = await world.addBatch();
    await world.clock.advance({ minutes: 12 });
    expect((await world.task(batchId)).status).toBe("unknown");
  });

  test("is not one that another send whose answer was lost may have made", async () => {
    const { world, standIn } = await startWorld();
    standIn.createFault = () => "lost_answer";
    await anotherSend(world, "in_doubt");
    const batchId = await world.addBatch();
    await world.clock.advance({ minutes: 12 });
    expect((await world.task(batchId)).status).toBe("unknown");
    expect(world.rung).toHaveLength(1);
  });

  async function take(world: PlatformWorld, { bodyText, headers, search }: StandInNotice): Promise<string> {
    const { notices } = world.placing;
    if (!notices) throw new Error("This carrier takes no notices");
    const { store, clock, dialer: dialing } = world;
    const parts = { store, clock, dialing, guard: noDialGuard, log: silentLog, observer: nobody, notices };
    const sent = { bodyText, header: (name: string) => headers[name], ...(search !== undefined && { search }) };
    return createCallNotices({ ...parts, noticed: () => {} }).take(sent);
  }

  test("is known by the notice that names it, whatever else there is, and followed to its end", async () => {
    const { world, standIn } = await startWorld();
    standIn.createFault = () => "lost_answer";
    standIn.listedAfterMs = 3_600_000;
    await foreignCall(world);
    const batchId = await world.addBatch();
    const call = standIn.calls.at(-1);
    if (!call) throw new Error("No call was made");
    expect(await take(world, standIn.notice(call, "ended", { key: "another" }))).toBe("not_genuine");
    expect(await take(world, standIn.notice(call, "ended"))).toBe("not_ended");
    await world.clock.advance({ minutes: 12 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
  });

  test("is not what a notice of another send of that attempt names", async () => {
    const { world, standIn } = await startWorld();
    standIn.createFault = () => "lost_answer";
    standIn.listedAfterMs = 3_600_000;
    const batchId = await world.addBatch();
    const [call] = standIn.calls;
    if (!call) throw new Error("No call was made");
    const marks = { batch_call_token: call.token, batch_call_send: "call_another" };
    await take(world, standIn.notice({ ...call, metadata: marks }, "ended"));
    await world.clock.advance({ minutes: 12 });
    expect((await world.task(batchId)).status).toBe("unknown");
  });
});

describe("Twilio's queue", () => {
  test("is not filled: while a call would wait, no other one is made", async () => {
    const { world, standIn } = await startWorld();
    standIn.queueMs = 20_000;
    await world.addBatch();
    await world.addBatch({ firstNumber: 2, recipients: 2 });
    await world.clock.advance({ seconds: 15 });
    expect(standIn.creates).toHaveLength(1);
    standIn.queueMs = 0;
    await world.clock.advance({ minutes: 3 });
    expect(world.rung).toHaveLength(3);
  });

  test("a call that began to ring is not taken back, and keeps its outcome", async () => {
    const { world } = await startWorld();
    const batchId = await world.addBatch();
    await world.pause(batchId);
    expect((await world.facts(batchId)).counts.calling).toBe(1);
    await world.clock.advance({ minutes: 2 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
  });

  test("a call whose taking back is not answered is looked at: it never rings, and is made when the batch goes on", async () => {
    const { world, standIn } = await startWorld();
    standIn.queueMs = 20_000;
    const batchId = await world.addBatch();
    const reads = [undefined, "lost_request", undefined] as const;
    let next = 0;
    standIn.readFault = () => reads[next++];
    await world.pause(batchId);
    // The request was lost: the call goes on.
    expect((await world.facts(batchId)).counts.calling).toBe(1);
    await world.clock.advance({ minutes: 3 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered" });
    expect(world.rung).toHaveLength(1);
  });

  test("a call that we wanted back and a process that died then is as never made; one that a person canceled at Twilio has failed", async () => {
    const { world, standIn } = await startWorld();
    standIn.queueMs = 60_000;
    const batchId = await world.addBatch();
    const [call] = standIn.calls;
    if (!call) throw new Error("No call was made");
    const { sends } = world.store;
    const { reference } = call;
    await sends.move(reference, { from: ["accepted"], to: "accepted", reason: "it was taken back" });
    call.endedAt = world.clock.now();
    await world.startProcess();
    standIn.queueMs = 0;
    await world.clock.advance({ minutes: 3 });
    expect(await world.task(batchId)).toMatchObject({ status: "completed", outcome: "answered", attemptCount: 1 });
    standIn.queueMs = 60_000;
    const another = await world.addBatch({ firstNumber: 2 });
    const last = standIn.calls.at(-1);
    if (last) last.endedAt = world.clock.now();
    await world.clock.advance({ minutes: 3 });
    expect(await world.task(another)).toMatchObject({ status: "failed", outcome: "failed" });
    expect(world.rung).toHaveLength(1);
  });
});

test("an application that the account does not have any more holds the batch, and nobody is called", async () => {
  const { world, standIn } = await startWorld();
  standIn.loseAgent();
  const batchId = await world.addBatch({ recipients: 2 });
  expect(await world.batch(batchId)).toMatchObject({
    isPaused: true,
    heldReason: expect.stringMatching(/no such agent/),
  });
  expect(standIn.creates).toEqual([]);
});

describe("the account", () => {
  async function read(change: (standIn: TwilioStandIn) => void) {
    const standIn = await TwilioStandIn.start(systemClock);
    open = standIn;
    change(standIn);
    const connections = openConnections(systemClock);
    const key = new Secret(standIn.apiKey);
    const { ask } = openPlatformHttp({ platform: twilio, baseUrl: standIn.url, key, connections });
    const account = { agents: await twilio.agents(ask), numbers: await twilio.numbers(ask) };
    await connections.close();
    return account;
  }

  test("has the applications that say what happens in a call as agents; what they read is not told", async () => {
    const { agents } = await read((standIn) => {
      const [first] = standIn.applications;
      if (first) standIn.applications = [first, { ...first, sid: "AP2", voice_url: "" }];
    });
    expect(agents).toEqual([
      {
        agentId: "agent_1",
        name: "Reminders",
        detectsVoicemail: true,
        callFields: {
          Url: "https://agent.example.com/voice?lang=en",
          Method: "POST",
          StatusCallback: "https://agent.example.com/status",
          StatusCallbackMethod: "POST",
        },
      },
    ]);
  });

  test("has its own numbers and the verified ones, each once", async () => {
    const { numbers } = await read((standIn) => {
      standIn.verified = ["+14155550177", "+14155550100"];
    });
    expect(numbers).toEqual([{ phoneNumber: "+14155550100", nickname: "Main line" }, { phoneNumber: "+14155550177" }]);
  });

  test("is read page by page", async () => {
    const asked: string[] = [];
    const next = "/2010-04-01/Accounts/AC1/Calls.json?PageSize=1000&Page=1&PageToken=PA%2B1";
    const rows = await readPages(
      async ({ path }) => {
        asked.push(path);
        return { calls: [asked.length], next_page_uri: asked.length === 1 ? next : null };
      },
      "/Calls.json?To=%2B1",
      "calls",
    );
    expect(rows).toEqual([1, 2]);
    expect(asked).toEqual(["/Calls.json?To=%2B1&PageSize=1000", "/Calls.json?PageSize=1000&Page=1&PageToken=PA%2B1"]);
  });
});

test("a recording is told with the call, and one that cannot be read keeps no outcome back", async () => {
  const { world, standIn } = await startWorld();
  const batchId = await world.addBatch();
  await world.clock.advance({ minutes: 2 });
  expect((await world.attempts(batchId))[0]?.details?.recordingUrl).toMatch(
    /^https:\/\/api\.twilio\.com\/2010-04-01\/Accounts\/AC0+\/Calls\/CA\d+\/Recordings\/RE\d+$/,
  );
  const faultless = standIn.readFault;
  const another = await world.addBatch({ firstNumber: 2 });
  // Of the two requests, the one for the recordings.
  let reads = 0;
  standIn.readFault = () =>
    standIn.seen.at(-1)?.path.endsWith("/Recordings.json") && reads++ < 50 ? 403 : faultless();
  await world.clock.advance({ minutes: 2 });
  expect(await world.task(another)).toMatchObject({ status: "completed", outcome: "answered" });
  expect(reads).toBeGreaterThan(0);
});

describe("a notice", () => {
  const now = new Date("2026-03-02T15:00:00Z");
  const url = `${noticeUrl}?batch_call_token=task_1%3A1&batch_call_send=call_ref`;
  const fields = [
    ["CallStatus", "completed"],
    ["CallSid", "CA1"],
    ["To", "+12015550101"],
  ] as const;
  const bodyText = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString();
  const signed = (text: string, key = "token") => createHmac("sha1", key).update(text).digest("base64");
  const text = `${url}CallSidCA1CallStatuscompletedTo+12015550101`;
  const isGenuine = (signature: string | undefined, given = url, body = bodyText) =>
    twilio.isGenuine({ bodyText: body, url: given, header: () => signature }, new Secret("token"), now);

  test("is genuine when the auth token signed its URL and its fields in the order of their names", () => {
    expect(isGenuine(signed(text))).toBe(true);
  });

  // The example of https://www.twilio.com/docs/usage/security.
  test("is signed as the vendor's own example", () => {
    const example = new URLSearchParams({
      CallSid: "CA1234567890ABCDE",
      Caller: "+14158675309",
      Digits: "1234",
      From: "+14158675309",
      To: "+18005551212",
    });
    const notice = {
      bodyText: example.toString(),
      url: "https://mycompany.com/myapp.php?foo=1&bar=2",
      header: () => "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    };
    expect(twilio.isGenuine(notice, new Secret("12345"), now)).toBe(true);
  });

  test.each([
    ["no signature", undefined, url, bodyText],
    ["another key", signed(text, "another"), url, bodyText],
    ["another token", signed(text), url.replace("task_1", "task_2"), bodyText],
    ["another field", signed(text), url, bodyText.replace("CA1", "CA2")],
    ["a field more", signed(text), url, `${bodyText}&X=1`],
    ["half a signature", signed(text).slice(0, 12), url, bodyText],
  ])("is not with %s", (_what, signature, given, body) => {
    expect(isGenuine(signature, given, body)).toBe(false);
  });

  test("is not where nobody said by which URL this service is reached", () => {
    const notice = { bodyText, header: () => signed(text) };
    expect(twilio.isGenuine(notice, new Secret("token"), now)).toBe(false);
  });

  test("names the attempt and its call, and one of another's call none", () => {
    expect(twilio.tokenOf({ bodyText, url })).toBe("task_1:1");
    expect(twilio.callOf?.({ bodyText, url })).toEqual({ reference: "call_ref", callId: "CA1" });
    for (const other of [undefined, noticeUrl, `${noticeUrl}?batch_call_token=`])
      expect(twilio.tokenOf({ bodyText, ...(other !== undefined && { url: other }) })).toBeUndefined();
    expect(twilio.callOf?.({ bodyText: "", url })).toBeUndefined();
    expect(twilio.callOf?.({ bodyText, url: noticeUrl })).toBeUndefined();
  });
});
