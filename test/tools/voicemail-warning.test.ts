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

test.each([
  ["an agent that does", true, onVoicemail(true)],
  ["an agent of which nobody knows", undefined, onVoicemail(true)],
  ["a batch without such a rule", false, {}],
])("nothing is said of %s", async (_what, detects, rules) => {
  const w = await start(detects);
  const { warnings = [] } = await w.tool("preview_batch_call", request(1, rules));
  expect(warnings).not.toContainEqual(expect.stringContaining("voicemail"));
});
