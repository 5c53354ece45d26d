import { afterEach, describe, expect, test } from "vitest";
import { agentId, fromNumber, numberOf, request, startWorld, type World } from "../support/world.ts";

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.stop();
});

async function start(): Promise<World> {
  const world = await startWorld({ now: "2026-11-02T15:00:00Z" });
  worlds.push(world);
  return world;
}

test("an agent and a caller id are taken by the name that one of them alone has, and it is the same batch", async () => {
  const world = await start();
  const { phone_numbers: numbers } = await world.tool("list_phone_numbers");
  const nickname: unknown = numbers.find(
    ({ phone_number: number }: { phone_number: string }) => number === fromNumber,
  )?.nickname;
  expect(nickname).toEqual(expect.any(String));
  const first = await world.tool("create_batch_call", request(2));
  const named = { agent_id: " appointment  REMINDER ", from_number: String(nickname).toUpperCase() };
  const again = await world.tool("create_batch_call", request(2, named));
  expect(again).toMatchObject({ replayed: true, batch: { agent_id: agentId, from_number: fromNumber } });
  expect(again.batch.batch_id).toBe(first.batch.batch_id);
  expect((await world.tool("list_batches", { agent_id: "Appointment reminder" })).batches).toHaveLength(1);
});

test("an agent is changed by its name", async () => {
  const world = await start();
  const { batch } = await world.tool("create_batch_call", request(1));
  const changed = await world.tool("update_batch", {
    batch_id: batch.batch_id,
    agent_id: "customer satisfaction survey",
  });
  expect(changed.batch.agent_id).toBe("agent_c3a9e7d4-8f16-4b0d-a2c8-1e5f7b9d6034");
});

test("an account without an agent or a number is told so, with what helps", async () => {
  const none = async () => ({ rows: [], hasMore: false });
  const world = await startWorld({ watchApi: (api) => ({ ...api, listAgents: none, listPhoneNumbers: none }) });
  worlds.push(world);
  const { issues } = await world.problem("preview_batch_call", request(1, { agent_id: "Anna", from_number: "Desk" }));
  expect(issues).toMatchObject([
    { field: "agent_id", message: expect.stringContaining("make one where the account is managed") },
    { field: "from_number", message: expect.stringContaining("add one where the account is managed") },
  ]);
  const named = await world.problem("preview_batch_call", request(1));
  expect(named.issues).toMatchObject([{ field: "from_number", message: expect.stringContaining("has no number") }]);
  expect((await world.tool("list_agents")).agents).toEqual([]);
  expect((await world.tool("list_phone_numbers")).phone_numbers).toEqual([]);
});

describe("a name that does not fit exactly one", () => {
  test.each(["Appointment", "reminder appointment", "nobody", "agent_nobody"])(
    "%s is refused with those there are",
    async (agent) => {
      const world = await start();
      const { issues } = await world.problem("create_batch_call", request(1, { agent_id: agent }));
      expect(issues).toEqual([
        {
          field: "agent_id",
          code: "unknown_agent",
          message: expect.stringContaining(`${agentId} (Appointment reminder)`),
        },
      ]);
      expect((await world.problem("list_batches", { agent_id: agent })).issues[0]?.message).toContain(agentId);
    },
  );

  test("two of one name are both offered, and neither is taken", async () => {
    const world = await startWorld({
      now: "2026-11-02T15:00:00Z",
      watchApi: (api) => ({
        ...api,
        listAgents: async () => ({
          rows: [
            { agentId: "agent_a", name: "Survey" },
            { agentId: "agent_b", name: "survey" },
            { agentId: "agent_c", name: "Other" },
          ],
          hasMore: false,
        }),
        listPhoneNumbers: async () => ({
          rows: [
            { phoneNumber: fromNumber, nickname: "Main" },
            { phoneNumber: "+14155550101", nickname: "main" },
          ],
          hasMore: false,
        }),
      }),
    });
    worlds.push(world);
    const named = { agent_id: "Survey", from_number: "Main", tasks: [{ to_number: numberOf(1) }] };
    const { issues } = await world.problem("create_batch_call", request(1, named));
    expect(issues.map(({ field }) => field).toSorted()).toEqual(["agent_id", "from_number"]);
    expect(issues.find(({ field }) => field === "agent_id")?.message).toMatch(/agent_a.*agent_b(?!.*agent_c)/);
  });
});
