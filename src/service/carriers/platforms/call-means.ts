import type { DialRequest } from "../../../contract/records.ts";
import { Problem } from "../../../domain/problem.ts";
import type { Clock } from "../../../lib/clock.ts";
import { commandText } from "../../../lib/command-text.ts";
import type { Log } from "../../../lib/log.ts";
import type { DialAnswer } from "../carrier.ts";
import { adviceForAccount, adviceForBatch } from "./answers.ts";
import { createKnownRows } from "./known-rows.ts";
import { type Ask, type Platform, type PlatformAgent, type PlatformNumber, PlatformRefusal } from "./platform.ts";

/** What the platform calls the number and the agent of a call. */
export type Means = { readonly kind: "found"; readonly from: PlatformNumber; readonly agent?: PlatformAgent };

/** What of the account a call is made with, where the number and the id of the agent are not enough. */
export type CallMeansBook = {
  /** Why there is none, as a carrier answers it, where the account has it not or could not be read. */
  find(dial: Pick<DialRequest, "fromNumber" | "agentId">): Promise<Means | Exclude<DialAnswer, { kind: "taken" }>>;
  /** Undefined where the account has no such number. Throws where the platform was never asked with success. */
  findNumber(phoneNumber: string): Promise<PlatformNumber | undefined>;
  /** A refusal of everything from a caller id, told as that where the account does not have it. */
  explain(refusal: Refusal, fromNumber: string): Promise<DialAnswer>;
};

type Refusal = { readonly kind: "hold"; readonly reason: string };

export function createCallMeans(platform: Platform, ask: Ask, clock: Clock, log: Log): CallMeansBook {
  const { name } = platform;
  const numbers = createKnownRows(
    () => platform.numbers(ask),
    ({ phoneNumber }) => phoneNumber,
    clock,
  );
  const agents = createKnownRows(
    () => platform.agents(ask),
    ({ agentId }) => agentId,
    clock,
  );

  async function findNumber(phoneNumber: string): Promise<PlatformNumber | undefined> {
    return platform.namesNumbersById ? numbers.find(phoneNumber) : { phoneNumber };
  }

  return {
    findNumber,
    async explain(refusal, fromNumber) {
      const isKnown = await numbers.find(fromNumber).then(
        (number) => number !== undefined,
        () => true,
      );
      return isKnown ? refusal : { ...refusal, hasNoCallerId: true };
    },
    async find({ fromNumber, agentId }) {
      try {
        const from = await findNumber(fromNumber);
        if (!from) return { ...hold(name, "the account has no such caller id."), hasNoCallerId: true };
        if (!platform.readsAgentFirst) return { kind: "found", from };
        const agent = await agents.find(agentId);
        return agent ? { kind: "found", from, agent } : hold(name, "the account has no such agent.");
      } catch (error) {
        log.warn({ err: error }, "The numbers and agents of the account could not be read");
        const held = whyHeld(name, error);
        if (held !== undefined) return { kind: "hold", reason: toHoldReason(name, held) };
        return { kind: "not_now", why: `the numbers and agents of the ${name} account could not be read` };
      }
    },
  };
}

/** Undefined where it may be otherwise the next time. */
function whyHeld(name: string, error: unknown): { readonly reason: string; readonly advice: string } | undefined {
  if (error instanceof Problem)
    return { reason: error.message, advice: `\`${commandText("doctor")}\` shows whether that is put right.` };
  const advice = error instanceof PlatformRefusal ? adviceForAccount(name, error.status) : undefined;
  return advice === undefined || !(error instanceof Error) ? undefined : { reason: `${error.message}.`, advice };
}

function hold(name: string, reason: string): Refusal {
  return { kind: "hold", reason: toHoldReason(name, { reason, advice: adviceForBatch(name) }) };
}

/** What a person reads whose batch is held. */
export function toHoldReason(name: string, { reason, advice }: { readonly reason: string; readonly advice: string }) {
  return `${name} takes no calls of this batch: ${reason} Nobody was called by it. ${advice} Then resume the batch.`;
}
