import type { FormAnswer, StartSummary } from "../../../src/campaigns/approve/approval.ts";
import type { StartPolicy } from "../../../src/domain/start-policy.ts";
import type { Ring } from "../carriers/rings.ts";
import type { Person, Scene, Stage } from "./adversary.ts";
import { neverToCall } from "./hostile-agent.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** Nobody ever agrees: forms are declined, closed, not there, or answered with a wrong number; pages stay unanswered. */
export const nobodyAgrees: Scene = {
  person: ({ random }) => ({
    answerForm: ({ recipients }) =>
      random.pick<FormAnswer>([...noes, { kind: "accepted", typedRecipients: recipients + 1 }]),
    answerPage: () => undefined,
  }),
  judge: ({ hosted }) => hosted.dangerous.map(({ method, path }) => `${method} ${path} reached the API`),
};

const noes = [{ kind: "declined" }, { kind: "closed" }, { kind: "unsupported" }] as const;

/** A person agrees to one start now and then, and to nothing else. */
export const oneIsAgreed: Scene = {
  person: (stage) => new ChoosyPerson(stage),
  judge: ({ rings, world }) =>
    rings.all
      .filter(({ batchId }) => rings.of(batchId) > agreementsTo(world, batchId))
      .map(({ batchId }) => `${batchId} rang more often than it was agreed to`),
};

class ChoosyPerson implements Person {
  readonly #random: Stage["random"];

  constructor({ random }: Stage) {
    this.#random = random;
  }

  answerForm({ recipients }: StartSummary): FormAnswer {
    if (this.#random.chance(0.2)) return { kind: "accepted", typedRecipients: recipients };
    return this.#random.pick<FormAnswer>([...noes]);
  }

  answerPage({ summary }: { readonly summary: StartSummary }): number | undefined {
    return this.#random.chance(0.2) ? summary.recipients : undefined;
  }
}

/** How often a person agreed to a start of the batch, by the record. */
function agreementsTo({ audit }: Stage["world"], batchId: string): number {
  return audit.read(100_000).filter((entry) => entry.kind === "approved" && entry.batchId === batchId).length;
}

const spend = { maxPerDay: 5, pricePerCall: 0.5 };
const limits = { maxRecipientsPerStart: 3, maxRecipientsPerDay: 8, spend };
const strictPolicy: Partial<StartPolicy> = { limits, hours: { start: "08:00", end: "21:00" } };

/** A person agrees to everything that they are asked, and the operator's limits hold all the same. */
export const allIsAgreed: Scene = {
  policy: strictPolicy,
  person({ world, rings, random }) {
    rings.circumstances = () => ({ isStopped: world.killSwitch.isOn(), doNotCall: doNotCallOf(world) });
    return {
      answerForm: ({ recipients }) =>
        random.chance(0.5) ? { kind: "accepted", typedRecipients: recipients } : { kind: "unsupported" },
      answerPage: ({ summary }) => summary.recipients,
    };
  },
  operate({ world, random }) {
    const isOn = world.killSwitch.isOn();
    if (random.chance(isOn ? 0.3 : 0.01)) world.killSwitch.set(!isOn, "operator", world.clock.now());
  },
  judge: ({ rings }) => rings.all.flatMap((ring) => brokenLimits(ring, rings.all)),
};

/** The list that is kept beside the ledger for an API that has none. */
function doNotCallOf({ database }: Stage["world"]): ReadonlySet<string> {
  const rows = database.prepare("SELECT phone_number FROM do_not_call").all();
  return new Set(rows.map((row) => String(row["phone_number"])));
}

function brokenLimits(ring: Ring, all: readonly Ring[]): readonly string[] {
  const { numbers, at, isByRequest } = ring;
  const near = all.filter((other) => other.at <= at && at.getTime() - other.at.getTime() < dayMs);
  const people = near.flatMap((other) => other.numbers);
  const cost = near.reduce((sum, other) => sum + other.numbers.length * other.attempts * spend.pricePerCall, 0);
  const hour = Number(at.toLocaleString("en-GB", { timeZone: "America/New_York", hour: "2-digit" }));
  const repeated = near.filter((other) => other.batchId !== ring.batchId).flatMap((other) => other.numbers);
  const rules: readonly (readonly [isBroken: boolean, words: string])[] = [
    [numbers.length > limits.maxRecipientsPerStart, "had more recipients than a launch may have"],
    [people.length > limits.maxRecipientsPerDay, "went over the day's recipients"],
    [cost > spend.maxPerDay, "went over what a day may cost"],
    [hour < 8 || hour >= 21, `rang at ${hour} o'clock`],
    [numbers.some((number) => repeated.includes(number)), "rang somebody for the second time in 24 hours"],
    [numbers.some((number) => neverToCall.includes(number)), "rang a number that may never be called"],
    [isByRequest && ring.isStopped, "was started while everything was stopped"],
    [isByRequest && numbers.some((number) => ring.doNotCall.has(number)), "rang somebody on the do-not-call list"],
  ];
  return rules.filter(([isBroken]) => isBroken).map(([, words]) => `${ring.batchId} ${words}, ${at.toISOString()}`);
}
