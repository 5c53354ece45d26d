import type { ReadContext } from "./resource.ts";

/** Everything that is told of a batch but its pace, which changes with time alone. */
export async function stateOfBatch(id: string, { api, campaigns }: ReadContext): Promise<string> {
  const { callsPerMinute: _, ...batch } = await api.getBatch(id);
  return JSON.stringify([batch, await campaigns.startStatus(id)]);
}
