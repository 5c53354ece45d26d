import { afterEach, describe, expect, test } from "vitest";
import type { PlatformSettings } from "../../src/config/carrier.ts";
import { Secret } from "../../src/domain/secret.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { readPlatformAccount } from "../../src/runtime/platform-carrier.ts";
import { platformNames, platformsUnderTest } from "../support/carriers/platform-world.ts";
import type { PlatformStandIn } from "../support/platforms/stand-in.ts";

let standIn: PlatformStandIn;
afterEach(() => standIn.stop());

describe.each(platformNames)("the account at %s", (kind) => {
  async function start(): Promise<PlatformSettings> {
    standIn = await platformsUnderTest[kind].start(systemClock);
    return { kind, url: standIn.url, apiKey: new Secret(standIn.apiKey) };
  }

  test("has agents with their variables, of each of which it is said whether it tells a mailbox, and numbers", async () => {
    const { agents, phoneNumbers } = await readPlatformAccount(await start());
    expect(agents).toMatchObject([{ agentId: "agent_1", name: "Reminders", detectsVoicemail: true }]);
    // Which variables an application of Twilio reads is nowhere told.
    if (kind === "twilio") expect(agents[0]?.variables).toBeUndefined();
    else expect(agents[0]?.variables).toEqual(expect.arrayContaining(["first_name", "appointment"]));
    expect(phoneNumbers).toEqual([{ phoneNumber: "+14155550100", nickname: "Main line" }]);
  });

  test("with a key that is not taken: the setting is named, and the key is not", async () => {
    const settings = { ...(await start()), apiKey: new Secret("key_another") };
    const refusal = readPlatformAccount(settings);
    await expect(refusal).rejects.toMatchObject({ code: "unauthorized" });
    await expect(refusal).rejects.toThrow(/does not take the key.*Correct BATCH_CALL_CARRIER_KEY/);
    await expect(refusal).rejects.not.toThrow(/key_another/);
  });

  test("without a number, or without an agent: it is said what is missing", async () => {
    const settings = await start();
    const { numbers } = standIn;
    standIn.numbers = [];
    await expect(readPlatformAccount(settings)).rejects.toThrow(/has no phone number\. Add one there/);
    standIn.numbers = numbers;
    // Whatever the platform calls them.
    Object.assign(standIn, kind === "twilio" ? { applications: [] } : { agents: [], assistants: [] });
    await expect(readPlatformAccount(settings)).rejects.toThrow(/has no voice agent\. Add one there/);
  });

  test.each(["html", "nonsense", 429, 500] as const)("that answers %s cannot be used", async (fault) => {
    const settings = await start();
    standIn.readFault = () => fault;
    const refusal = readPlatformAccount(settings);
    await expect(refusal).rejects.toMatchObject({ code: "unavailable" });
    await expect(refusal).rejects.toThrow(/cannot be used.*BATCH_CALL_CARRIER_URL/);
    expect(standIn.creates).toEqual([]);
  });
});
