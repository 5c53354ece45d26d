import type { Batch } from "../../domain/batch/batch.ts";
import { type Issue, Problem } from "../../domain/problem.ts";
import { counted } from "../../domain/text.ts";
import { commandText, releaseText, remoteReleaseText } from "../../lib/command-text.ts";
import type { KillSwitch } from "../records/index.ts";
import type { AnswerResult, ApprovalRequest, StartSummary } from "./approval.ts";

// Every answer of "no" to a start that is not the API's own.

const nobodyCalled = "Nothing was started and nobody was called.";

/** `stopped`: what `allStopped` says, or the switch that is on. */
export function stoppedByKillSwitch(stop: string | Pick<KillSwitch, "follows">): Problem {
  const stopped = typeof stop === "string" ? stop : allStopped({ by: "operator", toOthers: stop.follows });
  return new Problem(
    "refused_by_limit",
    `${stopped} ${nobodyCalled} No tool can change that, and nobody is asked meanwhile: do not repeat the call before the release.`,
  );
}

/** Whether something is refused because all calls are stopped: whoever mends anything else is refused again. */
export function isStop({ message }: Problem): boolean {
  return message.startsWith("All calls are stopped");
}

/**
 * Where all calls were stopped. `account`, `database`: at the service that is called, for this account alone or for all on its database.
 * `toOthers`: told to people of another organization than the operator's own.
 */
type Stop = {
  readonly by: "operator" | "account" | "database";
  readonly since?: Date | undefined;
  readonly toOthers?: boolean;
};

/** What is true while all calls are stopped, whatever else is, and the command that ends it. */
export function allStopped({ by, since, toOthers = false }: Stop): string {
  const when = since === undefined ? "" : ` since ${since.toISOString()}`;
  return `All calls are stopped${when} (batch-call-mcp stop-all): nothing is started or dialed. ${releases[by](toOthers)}`;
}

const releases: { readonly [B in Stop["by"]]: (toOthers: boolean) => string } = {
  operator: (toOthers) => `The operator releases it with: ${releaseFor(toOthers)}.`,
  account: (toOthers) =>
    `They were stopped at the service, for this account. The operator releases it with: ${releaseFor(toOthers)}.`,
  database: (toOthers) =>
    `They were stopped in the service's database, for everybody on it. The operator releases it where BATCH_CALL_DATABASE_URL is that of the service, with: ${toOthers ? remoteReleaseText() : `\`${commandText("stop-all --release")}\``}.`,
};

/** Where the operator keeps this program and its records is nobody else's business. */
function releaseFor(toOthers: boolean): string {
  return toOthers ? remoteReleaseText() : releaseText();
}

export function refusedByLimits(issues: readonly Issue[]): Problem {
  const what = issues.length === 1 ? "a limit" : `${issues.length} limits`;
  return new Problem(
    "refused_by_limit",
    `This breaks ${what} for live calls. ${nobodyCalled} No tool can change a limit.`,
    {
      issues,
    },
  );
}

export function notStartable(batch: Batch): Problem {
  const held = batch.isPaused || batch.heldReason ? ", and held" : "";
  return new Problem("wrong_state", `${batch.batchId} is ${batch.status}${held}. ${nobodyCalled}`);
}

export function startUnderWay(batchId: string): Problem {
  return new Problem(
    "outcome_unknown",
    `A start of ${batchId} was sent already, and its outcome is not known yet. It is not sent a second time. Call get_batch_status with wait_seconds.`,
  );
}

export function needsAPerson(batchId: string): Problem {
  return new Problem(
    "outcome_unknown",
    `An earlier start of ${batchId} got no answer and was not seen to happen. It is not repeated without a person: set BATCH_CALL_APPROVAL to auto, or have it started in the API provider's own portal.`,
  );
}

/** For a start of so many people where another count was agreed to. */
export function otherCount(recipients: number, expected: number): Problem {
  const message = `This start would call ${counted(recipients, "person", "people")}, not ${expected.toLocaleString("en-US")}. Ask the user again before starting it.`;
  return new Problem("invalid_input", `The batch is not what was agreed to. ${nobodyCalled} ${message}`, {
    issues: [{ field: "expected_recipients", code: "other_list", message }],
  });
}

export function otherThanExpected({ recipients, fingerprint }: StartSummary): Problem {
  return new Problem(
    "invalid_input",
    `The batch is not what was agreed to. ${nobodyCalled} It has ${counted(recipients, "recipient")} and fingerprint ${fingerprint} for this start. Show the user what it is now and ask again.`,
    {
      issues: [
        {
          field: "fingerprint",
          code: "other_list",
          message: "Its list, agent, caller id, zone or time, or the account, is another.",
        },
      ],
    },
  );
}

export function changedSince(batchId: string): Problem {
  return new Problem(
    "needs_approval",
    `${batchId} is no longer what the person agreed to: its list, agent, caller id, zone or time changed. That agreement is void. ${nobodyCalled} Look with get_batch_status, then call the tool again to ask anew.`,
  );
}

export function timeHasPassed(at: Date): Problem {
  return new Problem(
    "invalid_input",
    `The agreed start, ${at.toISOString()}, has passed. ${nobodyCalled} Start it at another time; a person has to agree to that.`,
  );
}

export function notAgreed(why: string): Problem {
  return new Problem("needs_approval", `${why} ${nobodyCalled}`);
}

/** For a question that is not asked, because a person has enough of them before them. */
export function tooManyOpen(batchId: string, open: readonly ApprovalRequest[]): Problem {
  const waiting = open.map(({ summary, expiresAt }) => `${summary.batchId} (until ${expiresAt.toISOString()})`);
  return notAgreed(
    `${open.length} questions wait for a person already, and no more are asked at a time: ${waiting.join(", ")}. ${batchId} stays as it is. Once one of them is answered, or its batch is edited or cancelled, call start_batch for ${batchId}.`,
  );
}

/** For a question that is over without a start, with why where that is known. */
export function afterQuestion({
  state,
  voidedWhy,
}: Pick<ApprovalRequest, "voidedWhy"> & { readonly state: Ending }): Problem {
  if (state !== "voided" || voidedWhy === undefined) return afterAnswer(state);
  return notAgreed(`The question was ended: ${voidedWhy} Call the tool again to ask once more.`);
}

type Ending = Exclude<ApprovalRequest["state"], "waiting" | "approved">;

/** For an answer that was given and is not an agreement. */
export function afterAnswer(result: Exclude<AnswerResult, "approved">): Problem {
  switch (result) {
    case "wrong_count":
      return notAgreed(
        "The person typed another number than the number of recipients. Ask the user to look at the list, then call the tool again.",
      );
    case "voided":
      return notAgreed(
        "The question was ended, because the batch was edited, all calls were stopped or a wrong number was typed too often. Call the tool again to ask once more.",
      );
    case "expired":
      return notAgreed(
        "The answer came too late: a question is open for 15 minutes. Call the tool again to ask once more.",
      );
    case "used":
      return notAgreed("This agreement was used already, and each can be used once. Look with get_batch_status.");
    case "declined":
      return notAgreed("The person declined. Ask the user what should change; do not ask again unchanged.");
    case "unknown":
      return notAgreed("The question does not exist any more. Call the tool again to ask once more.");
  }
}
