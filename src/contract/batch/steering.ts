import { z } from "zod";
import { outcomes } from "../../domain/batch/batch.ts";
import type {
  Canary,
  CanaryLimit,
  Pace,
  Steered,
  SteeredBatch,
  Steering,
  StopWhen,
} from "../../domain/batch/steering.ts";
import { anyCase, epoch, fromWireTime, givenText, maybeCount, maybeFlag, maybeText, present } from "../fields.ts";

const percent = z.number().min(0).max(100);
const people = z.int().min(1).max(1_000_000);

const limitBody = z
  .strictObject({
    outcome: anyCase(outcomes).nullish().describe("Of first calls."),
    said: anyCase(["opt_out"])
      .nullish()
      .describe("In place of an outcome: people who asked not to be called any more."),
    above_percent: percent.nullish(),
    below_percent: percent.nullish(),
  })
  .refine(({ outcome, said }) => (outcome == null) !== (said == null), {
    error: "Give one of outcome and said: what is counted.",
    params: { code: "required" },
    path: ["outcome"],
  });

const canaryBody = z.strictObject({
  share: percent.gt(0).nullish().describe("Percent of the list, rounded up."),
  count: people.nullish().describe("People, in place of a share."),
  pause_if: z
    .array(limitBody)
    .max(20)
    .nullish()
    .describe("Any of them holds the batch. Percent of the canary's people."),
  afterwards: anyCase(["pause", "go_on"]).nullish().describe("Where no limit is broken; pause when absent."),
});

const stopWhenBody = z.strictObject({
  calls: people.nullish().describe("The most calls, retries included."),
  at: epoch.nullish(),
  outcome: anyCase(outcomes).nullish().describe("With count: so many people whose last call ended like this."),
  answer: givenText(255).min(1).nullish().describe("With count: so many people who gave an answer of this name."),
  value: givenText(255).min(1).nullish().describe("Of the answer."),
  count: people.nullish(),
});

/** In bodies that create or change a batch; off where it names nothing. */
export const steeringFields = {
  canary: canaryBody.nullish().meta({
    description:
      "Who is called first. Nobody else is called before all of them had their first call; then the batch is held, or goes on. Off where it is {}.",
    "x-extension": true,
  }),
  stop_when: stopWhenBody.nullish().meta({
    description:
      "When the batch ends before everybody was called: the first that is met. Who waits then is cancelled with the reason. Off where it is {}.",
    "x-extension": true,
  }),
};

/** In bodies that create or change a batch. */
export const campaignField = givenText(100).min(1).nullish().meta({
  description:
    "Batches with the same one are one campaign: canary, stop_when and pace hold for all of them together, and must be the same. Kept for good.",
  "x-extension": true,
});

export const paceBody = z
  .strictObject({
    at_once: people.nullish().describe("Calls of the batch at once."),
    per_second: people.nullish().describe("Starts of the batch within a second."),
  })
  .meta({
    description:
      "Of this batch and its campaign, from now on; what is left out has no limit but that of the service, which is never exceeded. No part of what is agreed to.",
    "x-extension": true,
  });

export function toCanaryBody({ share, count, pauseIf, afterwards }: Canary): z.output<typeof canaryBody> {
  return { ...present({ share, count }), pause_if: pauseIf.map(toLimitBody), afterwards };
}

function toLimitBody({ measure, abovePercent, belowPercent }: CanaryLimit): z.output<typeof limitBody> {
  const bounds = present({ above_percent: abovePercent, below_percent: belowPercent });
  return measure === "opt_out" ? { said: measure, ...bounds } : { outcome: measure, ...bounds };
}

export function toStopWhenBody({
  calls,
  atMs,
  outcome,
  answer,
  value,
  count,
}: StopWhen): z.output<typeof stopWhenBody> {
  return present({ calls, at: atMs, outcome, answer, value, count });
}

/** Undefined where it says nothing; see `steeringIssues` for what is said by halves. */
export function fromCanaryBody(body: z.output<typeof canaryBody> | null | undefined): Canary | undefined {
  if (!body || Object.values(body).every((said) => said == null)) return undefined;
  return {
    ...present({ share: body.share, count: body.count }),
    pauseIf: (body.pause_if ?? []).flatMap(fromLimitBody),
    afterwards: body.afterwards ?? "pause",
  };
}

function fromLimitBody(limit: z.output<typeof limitBody>): readonly CanaryLimit[] {
  const measure = limit.outcome ?? limit.said;
  const bounds = present({ abovePercent: limit.above_percent, belowPercent: limit.below_percent });
  return measure ? [{ measure, ...bounds }] : [];
}

/** Undefined where it names nothing. */
export function fromStopWhenBody(body: z.output<typeof stopWhenBody> | null | undefined): StopWhen | undefined {
  if (!body) return undefined;
  const { calls, outcome, answer, value, count } = body;
  const atMs = body.at == null ? undefined : fromWireTime(body.at)?.getTime();
  const stopWhen = present({ calls, atMs, outcome, answer, value, count });
  return Object.keys(stopWhen).length > 0 ? stopWhen : undefined;
}

export function toPaceBody({ atOnce, perSecond }: Pace): z.output<typeof paceBody> {
  return present({ at_once: atOnce, per_second: perSecond });
}

export function fromPaceBody({ at_once, per_second }: z.output<typeof paceBody>): Pace {
  return present({ atOnce: at_once, perSecond: per_second });
}

/** How a batch is steered, as our service shows it. */
export const shownSteeringBody = z.object({
  canary: canaryBody.optional(),
  stop_when: stopWhenBody.optional(),
  pace: paceBody.optional(),
  canary_state: z
    .enum(["waiting", "passed", "held"])
    .optional()
    .describe("held: by its limits or for a person to look, also after somebody resumed the batch."),
  canary_resumed: z.boolean().optional().describe("True once somebody let a batch go on that its canary had held."),
  canary_why: z.string().optional().describe("What was counted."),
  stopped: z.string().optional().describe("Why the batch ended before everybody was called."),
  never_called: z.int().nonnegative().describe("Recipients who were cancelled before their first call."),
  called: z.int().nonnegative().describe("Recipients who were called at least once."),
});

/** Undefined for a batch that is not steered. */
export function toShownSteering(
  { rules: { canary, stopWhen }, steering = {} }: Steered,
  { sent, neverCalled }: { readonly sent: number; readonly neverCalled: number },
): z.output<typeof shownSteeringBody> | undefined {
  const { pace, canary: verdict, stopped } = steering;
  if (!canary && !stopWhen && !pace && !verdict && stopped === undefined) return undefined;
  const state = verdict?.state ?? (canary && "waiting");
  return {
    ...present({ canary: canary && toCanaryBody(canary), stop_when: stopWhen && toStopWhenBody(stopWhen) }),
    ...present({ pace: pace && toPaceBody(pace), canary_state: state, canary_why: verdict?.why, stopped }),
    ...present({ canary_resumed: verdict?.isResumed }),
    never_called: neverCalled,
    called: sent,
  };
}

/** The same in an answer; anything else reads as none. */
export const steeringReading = z
  .object({
    canary: canaryBody.nullish().catch(undefined),
    stop_when: stopWhenBody.nullish().catch(undefined),
    pace: paceBody.nullish().catch(undefined),
    canary_state: z.enum(["waiting", "passed", "held"]).nullish().catch(undefined),
    canary_why: maybeText,
    canary_resumed: maybeFlag,
    stopped: maybeText,
    never_called: maybeCount,
    called: maybeCount,
  })
  .nullish()
  .catch(undefined);

export function fromShownSteering(body: z.output<typeof steeringReading>): SteeredBatch | undefined {
  if (!body) return undefined;
  const { canary_state: state, canary_why: why, canary_resumed: isResumed, pace, stopped } = body;
  const verdict =
    state === "passed" || state === "held"
      ? { state, why: why ?? "", ...(isResumed === true && { isResumed }) }
      : undefined;
  const steering: Steering = present({ pace: pace && fromPaceBody(pace), canary: verdict, stopped });
  return {
    rules: present({ canary: fromCanaryBody(body.canary), stopWhen: fromStopWhenBody(body.stop_when) }),
    steering,
    neverCalled: body.never_called ?? 0,
    called: body.called ?? 0,
  };
}
