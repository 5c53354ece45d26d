import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCampaignDatabase } from "../../src/campaigns/records/database.ts";
import { createKillSwitch } from "../../src/campaigns/records/kill-switch.ts";
import { type Fault, FaultyBridge } from "../support/carriers/faulty-bridge.ts";
import { bridgeSecret } from "../support/carriers/scripted-bridge.ts";
import { hasTerminal, onTerminal } from "../support/process/pty.ts";
import {
  builtProgram,
  createHome,
  type Home,
  type Launchable,
  type RunningProgram,
  run,
} from "../support/process/spawn.ts";
import { TestClock } from "../support/test-clock.ts";

const numbers = ["--to", "+12015550101", "--from", "+14155550100", "--agent", "agent_1"];
let home: Home;
let clock: TestClock;
let bridge: FaultyBridge;
beforeEach(async () => {
  home = await createHome();
  // The program's clock is the machine's; the bridge's stands still until its call is to end.
  clock = new TestClock(new Date().toISOString());
});
afterEach(async () => {
  await bridge.stop();
  await home.remove();
});

async function program(args: string[], settings: Record<string, string> = {}, fault?: Fault): Promise<Launchable> {
  bridge = await FaultyBridge.start(clock, fault);
  return builtProgram(home, ["check-bridge", ...args], {
    BATCH_CALL_CARRIER: "http",
    BATCH_CALL_CARRIER_URL: bridge.url,
    BATCH_CALL_CARRIER_SECRET: bridgeSecret,
    ...settings,
  });
}

function type(running: RunningProgram, text: string): void {
  running.process.stdin?.write(`${text}\n`);
}

describe("check-bridge calls nobody", () => {
  it.each<[what: string, args: string[], settings: Record<string, string>, words: string]>([
    ["without a terminal or --yes", numbers, {}, "needs a terminal"],
    ["without the settings of a bridge", [...numbers, "--yes"], simulated(), "BATCH_CALL_CARRIER=http"],
    ["at a number that is never called", ["--to", "911", ...numbers.slice(2), "--yes"], {}, "--to"],
    ["through a bridge whose address is not safe", ["http://bridge.example.com", ...numbers, "--yes"], {}, "https"],
    ["when objects are wanted and a person has to be asked", [...numbers, "--json"], {}, "--json needs --yes"],
  ])("%s", async (_what, args, settings, words) => {
    const running = run(await program(args, settings));
    running.process.stdin?.end("yes\n");
    expect(await running.exited).toBe(1);
    expect(running.stderr()).toContain(words);
    expect(running.stderr()).not.toContain("    at ");
    expect(bridge.requests).toBe(0);
  });

  it("while everything is stopped", async () => {
    await mkdir(home.dataDir);
    const database = openCampaignDatabase(join(home.dataDir, "ledger.sqlite"));
    createKillSwitch(database).set(true, "me", new Date());
    database.close();
    const running = run(await program([...numbers, "--yes"]));
    expect(await running.exited).toBe(1);
    expect(running.stderr()).toContain("stop-all --release");
    expect(bridge.requests).toBe(0);
  });

  it.skipIf(!hasTerminal)("when the person at the terminal does not agree", async () => {
    const running = run(onTerminal(await program(numbers)));
    await running.answered(/call \+12015550101, and no other number\. That phone WILL RING/);
    await running.answered(/Type "yes"/);
    type(running, "y");
    await running.answered(/Nobody was called/);
    expect(await running.exited).toBe(1);
    expect(bridge.requests).toBe(0);
  });
});

it("prints one JSON object a line, and ends with 1 for a bridge that breaks the contract", async () => {
  const running = run(await program([...numbers, "--yes", "--json"], {}, "answers in HTML"));
  expect(await running.exited).toBe(1);
  const lines = running
    .stdout()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(17);
  expect(lines[0]).toMatchObject({ check: "unknown_token", verdict: "fail", came: expect.stringContaining("200") });
  expect(lines[0].advice).toContain("URL");
});

it.skipIf(!hasTerminal)("passes a bridge that keeps the contract, with the person's yes and count", async () => {
  const running = run(onTerminal(await program(numbers)));
  await running.answered(/Type "yes"/);
  type(running, "yes");
  await running.answered(/pass {2}unsigned_dials/);
  await clock.advance({ seconds: 30 });
  await running.answered(/Restart the bridge now/);
  type(running, "");
  await running.answered(/How often did the phone ring/);
  type(running, "1");
  await running.answered(/(\d+) passed, 0 failed, (\d+) not tried/);
  expect(await running.exited).toBe(0);
  expect(bridge.rung).toEqual(["+12015550101"]);
  expect(running.stdout() + running.stderr()).not.toContain(bridgeSecret);
});

/** No carrier is set, which a program without a bridge is. */
function simulated(): Record<string, string> {
  return { BATCH_CALL_CARRIER: "simulated", BATCH_CALL_CARRIER_URL: "", BATCH_CALL_CARRIER_SECRET: "" };
}
