export type {
  AnswerResult,
  ApprovalRequest,
  ApprovalStore,
  AskPerson,
  FormAnswer,
  StartSummary,
} from "./approval.ts";
export {
  type AnswerMessage,
  answerMessage,
  notANumberMessage,
  parseTypedCount,
  wrongCountMessage,
} from "./approval-messages.ts";
export { createApprovalStore } from "./approval-store.ts";
export {
  type ObtainApprovalParts,
  type OpenPage,
  obtainApproval,
  type RequestedBy,
  type StartConfirmation,
  waitsForApproval,
} from "./obtain-approval.ts";
export { ApprovalWatcher } from "./pending-approvals.ts";
export {
  afterAnswer,
  changedSince,
  needsAPerson,
  notStartable,
  otherThanExpected,
  refusedByLimits,
  startUnderWay,
  stoppedByKillSwitch,
  timeHasPassed,
} from "./refusals.ts";
export { describeStart, type Fact, people, realCallsNotice, toQuestion, toSummaryFacts } from "./summary.ts";
