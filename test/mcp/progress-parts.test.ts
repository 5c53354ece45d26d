import { afterEach, expect, it } from "vitest";
import { getCallTool } from "../../src/tools/get-call.ts";
import { tools } from "../../src/tools/index.ts";
import { silence } from "../client/scripted-server.ts";
import { connect, serve } from "../client/support.ts";
import { connectHttp } from "../support/mcp-clients.ts";
import { usNumber } from "../support/us-numbers.ts";
import { agentId, fromNumber, startWorld, type World } from "../support/world.ts";
import { serveExamples } from "./example-tools.ts";
import { closeAll, closeLater, start } from "./http-world.ts";

afterEach(closeAll);

async function open() {
  const world = await startWorld();
  closeLater(() => world.stop());
  const url = await start({ tools, makeContext: (caller) => ({ ...world.context, ...caller }) });
  const client = await connectHttp("sdk v2, 2026 era", url);
  closeLater(() => client.close());
  return { world, client };
}

const long = async (world: World) => {
  const rows = Array.from({ length: 2500 }, (_, n) => usNumber(n + 1));
  await world.file("long.csv", `phone\n${rows.join("\n")}`);
  return { name: "Long", agent_id: agentId, from_number: fromNumber, tasks_file: "long.csv" };
};

type Told = { readonly progress: number; readonly message?: string | undefined; readonly total?: number | undefined };

it("the drafts of linked batches are told one by one, of how many, and the wait for their end second by second", async () => {
  const { world, client } = await open();
  const told: Told[] = [];
  const onprogress = (heard: Told) => void told.push(heard);
  const { structured } = await client.callTool("create_batch_call", await long(world), { onprogress });
  expect(told.map(({ message }) => message)).toEqual([
    "Draft 1 of 3 is created",
    "Draft 2 of 3 is created",
    "Draft 3 of 3 is created",
  ]);
  expect(told.map(({ total }) => total)).toEqual([3, 3, 3]);
  const { batch } = Object(structured);
  await world.tool("start_batch", { batch_id: batch.batch_id, start: "now" });
  told.length = 0;
  const waited = client.callTool("get_batch_status", { batch_id: batch.batch_id, wait_seconds: 3 }, { onprogress });
  await world.whileTimePasses(waited);
  expect(told.length).toBeGreaterThan(1);
  expect(told.every(({ progress }, at) => at === 0 || progress > (told[at - 1]?.progress ?? 0))).toBe(true);
  expect(told[0]).toMatchObject({ total: 3, message: expect.stringMatching(/^Waiting for the end of group_.*: sent/) });
});

it("a create of linked batches that is cancelled leaves drafts, and the same call goes on with those that are missing", async () => {
  const { world } = await open();
  const args = await long(world);
  const giving = new AbortController();
  const made: string[] = [];
  const progress = (_done: number, message: string) => {
    made.push(message);
    if (made.length === 2) giving.abort();
  };
  const problem = await world.another({ signal: giving.signal, progress }).problem("create_batch_call", args);
  expect(problem.message).toMatch(
    /cancelled before all parts were created\. This is said of part 3 of 3\. Parts before it are drafts of group_.*nobody is called\. Repeat the same call/,
  );
  expect(made).toHaveLength(2);
  const { batch, replayed } = await world.tool("create_batch_call", args);
  expect([batch.counts.total, replayed]).toEqual([2500, false]);
  expect((await world.tool("list_batches")).batches).toHaveLength(1);
});

it("one request that the API lets wait is told of by the clock to whom asked, and the call goes on", async () => {
  const upstream = await serve(silence);
  const { api, clock } = connect(upstream.url);
  const { makeContext } = serveExamples();
  const url = await start({
    tools: [getCallTool],
    makeContext: (caller) => ({ ...makeContext(caller), api, clock }),
  });
  const client = await connectHttp("sdk v2, 2026 era", url);
  closeLater(() => client.close());
  const told: Told[] = [];
  const arrived = upstream.received(1);
  const answer = client.callTool("get_call", { call_id: "call_1" }, { onprogress: (heard) => void told.push(heard) });
  await arrived;
  await clock.advance({ seconds: 10 });
  await clock.advance({ seconds: 25 });
  expect((await answer).isError).toBe(true);
  expect(told.slice(0, 3).map(({ message }) => message)).toEqual(
    [3, 6, 9].map((s) => expect.stringContaining(`for ${s} s; it is still waited for`)),
  );
  expect(told.every(({ progress }, at) => at === 0 || progress > (told[at - 1]?.progress ?? 0))).toBe(true);
});
