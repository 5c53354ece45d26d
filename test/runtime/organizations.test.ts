import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Caller } from "../../src/access/index.ts";
import type { LiveBatches } from "../../src/campaigns/approve/index.ts";
import { parseSettings } from "../../src/config/settings.ts";
import { Problem } from "../../src/domain/problem.ts";
import { Secret } from "../../src/domain/secret.ts";
import { silentLog } from "../../src/lib/log.ts";
import { Organizations } from "../../src/runtime/organizations.ts";
import { openSession, type Session, type SessionOptions } from "../../src/runtime/session.ts";
import { summaryOf } from "../support/campaigns/approval-summary.ts";
import { keysOf, startLiveService } from "../support/http/live-service.ts";
import { TestClock } from "../support/test-clock.ts";
import { waitUntil } from "../support/wait-until.ts";

const platform = { os: "linux", env: {}, timezone: "UTC" } as const;
const clock = new TestClock(new Date().toISOString());

let service: Awaited<ReturnType<typeof startLiveService>>;
let dir: string;
let home: Session;
let opened: Session[];
const closed: string[] = [];
let organizations: Organizations;
let build: () => Organizations;
/** Batches of the account that a stop was tried of. */
const stopped: string[] = [];
const failures: Problem[] = [];
const live: LiveBatches = {
  look: async () => ({
    name: "June",
    state: "Running",
    facts: [],
    canStop: true,
    isOver: false,
    isUnstarted: false,
  }),
  async stop(batchId, by) {
    stopped.push(`${batchId} by ${by}`);
    const failure = failures.shift();
    if (failure) throw failure;
    return "";
  },
};
beforeEach(async () => {
  closed.length = 0;
  stopped.length = 0;
  failures.length = 0;
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
  const parts = {
    home,
    dataDir: dir,
    clock,
    log: silentLog,
    async openSession(dataDir: string, organization: NonNullable<SessionOptions["organization"]>) {
      // An account of a caller has files; of the crowd one session stands for all.
      const session = dataDir.includes("own-") ? await openSession(contextIn(dataDir), { organization }) : home;
      if (session !== home) opened.push(session);
      return {
        ...session,
        formParts: { ...session.formParts, liveOf: () => live },
        async close() {
          closed.push(dataDir);
          if (session !== home) await session.close();
        },
      };
    },
  };
  build = () => new Organizations(parts);
  organizations = build();
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

const openWithKeys = () => {
  const { apiKey, apiSecret } = keysOf("acme");
  return organizations.open(
    callerOf({ accountKeys: { apiKey: new Secret(apiKey), apiSecret: new Secret(apiSecret) } }),
  );
};

/** A question in the account that a caller has keys for. */
const ask = () => {
  const approvals = opened.at(-1)?.formParts.approvals;
  if (!approvals) throw new Error("No session of the account");
  return { approvals, asked: approvals.ask(summaryOf(), { principal: "ana" }, clock.now()) };
};

/** A start there that was agreed to. */
const start = () => {
  const { approvals, asked } = ask();
  const { batchId, recipients, fingerprint } = asked.summary;
  approvals.approve(asked.id, recipients, { channel: "page", principal: "boss" }, clock.now());
  approvals.consume(batchId, fingerprint, clock.now());
};

/** So many organizations that the next one is a reason to close those that nobody uses. */
const crowd = async (name: string, size: number) => {
  for (let n = 0; n < size; n++) await organizations.open(callerOf({ organization: `${name} ${n}` }));
};

test.each([
  ["while a person watches its calls", true, 0],
  ["unless nobody uses it", false, 1],
])("an account that a caller has keys for stays open among many, %s", async (_when, isWatched, count) => {
  await openWithKeys();
  const { asked } = ask();
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

test("what was started with a caller's keys is paused once all calls are stopped, again until that is done, and only once", async () => {
  await openWithKeys();
  start();
  await clock.advance({ seconds: 5 });
  expect(stopped).toEqual([]);
  failures.push(new Problem("unavailable", "The API cannot be reached."));
  home.killSwitch.set(true, "operator", clock.now());
  await clock.advance({ seconds: 1 });
  expect(stopped).toEqual(["batch_7f3a by stop-all"]);
  await clock.advance({ minutes: 5 });
  expect(stopped).toEqual(["batch_7f3a by stop-all", "batch_7f3a by stop-all"]);
  home.killSwitch.set(false, "operator", clock.now());
  await clock.advance({ minutes: 5 });
  expect(stopped).toHaveLength(2);
});

test("it is paused with the next request of that caller, where the server came to know the keys after the stop", async () => {
  await openWithKeys();
  start();
  await organizations.close();
  home.killSwitch.set(true, "operator", clock.now());
  organizations = build();
  await clock.advance({ seconds: 5 });
  expect(stopped).toEqual([]);
  await openWithKeys();
  await waitUntil("it is paused", () => stopped.length === 1);
});
