import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openConnections } from "../../../src/client/connection.ts";
import type { MeasureParts } from "../../../src/commands/provider-check/facts.ts";
import { measureCall } from "../../../src/commands/provider-check/measure-call.ts";
import type { MeasuredName, Measurement } from "../../../src/commands/provider-check/measurements.ts";
import type { ReceivedNotice } from "../../../src/commands/provider-check/notice-listener.ts";
import { watchedFields } from "../../../src/commands/provider-check/open-questions.ts";
import { recordConnections } from "../../../src/commands/provider-check/recorded-connections.ts";
import { stopRequests } from "../../../src/commands/provider-check/stop-requests.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { createPlatformCarrier } from "../../../src/service/carriers/platforms/platform-carrier.ts";
import { openPlatformHttp } from "../../../src/service/carriers/platforms/platform-http.ts";
import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import type { Store } from "../../../src/service/store/store.ts";
import {
  noticeUrl,
  type PlatformName,
  platformNames,
  platformsUnderTest,
} from "../../support/carriers/platform-world.ts";
import type { PlatformStandIn, StandInFault } from "../../support/platforms/stand-in.ts";
import { TestClock } from "../../support/test-clock.ts";

const toNumber = "+12015550101";
const fromNumber = "+14155550100";
let clock: TestClock;
let store: Store;
let standIn: PlatformStandIn;
beforeEach(() => {
  clock = new TestClock("2026-02-02T15:00:00Z");
  store = openSqliteStore(":memory:");
});
afterEach(async () => {
  await standIn.stop();
  await store.close();
});

type Changes = { stops?: boolean; notices?: MeasureParts["notices"] } & Partial<Pick<MeasureParts, "held" | "person">>;

/** Measures the platform with somebody beside the phone, who presses Enter at once and counts right. */
async function measure(name: PlatformName, setUp: (standIn: PlatformStandIn) => void, changes: Changes = {}) {
  const { platform, start } = platformsUnderTest[name];
  standIn = await start(clock);
  setUp(standIn);
  const { connections, seen } = recordConnections(openConnections(clock, { answerDeadlineMs: 25_000 }), clock);
  const key = new Secret(standIn.apiKey);
  const noticeKey = new Secret(standIn.noticeKey);
  const access = { platform, baseUrl: standIn.url, key, noticeKey, noticeUrl, connections };
  const carrier = createPlatformCarrier({ ...access, sends: store.sends, clock, log: silentLog });
  const { ask } = openPlatformHttp(access);
  const numberId = (await platform.numbers(ask).catch(() => []))[0]?.id;
  const toStop = changes.stops ? stopRequests[name] : undefined;
  const found: Measurement[] = [];
  const parts: MeasureParts = {
    kind: name,
    platform,
    carrier,
    ask,
    sends: store.sends,
    seen,
    clock,
    call: { token: "check_1:1", callId: "check_1", toNumber, fromNumber, agentId: "agent_1", variables: {} },
    held: { batch: { id: "check_1", name: "check", timezone: "UTC" }, check: async () => ({ isFresh: () => true }) },
    ...(numberId !== undefined && { numberId }),
    notices: { whyNot: "none" },
    ...(toStop && { toStop }),
    person: { rang: async () => true, countRings: async () => standIn.rings.length },
    pause: (ms) => clock.advance({ ms }),
    ...changes,
  };
  for await (const measurement of measureCall(parts)) found.push(measurement);
  carrier.close();
  return found;
}

function named(found: readonly Measurement[], verdict: Measurement["verdict"]): MeasuredName[] {
  return found.filter((one) => one.verdict === verdict).map(({ check }) => check);
}

function came(found: readonly Measurement[], check: MeasuredName): string {
  return found.find((one) => one.check === check)?.came ?? "";
}

/** The next request that makes a call goes wrong, and time moves on once it has arrived. */
function fault(which: StandInFault): (standIn: PlatformStandIn) => void {
  return (platform) => {
    platform.callMs = 60_000;
    platform.createFault = () => {
      setImmediate(() => void clock.advance({ seconds: 26 }));
      return which;
    };
  };
}

/** What the stand-ins show of what the pages ask about. */
const fieldsShown: Readonly<Record<PlatformName, RegExp>> = {
  retell: /metadata [\d.]+ s at .*metadata; call_analysis 3\d(\.\d)? s at call_analysis/,
  elevenlabs: /user_id [\d.]+ s at .*user_id; call_result 3\d/,
  vapi: /metadata [\d.]+ s at /,
  telnyx: /client_state .* s at data\[\]\.\S*client_state; hangup_cause 3\d.*a row of active_calls /,
  twilio: /date_created [\d.]+ s at .*; start_time .*; answered_by .*; price /,
};

const beyondOneCall = ["repeat", "full", "refusals"] as const;

describe.each(platformNames)("%s", (name) => {
  test("one call is placed and measured: when it is found, its course, its end, and that it rang once", async () => {
    const found = await measure(name, (platform) => {
      platform.listedAfterMs = 4_000;
    });
    expect(named(found, "fail")).toEqual([]);
    expect(named(found, "not_measured")).toEqual(["stop", "notice", ...beyondOneCall]);
    expect(came(found, "created")).toMatch(/^HTTP 20[01] after .* s: taken$/);
    expect(came(found, "found")).toMatch(
      /^[45](\.\d)? s after the answer, while it was in progress, after the phone rang$/,
    );
    expect(came(found, "course").split("; ").length).toBeGreaterThan(1);
    // Twilio connects an application of the operator, and knows nothing of what is said.
    const withIt = name === "twilio" ? "cost" : "transcript, summary";
    expect(came(found, "end")).toMatch(/^3\d(\.\d)? s after it was sent: answered, .*; with it came /);
    expect(came(found, "end")).toContain(`with it came ${withIt}`);
    expect(came(found, "once")).toBe("1 request, 1 call shown, 1 ring counted");
    for (const field of watchedFields[name].fields) expect(came(found, "fields")).toContain(`${field} `);
    expect(came(found, "fields")).toMatch(fieldsShown[name]);
    expect(standIn.rung).toEqual([toNumber]);
    expect(JSON.stringify(found)).not.toMatch(/2015550101|4155550100|key_of_the_account/);
  });

  test.each<StandInFault>(["lost_answer", "silent_after", "late"])(
    "a request whose answer is lost (%s) is looked for and never sent again",
    async (which) => {
      const found = await measure(name, fault(which));
      expect(named(found, "fail")).toContain("created");
      expect(came(found, "created")).toContain("not sent again");
      expect(came(found, "end")).toContain("answered");
      expect(standIn.creates).toHaveLength(1);
      expect(standIn.rung).toEqual([toNumber]);
    },
  );

  test.each<StandInFault>(["silent_before", "html", "nonsense", "lie", 500])(
    "of a request that may have arrived (%s) it is said that nobody can tell",
    async (which) => {
      const found = await measure(name, fault(which));
      expect(named(found, "fail")).toEqual(expect.arrayContaining(["found", "end"]));
      expect(came(found, "end")).toContain("nobody can tell after");
      expect(standIn.creates).toHaveLength(1);
      expect(standIn.rung).toEqual([]);
    },
  );

  test.each<StandInFault>([400, 401, 402, 422, 429])(
    "a refusal (%s) is told, and nothing more is measured",
    async (which) => {
      const found = await measure(name, fault(which));
      expect(named(found, "fail")).toEqual(["created"]);
      expect(found.filter(({ verdict }) => verdict === "not_measured").length).toBe(found.length - 1);
      expect(came(found, "created")).toContain(`HTTP ${which}`);
      expect(came(found, "created")).not.toMatch(/\bbatch\b/);
      expect(standIn.creates).toHaveLength(1);
      expect(standIn.rung).toEqual([]);
    },
  );

  test("a call that ended for want of a line is not made again", async () => {
    const found = await measure(name, fault("no_room"));
    // ElevenLabs says so in its answer.
    expect(`${came(found, "created")} ${came(found, "end")}`).toMatch(/no room now|it never rang/);
    expect(standIn.creates).toHaveLength(1);
    expect(standIn.rung).toEqual([]);
  });

  test("nothing is sent when calls were stopped meanwhile", async () => {
    const check = async () => undefined;
    const held = { batch: { id: "check_1", name: "check", timezone: "UTC" }, check };
    const found = await measure(name, () => {}, { held });
    expect(came(found, "created")).toContain("not sent");
    expect(standIn.creates).toEqual([]);
  });

  test("notices are told by their signature and by whose call they are about", async () => {
    const received: ReceivedNotice[] = [];
    const takes = (key?: string) => (platform: PlatformStandIn) => {
      platform.onEvent = (call, event) => {
        const { bodyText, headers, search = "" } = platform.notice(call, event, key === undefined ? {} : { key });
        received.push({ at: clock.now(), bodyText, search, header: (header) => headers[header] });
      };
    };
    const notices = { received, close: async () => {} };
    const right = await measure(name, takes(), { notices });
    expect(named(right, "fail")).toEqual([]);
    expect(came(right, "notice")).toContain("signed as it should be, about this call");
  });

  test("a notice that another secret signed is found out", async () => {
    const received: ReceivedNotice[] = [];
    const found = await measure(
      name,
      (platform) => {
        platform.onEvent = (call, event) => {
          const { bodyText, headers, search = "" } = platform.notice(call, event, { key: "another" });
          received.push({ at: clock.now(), bodyText, search, header: (header) => headers[header] });
        };
      },
      { notices: { received, close: async () => {} } },
    );
    expect(named(found, "fail")).toEqual(["notice"]);
    expect(came(found, "notice")).toContain("NOT signed");
  });
});

test.each(["retell", "telnyx"] as const)(
  "%s is asked to end the call when the person says that it rings",
  async (name) => {
    const found = await measure(
      name,
      (platform) => {
        platform.callMs = 120_000;
      },
      { stops: true },
    );
    expect(named(found, "fail")).toEqual([]);
    expect(came(found, "stop")).toMatch(/answered 20[04]; ended as/);
    expect(came(found, "end")).toMatch(/^\d(\.\d)? s after it was sent/);
    expect(standIn.rung).toEqual([toNumber]);
  },
);

test("a phone that rang twice, and nobody who counts", async () => {
  const person = { rang: async () => false, countRings: async () => 2 };
  const found = await measure("retell", () => {}, { person });
  expect(named(found, "fail")).toEqual(["once"]);
  expect(named(found, "not_measured")).toEqual(["ring", "stop", "notice", ...beyondOneCall]);
  await standIn.stop();
  await store.close();
  store = openSqliteStore(":memory:");
  const uncounted = await measure("retell", () => {}, { person: { ...person, countRings: async () => undefined } });
  expect(named(uncounted, "not_measured")).toContain("once");
});

test("limits that headers tell are shown, and what was asked and answered otherwise", async () => {
  const found = await measure("retell", (platform) => {
    let reads = 0;
    platform.readFault = () => (++reads === 4 ? "html" : undefined);
  });
  expect(named(found, "fail")).toEqual(["answers"]);
  expect(came(found, "answers")).toContain("HTTP 200, not in the documented form; fields of the call: call_type");
  expect(came(found, "limits")).toContain("concurrency_limit: 20; ");
});
