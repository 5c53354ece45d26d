import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Caller } from "../../src/access/index.ts";
import { parseSettings } from "../../src/config/settings.ts";
import { Secret } from "../../src/domain/secret.ts";
import { silentLog } from "../../src/lib/log.ts";
import { Organizations } from "../../src/runtime/organizations.ts";
import { openSession, type Session } from "../../src/runtime/session.ts";
import { summaryOf } from "../support/campaigns/approval-summary.ts";
import { keysOf, startLiveService } from "../support/http/live-service.ts";
import { TestClock } from "../support/test-clock.ts";

const platform = { os: "linux", env: {}, timezone: "UTC" } as const;
const clock = new TestClock(new Date().toISOString());

let service: Awaited<ReturnType<typeof startLiveService>>;
let dir: string;
let home: Session;
let opened: Session[];
const closed: string[] = [];
let organizations: Organizations;
beforeEach(async () => {
  closed.length = 0;
  opened = [];
  service = await startLiveService(["own", "acme"]);
  dir = await mkdtemp(join(tmpdir(), "batch-call-organizations-"));
  const contextIn = (dataDir: string) => {
    const { apiKey, apiSecret } = keysOf("own");
    const env = { BATCH_CALL_DATA_DIR: dataDir, BATCH_CALL_API_URL: service.url };
    const settings = parseSettings({
      ...platform,
      env: { ...env, BATCH_CALL_API_KEY: apiKey, BATCH_CALL_API_SECRET: apiSecret },
    });
    if ("errors" in settings) throw new Error(settings.errors.join());
    return { settings, platform, log: silentLog };
  };
  const own = await openSession(contextIn(dir));
  home = { ...own, upstream: { ...own.upstream, ofOrganization: () => own.upstream } };
  organizations = new Organizations({
    home,
    dataDir: dir,
    clock,
    log: silentLog,
    async openSession(dataDir, organization) {
      // An account of a caller has files; of the crowd one session stands for all.
      const session = dataDir.includes("own-") ? await openSession(contextIn(dataDir), { organization }) : home;
      if (session !== home) opened.push(session);
      return {
        ...session,
        async close() {
          closed.push(dataDir);
          if (session !== home) await session.close();
        },
      };
    },
  });
});
afterEach(async () => {
  await organizations.close();
  await home.close();
  await service.stop();
  await rm(dir, { recursive: true, force: true });
});

const callerOf = (changes: Partial<Caller>): Caller => ({
  principal: "ana",
  access: { kind: "all" },
  proof: { kind: "setting" },
  ...changes,
});

/** So many organizations that the next one is a reason to close those that nobody uses. */
const crowd = async (name: string, size: number) => {
  for (let n = 0; n < size; n++) await organizations.open(callerOf({ organization: `${name} ${n}` }));
};

test.each([
  ["while a person watches its calls", true, 0],
  ["unless nobody uses it", false, 1],
])("an account that a caller has keys for stays open among many, %s", async (_when, isWatched, count) => {
  const { apiKey, apiSecret } = keysOf("acme");
  await organizations.open(callerOf({ accountKeys: { apiKey: new Secret(apiKey), apiSecret: new Secret(apiSecret) } }));
  const asked = opened[0]?.formParts.approvals.ask(summaryOf(), { principal: "ana" }, clock.now());
  if (!asked) throw new Error("No session of the account");
  await crowd("early", 199);
  for (let minutes = 0; minutes < 60; minutes += 10) {
    await clock.advance({ minutes: 10 });
    const { liveOf } = await organizations.questionsOf(callerOf({}));
    if (isWatched) expect(liveOf?.(asked)).toBeDefined();
  }
  await crowd("late", 2);
  expect(closed.filter((dataDir) => dataDir.includes("own-"))).toHaveLength(count);
  expect(closed.length).toBeGreaterThan(0);
});
