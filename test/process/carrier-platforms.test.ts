import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { noticeUrl, platformsUnderTest } from "../support/carriers/platform-world.ts";
import type { PlatformStandIn } from "../support/platforms/stand-in.ts";
import { twilioAccount } from "../support/platforms/twilio-stand-in.ts";
import { askService, urlOf } from "../support/process/ask-service.ts";
import { builtProgram, createHome, type Home, type RunningProgram, run } from "../support/process/spawn.ts";
import { batchOf, callerId, type Json, numberOf } from "../support/service-world.ts";
import { waitUntil } from "../support/wait-until.ts";

// What is as with Retell is in carrier-retell.test.ts.
const platforms = [
  { kind: "elevenlabs", name: "ElevenLabs", variables: ["company", "first_name", "appointment"] },
  { kind: "vapi", name: "Vapi", variables: ["first_name", "appointment"] },
  { kind: "telnyx", name: "Telnyx", variables: ["company", "first_name", "appointment"] },
  // Its agents are programs of the operator's: what they read and say first is not told.
  { kind: "twilio", name: "Twilio", variables: undefined },
] as const;

describe.each(platforms)("$kind", ({ kind, name, variables }) => {
  let home: Home;
  let platform: PlatformStandIn;
  let settings: Record<string, string>;
  /** What the platform signs its notices with, or is checked by. */
  let secret: string;
  beforeEach(async () => {
    home = await createHome();
    platform = await platformsUnderTest[kind].start(systemClock);
    platform.apiKey = kind === "twilio" ? `${twilioAccount}:key_platform_secret` : "key_platform_secret";
    secret = platform.noticeKey;
    platform.callMs = 100;
    settings = {
      BATCH_CALL_CARRIER: kind,
      BATCH_CALL_CARRIER_URL: platform.url,
      BATCH_CALL_CARRIER_KEY: platform.apiKey,
      BATCH_CALL_SERVICE_PORT: "0",
      BATCH_CALL_STARTS_PER_SECOND: "5",
      // Else the test would wait for the recipients' morning.
      BATCH_CALL_CALLING_HOURS: "00:00-24:00",
    };
  });
  afterEach(async () => {
    await platform.stop();
    await home.remove();
  });

  async function startService(more: Record<string, string> = {}): Promise<RunningProgram> {
    return run(await builtProgram(home, ["service"], { ...settings, ...more }));
  }

  async function ask(service: RunningProgram, path: string, body?: object): Promise<Json> {
    return askService(await urlOf(service), home.dataDir, path, body);
  }

  async function callAll(service: RunningProgram, ...numbers: string[]): Promise<string> {
    const tasks = numbers.map((to_number) => ({ to_number, dynamic_variables: { first_name: "Ada" } }));
    const body = batchOf({ status: undefined, send_now: true, agent_id: "agent_1", tasks });
    const { batch_call_id: id } = await ask(service, "/batch-call", body);
    await waitUntil(
      "the batch has ended",
      async () => (await ask(service, `/batch-call/${id}`)).data.status === "completed",
    );
    return id;
  }

  it("one key is all: the account's agents with their variables, its numbers, and a campaign from its start to its results", async () => {
    const service = await startService();
    await service.answered(new RegExp(`calls are REAL, placed by ${name} through http:`));
    const agent = (await ask(service, "/api/agents/agent_1/full")).data;
    expect(agent).toMatchObject({ agent_name: "Reminders", detects_voicemail: true, leaves_messages: false });
    expect(agent.begin_message).toBe(variables && "Hello {{first_name}}");
    expect(agent.llm_config?.system_message_variables?.toSorted()).toEqual(variables?.toSorted());
    expect((await ask(service, "/api/phone-numbers")).data.phone_numbers).toMatchObject([
      { phone_number: callerId, nickname: "Main line" },
    ]);
    platform.script(numberOf(2), "voicemail");
    const id = await callAll(service, numberOf(1), numberOf(2));
    expect(platform.rung.toSorted()).toEqual([numberOf(1), numberOf(2)]);
    expect(platform.rings[0]?.variables).toEqual({ first_name: "Ada" });
    const { tasks } = (await ask(service, `/batch-call/${id}/tasks`)).data;
    expect(tasks.map(({ outcome }: Json) => outcome)).toEqual(["answered", "voicemail"]);
    expect(await service.stop()).toBe(0);
    expect(service.stderr() + service.stdout()).not.toMatch(/key_platform_secret|\+1201555/);
  });

  async function notice(service: RunningProgram): Promise<number> {
    const [call] = platform.calls;
    if (!call) throw new Error("No call was made");
    const { bodyText, headers, search = "" } = platform.notice(call, "analyzed");
    const { status } = await fetch(new URL(`/carrier/notices${search}`, await urlOf(service)), {
      method: "POST",
      body: bodyText,
      headers: { "content-type": "application/json", ...headers },
    });
    return status;
  }

  it("a notice signed with the secret that is set is taken", async () => {
    const told = kind === "twilio" && { BATCH_CALL_CARRIER_CALLBACK_URL: noticeUrl };
    const service = await startService({ BATCH_CALL_CARRIER_SECRET: secret, ...told });
    await callAll(service, numberOf(1));
    expect(await notice(service)).toBe(200);
    await service.stop();
    expect(service.stderr() + service.stdout()).not.toContain(secret);
  });

  it("a notice is refused that is signed with another, and any while none is set", async () => {
    const another = "c2VjcmV0X29mX2Fub3RoZXI=";
    const told = kind === "twilio" && { BATCH_CALL_CARRIER_CALLBACK_URL: noticeUrl };
    const first = await startService({ BATCH_CALL_CARRIER_SECRET: another, ...told });
    await callAll(first, numberOf(1));
    expect(await notice(first)).toBe(401);
    await first.stop();
    const second = await startService();
    expect(await notice(second)).toBe(401);
    await second.stop();
    const printed = first.stderr() + first.stdout() + second.stderr() + second.stdout();
    expect(printed).not.toContain(secret);
    expect(printed).not.toContain(another);
  });

  it("a key that the platform does not take: nothing starts, and the setting is named", async () => {
    platform.apiKey = "key_other";
    const service = await startService();
    expect(await service.exited).not.toBe(0);
    expect(service.stderr()).toMatch(/does not take the key.*BATCH_CALL_CARRIER_KEY/);
    expect(service.stderr()).not.toMatch(/key_platform_secret/);
  });
});
