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
