import { toMinuteText } from "../time/instant-text.ts";
/** Through which door a person agrees. `host` and `policy`: by what the operator chose in advance. */
export const approvalChannels = ["form", "page", "terminal", "host", "policy"] as const;
export type ApprovalChannel = (typeof approvalChannels)[number];

/** Whether somebody agreed through the MCP server, who was told what they agree to. */
export function isApprovalChannel(channel: string): channel is ApprovalChannel {
  return approvalChannels.some((known) => known === channel);
}

/** `api`: whoever holds the key of the account starts it with its own system. `simulated`: nothing rings, so nobody is asked. */
export const grantChannels = [...approvalChannels, "api", "simulated"] as const;
export type GrantChannel = (typeof grantChannels)[number];

/** `suspended`: paused, and may go on for a while. An `ended` one never lets another phone ring. */
export const grantStates = ["open", "suspended", "ended"] as const;
export type GrantState = (typeof grantStates)[number];

/** What was agreed to: these people, these words, so often, until then. */
export type GrantTerms = {
  /** Of everything that decides what is called and said: see `contentDigest`. */
  readonly contentDigest: string;
  readonly channel: GrantChannel;
  readonly principal: string;
  /** Name of the MCP client. */
  readonly client?: string;
  /** The question that was answered, where a person was asked. */
  readonly approvalId?: string;
  readonly maxRecipients: number;
  /** The most attempts that any of the recipients gets. */
  readonly maxAttempts: number;
  /** No phone rings from this instant on. */
  readonly lastAt: Date;
};

/** An agreement as the service keeps it. Without an open one no recipient of a batch is dialed. */
export type Grant = GrantTerms & {
  readonly grantId: string;
  readonly state: GrantState;
  readonly createdAt: Date;
  /** Until when a suspended one can be opened again. */
  readonly resumableUntil?: Date;
  /** Why it is suspended or ended, for people. */
  readonly why?: string;
};

/** How long after a pause a batch goes on under the agreement that it had. */
export const resumableMs = 15 * 60_000;

/** What decides whether an agreement stands. */
export type GrantStanding = Pick<Grant, "contentDigest" | "state" | "lastAt" | "createdAt" | "why">;

/** Why a batch with this agreement may not ring anybody at `now`, for people; undefined when it may. */
export function whyNotGranted(
  grant: GrantStanding | undefined,
  batch: { readonly contentDigest: string },
  now: Date,
): string | undefined {
  if (!grant) return "Nobody has agreed to these calls.";
  if (grant.contentDigest !== batch.contentDigest) return "The batch was changed after somebody agreed to its calls.";
  if (grant.state !== "open") return grant.why ?? "The agreement to these calls is over.";
  if (now >= grant.lastAt) {
    return `Somebody agreed to calls until ${toMinuteText(grant.lastAt)}, and that has passed.`;
  }
  return undefined;
}
