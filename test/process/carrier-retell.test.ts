import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { RetellStandIn } from "../support/platforms/retell-stand-in.ts";
import { askService, urlOf } from "../support/process/ask-service.ts";
import { builtProgram, createHome, type Home, type RunningProgram, run } from "../support/process/spawn.ts";
import { batchOf, callerId, type Json, numberOf } from "../support/service-world.ts";
import { waitUntil } from "../support/wait-until.ts";

let home: Home;
let retell: RetellStandIn;
let settings: Record<string, string>;
beforeEach(async () => {
  home = await createHome();
  retell = await RetellStandIn.start(systemClock);
  retell.apiKey = "key_retell_secret";
  retell.callMs = 100;
  settings = {
    BATCH_CALL_CARRIER: "retell",
    BATCH_CALL_CARRIER_URL: retell.url,
    BATCH_CALL_CARRIER_KEY: "key_retell_secret",
    BATCH_CALL_SERVICE_PORT: "0",
    BATCH_CALL_STARTS_PER_SECOND: "5",
    // Else the test would wait for the recipients' morning.
    BATCH_CALL_CALLING_HOURS: "00:00-24:00",
  };
});
afterEach(async () => {
  await retell.stop();
  await home.remove();
});

async function startService(given = settings): Promise<RunningProgram> {
  return run(await builtProgram(home, ["service"], given));
}

async function ask(service: RunningProgram, path: string, body?: object): Promise<Json> {
  return askService(await urlOf(service), home.dataDir, path, body);
}

const bodyOf = (...numbers: string[]) =>
  batchOf({
    status: undefined,
    send_now: true,
    agent_id: "agent_1",
    tasks: numbers.map((to_number) => ({ to_number, dynamic_variables: { first_name: "Ada", visits: "3" } })),
  });

it("one key is all: the account's agents with their variables, its numbers, and a campaign from its start to its results", async () => {
  const service = await startService();
  await service.answered(/calls are REAL, placed by Retell through http:/);
  expect((await ask(service, "/api/agents/agent_1/full")).data).toMatchObject({
    agent_name: "Reminders",
    begin_message: "Hello {{first_name}}",
    llm_config: { system_message_variables: ["company", "first_name", "appointment"] },
    detects_voicemail: true,
  });
  expect((await ask(service, "/api/phone-numbers")).data.phone_numbers).toMatchObject([
    { phone_number: callerId, nickname: "Main line" },
  ]);
  retell.script(numberOf(2), "voicemail");
  const { batch_call_id: id } = await ask(service, "/batch-call", bodyOf(numberOf(1), numberOf(2)));
  await waitUntil(
    "the batch has ended",
    async () => (await ask(service, `/batch-call/${id}`)).data.status === "completed",
  );
  expect(retell.rung.toSorted()).toEqual([numberOf(1), numberOf(2)]);
  expect(retell.rings[0]?.variables).toEqual({ first_name: "Ada", visits: "3" });
  const { tasks } = (await ask(service, `/batch-call/${id}/tasks`)).data;
  expect(tasks.map(({ outcome }: Json) => outcome)).toEqual(["answered", "voicemail"]);
  expect(await service.stop()).toBe(0);
  expect(service.stderr() + service.stdout()).not.toMatch(/key_retell_secret|\+1201555/);
});

it("a notice brings an outcome forward, and one that is forged, old or of nobody changes nothing and is counted", async () => {
  retell.callMs = 1;
  const service = await startService();
  const url = await urlOf(service);
  const post = async ({ bodyText, headers }: { bodyText: string; headers: Readonly<Record<string, string>> }) => {
    const answer = await fetch(new URL("/carrier/notices", url), {
      method: "POST",
      body: bodyText,
      headers: { ...headers, "content-type": "application/json" },
    });
    return { status: answer.status, body: await answer.json() };
  };
  const { batch_call_id: id } = await ask(service, "/batch-call", bodyOf(numberOf(1)));
  await waitUntil("the call has ended", () => retell.calls[0]?.endedAt !== undefined);
  const [call] = retell.calls;
  if (!call) throw new Error("No call was made");
  expect((await post(retell.notice(call, "ended", { key: "another" }))).status).toBe(401);
  expect((await post(retell.notice(call, "ended", { at: new Date(Date.now() - 6 * 60_000) }))).status).toBe(401);
  const ofNobody = { ...call, metadata: { batch_call_token: "task_0:1" } };
  expect(await post(retell.notice(ofNobody, "ended"))).toMatchObject({
    status: 200,
    body: { data: { recorded: false } },
  });
  expect(await post(retell.notice(call, "analyzed"))).toMatchObject({ status: 200 });
  await waitUntil(
    "the batch has ended",
    async () => (await ask(service, `/batch-call/${id}`)).data.status === "completed",
  );
  expect(await post(retell.notice(call, "analyzed"))).toMatchObject({
    status: 200,
    body: { data: { recorded: false } },
  });
  const metrics = await (await fetch(new URL("/metrics", url))).text();
  expect(metrics).toContain('batch_call_notices_total{fate="not_genuine",process="service"} 2');
  expect(metrics).toContain('batch_call_notices_total{fate="no_such_call",process="service"} 1');
  await service.stop();
});

it.each([
  ["a key that Retell does not take", () => ({ apiKey: "key_other" }), /does not take the key.*BATCH_CALL_CARRIER_KEY/],
  ["an account without an agent", () => ({ agents: [] }), /has no voice agent/],
  ["an account without a number", () => ({ numbers: [] }), /has no phone number/],
])("%s: nothing starts, and the setting is named", async (_what, change, words) => {
  Object.assign(retell, change());
  const service = await startService();
  expect(await service.exited).not.toBe(0);
  expect(service.stderr()).toMatch(words);
  expect(service.stderr()).not.toMatch(/key_retell_secret/);
});

it("a data directory whose calls went through Retell is not taken over by another carrier", async () => {
  const first = await startService();
  await first.answered(/service on/);
  await first.stop();
  const kept = Object.entries(settings).filter(([name]) => !name.startsWith("BATCH_CALL_CARRIER"));
  const other = await startService(Object.fromEntries(kept));
  expect(await other.exited).not.toBe(0);
  expect(other.stderr()).toMatch(/are placed through the carrier "retell"/);
});

it("doctor reads the account with the real key, dials nobody, and shows no secret", async () => {
  retell.agents = retell.agents.map((agent) => ({ ...agent, voicemail_option: null }));
  const doctor = run(await builtProgram(home, ["doctor"], settings));
  expect(await doctor.exited).toBe(0);
  expect(doctor.stdout()).toMatch(
    /Retell: http:\S+ takes the key, 1 agent, 1 caller id, 20 lines, of which at most 15 are used; 1 agent/,
  );
  expect(doctor.stdout()).not.toContain("key_retell_secret");
  expect(retell.creates).toEqual([]);
});
