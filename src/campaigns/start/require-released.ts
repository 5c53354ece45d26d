import type { BatchCallApi } from "../../client/api.ts";
import { Problem } from "../../domain/problem.ts";
import { allStopped, stoppedByKillSwitch } from "../approve/index.ts";
import type { KillSwitch } from "../records/index.ts";

export type StopParts = { readonly api: Pick<BatchCallApi, "getStop">; readonly killSwitch: KillSwitch };

/** That all calls are stopped, in this data directory or at the service; undefined while they are not, and where the service does not tell. */
export async function findStop({ api, killSwitch }: StopParts): Promise<string | undefined> {
  const toOthers = killSwitch.follows;
  if (killSwitch.isOn()) return allStopped({ by: "operator", since: killSwitch.changedAt(), toOthers });
  const stop = await api.getStop().catch(ignoreProblem);
  return stop && allStopped({ by: stop.isEverybody ? "database" : "account", since: stop.since, toOthers });
}

/** Throws `refused_by_limit` while all calls are stopped: nobody is to be asked about a start that would be refused then. */
export async function requireReleased(parts: StopParts): Promise<void> {
  const stopped = await findStop(parts);
  if (stopped !== undefined) throw stoppedByKillSwitch(stopped);
}

/** A service that is older, or away, says no itself when it comes to the start. */
function ignoreProblem(error: unknown): undefined {
  if (error instanceof Problem) return undefined;
  throw error;
}
