import { z } from "zod";
import { approvalChannels, type Grant, type GrantTerms, grantChannels, grantStates } from "../../domain/batch/grant.ts";
import type { Issue } from "../../domain/problem.ts";
import { unwrap } from "../envelope.ts";
import { givenText, maybeInstant, type Parsed, parseWith, present, storableText, toWireTime } from "../fields.ts";

const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, { error: "Must be a SHA-256 in hex, as `content_digest` of the batch shows it." });
const longestText = 255;
const shortText = givenText(longestText).min(1);
const mostCounted = 1_000_000;
const count = z.int().min(1).max(mostCounted);
/** The last instant that a date can be, in ms since 1970. */
const lastInstantMs = 8.64e15;

const stateVersion = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .nullish()
  .describe(
    "`state_version` of the batch as it was read for this start. A start that was under way while the batch was paused, stopped, started or given another time is refused.",
  );

/** What a person agreed to, sent with the start. The start happens only if the stored batch is exactly that. */
export const grantBody = z
  .strictObject({
    content_digest: digest.describe("`content_digest` of the batch that was agreed to."),
    channel: z.enum(approvalChannels).describe("How the person agreed."),
    principal: shortText.describe("Who agreed."),
    client: shortText.nullish(),
    approval_id: shortText.nullish(),
    max_recipients: z
      .int()
      .min(0)
      .max(mostCounted)
      .describe("Who wait for a call; 0 where all who are left are in calls."),
    max_attempts: count.describe("For each recipient, the first one included."),
    last_timestamp: z
      .int()
      .positive()
      .max(lastInstantMs)
      .describe("Unix timestamp in milliseconds: no phone rings from then on."),
    state_version: stateVersion,
  })
  .meta({ id: "Grant" });

export function toGrantBody(terms: SentGrant): z.input<typeof grantBody> {
  return {
    content_digest: terms.contentDigest,
    channel: terms.channel,
    principal: toShortText(terms.principal) ?? "unknown",
    ...present({
      client: toShortText(terms.client),
      approval_id: terms.approvalId,
      state_version: terms.stateVersion,
    }),
    max_recipients: terms.maxRecipients,
    max_attempts: terms.maxAttempts,
    last_timestamp: toWireTime(terms.lastAt),
  };
}

/** Names that others chose, such as that of an MCP client: one that does not fit must not cost the start. */
function toShortText(text = ""): string | undefined {
  return storableText.parse(text.slice(0, longestText)) || undefined;
}

/** The state of the batch from which somebody starts it. */
export type KnownState = {
  /** `stateVersion` of the batch as it was read; absent from a client that does not say. */
  readonly stateVersion?: number;
};

/** An agreement as a client sends it: by a person, never by the service itself. */
export type SentGrant = Omit<GrantTerms, "channel"> &
  KnownState & { readonly channel: (typeof approvalChannels)[number] };

export function fromGrantBody(body: z.output<typeof grantBody>): SentGrant {
  return {
    contentDigest: body.content_digest,
    channel: body.channel,
    principal: body.principal,
    ...present({ client: body.client, approvalId: body.approval_id, stateVersion: body.state_version }),
    maxRecipients: body.max_recipients,
    maxAttempts: body.max_attempts,
    lastAt: new Date(body.last_timestamp),
  };
}

/** In a change of a batch: an extension. */
export const holdField = z.boolean().nullish().meta({
  description:
    "True: this change agrees to nothing. Where its calls need an agreement, the batch waits for one, also where the account's own system had agreed.",
  "x-extension": true,
});

/** Body of execute: none is needed; the agreement is an extension. */
export const executeBody = z.strictObject({ grant: grantBody.nullish() });

/** Body of the resume extension; without one nobody is redialed. */
export const resumeBody = z.strictObject({
  redial_unknown: z.boolean().nullish(),
  grant: grantBody.nullish(),
  grant_id: shortText.nullish().describe("Goes on under this suspended agreement, within 15 minutes of the pause."),
  state_version: stateVersion,
});

/** How a batch goes on: under an agreement that is sent along, or that it had before its pause, or by the account's own will. */
export type Resumption = KnownState & {
  readonly redialUnknown: boolean;
  readonly grant?: SentGrant;
  readonly grantId?: string;
};

export function toResumeBody({ redialUnknown, grant, grantId, stateVersion }: Resumption): z.input<typeof resumeBody> {
  return {
    redial_unknown: redialUnknown,
    ...present({ grant: grant && toGrantBody(grant), grant_id: grantId, state_version: stateVersion }),
  };
}

export function fromExecuteBody(body: unknown): Parsed<SentGrant | undefined> {
  const parsed = parseWith(executeBody, body ?? {});
  return parsed.ok ? { ok: true, value: parsed.value.grant ? fromGrantBody(parsed.value.grant) : undefined } : parsed;
}

export function fromResumeBody(body: unknown): Parsed<Resumption> {
  const parsed = parseWith(resumeBody, body ?? {});
  if (!parsed.ok) return parsed;
  const { redial_unknown: redialUnknown, grant, grant_id: grantId, state_version } = parsed.value;
  const isClear = [grant, grantId, redialUnknown && grantId].filter(Boolean).length <= 1;
  if (!isClear) return { ok: false, issues: [twoGrants] };
  return {
    ok: true,
    value: {
      redialUnknown: redialUnknown ?? false,
      ...present({ grant: grant && fromGrantBody(grant), grantId, stateVersion: state_version }),
    },
  };
}

const twoGrants: Issue = {
  field: "grant_id",
  code: "contradiction",
  message: "Goes on under the agreement before the pause: give neither grant nor redial_unknown with it.",
};

/** Body of the pause extension. */
export const pauseBody = z.strictObject({
  resumable: z
    .boolean()
    .nullish()
    .describe(
      "Whether it may go on under the agreement that it has, within 15 minutes; only whoever asked for the pause says so.",
    ),
});

/** Body of PUT /stop: whether all calls of the organization are stopped. */
export const stopBody = z.strictObject({ stopped: z.boolean() });
/** Answer of both routes. */
export const stopAnswer = z.object({
  stopped: z.boolean(),
  since: z.int().nullable().describe("Unix timestamp in milliseconds."),
  everybody: z
    .boolean()
    .describe(
      "Whether all accounts of the database are stopped. PUT /stop does not release that: `stop-all --release` on the database does.",
    ),
  held: z.int().describe("Batch calls that are held by this request."),
});

/** A stop as a client reads it. */
export type StopReading = { readonly since?: Date; readonly isEverybody: boolean };

const stopReading = z.object({
  stopped: z.boolean(),
  since: maybeInstant,
  everybody: z.boolean().optional().catch(undefined),
});

/** Whether all calls are stopped; undefined for an answer of another shape. */
export function fromStopState(body: unknown): { readonly stop?: StopReading } | undefined {
  const reading = stopReading.safeParse(unwrap(body));
  if (!reading.success) return undefined;
  const { stopped, since, everybody: isEverybody = false } = reading.data;
  return stopped ? { stop: { ...present({ since }), isEverybody } } : {};
}

/** How many batches are held by the request; undefined for an answer of another shape. */
export function fromStopAnswer(body: unknown): number | undefined {
  const reading = z.object({ stopped: z.boolean(), held: z.int() }).safeParse(unwrap(body));
  return reading.success ? reading.data.held : undefined;
}

/** The agreement that a batch has, as our service shows it. */
export const shownGrantBody = z.object({
  grant_id: z.string(),
  state: z.enum(grantStates),
  channel: z.enum(grantChannels),
  principal: z.string(),
  max_recipients: z.int(),
  max_attempts: z.int(),
  last_timestamp: z.int(),
  resumable_until: z.int().nullable().describe("Until when a suspended one can be opened again."),
  why: z.string().nullable().describe("Why it is suspended or ended."),
});

export function toShownGrantBody(grant: Grant): z.input<typeof shownGrantBody> {
  return {
    grant_id: grant.grantId,
    state: grant.state,
    channel: grant.channel,
    principal: grant.principal,
    max_recipients: grant.maxRecipients,
    max_attempts: grant.maxAttempts,
    last_timestamp: toWireTime(grant.lastAt),
    resumable_until: grant.resumableUntil ? toWireTime(grant.resumableUntil) : null,
    why: grant.why ?? null,
  };
}

/** The agreement in an answer, as far as a client needs it; anything else reads as none. */
export const grantReading = z
  .object({
    grant_id: z.string().min(1),
    state: z.enum(grantStates),
    channel: z.enum(grantChannels),
    last_timestamp: maybeInstant,
    resumable_until: maybeInstant,
  })
  .nullish()
  .catch(undefined);
