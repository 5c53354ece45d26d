export type {
  AnswerResult,
  ApprovalRequest,
  ApprovalStore,
  AskedPerson,
  AskPerson,
  FormAnswer,
  ListAskedPeople,
  PeoplePage,
  StartSummary,
  UsedApproval,
} from "./approval.ts";
export {
  type AnswerMessage,
  answerMessage,
  notANumberMessage,
  parseTypedCount,
  wrongCountMessage,
} from "./approval-messages.ts";
export { createApprovalStore } from "./approval-store.ts";
export type { LiveBatch, LiveBatches } from "./live-batch.ts";
export {
  type ObtainApprovalParts,
  type OpenPage,
  obtainApproval,
  type Progress,
  type RequestedBy,
  type StartConfirmation,
  waitsForApproval,
} from "./obtain-approval.ts";
export {
  type Fact,
  openingUnknown,
  toClockText,
  toExampleLines,
  toHeldLines,
  toLeftOutLines,
  toOutlookFacts,
} from "./outlook-facts.ts";
export { ApprovalWatcher } from "./pending-approvals.ts";
export {
  afterAnswer,
  allStopped,
  changedSince,
  isStop,
  needsAPerson,
  notStartable,
  otherCount,
  otherThanExpected,
  refusedByLimits,
  startUnderWay,
  stoppedByKillSwitch,
  timeHasPassed,
} from "./refusals.ts";
export { describeStart, people, realCallsNotice, toQuestion, toSummaryFacts } from "./summary.ts";
