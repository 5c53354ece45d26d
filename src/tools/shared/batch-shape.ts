import { z } from "zod";
import { batchStatus, time } from "./shapes.ts";

/** A batch as callers see it, whole. What the API did not tell is absent. */
export const batchShape = () =>
  z.object({
    batch_id: z.string(),
    name: z.string(),
    status: batchStatus(),
    is_paused: z.boolean(),
    held_reason: z.string().optional().describe("Why it does not start by itself."),
    agent_id: z.string().optional(),
    from_number: z.string().optional(),
    timezone: z.string().optional(),
    scheduled_at: time().optional(),
    created_at: time().optional(),
    counts: z
      .object({
        total: z.number(),
        pending: z.number().describe("Still to be called, retries included."),
        calling: z.number(),
        completed: z.number().describe("Answered."),
        failed: z.number().describe("All attempts used without an answer."),
        unknown: z.number().describe("Nobody knows whether the call took place."),
        cancelled: z.number(),
      })
      .optional()
      .describe("Recipients by status; the parts add up to total."),
    outcomes: z
      .object({
        answered: z.number(),
        no_answer: z.number(),
        busy: z.number(),
        voicemail: z.number(),
        failed: z.number(),
      })
      .optional()
      .describe("Recipients by the outcome of their last attempt."),
    calls_per_minute: z.number().optional(),
    eta_at: time().optional(),
    next_attempt_at: time().optional(),
    percent_done: z.number().optional(),
    is_final: z.boolean().describe("True when nothing of it can change any more."),
    allowed_actions: z.array(z.string()).describe("Tools that can act on it now."),
    environment: z.enum(["simulated", "live"]).describe("live rings real people."),
  });

export type BatchView = z.output<ReturnType<typeof batchShape>>;
