import type { KnownState, SentGrant } from "../../contract/batch/grant.ts";
import { toFailureBody } from "../../contract/envelope.ts";
import type { Environment } from "../../domain/batch/batch.ts";
import { type Grant, type GrantTerms, resumableMs } from "../../domain/batch/grant.ts";
import { longestSpanOf } from "../../domain/retry-rules.ts";
import { counted } from "../../domain/text.ts";
import { toMinuteText } from "../../domain/time/instant-text.ts";
import { reachedOnAll } from "../../domain/time/recipient-hours.ts";
import { lastZone } from "../../domain/time/zone.ts";
import type { Clock } from "../../lib/clock.ts";
import { remoteReleaseText } from "../../lib/command-text.ts";
import type { GrantChange, GrantedBatch, StoredBatch } from "../store/index.ts";
import { Refusal } from "./refusal.ts";

type GrantParts = { readonly clock: Clock; readonly environment: Environment };

/**
 * The agreement under which a batch is started, at `at` or now. Without one that was sent along, whoever holds the key of the
 * account agrees to what is stored.
 */
export function openGrant(parts: GrantParts, sent: SentGrant | undefined, at = parts.clock.now()): GrantChange {
  return {
    kind: "open",
    ...(sent?.approvalId !== undefined && { approvalId: sent.approvalId }),
    terms(granted) {
      if (granted.isStopped)
        throw conflict(
          "All calls are stopped.",
          `The operator releases it where the service runs: ${remoteReleaseText()}.`,
        );
      if (granted.isUsed) throw conflict("This agreement was used already, and each can be used once.", "Ask anew.");
      return sent ? checked(sent, granted, at) : ofAccount(parts, granted, at);
    },
  };
}

/** A start or an edit by the account's own system, where nobody was asked. */
function ofAccount({ environment }: GrantParts, { batch, waiting, lastNotBefore }: GrantedBatch, at: Date): GrantTerms {
  const { contentDigest, maxAttempts, rules, notBeforeLocal } = batch;
  const lastLocalMs = notBeforeLocal === undefined ? 0 : reachedOnAll(notBeforeLocal, [lastZone]).getTime();
  const lastFirstAt = Math.max(at.getTime(), lastNotBefore?.getTime() ?? 0, lastLocalMs);
  return {
    contentDigest,
    channel: environment === "simulated" ? "simulated" : "api",
    principal: "the account's own system",
    maxRecipients: waiting,
    maxAttempts,
    lastAt: new Date(lastFirstAt + longestSpanOf(rules, maxAttempts)),
  };
}

/** Refuses what is not what was agreed to. */
function checked(sent: SentGrant, { batch, waiting }: GrantedBatch, at: Date): GrantTerms {
  if (sent.contentDigest !== batch.contentDigest)
    throw changed("its recipients, their variables, agent, caller id, zone or rules are others now");
  if (waiting > sent.maxRecipients)
    throw changed(
      `it would call ${counted(waiting, "person", "people")}, and somebody agreed to ${sent.maxRecipients}`,
    );
  if (batch.maxAttempts > sent.maxAttempts)
    throw changed(`it calls each of them up to ${batch.maxAttempts} times, and somebody agreed to ${sent.maxAttempts}`);
  if (sent.lastAt <= at) throw changed(`nobody may be called after ${toMinuteText(sent.lastAt)}`);
  return sent;
}

/** Refuses a start that was on its way while the batch was paused, stopped, set going or given another time. */
export function requireSameState({ stateVersion }: StoredBatch, sent: KnownState | undefined): void {
  if (sent?.stateVersion === undefined || sent.stateVersion === stateVersion) return;
  throw conflict(
    "The batch was paused, stopped, set going or given another time while this start was on its way.",
    "Look at it, and start it again.",
  );
}

/** A pause: the agreement rests. A resumable one can be taken up again for 15 minutes. */
export function suspendGrant(now: Date, isResumable: boolean): GrantChange {
  const why = "The batch was paused.";
  return { kind: "suspend", why, ...(isResumable && { resumableUntil: new Date(now.getTime() + resumableMs) }) };
}

/**
 * Opens the suspended agreement of that id again, where it still covers the batch as it is. A clock that stands before the pause
 * was set back, and cannot tell how long that lasted.
 */
export function reopenGrant(grantId: string, batch: StoredBatch, grant: Grant | undefined, now: Date): GrantChange {
  const { state, resumableUntil, contentDigest } = grant?.grantId === grantId ? grant : {};
  const msLeft = resumableUntil ? resumableUntil.getTime() - now.getTime() : -1;
  const isResumable = state === "suspended" && msLeft >= 0 && msLeft <= resumableMs;
  if (isResumable && contentDigest === batch.contentDigest) return { kind: "reopen" };
  throw conflict(
    `The agreement ${grantId} is over: the batch was paused for more than 15 minutes, changed, held or started anew since, or the clock was set back.`,
    "Somebody has to agree to its calls again.",
  );
}

function changed(how: string): Refusal {
  return conflict(`The batch is not what was agreed to: ${how}.`, "Look at it again and ask anew.");
}

function conflict(what: string, next: string): Refusal {
  return new Refusal(409, toFailureBody("Conflict", `${what} Nothing was started and nobody was called. ${next}`));
}
