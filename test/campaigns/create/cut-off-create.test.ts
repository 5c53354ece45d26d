import { afterEach, beforeEach, expect, test } from "vitest";
import { whileHeard } from "../../../src/lib/notices.ts";
import { HostedApi } from "../../support/http/hosted-api.ts";
import { request, startWorld, type World } from "../../support/world.ts";

let hosted: HostedApi;
let world: World;
beforeEach(async () => {
  hosted = await HostedApi.start();
  world = await startWorld({ upstream: () => hosted.url });
});
afterEach(async () => {
  await world.stop();
  await hosted.stop();
});

test("the same create after a process was killed in it says every few seconds what it waits for, and makes no second batch", async () => {
  const order = request(3, { agent_id: "agent_1" });
  hosted.onTaken = ({ method, path }) => {
    if (method === "POST" && path === "/batch-call") world.crash();
  };
  const made = hosted.reached(({ method, path }) => method === "POST" && path === "/batch-call");
  void world.tool("create_batch_call", order);
  await made;
  hosted.onTaken = () => {};
  const next = world.another();
  const notices: string[] = [];
  const waits: { message: string; at: number }[] = [];
  const hearing = {
    tell: (_level: string, message: string) => void notices.push(message),
    tellWait: (message: string) => void waits.push({ message, at: world.clock.now().getTime() }),
  };
  const beganAt = world.clock.now().getTime();
  const answer = await whileHeard(hearing, () => next.whileTimePasses(next.tool("create_batch_call", order)));
  expect(answer).toMatchObject({ replayed: true, batch: { status: "draft" } });
  expect(hosted.batches.size).toBe(1);
  expect(notices.filter((message) => !message.startsWith("A list was read"))).toEqual([
    expect.stringMatching(/^The same create is under way, or was cut off: .* 4\d s more at most.*no second batch\.$/),
  ]);
  const times = [beganAt, ...waits.map(({ at }) => at), world.clock.now().getTime()];
  const longest = Math.max(...times.slice(1).map((at, n) => at - (times[n] ?? at)));
  expect(longest).toBeLessThanOrEqual(5_000);
  expect(waits.length).toBeGreaterThan(8);
});
