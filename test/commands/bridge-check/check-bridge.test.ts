import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CheckParts, checkBridge } from "../../../src/commands/bridge-check/check-bridge.ts";
import type { CheckName, Finding } from "../../../src/commands/bridge-check/findings.ts";
import { createProbe, mostDials } from "../../../src/commands/bridge-check/probe.ts";
import { openReportListener, type ReportListener } from "../../../src/commands/bridge-check/report-listener.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { openBridgeConnection } from "../../../src/service/carriers/http/bridge-connection.ts";
import { type Fault, FaultyBridge } from "../../support/carriers/faulty-bridge.ts";
import { bridgeSecret } from "../../support/carriers/scripted-bridge.ts";
import { TestClock } from "../../support/test-clock.ts";

const toNumber = "+12015550101";
let clock: TestClock;
let listener: ReportListener;
let bridge: FaultyBridge;
beforeEach(async () => {
  clock = new TestClock("2026-02-02T15:00:00Z");
  listener = await openReportListener(0);
});
afterEach(async () => {
  await bridge.stop();
  await listener.close();
});

type Changes = { secret?: string; hasListener?: boolean } & Partial<
  Pick<CheckParts, "countRings" | "mustReport" | "restart">
>;

/** Checks a bridge with that fault, with somebody beside the phone. */
async function check(fault?: Fault, changes: Changes = {}): Promise<Finding[]> {
  bridge = await FaultyBridge.start(clock, fault);
  const connection = openBridgeConnection(bridge.url, clock);
  const { secret = bridgeSecret, hasListener = true, ...rest } = changes;
  const findings = checkBridge({
    connection,
    secret: new Secret(secret),
    clock,
    call: {
      toNumber,
      fromNumber: "+14155550100",
      agentId: "agent_1",
      ...(hasListener && { callbackUrl: listener.url }),
    },
    ...(hasListener && { listener }),
    mustReport: true,
    restart: async () => {
      bridge.restart();
      return true;
    },
    countRings: async () => bridge.rung.length,
    pause: (ms) => clock.advance({ ms }),
    ...rest,
  });
  const found: Finding[] = [];
  for await (const finding of findings) found.push(finding);
  connection.close();
  return found;
}

function named(found: readonly Finding[], verdict: Finding["verdict"]): CheckName[] {
  return found.filter((finding) => finding.verdict === verdict).map((finding) => finding.check);
}

test("a bridge that keeps the contract passes, and the phone rings once", async () => {
  const found = await check();
  expect(named(found, "pass")).toEqual(found.map((finding) => finding.check));
  expect(found).toHaveLength(17);
  expect(bridge.rung).toEqual([toNumber]);
});

describe("a bridge is found out that", () => {
  test.each<[Fault, CheckName[]]>([
    ["calls for each copy", ["rings"]],
    ["calls for copies that come side by side", ["rings"]],
    ["calls for a dial that is older than not_placed", ["not_placed_promise"]],
    ["calls for a body without a number", ["malformed_bodies", "rings"]],
    ["answers 500 to a broken body", ["malformed_bodies"]],
    ["accepts another secret", ["unsigned_look_ups", "unsigned_dials"]],
    ["checks only look-ups", ["unsigned_dials"]],
    ["accepts old time stamps", ["unsigned_look_ups", "unsigned_dials"]],
    ["does not decode tokens", ["known_token", "end", "after_the_end", "after_a_restart"]],
    ["forgets tokens when the call is over", ["after_the_end", "after_a_restart", "rings"]],
    ["forgets tokens when it is restarted", ["after_a_restart", "rings"]],
    ["cannot tell", ["known_token", "end", "after_the_end", "after_a_restart"]],
    ["never tells an end", ["end", "report", "after_the_end", "after_a_restart"]],
    ["tells an outcome of its own", ["end", "after_the_end", "after_a_restart"]],
    ["sends no reports", ["report"]],
    ["signs its reports with another secret", ["report"]],
    ["signs another text than it reports", ["report"]],
    ["reports two ends", ["one_end"]],
    ["says what nobody can read", ["said"]],
    ["tells answers that cannot be read", ["answers"]],
    ["answers when the call is long over", ["first_dial", "answer_time"]],
  ])("%s", async (fault, checks) => {
    const found = await check(fault);
    expect(named(found, "fail")).toEqual(checks);
    for (const { verdict, advice } of found) expect(advice !== undefined).toBe(verdict === "fail");
    expect(bridge.rung.filter((number) => number !== toNumber && number !== undefined)).toEqual([]);
  });

  test.each<Fault>(["answers in HTML", "closes connections", "never answers"])(
    "%s, before it is asked to call",
    async (fault) => {
      const found = await check(fault);
      expect(named(found, "fail")).toEqual(["unknown_token"]);
      expect(named(found, "not_tried")).toHaveLength(16);
      expect(bridge.requests).toBe(1);
    },
  );

  test("has another secret, before it is asked to call", async () => {
    expect(named(await check(undefined, { secret: "a secret that the bridge does not have, 01" }), "fail")).toEqual([
      "unknown_token",
    ]);
    expect(bridge.rung).toEqual([]);
  });

  test("refuses every call, with its reason but without the number", async () => {
    const found = await check("refuses every call");
    expect(named(found, "fail")).toEqual(["not_placed_promise", "first_dial"]);
    const came = found.find((finding) => finding.check === "first_dial")?.came;
    expect(came).toContain("no permission to call");
    expect(JSON.stringify(found)).not.toContain(toNumber.slice(1));
    expect(named(found, "not_tried")).toHaveLength(12);
  });
});

test("a bridge that calls for every request rings no more often than was announced", async () => {
  await check("calls for each copy");
  expect(bridge.rung.length).toBeGreaterThan(1);
  expect(bridge.rung.length).toBeLessThanOrEqual(mostDials);
});

test("no more dials are sent than were announced", async () => {
  bridge = await FaultyBridge.start(clock, "calls for each copy");
  const connection = openBridgeConnection(bridge.url, clock);
  const call = { toNumber, fromNumber: "+14155550100", agentId: "agent_1" };
  const probe = createProbe({ connection, secret: new Secret(bridgeSecret), clock, call });
  for (let sent = 0; sent < mostDials; sent += 1) await probe.dial(probe.body(`check_${sent}:1`));
  await expect(async () => probe.dial(probe.body("check_more:1"))).rejects.toThrow("at most");
  connection.close();
  expect(bridge.rung).toHaveLength(mostDials);
});

describe("it is said what could not be judged", () => {
  test("when nobody counts the rings", async () => {
    const found = await check("calls for each copy", { countRings: async () => undefined });
    expect([named(found, "fail"), named(found, "not_tried")]).toEqual([[], ["rings"]]);
  });

  test("when nobody restarts the bridge", async () => {
    const found = await check("forgets tokens when it is restarted", { restart: async () => false });
    expect([named(found, "fail"), named(found, "not_tried")]).toEqual([[], ["after_a_restart"]]);
  });

  test("when the bridge can reach no listener", async () => {
    const found = await check(undefined, { hasListener: false });
    expect([named(found, "fail"), named(found, "not_tried")]).toEqual([[], ["report"]]);
  });

  test("when the bridge tells no answers", async () => {
    const found = await check("extracts nothing");
    expect([named(found, "fail"), named(found, "not_tried")]).toEqual([[], ["answers"]]);
  });

  test("when a bridge that nobody set up to report sends no report", async () => {
    const found = await check("sends no reports", { mustReport: false });
    expect([named(found, "fail"), named(found, "not_tried")]).toEqual([[], ["report"]]);
  });
});

test("the report of another call is no report of this one", async () => {
  const stranger = listener.url;
  await fetch(stranger, { method: "POST", body: JSON.stringify({ token: "task_1:1", outcome: "busy" }) });
  expect(named(await check("sends no reports"), "fail")).toEqual(["report"]);
});
