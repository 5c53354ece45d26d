import { afterEach, expect, test } from "vitest";
import type { VoiceAgent } from "../../src/client/api.ts";
import { request, startWorld, type World } from "../support/world.ts";

let world: World | undefined;
afterEach(() => world?.stop());

async function start(detectsVoicemail: boolean | undefined): Promise<World> {
  const known = detectsVoicemail === undefined ? {} : { detectsVoicemail };
  world = await startWorld({
    watchApi: (api) => ({
      ...api,
      getAgent: async (id): Promise<VoiceAgent> => ({ ...(await api.getAgent(id)), ...known }),
    }),
  });
  return world;
}

const onVoicemail = (enabled: boolean) => ({
  retry_config: { enabled: true, max_attempts: 2 },
  retry_rules: [{ condition: "voicemail", enabled, retry_timing: { type: "AFTER", duration_minutes: 30 } }],
});

test("an agent that never reports a voicemail is named where a rule waits for one", async () => {
  const w = await start(false);
  const preview = await w.tool("preview_batch_call", request(1, onVoicemail(true)));
  expect(preview.warnings).toContainEqual(expect.stringContaining("never reports a voicemail"));
  const created = await w.tool("create_batch_call", request(1, onVoicemail(true)));
  expect(created.warnings).toContainEqual(expect.stringContaining("never reports a voicemail"));
});

test("a message that no call can be told is refused before anything is made, and a preview says so", async () => {
  const w = await startWorld({
    watchApi: (api) => ({ ...api, getAgent: async (id) => ({ ...(await api.getAgent(id)), leavesMessages: false }) }),
  });
  world = w;
  const voicemail = { mode: "leave_message", message: "Please call us back." };
  for (const tool of ["preview_batch_call", "create_batch_call"] as const) {
    const problem = await w.problem(tool, request(1, { voicemail }));
    expect(problem).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("Set the message at the agent"),
    });
  }
  expect((await w.tool("list_batches")).batches).toEqual([]);
  expect((await w.tool("preview_batch_call", request(1, { voicemail: { mode: "accept" } }))).warnings ?? []).toEqual(
    [],
  );
});

test.each([
  ["an agent that does", true, onVoicemail(true)],
  ["an agent of which nobody knows", undefined, onVoicemail(true)],
  ["a batch without such a rule", false, {}],
])("nothing is said of %s", async (_what, detects, rules) => {
  const w = await start(detects);
  const { warnings = [] } = await w.tool("preview_batch_call", request(1, rules));
  expect(warnings).not.toContainEqual(expect.stringContaining("voicemail"));
});
