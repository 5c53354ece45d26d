import { z } from "zod";
import { batchHead } from "../arguments/shapes.ts";
import type { ToolContext } from "../tool.ts";
import { lines, toBatchText, viewBatch } from "./batch-view.ts";

/** What a start answers: the batch, and in `needs_approval` why it waits for a person, where it does. */
export const startOutput = () => z.object({ batch: batchHead(), needs_approval: z.string().optional() });

/** `waits` of the tools that start calls: the batch as it stands, and what a person has to do. */
export async function waitsForPerson(message: string, { batch_id: id }: { batch_id: string }, context: ToolContext) {
  return { needs_approval: message, batch: await viewBatch(await context.api.getBatch(id), context) };
}

/** Code and sentence first, as an error has them: they are what the caller acts upon. */
export function toStartText(output: z.output<ReturnType<typeof startOutput>>, done?: string): string {
  const { needs_approval: message, batch } = output;
  return lines(message === undefined ? done : `needs_approval: ${message}`, toBatchText(batch));
}
