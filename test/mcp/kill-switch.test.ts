import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "../../src/lib/log.ts";
import { callTool } from "../../src/mcp/call-tool.ts";
import { toolNamed } from "../support/tool-named.ts";
import { request, startWorld } from "../support/world.ts";

test("a kill switch that is on is told by the status and by every refusal of a tool that places calls, until it is off", async () => {
  const world = await startWorld();
  onTestFinished(() => world.stop());
  const call = (tool: string, args: object) => callTool(toolNamed(tool), args, () => world.context, silentLog);
  const { batch } = await world.tool("create_batch_call", request(3));
  const id = { batch_id: batch.batch_id };
  const stopped =
    /All calls are stopped (since 2026-03-02T15:00:00\.000Z )?\(batch-call-mcp stop-all\).*stop-all --release/;
  const refusals = () =>
    Promise.all([
      call("create_batch_call", request(1, { name: "" })),
      call("start_batch", { ...id, start: "at_time", start_at: "2020-01-01T10:00" }),
      call("start_batch", { batch_id: "nobody", start: "now" }),
      call("resume_batch", id),
      call("update_batch", { ...id, quiet_hours: { start_time: "25:00" } }),
    ]);
  const told = { isError: true, content: [{ text: expect.stringMatching(stopped) }] };
  const notTold = { isError: true, content: [{ text: expect.not.stringMatching(/stopped/) }] };

  expect(await refusals()).toMatchObject(Array(5).fill(notTold));
  expect((await world.tool("get_batch_status", id)).stopped).toBeUndefined();

  world.killSwitch.set(true, "operator", world.clock.now());
  expect(await refusals()).toMatchObject(Array(5).fill(told));
  const status = await call("get_batch_status", id);
  expect(status).toMatchObject({
    structuredContent: { stopped: expect.stringMatching(stopped) },
    content: [{ text: expect.stringMatching(stopped) }],
  });
  const start = await call("start_batch", { ...id, start: "now" });
  expect(start).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^refused_by_limit: All calls/) }],
  });

  world.killSwitch.set(false, "operator", world.clock.now());
  expect(await refusals()).toMatchObject(Array(5).fill(notTold));
});
