import { createHmac } from "node:crypto";
import { once } from "node:events";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBridge } from "../../examples/bridge/bridge.ts";
import { openLedger } from "../../examples/bridge/ledger.ts";
import { startBridge } from "../../examples/bridge/main.ts";
import { createTwilioCalls } from "../../examples/bridge/twilio-calls.ts";
import { checkBridge } from "../../src/commands/bridge-check/check-bridge.ts";
import type { Finding } from "../../src/commands/bridge-check/findings.ts";
import { openReportListener } from "../../src/commands/bridge-check/report-listener.ts";
import { toDialBody } from "../../src/contract/bridge.ts";
import type { CallResult, DialRequest } from "../../src/contract/records.ts";
import { Secret } from "../../src/domain/secret.ts";
import { silentLog } from "../../src/lib/log.ts";
import type { DirectCarrier, LookUp } from "../../src/service/carriers/carrier.ts";
import { openBridgeConnection } from "../../src/service/carriers/http/bridge-connection.ts";
import { isSigned, signedHeaders } from "../../src/service/carriers/http/bridge-signature.ts";
import { createHttpCarrier } from "../../src/service/carriers/http/http-carrier.ts";
import { TwilioStandIn, twilioAccount } from "../support/carriers/twilio-stand-in.ts";
import { TestClock } from "../support/test-clock.ts";

const publicUrl = "https://bridge.example.com";
const secret = "a secret of the bridge and the service, 0123456789";
const attempt: DialRequest = {
  token: "task_1:1",
  callId: "call_1",
  fromNumber: "+14155550100",
  toNumber: "+12015550101",
  agentId: "agent_1",
  variables: { first_name: "Zoë", visits: 3 },
};

let clock: TestClock;
let twilio: TwilioStandIn;
let directory: string;
let bridge: Server;
let carrier: DirectCarrier;
let told: [string, CallResult | "unknown"][];
beforeEach(async () => {
  clock = new TestClock("2026-02-02T15:00:00Z");
  directory = await mkdtemp(join(tmpdir(), "batch-call-example-"));
  twilio = await TwilioStandIn.start(publicUrl);
  bridge = await openBridge();
  carrier = openCarrier();
});
afterEach(async () => {
  carrier.close();
  await close(bridge);
  expect(twilio.strangers).toEqual([]);
  await twilio.stop();
  await rm(directory, { recursive: true });
});

/** The bridge on the ledger of this test, as after a restart. */
async function openBridge(port = 0): Promise<Server> {
  const ledger = openLedger(join(directory, "ledger.jsonl"));
  const { sid: accountSid, authToken } = twilioAccount;
  const agentStreamUrl = "wss://agent.example.com/stream";
  const calls = createTwilioCalls({ accountSid, authToken, publicUrl, agentStreamUrl, apiUrl: twilio.url });
  const server = createBridge({ ledger, calls, secret, now: () => clock.now() });
  server.once("close", () => ledger.close());
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** The service's own carrier, which the bridge was written for. */
function openCarrier(callbackUrl?: string): DirectCarrier {
  told = [];
  const connection = openBridgeConnection(urlOf(bridge), clock);
  const parts = { connection, secret: new Secret(secret), clock, log: silentLog, ...(callbackUrl && { callbackUrl }) };
  const opened = createHttpCarrier(parts);
  opened.onEnded((token, result) => {
    if (result === "not_now") throw new Error(`A bridge gave ${token} back`);
    told.push([token, result]);
  });
  return opened;
}

async function restartBridge(): Promise<void> {
  await close(bridge);
  bridge = await openBridge();
  carrier.close();
  carrier = openCarrier();
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ended = { start_time: "Mon, 02 Feb 2026 15:00:02 +0000", end_time: "Mon, 02 Feb 2026 15:01:02 +0000" };

/** Lets the call end at the provider, without telling the bridge. */
function end(status: string, more: object = {}): void {
  twilio.call.resource = { ...twilio.call.resource, status, ...ended, ...more };
}

async function resultOf(token: string): Promise<CallResult> {
  const known: LookUp = await carrier.lookUp(token);
  if (known.state !== "ended") throw new Error(`The call is ${known.state}`);
  return known.result;
}

test("a call is placed with the provider's SDK, with answering machine detection and both webhooks", async () => {
  await carrier.dial(attempt);
  expect(Object.fromEntries(twilio.call.asked)).toMatchObject({
    To: attempt.toNumber,
    From: attempt.fromNumber,
    MachineDetection: "Enable",
    Url: `${publicUrl}/twilio/answer?token=task_1%3A1`,
    StatusCallback: `${publicUrl}/twilio/status?token=task_1%3A1`,
  });
  expect(await carrier.lookUp(attempt.token)).toEqual({ state: "ongoing" });
});

test("a token is dialed once, whoever asks again and after whatever restart", async () => {
  await carrier.dial(attempt);
  await carrier.dial(attempt);
  await restartBridge();
  await carrier.dial(attempt);
  expect(twilio.calls).toHaveLength(1);
});

test("a token that nobody dialed is not placed, and an older dial of it rings nobody after that", async () => {
  expect(await carrier.lookUp(attempt.token)).toEqual({ state: "not_placed" });
  const body = JSON.stringify(toDialBody(attempt, undefined));
  const seconds = clock.now().getTime() / 1000;
  const signature = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  const headers = { "x-batch-call-timestamp": String(seconds), "x-batch-call-signature": `v1=${signature}` };
  await restartBridge();
  expect((await fetch(urlOf(bridge), { method: "POST", body, headers })).status).toBe(425);
  await clock.advance({ seconds: 1 });
  await carrier.dial(attempt);
  expect(twilio.calls).toHaveLength(1);
});

describe("the provider's status becomes an outcome", () => {
  test.each<[string, object, Partial<CallResult>]>([
    ["completed", { duration: "45", answered_by: "human" }, { outcome: "answered", talkMs: 45_000, ringMs: 15_000 }],
    ["completed", { duration: "45", answered_by: "unknown" }, { outcome: "answered", talkMs: 45_000 }],
    ["completed", { duration: "45", answered_by: null }, { outcome: "answered", talkMs: 45_000 }],
    ["completed", { duration: "5", answered_by: "machine_start" }, { outcome: "voicemail", talkMs: 0 }],
    ["completed", { duration: "5", answered_by: "machine_end_beep" }, { outcome: "voicemail", talkMs: 0 }],
    ["completed", { duration: "5", answered_by: "fax" }, { outcome: "voicemail", talkMs: 0 }],
    ["busy", {}, { outcome: "busy", talkMs: 0 }],
    ["no-answer", {}, { outcome: "no_answer", ringMs: 60_000 }],
    ["failed", {}, { outcome: "failed", reason: "Twilio: failed" }],
    ["canceled", {}, { outcome: "failed", reason: "Twilio: canceled" }],
  ])("%s %o", async (status, more, expected) => {
    await carrier.dial(attempt);
    await clock.advance({ minutes: 2 });
    end(status, more);
    const times = { startedAt: new Date("2026-02-02T15:00:02Z"), endedAt: new Date("2026-02-02T15:01:02Z") };
    expect(await resultOf(attempt.token)).toMatchObject({ ...expected, ...times });
  });

  test.each(["queued", "initiated", "ringing", "in-progress"])("%s is not an end", async (status) => {
    await carrier.dial(attempt);
    twilio.call.resource = { ...twilio.call.resource, status };
    expect(await carrier.lookUp(attempt.token)).toEqual({ state: "ongoing" });
  });

  test("and stays, when the provider has forgotten the call", async () => {
    await carrier.dial(attempt);
    end("busy");
    expect((await resultOf(attempt.token)).outcome).toBe("busy");
    twilio.calls.length = 0;
    await restartBridge();
    expect((await resultOf(attempt.token)).outcome).toBe("busy");
  });
});

describe("a call that the provider does not take", () => {
  test("because of the call itself has failed, with the provider's words", async () => {
    const body = { status: 400, code: 21211, message: "The number +12015550101 is not a valid phone number." };
    twilio.faults = [{ answer: { status: 400, body }, places: false }];
    await carrier.dial(attempt);
    const failed = { outcome: "failed", reason: "The number +1 *** *** 0101 is not a valid phone number." };
    expect(told).toEqual([[attempt.token, expect.objectContaining(failed)]]);
    await restartBridge();
    expect(await resultOf(attempt.token)).toMatchObject(failed);
  });

  test.each([401, 403, 404, 429])("because of the account or the pace (%i) can be placed later", async (status) => {
    twilio.faults = [{ answer: { status, body: { status, message: "No" } }, places: false }];
    await expect(carrier.dial(attempt)).rejects.toThrow("503");
    expect(await carrier.lookUp(attempt.token)).toEqual({ state: "not_placed" });
    await carrier.dial(attempt);
    expect(twilio.calls).toHaveLength(1);
  });

  test("because it is down can be placed later", async () => {
    const { url } = twilio;
    await twilio.stop();
    await expect(carrier.dial(attempt)).rejects.toThrow("503");
    twilio = await TwilioStandIn.start(publicUrl);
    expect(twilio.url).not.toBe(url);
    expect(await carrier.lookUp(attempt.token)).toEqual({ state: "not_placed" });
  });
});

describe("a call of which it is in doubt whether the provider took it", () => {
  const doubts = [{ status: 500, body: {} }, { status: 503, body: {} }, undefined];

  test.each(doubts)("(%o) goes on for a minute; then nobody can tell, and it is not dialed again", async (answer) => {
    twilio.faults = [{ ...(answer && { answer }), places: false }];
    await expect(carrier.dial(attempt)).rejects.toThrow("502");
    await restartBridge();
    await carrier.dial(attempt);
    expect(twilio.calls).toEqual([]);
    expect(await carrier.lookUp(attempt.token)).toEqual({ state: "ongoing" });
    await clock.advance({ seconds: 61 });
    expect(await carrier.lookUp(attempt.token)).toEqual({ state: "cannot_tell" });
  });

  test.each(doubts)("(%o) is found again when the provider reports it", async (answer) => {
    twilio.faults = [{ ...(answer && { answer }), places: true }];
    await expect(carrier.dial(attempt)).rejects.toThrow("502");
    await twilio.hook(twilio.call, "StatusCallback", urlOf(bridge), { CallStatus: "initiated" });
    await restartBridge();
    await clock.advance({ minutes: 2 });
    expect(await carrier.lookUp(attempt.token)).toEqual({ state: "ongoing" });
    end("completed", { duration: "10", answered_by: "human" });
    expect(await resultOf(attempt.token)).toMatchObject({ outcome: "answered" });
  });
});

describe("the provider's webhooks", () => {
  test("connect who answers with the voice agent and hand over the variables", async () => {
    await carrier.dial(attempt);
    const { body } = await twilio.hook(twilio.call, "Url", urlOf(bridge), { AnsweredBy: "human" });
    expect(body).toContain('<Connect><Stream url="wss://agent.example.com/stream">');
    expect(body).toContain('<Parameter name="agent_id" value="agent_1"/>');
    expect(body).toContain('<Parameter name="first_name" value="Zoë"/>');
    expect(body).toContain('<Parameter name="visits" value="3"/>');
  });

  test("hang up on a machine", async () => {
    await carrier.dial(attempt);
    const { body } = await twilio.hook(twilio.call, "Url", urlOf(bridge), { AnsweredBy: "machine_start" });
    expect(body).toContain("<Response><Hangup/></Response>");
  });

  test("speak the message of the batch to a machine behind its beep, and the end says so; a fax is told none", async () => {
    await carrier.dial({ ...attempt, voicemailMessage: "Hello <Ada>." });
    expect(twilio.call.asked.get("MachineDetection")).toBe("DetectMessageEnd");
    const hook = (by: string) => twilio.hook(twilio.call, "Url", urlOf(bridge), { AnsweredBy: by });
    expect((await hook("fax")).body).toContain("<Response><Hangup/></Response>");
    const { body } = await hook("machine_end_beep");
    expect(body).toContain("<Response><Say>Hello &lt;Ada&gt;.</Say><Hangup/></Response>");
    await restartBridge();
    await clock.advance({ minutes: 2 });
    end("completed", { duration: "5", answered_by: "machine_end_beep" });
    expect(await resultOf(attempt.token)).toMatchObject({ outcome: "voicemail", details: { messageLeft: true } });
  });

  test.each(["Url", "StatusCallback"] as const)("are refused without the provider's signature (%s)", async (which) => {
    await carrier.dial(attempt);
    const forged = await twilio.hook(twilio.call, which, urlOf(bridge), { CallStatus: "completed" }, "Zm9yZ2Vk");
    expect(forged.status).toBe(403);
  });

  test("lead to a signed report to the service", async () => {
    const reports: { body: string; header: (name: string) => string | undefined }[] = [];
    const service = createServer(async (request, response) => {
      const { headers } = request;
      reports.push({ body: await text(request), header: (name) => String(headers[name]) });
      response.end("{}");
    }).listen(0, "127.0.0.1");
    await once(service, "listening");
    carrier.close();
    carrier = openCarrier(`${urlOf(service)}/carrier/outcomes`);
    await carrier.dial(attempt);
    end("completed", { duration: "30", answered_by: "human" });
    await twilio.hook(twilio.call, "StatusCallback", urlOf(bridge), { CallStatus: "completed" });
    const [report] = reports;
    expect(JSON.parse(report?.body ?? "")).toMatchObject({
      token: attempt.token,
      outcome: "answered",
      talk_ms: 30_000,
    });
    expect(isSigned(new Secret(secret), report?.body ?? "", report?.header ?? (() => undefined), clock.now())).toBe(
      true,
    );
    await close(service);
  });
});

test.each([
  "{",
  "[]",
  "null",
  JSON.stringify({ ...toDialBody(attempt, undefined), token: "" }),
  JSON.stringify({ ...toDialBody(attempt, undefined), to_number: undefined }),
  JSON.stringify({ ...toDialBody(attempt, undefined), variables: null }),
])("half a request calls nobody: %s", async (body) => {
  const headers = signedHeaders(new Secret(secret), body, clock.now().getTime() / 1000);
  expect((await fetch(urlOf(bridge), { method: "POST", body, headers })).status).toBe(400);
  expect(twilio.calls).toEqual([]);
});

test("it passes every check of check-bridge, with one call", async () => {
  const listener = await openReportListener(0);
  const connection = openBridgeConnection(urlOf(bridge), clock);
  let hook: Promise<unknown> = Promise.resolve();
  clock.settleWith(() => hook);
  clock.at(new Date("2026-02-02T15:01:10Z"), () => {
    end("completed", { duration: "45", answered_by: "human" });
    hook = twilio.hook(twilio.call, "StatusCallback", urlOf(bridge), { CallStatus: "completed" });
  });
  const { toNumber, fromNumber, agentId } = attempt;
  const findings = checkBridge({
    connection,
    secret: new Secret(secret),
    clock,
    call: { toNumber, fromNumber, agentId, callbackUrl: listener.url },
    listener,
    mustReport: true,
    restart: async () => {
      const { port } = bridge.address() as AddressInfo;
      await close(bridge);
      bridge = await openBridge(port);
      return true;
    },
    countRings: async () => twilio.calls.length,
    pause: (ms) => clock.advance({ ms }),
  });
  const others: Finding[] = [];
  for await (const finding of findings) if (finding.verdict !== "pass") others.push(finding);
  connection.close();
  await listener.close();
  // The example tells nothing of what people say and answer, which a bridge need not.
  expect(others).toMatchObject([
    { check: "said", verdict: "not_tried" },
    { check: "answers", verdict: "not_tried" },
  ]);
});

test.each(["GET /calls/task_1%3A1", "POST /"])("%s without the service's signature is refused", async (line) => {
  const [method = "", path = ""] = line.split(" ");
  const body = method === "POST" ? JSON.stringify({ token: "task_1:1" }) : undefined;
  const response = await fetch(new URL(path, urlOf(bridge)), { method, ...(body && { body }) });
  expect(response.status).toBe(401);
  expect(twilio.calls).toEqual([]);
});

test("a ledger whose last line was cut short by a crash is read as far as it is whole", async () => {
  await carrier.dial(attempt);
  await close(bridge);
  await appendFile(join(directory, "ledger.jsonl"), '{"token":"task_1:1","sta');
  for (let start = 0; start < 2; start += 1) {
    bridge = await openBridge();
    carrier.close();
    carrier = openCarrier();
    expect(await carrier.lookUp(attempt.token)).toEqual({ state: "ongoing" });
    expect(await carrier.lookUp(`task_${start + 2}:1`)).toEqual({ state: "not_placed" });
    await close(bridge);
  }
  bridge = await openBridge();
});

test("the program names every setting that is missing, and starts when all are there", async () => {
  await expect(startBridge({ BRIDGE_SECRET: secret })).rejects.toThrow(/BRIDGE_PUBLIC_URL.*AGENT_STREAM_URL/);
  const started = await startBridge({
    BRIDGE_SECRET: secret,
    BRIDGE_PUBLIC_URL: publicUrl,
    BRIDGE_PORT: "0",
    BRIDGE_LEDGER: join(directory, "other.jsonl"),
    TWILIO_ACCOUNT_SID: twilioAccount.sid,
    TWILIO_AUTH_TOKEN: twilioAccount.authToken,
    TWILIO_API_URL: twilio.url,
    AGENT_STREAM_URL: "wss://agent.example.com/stream",
  });
  expect((await fetch(urlOf(started), { method: "POST", body: "{}" })).status).toBe(401);
  await close(started);
});
