import { z } from "zod";
import { batchStatuses } from "../domain/batch/batch.ts";
import type { Route } from "./routes.ts";

/** Only a service that rehearses has it. */
export const rehearsalRoute: Route = { method: "GET", pattern: "/rehearsal/report", isExtension: true };

const count = z.int().nonnegative();

/** Data of its answer. Of each batch, `recipients` is the sum of the six that follow it. */
export const rehearsalReport = z.object({
  started_at: z.iso.datetime(),
  now: z.iso.datetime().describe("On the virtual clock."),
  is_over: z.boolean().describe("Nobody is left to call; a paused or draft batch does not count."),
  ends_at: z.iso.datetime().optional().describe("When the last call ended. Absent before the first."),
  calls: count,
  batches: z.array(
    z.object({
      batch_call_id: z.string(),
      name: z.string(),
      status: z.enum(batchStatuses),
      is_paused: z.boolean(),
      timezone: z.string(),
      recipients: count,
      reached: count,
      never_reached: count.describe("All attempts used without an answer."),
      unknown: count,
      cancelled: count,
      calling: count,
      waiting: count,
      calls: count,
      ends_at: z.iso.datetime().optional(),
    }),
  ),
  hours: z
    .array(z.object({ timezone: z.string(), hour: z.string(), calls: count, answered: count }))
    .describe("Calls started in each hour, on the clocks of the batch's zone, as `2026-03-02T09`."),
  recipient_hours: z
    .array(z.object({ timezone: z.string(), hour: z.string(), calls: count, answered: count }))
    .describe("The same on the clocks of the numbers that were called."),
  outcomes: z.record(z.string(), count).describe("Of the calls that ended."),
});
export type RehearsalReport = z.infer<typeof rehearsalReport>;
