import { expect, test } from "vitest";
import type { ApprovalRequest } from "../../../src/campaigns/approve/approval.ts";
import { answerMessage } from "../../../src/campaigns/approve/approval-messages.ts";
import { summaryOf } from "../../support/campaigns/approval-summary.ts";

function agreedTo(changes: Partial<ApprovalRequest["summary"]>): string {
  const summary = summaryOf(changes);
  return answerMessage({ id: "1", summary, expiresAt: new Date(), state: "approved", triesLeft: 5 }).text;
}

test("a pause and a cancel are promised only where the API has them", () => {
  expect(agreedTo({ hasBrake: true })).toContain("pause it and cancel it");
  expect(agreedTo({ hasBrake: false })).not.toContain("pause it");
  expect(agreedTo({})).not.toContain("pause it");
});

test("what is scheduled can be taken back until then, whatever the API has", () => {
  expect(agreedTo({ hasBrake: false })).toContain("Until then your assistant can take it back.");
  expect(agreedTo({ hasBrake: false, start: { kind: "now" } })).not.toContain("take it back");
});
