import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCampaignDatabase } from "../../src/campaigns/records/database.ts";
import { createKillSwitch } from "../../src/campaigns/records/kill-switch.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openSqliteStore } from "../../src/service/store/sqlite/store.ts";
import { platformsUnderTest } from "../support/carriers/platform-world.ts";
import type { PlatformStandIn, StandInFault } from "../support/platforms/stand-in.ts";
import { hasTerminal, onTerminal } from "../support/process/pty.ts";
import {
  builtProgram,
  createHome,
  type Home,
  type Launchable,
  type RunningProgram,
  run,
} from "../support/process/spawn.ts";

const to = "+12015550101";
const given = ["--from", "+14155550100", "--agent", "agent_1"];
const numbers = ["vapi", "--to", to, ...given];
let home: Home;
let platform: PlatformStandIn;
beforeEach(async () => {
  home = await createHome();
  platform = await platformsUnderTest.vapi.start(systemClock);
  platform.apiKey = "key_platform_secret";
  // Long enough to be found while it goes on.
  platform.callMs = 2_500;
});
afterEach(async () => {
  await platform.stop();
  await home.remove();
});

function program(args: string[], settings: Record<string, string> = {}): Promise<Launchable> {
  return builtProgram(home, ["check-provider", ...args], {
    BATCH_CALL_CARRIER: "vapi",
    BATCH_CALL_CARRIER_URL: platform.url,
    BATCH_CALL_CARRIER_KEY: "key_platform_secret",
    // Else the test would wait for the recipient's morning.
    BATCH_CALL_CALLING_HOURS: "00:00-24:00",
    ...settings,
  });
}

function type(running: RunningProgram, text: string): void {
  running.process.stdin?.write(`${text}\n`);
}

describe("check-provider calls nobody", () => {
  it("without a terminal, and says the line that a person types", async () => {
    const running = run(await program(numbers));
    running.process.stdin?.end("yes\n");
    expect(await running.exited).toBe(1);
    expect(running.stderr()).toContain(`batch-call-mcp.cjs check-provider vapi --to ${to} ${given.join(" ")}`);
    expect(running.stderr()).not.toContain("    at ");
    expect(platform.seen).toEqual([]);
  });

  it.skipIf(!hasTerminal).each<[what: string, args: string[], settings: Record<string, string>, words: RegExp]>([
    ["for another platform than the settings name", ["retell", ...numbers.slice(1)], {}, /BATCH_CALL_CARRIER=retell/],
    [
      "for a platform whose name is misspelled",
      ["rettell", ...numbers.slice(1)],
      {},
      /no platform "rettell". The nearest is retell\./,
    ],
    ["at the caller id itself", ["vapi", "--to", "+14155550100", ...given], {}, /is a caller id of the account/],
    ["at a number that is never called", ["vapi", "--to", "911", ...given], {}, /--to:/],
    ["when nobody says which phone", ["vapi", ...given], {}, /Name the one beside you with --to/],
    [
      "in a country that is not allowed",
      numbers,
      { BATCH_CALL_ALLOWED_COUNTRIES: "DE" },
      /may never be called from here/,
    ],
    [
      "with a key that the platform does not take",
      numbers,
      { BATCH_CALL_CARRIER_KEY: "key_other" },
      /does not take the key/,
    ],
    [
      "from a number of somebody else",
      [...numbers.slice(0, 3), "--from", "+14155550199", "--agent", "agent_1"],
      {},
      /no caller id/,
    ],
    [
      "by an agent of somebody else",
      [...numbers.slice(0, 5), "--agent", "agent_7"],
      {},
      /no agent agent_7\. It has agent_1/,
    ],
  ])("%s", async (_what, args, settings, words) => {
    const running = run(onTerminal(await program(args, settings)));
    expect(await running.exited).toBe(1);
    expect(running.stdout() + running.stderr()).toMatch(words);
    expect(running.stdout() + running.stderr()).toMatch(/Nobody was called|does not take the key/);
    expect(platform.creates).toEqual([]);
  });

  it.skipIf(!hasTerminal)("while everything is stopped", async () => {
    await mkdir(home.dataDir);
    const database = openCampaignDatabase(join(home.dataDir, "ledger.sqlite"));
    createKillSwitch(database).set(true, "me", new Date());
    database.close();
    const running = run(onTerminal(await program(numbers)));
    expect(await running.exited).toBe(1);
    expect(running.stdout() + running.stderr()).toContain("stop-all --release");
    expect(platform.creates).toEqual([]);
  });

  it.skipIf(!hasTerminal)("whose number is on the do-not-call list of the service", async () => {
    await mkdir(home.dataDir);
    const store = openSqliteStore(join(home.dataDir, "service.sqlite"));
    await store.addDoNotCall("org_1", [{ phoneNumber: to }], new Date());
    await store.close();
    const running = run(onTerminal(await program(numbers)));
    expect(await running.exited).toBe(1);
    expect(running.stdout() + running.stderr()).toContain("on the do-not-call list");
    expect(platform.creates).toEqual([]);
  });

  it.skipIf(!hasTerminal)("when the person does not name the number again, and yes is not enough", async () => {
    const running = run(onTerminal(await program(numbers)));
    await running.answered(/asked once to call \+12015550101, and no other number\. That phone WILL RING/);
    await running.answered(/It costs what Vapi charges for one call/);
    await running.answered(/Type the number once more/);
    type(running, "yes");
    await running.answered(/Nobody was called/);
    expect(await running.exited).toBe(1);
    expect(platform.creates).toEqual([]);
  });
});

it.skipIf(!hasTerminal)("stopped while the question waits, and agreed to after it: nobody is called", async () => {
  const running = run(onTerminal(await program(numbers)));
  await running.answered(/Type the number once more/);
  const database = openCampaignDatabase(join(home.dataDir, "ledger.sqlite"));
  createKillSwitch(database).set(true, "me", new Date());
  database.close();
  type(running, to);
  expect(await running.exited).toBe(1);
  expect(running.stdout() + running.stderr()).toContain("stop-all --release");
  expect(platform.creates).toEqual([]);
});

it.skipIf(!hasTerminal)("one call to a test number of the settings, measured, and kept in the record", async () => {
  const running = run(onTerminal(await program(["vapi", ...given], { BATCH_CALL_TEST_NUMBERS: to })));
  await running.answered(/Type "yes"/);
  type(running, "yes");
  await running.answered(/Press Enter the moment it rings/);
  type(running, "");
  await running.answered(/How often did the phone ring/);
  type(running, "1");
  await running.answered(/(\d+) as expected, 0 not, \d+ not measured\. docs\/providers\/vapi\.md/);
  expect(await running.exited).toBe(0);
  expect(platform.rung).toEqual([to]);
  expect(running.stdout() + running.stderr()).not.toContain("key_platform_secret");
  const audit = run(await builtProgram(home, ["audit"]));
  expect(await audit.exited).toBe(0);
  expect(audit.stdout()).toMatch(/launched .*terminal.* 1 recipient .*check-provider vapi: one call to/);
  expect(audit.stdout()).not.toContain(to);
});

it.skipIf(!hasTerminal).each<StandInFault>(["lost_answer", "500_after"])(
  "a platform whose answer is lost (%s) is asked once, and its call is found",
  async (fault) => {
    platform.createFault = () => fault;
    const running = run(onTerminal(await program(numbers)));
    await running.answered(/Type the number once more/);
    type(running, to);
    await running.answered(/FAIL {2}created/);
    await running.answered(/How often did the phone ring/);
    type(running, "");
    await running.answered(/pass {2}end/);
    expect(await running.exited).toBe(1);
    expect(platform.creates).toHaveLength(1);
    expect(platform.rung).toEqual([to]);
  },
);
