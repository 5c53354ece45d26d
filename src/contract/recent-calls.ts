import { z } from "zod";
import { toTodaysNumber } from "../domain/phone/phone-number.ts";
import { unwrap } from "./envelope.ts";
import { e164Shape, present, toWireTime } from "./fields.ts";
import type { RecentCall } from "./records.ts";

export const maxRecentNumbers = 1000;

/** Body of POST /api/calls/recent, an extension of our service. */
export const recentCallsBody = z.strictObject({
  numbers: z.array(e164Shape).min(1).max(maxRecentNumbers),
  since_timestamp: z.int().min(0).describe("Calls from this instant on, in milliseconds."),
  except_batch_ids: z.array(z.string().min(1)).max(1000).optional().describe("Batches whose calls do not count."),
});

/** Which calls are asked for: to these numbers, from `since` on, of other batches than `exceptBatchIds`. */
export type RecentCallsQuery = {
  readonly numbers: readonly string[];
  readonly since: Date;
  readonly exceptBatchIds?: readonly string[];
};

export function toRecentCallsBody({ numbers, since, exceptBatchIds }: RecentCallsQuery): object {
  return { numbers, since_timestamp: toWireTime(since), ...present({ except_batch_ids: exceptBatchIds }) };
}

export function fromRecentCallsBody({
  numbers,
  since_timestamp: since,
  except_batch_ids: exceptBatchIds,
}: z.output<typeof recentCallsBody>): RecentCallsQuery {
  return { numbers: numbers.map(toTodaysNumber), since: new Date(since), ...present({ exceptBatchIds }) };
}

export const recentCallsAnswer = z.object({
  calls: z.array(
    z.object({
      phone_number: z.string().describe("In today's form."),
      called_timestamp: z.int().describe("Of the last call."),
      batch_call_id: z.string().describe("Whose call it was."),
      reached_timestamp: z
        .int()
        .nullable()
        .describe("Of the last call that was answered, met a voicemail, goes on, or ended as nobody knows."),
      reached_batch_call_id: z.string().nullable(),
      reached_and_over_timestamp: z
        .int()
        .nullish()
        .describe("Of the last of those calls that is over: by it other batches wait before they call the number."),
      reached_and_over_batch_call_id: z.string().nullish(),
    }),
  ),
});

export function toRecentCallsAnswer(calls: readonly RecentCall[]): z.input<typeof recentCallsAnswer> {
  return {
    calls: calls.map(({ toNumber, calledAt, batchId, reached, reachedAndOver }) => ({
      phone_number: toNumber,
      called_timestamp: toWireTime(calledAt),
      batch_call_id: batchId,
      reached_timestamp: reached ? toWireTime(reached.at) : null,
      reached_batch_call_id: reached?.batchId ?? null,
      reached_and_over_timestamp: reachedAndOver ? toWireTime(reachedAndOver.at) : null,
      reached_and_over_batch_call_id: reachedAndOver?.batchId ?? null,
    })),
  };
}

/** Undefined when the answer does not say it of every number: who is missing would be called. */
export function fromRecentCallsAnswer(body: unknown): readonly RecentCall[] | undefined {
  const { data } = recentCallsAnswer.safeParse(unwrap(body));
  return data?.calls.map(
    (call): RecentCall => ({
      toNumber: call.phone_number,
      calledAt: new Date(call.called_timestamp),
      batchId: call.batch_call_id,
      ...present({
        reached: toReached(call.reached_timestamp, call.reached_batch_call_id),
        reachedAndOver: toReached(call.reached_and_over_timestamp, call.reached_and_over_batch_call_id),
      }),
    }),
  );
}

function toReached(at: number | null | undefined, batchId: string | null | undefined): RecentCall["reached"] {
  return typeof at === "number" && typeof batchId === "string" ? { at: new Date(at), batchId } : undefined;
}
