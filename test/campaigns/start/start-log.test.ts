import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openCampaignDatabase } from "../../../src/campaigns/records/database.ts";
import type { StartAction } from "../../../src/campaigns/start/read-batch-for-start.ts";
import { toAction } from "../../../src/campaigns/start/start-execution.ts";
import { createStartLog } from "../../../src/campaigns/start/start-log.ts";
import { fromAction } from "../../../src/campaigns/start/write-start.ts";

const at = new Date("2026-03-02T18:00:00Z");

test("a start is known for as long as its phones may ring, and forgotten 30 days later with its numbers", async () => {
  const dir = await mkdtemp(join(tmpdir(), "batch-call-"));
  const database = openCampaignDatabase(join(dir, "ledger.sqlite"));
  onTestFinished(async () => {
    database.close();
    await rm(dir, { recursive: true });
  });
  const starts = createStartLog(database);
  const day = (n: number) => new Date(at.getTime() + n * 24 * 60 * 60 * 1000);
  const start = (batchId: string, from: Date, until: Date, state: "done" | "unknown" = "done") => {
    const by = { by: { principal: "local" }, numbers: ["+14155550123"], waits: false, action: "now" } as const;
    const counted = { recipients: 1, attempts: 1, fingerprint: "f" };
    const row = starts.begin({ account: "a", batchId, ringsAt: from, ringsUntil: until, ...counted, ...by }, from);
    starts.resolve(row?.id ?? 0, state, from);
  };
  const called = (on: Date) => starts.countCalledNear("a", [], ["+14155550123"], { from: on, until: on }, 24);

  start("batch_long", day(0), day(40));
  start("batch_lost", day(0), day(0), "unknown");
  start("batch_other", day(31), day(31));
  expect(called(day(38))).toBe(1);
  expect(starts.wasStarted("a", "batch_long")).toBe(true);
  start("batch_last", day(71), day(71));
  expect(starts.wasStarted("a", "batch_long")).toBe(false);
  expect(starts.openOf("a", "batch_lost")).toBeDefined();
  const left = database.prepare("SELECT count(*) AS n FROM launched_numbers").get();
  expect(left).toMatchObject({ n: 2 });
});

test.each<StartAction>([
  { kind: "now" },
  { kind: "at", at },
  { kind: "at", at, local: "2026-03-02T10:00" },
  { kind: "resume", redialUnknown: false },
  { kind: "resume", redialUnknown: true },
  { kind: "resume", redialUnknown: false, grantId: "grant_1", stateVersion: 7 },
])("a start that waits is after a crash what it was: %j", async (action) => {
  const dir = await mkdtemp(join(tmpdir(), "batch-call-"));
  const path = join(dir, "ledger.sqlite");
  const first = openCampaignDatabase(path);
  const launch = { account: "a", batchId: "batch_1", fingerprint: "f", ringsAt: at, ringsUntil: at, recipients: 1 };
  const more = { attempts: 1, by: { principal: "local" }, numbers: [], waits: true, stateVersion: 7 };
  createStartLog(first).begin({ ...launch, ...more, ...fromAction(action) }, at);
  first.close();
  const next = openCampaignDatabase(path);
  onTestFinished(async () => {
    next.close();
    await rm(dir, { recursive: true });
  });
  expect(createStartLog(next).waiting("a").map(toAction)).toEqual([action]);
});
