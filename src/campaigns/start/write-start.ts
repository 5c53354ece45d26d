import type { SentGrant } from "../../client/api.ts";
import { present } from "../../contract/fields.ts";
import { earliest } from "../../lib/clock.ts";
import { startUnderWay, type UsedApproval } from "../approve/index.ts";
import type { CreationLog } from "../create/index.ts";
import type { StartAction } from "./read-batch-for-start.ts";
import { type Asker, toDoer } from "./start-checks.ts";
import type { StartLog, StartRow } from "./start-log.ts";
import type { StartProposal } from "./start-proposal.ts";
import { callSpanOf, maxAttemptsKnown } from "./summarize-start.ts";

/** A start that is on disk, and what goes along with its request where the API keeps agreements. */
export type CommittedStart = { readonly row: StartRow; readonly grant?: SentGrant };

type WriteParts = { readonly startLog: StartLog; readonly creations: Pick<CreationLog, "changeFacts"> };

/**
 * Writes a start down, in the caller's transaction, which uses up the approval as well. With `waits` its request has not left,
 * and waits for its turn among others that were agreed to together.
 */
export function writeStart(
  { startLog, creations }: WriteParts,
  proposal: StartProposal,
  { by, approval, now, waits = false, isTest = false }: StartCircumstances,
): CommittedStart {
  const { account, action, numbers, snapshot, summary } = proposal;
  const { batchId, fingerprint, recipients } = summary;
  supersedeUnknown(startLog, account, batchId, now);
  const attempts = maxAttemptsKnown(snapshot);
  const calls = callSpanOf(proposal, now);
  // A test keeps no campaign from calling somebody.
  const launch = { account, batchId, fingerprint, recipients, numbers: isTest ? [] : numbers, attempts };
  // What was told in the question binds, although this start leaves later.
  const lastAt = earliest(proposal.summary.lastAt, approval?.lastAt) ?? proposal.summary.lastAt;
  const terms = { maxRecipients: recipients, maxAttempts: attempts, lastAt };
  const { contentDigest, stateVersion } = snapshot.batch;
  const grant = approval && { ...approval.by, ...terms, approvalId: approval.id };
  const state = stateVersion === undefined ? {} : { stateVersion };
  const row = startLog.begin(
    {
      ...launch,
      ...fromAction(action),
      ringsAt: calls.from,
      ringsUntil: calls.until,
      by: approval ? approval.by : toDoer(by),
      waits,
      ...state,
      ...(grant && { grant: { ...grant, ...(contentDigest !== undefined && { contentDigest }) } }),
    },
    now,
  );
  if (!row) throw startUnderWay(batchId);
  const { facts } = snapshot;
  if (facts?.hoursBefore !== undefined || facts?.rulesBefore !== undefined || facts?.isOtherList) {
    // From here on the list, rules and hours that were agreed to are those that the batch has.
    const { hoursBefore: _hours, rulesBefore: _rules, isOtherList: _list, ...known } = facts;
    creations.changeFacts(batchId, known);
  }
  return { row, ...(grant && contentDigest !== undefined && { grant: { ...grant, ...state, contentDigest } }) };
}

/** `toAction` makes it an action again. */
export function fromAction(action: StartAction): Pick<StartRow, "action" | "local" | "redialUnknown" | "grantId"> {
  switch (action.kind) {
    case "now":
      return { action: "now" };
    case "at":
      return { action: "at", ...present({ local: action.local }) };
    case "resume":
      return { action: "resume", redialUnknown: action.redialUnknown, ...present({ grantId: action.grantId }) };
  }
}

type StartCircumstances = {
  readonly by: Asker;
  /** Absent where the start goes on under an agreement that it had. */
  readonly approval: UsedApproval | undefined;
  readonly now: Date;
  readonly waits?: boolean;
  /** A test call. */
  readonly isTest?: boolean;
};

/** A person who was told of the earlier start agreed to another one. */
function supersedeUnknown(startLog: StartLog, account: string, batchId: string, now: Date): void {
  const open = startLog.openOf(account, batchId);
  if (open?.state === "unknown") startLog.resolve(open.id, "failed", now);
}
