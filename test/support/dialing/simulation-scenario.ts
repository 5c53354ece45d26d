import fc from "fast-check";
import { outcomes } from "../../../src/domain/batch/batch.ts";
import { usualPassRestMs } from "../../../src/service/dialing/dialer.ts";
import type { DialFault, EndFault } from "../carriers/scripted-carrier.ts";

/** Something that happens while batches run. */
export type Event =
  | { readonly kind: "advance"; readonly seconds: number }
  | { readonly kind: "pause"; readonly batch: number }
  | { readonly kind: "resume"; readonly batch: number }
  | { readonly kind: "do_not_call"; readonly batch: number; readonly recipient: number; readonly isFallback: boolean }
  | { readonly kind: "dial_fault"; readonly fault: DialFault }
  | { readonly kind: "end_fault"; readonly fault: EndFault }
  | { readonly kind: "look_ups_fail"; readonly times: number }
  | { readonly kind: "told_again"; readonly ring: number }
  | { readonly kind: "clock_step"; readonly seconds: number }
  | {
      readonly kind: "crash";
      readonly atCall: number;
      readonly when: "before" | "after";
      readonly downSeconds: number;
    };

const batch = fc.nat(2);
const event = fc.oneof<fc.Arbitrary<Event>[]>(
  fc.record({ kind: fc.constant("advance" as const), seconds: fc.nat(3 * 3600) }),
  fc.record({ kind: fc.constant("advance" as const), seconds: fc.nat(20) }),
  fc.record({ kind: fc.constant("pause" as const), batch }),
  fc.record({ kind: fc.constant("resume" as const), batch }),
  fc.record({
    kind: fc.constant("do_not_call" as const),
    batch,
    recipient: fc.integer({ min: 1, max: 6 }),
    isFallback: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("dial_fault" as const),
    fault: fc.constantFrom<DialFault[]>("refused", "lost_answer", "lost_for_good"),
  }),
  fc.record({ kind: fc.constant("end_fault" as const), fault: fc.constantFrom<EndFault[]>("late", "twice") }),
  fc.record({ kind: fc.constant("look_ups_fail" as const), times: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant("told_again" as const), ring: fc.nat(30) }),
  fc.record({ kind: fc.constant("clock_step" as const), seconds: fc.integer({ min: -7200, max: 7200 }) }),
  fc.record({
    kind: fc.constant("crash" as const),
    atCall: fc.integer({ min: 1, max: 40 }),
    when: fc.constantFrom("before" as const, "after" as const),
    downSeconds: fc.nat(600),
  }),
);

const course = fc.array(fc.constantFrom(...outcomes), { minLength: 3, maxLength: 3 });
/** What becomes of the calls to the number of a recipient, and to the fallback number of one who has it. */
const courses = fc.array(fc.record({ own: course, fallback: fc.option(course, { nil: undefined }) }), {
  minLength: 1,
  maxLength: 6,
});

/** How the batches are steered: each by itself, or all as one campaign. */
const steering = fc.record({
  isCampaign: fc.boolean(),
  canary: fc.option(
    fc.record({
      count: fc.integer({ min: 1, max: 5 }),
      afterwards: fc.constantFrom("pause" as const, "go_on" as const),
    }),
    { nil: undefined },
  ),
  budget: fc.option(fc.integer({ min: 1, max: 25 }), { nil: undefined }),
  atOnce: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
});

const scenario = fc.record({
  settings: fc.record({
    maxConcurrent: fc.integer({ min: 1, max: 8 }),
    maxConcurrentPerBatch: fc.integer({ min: 1, max: 8 }),
    startsPerSecond: fc.integer({ min: 1, max: 4 }),
  }),
  callMs: fc.integer({ min: 0, max: 90_000 }),
  acceptMs: fc.constantFrom(0, 0, 250, 4000),
  /** For each batch, each recipient's outcomes in order, by number. */
  batches: fc.array(courses, { minLength: 1, maxLength: 3 }),
  events: fc.array(event, { maxLength: 20 }),
  steering,
  /** For each batch, which caller ids it has besides its first one; none for a batch that is not named. */
  moreFromNumbers: fc.array(fc.subarray(["+12015550199", "+12025550199", "+442079460100"]), { maxLength: 3 }),
  /** How many turns of the event loop the answers of the store take. */
  storeMoments: fc.array(fc.nat(11), { minLength: 1, maxLength: 9 }),
  /** How long ends of calls wait for each other. */
  passRestMs: fc.constantFrom(0, usualPassRestMs),
});
export type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

/** The scenario of that seed: always the same one. */
export function scenarioOf(seed: number): Scenario {
  const [drawn] = fc.sample(scenario, { seed, numRuns: 1 });
  if (!drawn) throw new Error("Nothing was drawn");
  return drawn;
}
