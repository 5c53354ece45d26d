import { expect, test } from "vitest";
import type { ApprovalRequest } from "../../../src/campaigns/approve/index.ts";
import { ApprovalWatcher } from "../../../src/campaigns/approve/pending-approvals.ts";
import { Problem } from "../../../src/domain/problem.ts";
import { startPageWorld } from "../../approval-page/page-world.ts";

test("a start that was agreed to and failed is told to the caller with what helps, and to the person without", async () => {
  const world = await startPageWorld();
  const request: ApprovalRequest = world.ask();
  const message = "The limit of the day is reached. Nobody was called. Call start_batch tomorrow, or ask the user.";
  const watcher = new ApprovalWatcher({
    approvals: world.approvals,
    clock: world.clock,
    background: { after() {} } as never,
    launch: async () => Promise.reject(new Problem("refused_by_limit", message)),
  });
  await watcher.proceed(request);
  expect(watcher.endingOf(request.summary.batchId)).toEqual({
    words: message,
    toPerson: "It did not happen. The limit of the day is reached. Nobody was called.",
  });
  await world.stop();
});
