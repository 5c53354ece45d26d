import { z } from "zod";
import { maybeText, present } from "../../../../contract/fields.ts";
import type { CallDetails } from "../../../../contract/records.ts";
import type { Outcome } from "../../../../domain/batch/batch.ts";
import type { PlatformCall } from "../platform.ts";

/** `Tue, 31 Aug 2010 20:36:28 +0000`; absent where it is none. */
const maybeMoment = maybeText.transform((text) => {
  const moment = new Date(text || Number.NaN);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
});

const call = z.object({
  sid: z.string().min(1),
  status: maybeText,
  direction: maybeText,
  answered_by: maybeText,
  date_created: maybeMoment,
  start_time: maybeMoment,
  end_time: maybeMoment,
  duration: maybeText,
  price: maybeText,
  price_unit: maybeText,
});
type Call = z.output<typeof call>;

const outcomes: Readonly<Record<string, Outcome>> = {
  completed: "answered",
  busy: "busy",
  "no-answer": "no_answer",
  failed: "failed",
  canceled: "failed",
};

/** Reads Twilio's call resource. Never throws: a field of the wrong type reads as absent, and a status that is not known is no end. */
export function readCall(body: unknown): PlatformCall {
  const { data } = call.safeParse(body);
  const { status = "", start_time: startedAt } = data ?? {};
  if (!data || !status || !Object.hasOwn(outcomes, status))
    return { state: "alive", ...(status === "queued" && startedAt === undefined && { isQueued: true }) };
  // A call has a start from the moment in which it was dialed.
  if (status === "canceled" && startedAt === undefined)
    return { state: "taken_back", reason: "it was canceled at Twilio before it was dialed" };
  const outcome = status === "completed" && isMachine(data) ? "voicemail" : (outcomes[status] ?? "failed");
  return {
    state: "ended",
    outcome,
    // Its price comes later, and nothing else does.
    isAnalyzed: status !== "completed" || costOf(data) !== undefined,
    ...present({
      startedAt: startedAt ?? data.date_created,
      endedAt: data.end_time,
      talkMs: toMs(data.duration),
      details: costOf(data),
      reason: outcome === "failed" ? status : undefined,
    }),
  };
}

/** `machine_start`, `machine_end_beep` and the like, or `fax`. */
function isMachine({ answered_by: by }: Call): boolean {
  return by === "fax" || (by?.startsWith("machine") ?? false);
}

/** A charge is told as an amount below zero. */
function costOf({ price, price_unit: costUnit }: Call): CallDetails | undefined {
  const cost = price ? -Number(price) : Number.NaN;
  return Number.isFinite(cost) ? { cost: cost + 0, ...present({ costUnit: costUnit || undefined }) } : undefined;
}

function toMs(seconds: string | null | undefined): number | undefined {
  return seconds && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

/** Around the moment of sending: the two clocks differ, and a request may arrive after it was given up. */
const beforeMs = 60_000;
const afterMs = 3 * 60_000;

/** The sid of a call that was asked for by the API at about that time. */
export function isMadeAround(body: unknown, sentAt: Date): string | undefined {
  const { data } = call.safeParse(body);
  if (data?.direction !== "outbound-api" || !data.date_created) return undefined;
  const ms = data.date_created.getTime() - sentAt.getTime();
  return ms >= -beforeMs && ms <= afterMs ? data.sid : undefined;
}
