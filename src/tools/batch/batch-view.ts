import { z } from "zod";
import type { BatchCallApi } from "../../client/api.ts";
import { toAnswerCountsText } from "../../domain/batch/answers.ts";
import type { Batch, Environment, WaitKind } from "../../domain/batch/batch.ts";
import type { CallLimits } from "../../domain/batch/call-limits.ts";
import { toSharesText } from "../../domain/batch/caller-ids.ts";
import type { BatchPlan } from "../../domain/batch/plan.ts";
import { allowedActions, etaAt, isFinal, nextCallAt, percentDone } from "../../domain/batch/progress.ts";
import { toSteeringState } from "../../domain/batch/steering-text.ts";
import { toStopEnds } from "../../domain/batch/stop-when-text.ts";
import { counted, plainText } from "../../domain/text.ts";
import { type BatchHours, toBatchHours, toHoursText } from "../../domain/time/calling-hours.ts";
import { type NowView, nowIn, showTime, toNowText } from "../arguments/now.ts";
import { batchStatus, dropUndefined, type TimeView, time } from "../arguments/shapes.ts";
import type { ToolContext } from "../tool.ts";

const longestText = 500;

/** Shows a batch to the caller, with the times, now among them, in its own zone. `readStop` tells why all calls are stopped, where they are. */
export async function viewBatch(
  batch: Batch,
  context: Pick<ToolContext, "api" | "campaigns" | "clock" | "timezone">,
  readStop: () => Promise<string | undefined> = () => context.campaigns.whyStopped(),
): Promise<BatchView & { readonly now: NowView }> {
  const consent = context.campaigns.consentOf(batch);
  const view = toBatchView({ ...batch, ...(consent && { consent }) }, await readUpstream(context.api), context);
  const isStopped = view.allowed_actions.some(begins) && (await readStop()) !== undefined;
  return {
    ...view,
    ...(isStopped && { allowed_actions: view.allowed_actions.filter((action) => !begins(action)) }),
    now: nowIn(batch.timezone, context),
  };
}

/** Whether a tool of that name is refused while all calls are stopped, whatever the batch. */
function begins(action: string): boolean {
  return action === "start_batch" || action === "resume_batch";
}

/** What is true of every batch of an upstream. */
export type Upstream = {
  readonly environment: Environment;
  readonly hasBrake: boolean;
  readonly limits?: CallLimits | undefined;
};

export async function readUpstream(api: BatchCallApi): Promise<Upstream> {
  return { environment: await api.environment(), hasBrake: await api.hasBrake(), limits: await api.callLimits() };
}

function toBatchView(
  batch: Batch,
  { environment, hasBrake, limits }: Upstream,
  { clock, timezone }: Pick<ToolContext, "clock" | "timezone">,
): BatchView {
  const zone = batch.timezone ?? timezone;
  const eta = etaAt(batch, clock.now());
  const optional = dropUndefined({
    held_reason: batch.heldReason && plainText(batch.heldReason, longestText),
    agent_id: batch.agentId,
    from_number: batch.fromNumber,
    caller_ids: batch.callerIds && [...toSharesText(batch.callerIds)],
    gone_from_numbers: batch.goneFromNumbers && [...batch.goneFromNumbers],
    timezone: batch.timezone,
    scheduled_at: toTimeView(batch.scheduledAt, zone),
    start_local: batch.notBeforeLocal,
    purpose: batch.consent?.purpose && plainText(batch.consent.purpose, longestText),
    consent_basis: batch.consent?.basis && plainText(batch.consent.basis, longestText),
    created_at: toTimeView(batch.createdAt, zone),
    counts: batch.counts,
    outcomes: batch.outcomes && { ...batch.outcomes },
    voicemail: batch.voicemail && { ...batch.voicemail },
    answers: viewAnswers(batch),
    costs: batch.costs?.map((cost) => ({ ...cost })),
    calls_unread: batch.unreadCalls,
    opted_out: batch.optedOut || undefined,
    do_not_call: batch.doNotCall || undefined,
    excluded: batch.excluded || undefined,
    steering: viewSteering(batch, { limits }, eta, zone),
    calls_per_minute: batch.callsPerMinute,
    may_still_ring: batch.mayStillRing,
    eta_at: toTimeView(eta, zone),
    next_attempt_at: toTimeView(nextCallAt(batch), zone),
    waits_for: batch.waitsFor,
    line_wait: batch.lineWait && {
      reason: plainText(batch.lineWait.reason, longestText),
      until: showTime(batch.lineWait.until, zone),
    },
    percent_done: percentDone(batch),
    parts: batch.parts?.map(({ batchId, status }) => ({ ...dropUndefined({ batch_id: batchId }), status })),
  });
  return {
    batch_id: batch.batchId,
    name: plainText(batch.name, longestText),
    status: batch.status,
    is_paused: batch.isPaused,
    ...optional,
    is_final: isFinal(batch),
    allowed_actions: [...allowedActions(batch, hasBrake)],
    environment,
  };
}

/** Counts of what people answered, as numbers and as a line for each name; undefined where there is none. */
function viewAnswers({ answers }: Batch): BatchView["answers"] {
  if (!answers || answers.byName.length === 0) return undefined;
  return answers.byName.map((counts) => ({
    ...counts,
    values: counts.values.map((value) => ({ ...value })),
    text: toAnswerCountsText(counts),
  }));
}

/** Where it stands with its canary, its own pace and an early end; undefined where it has none of them. `eta` counts no outcomes. */
function viewSteering(
  batch: Batch,
  { limits }: Pick<Upstream, "limits">,
  eta: Date | undefined,
  zone: string,
): BatchView["steering"] {
  const { steered, total, isPaused, heldReason } = batch;
  if (!steered) return undefined;
  const { called: dialed, neverCalled } = steered;
  const told = toSteeringState(steered, {
    people: total - neverCalled,
    dialed,
    // Of linked batches some may be held.
    isPaused: isPaused || heldReason !== undefined,
    isOver: isFinal(batch),
    limits,
  });
  const { calls: _calls, atMs: _atMs, ...byCount } = steered.rules.stopWhen ?? {};
  const earlier = eta ? toStopEnds(byCount, zone).map((end) => `It may end earlier: ${end}.`) : [];
  const all = [...told, ...earlier];
  return all.length > 0 ? all : undefined;
}

export function toTimeView(at: Date | undefined, zone: string): TimeView | undefined {
  return at && showTime(at, zone);
}

/** `12.5 cents`; where no unit is known, the provider names none. */
export function toCostText(amount: unknown, unit: unknown): string {
  return typeof unit === "string" ? `${amount} ${unit}` : `${amount}, in the provider's unit`;
}

const barLength = 20;

/** As `BatchHours`, in the names of arguments. */
type HoursView = Omit<BatchHours, "notOn"> & { readonly not_on?: readonly string[] };

/** What every tool declares of a batch; the rest is shown where it is there. */
type Shown = Pick<BatchView, "batch_id" | "name" | "is_paused"> & {
  readonly status: string;
  readonly calling_hours?: HoursView;
  readonly now?: NowView;
} & Partial<Omit<BatchView, "status">>;

/** The hours in which the calls of a plan are placed, as it is sent, where those are not all hours. */
export function viewHours({ rules, timezone }: BatchPlan): Pick<Shown, "calling_hours"> {
  const hours = toBatchHours(rules.quietHours, timezone);
  if (!hours) return {};
  const { notOn, ...others } = hours;
  return { calling_hours: { ...others, ...(notOn && { not_on: notOn }) } };
}

/** One line: `"June reminders" (batch_call_…): sent, 40% of 30 done, simulated`. */
export function toBatchLine(batch: Shown): string {
  const paused = batch.is_paused ? ", paused" : "";
  const done =
    batch.counts && batch.percent_done !== undefined ? `, ${batch.percent_done}% of ${batch.counts.total} done` : "";
  const time =
    batch.status === "scheduled" && batch.scheduled_at ? ` for ${toStartText(batch, batch.scheduled_at)}` : "";
  const environment = batch.environment ? `, ${batch.environment}` : "";
  return `"${batch.name}" (${batch.batch_id}): ${batch.status}${time}${paused}${done}${environment}`;
}

/** A start at one wall time of everybody's own begins with those for whom it is that time first. */
function toStartText({ start_local: own }: Shown, first: TimeView): string {
  return own === undefined ? toTimeText(first) : `${toOwnClockText(own)}, the first of them at ${first.utc}`;
}

/** `2026-03-03 at 10:00 of each recipient's own clock` */
export function toOwnClockText(wall: string): string {
  return `${wall.slice(0, 10)} at ${wall.slice(11)} of each recipient's own clock`;
}

/** The batch in a few lines, with a bar. */
export function toBatchText(batch: Shown): string {
  const { counts, outcomes, percent_done: percent, allowed_actions: actions } = batch;
  const zone = batch.start_local === undefined ? undefined : batch.timezone;
  return lines(
    toBatchLine(batch),
    batch.held_reason && `Held: ${batch.held_reason}`,
    (batch.agent_id || batch.from_number) &&
      `Agent ${batch.agent_id ?? "unknown"}, from ${batch.from_number ?? "unknown"}, zone ${batch.timezone ?? "unknown"}`,
    batch.caller_ids && `Caller ids: ${batch.caller_ids.join("; ")}`,
    batch.gone_from_numbers && toGoneText(batch),
    batch.voicemail &&
      `On voicemail: ${batch.voicemail.mode}${typeof batch.voicemail["message"] === "string" ? ` "${batch.voicemail["message"]}"` : ""}`,
    batch.purpose && `Purpose: ${batch.purpose}`,
    batch.consent_basis && `Consent: ${batch.consent_basis}`,
    batch.calling_hours && `Phones ring only from ${toText(batch.calling_hours)}`,
    batch.status !== "scheduled" &&
      batch.scheduled_at &&
      `${batch.status === "draft" ? "Intended start, not scheduled" : "Start time"}: ${toStartText(batch, batch.scheduled_at)}`,
    batch.start_local && `Nobody is called before ${batch.start_local} on their own clock`,
    percent !== undefined && counts && `${toBar(percent)} ${percent}%`,
    counts && `Recipients: ${toNumbers(counts)}`,
    outcomes && `Last outcomes: ${toNumbers(outcomes)}`,
    batch.calls_unread &&
      `Not read yet: ${counted(batch.calls_unread, "call that is over. It is", "calls that are over. They are")} being read; ask again in a minute`,
    ...(batch.answers ?? []).map(({ text }) => `Answers: ${text}`),
    ...(batch.costs ?? []).map(
      (cost) =>
        `Cost so far: ${toCostText(cost["amount"], cost["unit"])} for ${counted(Number(cost["calls"]), "call")}`,
    ),
    batch.opted_out && `Asked on the phone not to be called again, or may have: ${batch.opted_out}`,
    batch.do_not_call && `Not called, on the do-not-call list: ${batch.do_not_call}`,
    batch.excluded && `Not called, since another batch called them lately: ${batch.excluded}`,
    ...(batch.steering ?? []),
    batch.calls_per_minute !== undefined && `Pace: ${counted(batch.calls_per_minute, "call")} a minute`,
    batch.eta_at && `Expected end: ${toTimeText(batch.eta_at, zone)}`,
    batch.waits_for && Object.keys(batch.waits_for).length > 0 && `Waiting: ${toWaitsText(batch.waits_for)}`,
    batch.line_wait && `Line: ${batch.line_wait.reason}`,
    batch.next_attempt_at && `Next attempt: ${toTimeText(batch.next_attempt_at, zone)}`,
    batch.parts && toPartsText(batch.parts),
    batch.is_final && toFinalText(batch),
    batch.now && toNowText(batch.now),
    actions?.length && `Can be used now: ${actions.join(", ")}`,
  );
}

function toGoneText({ gone_from_numbers: gone = [], held_reason: held, is_final: isOver }: Shown): string {
  const what = `Caller ids that the account did not have when they were tried last: ${gone.join(", ")}.`;
  if (held !== undefined || isOver) return what;
  return `${what} The others call instead; update_batch (more_from_numbers) names other ones.`;
}

/** A call that was given up as unknown may ring all the same, and what is told of it later is taken. */
function toFinalText({ counts, may_still_ring: silent = 0 }: Shown): string {
  const unknown = counts?.unknown ?? 0;
  if (unknown === 0 && silent === 0) return "Final: nothing will change any more.";
  const ringing = silent > 0 && `${counted(silent, "phone")} may still ring`;
  return `Final: nobody else is called.${ringing ? ` ${ringing}.` : ""} An outcome of unknown calls that becomes known is taken.`;
}

/** What a pause or a cancel cannot take back; false where there is none of it. */
export function withProvider(batch: Shown): string | false {
  const { counts, environment, may_still_ring: silent } = batch;
  const calling = counts?.calling ?? 0;
  if (environment === "live" && silent !== undefined && silent > calling)
    return `${counted(silent, "call")} with the provider may still begin to ring, those included that were given up as unknown. No other is handed over.`;
  if (calling === 0 || environment !== "live") return false;
  const calls = counted(calling, "call is", "calls are");
  if (silent === undefined)
    return `${calls} already with the provider: in progress, or may still ring. No other is handed over.`;
  if (silent === 0) return `${calls} in progress. No other phone will ring.`;
  return `${calls} with the provider, of which ${silent} may still begin to ring. No other is handed over.`;
}

function toText({ not_on: notOn, ...hours }: HoursView): string {
  return toHoursText({ ...hours, ...(notOn && { notOn }) });
}

const mostPartsNamed = 10;

/** The parts of linked batches, each by its id where they are few. */
function toPartsText(parts: NonNullable<BatchView["parts"]>): string {
  const byStatus = new Map<string, number>();
  for (const { status } of parts) byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  const told =
    parts.length <= mostPartsNamed
      ? parts.map(({ batch_id: id, status }) => `${id ?? "no id"} ${status}`)
      : [...byStatus].map(([status, count]) => `${count} ${status}`);
  return `Parts: ${parts.length} (${told.join(", ")})`;
}

/** With the zone where `local` might be taken for the recipients' own clocks. */
export function toTimeText({ local, utc }: TimeView, zone?: string): string {
  return `${local} ${zone === undefined ? "local" : `in ${zone}`} (${utc})`;
}

/** The parts that are there, a line each. */
export function lines(...parts: readonly (string | false | 0 | undefined)[]): string {
  return parts.filter((part) => part).join("\n");
}

function toBar(percent: number): string {
  const filled = Math.round((percent / 100) * barLength);
  return `[${"#".repeat(filled)}${"-".repeat(barLength - filled)}]`;
}

function toNumbers(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers)
    .map(([name, number]) => `${name} ${number}`)
    .join(", ");
}

const waitWords: Readonly<Record<string, string>> = {
  pause: "until the batch is resumed",
  hold: "until the batch, which is held, is resumed",
  start: "for the start",
  not_before: "for their own time",
  retry: "for their next attempt",
  quiet_hours: "for the end of quiet hours",
  recipient_clock: "for the calling hours on their own clock",
  calling_hours: "for the operator's calling hours",
  hours_preset: "for the hours of the operator's preset",
  other_call: "since another batch called them",
  line: "for a free line",
} satisfies Readonly<Record<WaitKind, string>>;

/** `166 for the start, 1960 for the calling hours on their own clock` */
function toWaitsText(waits: Readonly<Record<string, number>>): string {
  return Object.entries(waits)
    .map(([kind, people]) => `${people} ${waitWords[kind] ?? `for ${kind.replaceAll("_", " ")}`}`)
    .join(", ");
}

/** A batch as callers see it, whole. What the API did not tell is absent. */
export const batchShape = () =>
  z.object({
    batch_id: z.string(),
    name: z.string(),
    status: batchStatus(),
    is_paused: z.boolean(),
    held_reason: z.string().optional(),
    agent_id: z.string().optional(),
    from_number: z.string().optional(),
    caller_ids: z.array(z.string()).optional(),
    gone_from_numbers: z.array(z.string()).optional(),
    timezone: z.string().optional(),
    scheduled_at: time().optional(),
    start_local: z.string().optional(),
    purpose: z.string().optional(),
    consent_basis: z.string().optional(),
    voicemail: z.looseObject({}).optional(),
    created_at: time().optional(),
    counts: z
      .object({
        total: z.number(),
        pending: z.number(),
        calling: z.number(),
        completed: z.number(),
        failed: z.number().describe("All attempts used."),
        unknown: z.number().describe("Nobody knows whether it took place."),
        cancelled: z.number(),
      })
      .optional(),
    outcomes: z.record(z.string(), z.number()).optional(),
    answers: z.array(z.looseObject({ name: z.string(), text: z.string() })).optional(),
    costs: z.array(z.looseObject({})).optional(),
    calls_unread: z.number().optional(),
    opted_out: z.number().optional(),
    do_not_call: z.number().optional(),
    excluded: z.number().optional(),
    steering: z.array(z.string()).optional(),
    calls_per_minute: z.number().optional(),
    may_still_ring: z.number().optional(),
    eta_at: time().optional(),
    next_attempt_at: time().optional(),
    waits_for: z.record(z.string(), z.number()).optional(),
    line_wait: z.looseObject({}).optional(),
    percent_done: z.number().optional(),
    is_final: z.boolean(),
    allowed_actions: z.array(z.string()),
    environment: z.enum(["simulated", "live"]).describe("live rings real people."),
    parts: z.array(z.looseObject({ batch_id: z.string().optional(), status: z.string() })).optional(),
  });

export type BatchView = z.output<ReturnType<typeof batchShape>>;
