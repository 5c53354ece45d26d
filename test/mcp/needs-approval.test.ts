import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../src/lib/log.ts";
import { callTool } from "../../src/mcp/call-tool.ts";
import { toolNamed } from "../support/tool-named.ts";
import { request, startWorld, type World } from "../support/world.ts";

async function liveWorld(): Promise<World> {
  const world = await startWorld({ carrierEnvironment: "live" });
  onTestFinished(() => world.stop());
  return world;
}

const call = (world: World, tool: string, args: object) =>
  callTool(toolNamed(tool), args, () => world.context, silentLog);

const waits = (id: string, status: string) => ({
  content: [{ text: expect.stringMatching(/^needs_approval: .*\n.*June reminders/) }],
  structuredContent: {
    needs_approval: expect.stringContaining("was called"),
    batch: { batch_id: id, status, allowed_actions: expect.any(Array) },
  },
});

test("a start that waits for a person is a result with the batch as it stands, no error", async () => {
  const world = await liveWorld();
  const { batch } = await world.tool("create_batch_call", request(3));
  world.person.willAnswer({ kind: "declined" });
  const answer = await call(world, "start_batch", { batch_id: batch.batch_id, start: "now" });
  expect(answer).not.toHaveProperty("isError");
  expect(answer).toMatchObject(waits(batch.batch_id, "draft"));
  expect(world.carrier.rings).toEqual([]);
});

test("a resume that waits for a person is one too", async () => {
  const world = await liveWorld();
  world.person.willAnswer({ kind: "accepted", typedRecipients: 40 });
  const { batch } = await world.tool("create_batch_call", request(40, { start: "now" }));
  await world.clock.advance({ seconds: 2 });
  await world.tool("pause_batch", { batch_id: batch.batch_id });
  await world.clock.advance({ minutes: 17 });
  world.person.willAnswer({ kind: "declined" });
  const answer = await call(world, "resume_batch", { batch_id: batch.batch_id });
  expect(answer).not.toHaveProperty("isError");
  expect(answer).toMatchObject(waits(batch.batch_id, "sent"));
});

test("a refusal by a limit stays an error", async () => {
  const world = await liveWorld();
  const { batch } = await world.tool("create_batch_call", request(3));
  world.killSwitch.set(true, "operator", world.clock.now());
  const answer = await call(world, "start_batch", { batch_id: batch.batch_id, start: "now" });
  expect(answer).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^refused_by_limit: /) }] });
});
