import { expect, test } from "vitest";
import { z } from "zod";
import type { BatchCallApi, VoiceAgent } from "../../src/client/api.ts";
import { listAgentsTool } from "../../src/tools/list-agents.ts";
import type { ToolContext } from "../../src/tools/tool.ts";
import { absent } from "../mcp/example-tools.ts";
import { TestClock } from "../support/test-clock.ts";

const answer = z.object({
  agents: z.array(z.object({ agent_name: z.string(), variables: z.array(z.string()).optional() })),
});

/** An account whose list of agents leaves their variables out, as that of the hosted API does. */
function createAccount(count: number) {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  const asked: string[] = [];
  let [underWay, mostUnderWay] = [0, 0];
  let variables = ["first_name"];
  const rows = Array.from({ length: count }, (_, n): VoiceAgent => ({ agentId: `agent_${n}`, name: `Agent ${n}` }));
  const api = absent<BatchCallApi>("api", {
    listAgents: async () => ({ rows, hasMore: false }),
    async getAgent(agentId) {
      asked.push(agentId);
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return { agentId, name: "Whole", variables };
    },
  });
  const list = async (of = api) =>
    answer.parse(await listAgentsTool.run({}, absent<ToolContext>("context", { api: of, clock })));
  return {
    clock,
    api,
    asked,
    list,
    mostUnderWay: () => mostUnderWay,
    change: (now: string[]) => {
      variables = now;
    },
  };
}

test("agents are asked for their variables ten at once, each once, and told in the order of the list", async () => {
  const account = createAccount(25);
  const { agents } = await account.list();
  expect(agents.map(({ agent_name }) => agent_name)).toEqual(Array.from({ length: 25 }, (_, n) => `Agent ${n}`));
  expect(agents.every(({ variables }) => variables?.[0] === "first_name")).toBe(true);
  expect(new Set(account.asked).size).toBe(25);
  expect(account.asked).toHaveLength(25);
  expect(account.mostUnderWay()).toBe(10);
});

test("for ten seconds they are told as they were read, and then as they are", async () => {
  const account = createAccount(2);
  await account.list();
  account.change(["last_name"]);
  await account.clock.advance({ ms: 9_999 });
  expect((await account.list()).agents[0]?.variables).toEqual(["first_name"]);
  expect(account.asked).toHaveLength(2);
  await account.clock.advance({ ms: 1 });
  expect((await account.list()).agents[0]?.variables).toEqual(["last_name"]);
});

test("what one account's agents expect is told to nobody of another", async () => {
  const account = createAccount(1);
  await account.list();
  account.change(["of_another"]);
  expect((await account.list({ ...account.api })).agents[0]?.variables).toEqual(["of_another"]);
});
