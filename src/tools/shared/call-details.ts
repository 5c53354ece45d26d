import type { BatchCallApi, CallReading } from "../../client/api.ts";

import type { Task } from "../../domain/batch/batch.ts";
import { Problem } from "../../domain/problem.ts";

const atOnce = 8;

/**
 * The last call of each of the tasks, by its id, read a few at once. A call that the API does not have or tell is missing; any other
 * trouble is thrown.
 */
export async function readCalls(
  tasks: readonly Task[],
  { getCall }: Pick<BatchCallApi, "getCall">,
): Promise<ReadonlyMap<string, CallReading>> {
  const ids = tasks.flatMap(({ callId }) => (callId === undefined ? [] : [callId]));
  const calls = new Map<string, CallReading>();
  for (let at = 0; at < ids.length; at += atOnce) {
    const some = ids.slice(at, at + atOnce).map(async (id) => [id, await getCall(id).catch(noneWhereUntold)] as const);
    for (const [id, call] of await Promise.all(some)) if (call) calls.set(id, call);
  }
  return calls;
}

function noneWhereUntold(error: unknown): undefined {
  if (error instanceof Problem && (error.code === "not_found" || error.code === "unsupported")) return undefined;
  throw error;
}
