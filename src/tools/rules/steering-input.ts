import { z } from "zod";
import { outcomes } from "../../domain/batch/batch.ts";
import { recipientClock } from "../../domain/batch/plan.ts";
import { type Canary, type Pace, type StopWhen, steeringIssues } from "../../domain/batch/steering.ts";
import { type Issue, isIssue, Problem } from "../../domain/problem.ts";
import { queueInFront } from "../../domain/queue-in-front.ts";
import { toMoneyText } from "../../domain/start-policy.ts";
import { parseStartAt } from "../../domain/time/wall-time.ts";
import { hasOneSpelling } from "../arguments/lenient-input.ts";
import { dropUndefined, instant, inWords } from "../arguments/shapes.ts";
import { writeAnswer } from "../arguments/stop-when-slips.ts";
import type { ToolContext } from "../tool.ts";

const percent = () => z.number().min(0).max(100).optional();
const people = () => z.int().min(1).max(1_000_000).optional();

/** What an answer says: a number and a truth value have one spelling. */
const spoken = () =>
  z.preprocess((value) => (hasOneSpelling(value) ? String(value) : value), z.string().min(1).max(255));

const limit = () =>
  z
    .strictObject({
      outcome: z.enum(outcomes).optional(),
      said: z.enum(["opt_out"]).optional(),
      above_percent: percent(),
      below_percent: percent(),
    })
    .refine(({ outcome, said }) => (outcome === undefined) !== (said === undefined), {
      error: "Give one of outcome and said: what is counted.",
      params: { code: "required" },
      path: ["outcome"],
    });

/** Who is called first, and what holds the batch then. */
export const canary = () =>
  inWords(
    z.strictObject({
      share: z.number().gt(0).max(100).optional(),
      count: people(),
      pause_if: z.array(limit()).max(20).optional(),
      afterwards: z.enum(["pause", "go_on"]).optional(),
    }),
    "Called first: {share (percent) or count, pause_if: [{outcome or said: opt_out, above_percent or below_percent}], afterwards: go_on, else pause}.",
  ).optional();

/** When the batch ends before everybody was called. */
export const stopWhen = () =>
  inWords(
    z.strictObject({
      calls: people(),
      spend: z.number().positive().optional(),
      at: instant().optional(),
      outcome: z.enum(outcomes).optional(),
      answer: z.string().min(1).max(255).optional(),
      value: spoken().optional(),
      count: people(),
    }),
    "Ends at the first of {calls: 500, spend: 20, at: a time, count: 5 with outcome, or answer and value}.",
  ).optional();

/** How fast the calls of a batch that exists are placed from now on. */
export const pace = () =>
  inWords(
    z.strictObject({ at_once: people(), per_second: people() }),
    "Most calls {at_once, per_second}; {} lifts it.",
  ).optional();

type CanaryInput = z.output<ReturnType<typeof canary>>;
type StopInput = z.output<ReturnType<typeof stopWhen>>;
type PaceInput = z.output<ReturnType<typeof pace>>;

export type SteeringInput = {
  readonly canary?: CanaryInput;
  readonly stop_when?: StopInput;
  readonly pace?: PaceInput;
  readonly timezone?: string | undefined;
};

/** What is asked for, or what is wrong with it. A `canary` or `stop_when` of `{}` takes it away. */
export type SettledSteering = {
  readonly rules: { readonly canary?: Canary | undefined; readonly stopWhen?: StopWhen | undefined };
  readonly pace?: Pace;
  readonly issues: readonly Issue[];
};

/** Throws `unsupported` where the API holds none of it: it would call everybody. Only a batch that exists has a canary to take away. */
export async function settleSteering(
  input: SteeringInput,
  { api, campaigns, clock, timezone }: Pick<ToolContext, "api" | "campaigns" | "clock" | "timezone">,
  exists = false,
): Promise<SettledSteering> {
  const { canary: first, stop_when: stop, pace: speed } = input;
  const given = steeringGiven(input);
  if (given.length === 0) return { rules: {}, issues: [] };
  if (!(await api.hasBrake())) throw new Problem("unsupported", notHeld(given));
  const now = clock.now();
  const zone = input.timezone === recipientClock ? undefined : input.timezone;
  const at = stop?.at === undefined ? undefined : parseStartAt(stop.at, zone, timezone, now);
  const budget = stop?.spend === undefined ? undefined : callsFor(stop.spend, campaigns.policy.limits.spend);
  const calls = [stop?.calls, isIssue(budget) ? undefined : budget].filter((most) => most !== undefined);
  const rules = {
    ...(first && { canary: exists && Object.keys(first).length === 0 ? undefined : toCanary(first) }),
    ...(stop && { stopWhen: toStopWhen(stop, { calls, at: isIssue(at) ? undefined : at?.at }) }),
  };
  const unread: readonly Issue[] = [
    ...(isIssue(at) ? [{ ...at, field: at.field === "start_at" ? "stop_when.at" : at.field }] : []),
    ...(isIssue(budget) ? [budget] : []),
    ...answerIssues(stop),
  ];
  const issues = unread.length > 0 ? unread : steeringIssues(dropUndefined(rules), now);
  return {
    rules,
    ...(speed && { pace: dropUndefined({ atOnce: speed.at_once, perSecond: speed.per_second }) }),
    issues,
  };
}

/** Its arguments that were given. */
export function steeringGiven({ canary: first, stop_when: stop, pace: speed }: SteeringInput): readonly string[] {
  return Object.keys(dropUndefined({ canary: first, stop_when: stop, pace: speed }));
}

/** What to do without each argument at an API that does not have it. */
const insteadOf: Readonly<Record<string, string>> = {
  canary: ", and call the first people in a small batch of their own",
  stop_when: ", and make batches of so few people that each may be called to its end",
};

function notHeld(given: readonly string[]): string {
  const instead = given.map((name) => insteadOf[name] ?? "").join("");
  return `This API holds no ${given.join(" and no ")}: it would call everybody at its own pace. Nothing was changed or created. Leave ${given.length === 1 ? "it" : "them"} out${instead}. ${queueInFront("holds all three")}`;
}

function toCanary({ share, count, pause_if: limits = [], afterwards = "pause" }: NonNullable<CanaryInput>): Canary {
  const pauseIf = limits.flatMap(({ outcome, said, above_percent: abovePercent, below_percent: belowPercent }) => {
    const measure = outcome ?? said;
    return measure ? [{ measure, ...dropUndefined({ abovePercent, belowPercent }) }] : [];
  });
  return { ...dropUndefined({ share, count }), pauseIf, afterwards };
}

function toStopWhen(
  { outcome, answer, value, count }: NonNullable<StopInput>,
  { calls, at }: { readonly calls: readonly number[]; readonly at: Date | undefined },
): StopWhen | undefined {
  const most = calls.length > 0 ? Math.min(...calls) : undefined;
  const stop = dropUndefined({ calls: most, atMs: at?.getTime(), outcome, answer, value, count });
  return Object.keys(stop).length > 0 ? stop : undefined;
}

/** A name that would never be met, as a value is in it. */
function answerIssues({ answer, value }: NonNullable<StopInput> = {}): readonly Issue[] {
  const advice = value === undefined ? writeAnswer(answer) : undefined;
  if (advice === undefined) return [];
  return [{ field: "stop_when.answer", code: "not_allowed", message: `A name and a value stand apart. ${advice}` }];
}

/** So many calls cost no more. */
function callsFor(amount: number, spend: ToolContext["campaigns"]["policy"]["limits"]["spend"]): number | Issue {
  if (!spend || spend.pricePerCall <= 0) {
    const message =
      "Nobody here knows what a call costs (BATCH_CALL_PRICE_PER_CALL with BATCH_CALL_MAX_SPEND_PER_DAY). Give calls instead of spend.";
    return { field: "stop_when.spend", code: "no_price", message };
  }
  // A price such as 0.1 is no exact number: 0.3 are 3 calls.
  const calls = Math.floor(amount / spend.pricePerCall + 1e-9);
  if (calls >= 1) return calls;
  const message = `Does not pay one call, which costs ${toMoneyText(spend.pricePerCall, spend.currency)}.`;
  return { field: "stop_when.spend", code: "too_few", message };
}
