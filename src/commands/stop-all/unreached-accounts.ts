import { createApprovalStore } from "../../campaigns/approve/index.ts";
import { readStopMarks } from "../../campaigns/records/index.ts";
import { counted } from "../../domain/text.ts";
import { sleep, systemClock } from "../../lib/clock.ts";
import type { CommandContext } from "../../runtime/command-context.ts";
import { openRecord } from "../../runtime/data-dir.ts";

const mostNamed = 20;
/** A server sees the switch within a second, and then asks the API. */
const patienceMs = 4_000;
const longestMs = 30_000;
const lookMs = 200;

/**
 * Says what may go on at accounts that these settings do not lead to, by the ledgers in `dirs`: what was agreed to there and no server has
 * marked since `stoppedAt`. Waits 4 s for a server that has the keys, and as long as one gets on, up to 30 s. True where nothing may go on.
 */
export async function tellUnreached(
  { settings, print }: CommandContext,
  dirs: readonly string[],
  stoppedAt: Date,
): Promise<boolean> {
  const readLeft = async (dataDir: string): Promise<readonly string[]> => {
    const record = await openRecord({ ...settings, dataDir });
    try {
      const marked = readStopMarks(record, stoppedAt);
      const agreed = createApprovalStore(record).agreed(systemClock.now());
      return agreed.map(({ summary }) => summary.batchId).filter((id) => !marked.has(id));
    } finally {
      record.close();
    }
  };
  const readAll = async (of: Iterable<string>) => {
    const left = new Map<string, readonly string[]>();
    for (const dir of of) {
      const ids = await readLeft(dir);
      if (ids.length > 0) left.set(dir, ids);
    }
    return left;
  };

  let left = await readAll(dirs);
  const atFirst = count(left);
  if (atFirst === 0) return true;
  const startedMs = systemClock.monotonicMs();
  let progressMs = startedMs;
  while (left.size > 0) {
    const now = systemClock.monotonicMs();
    if (now - progressMs > patienceMs || now - startedMs > longestMs) break;
    await sleep(systemClock, lookMs);
    const before = count(left);
    left = await readAll(left.keys());
    if (count(left) < before) progressMs = systemClock.monotonicMs();
  }
  const done = atFirst - count(left);
  if (done > 0)
    print(
      `${done} batch(es) that were agreed to at other accounts are paused by the server (http) that has the keys, or over.`,
    );
  if (left.size === 0) return true;
  print(notStopped(left));
  return false;
}

function count(left: ReadonlyMap<string, readonly string[]>): number {
  return [...left.values()].reduce((sum, ids) => sum + ids.length, 0);
}

function notStopped(left: ReadonlyMap<string, readonly string[]>): string {
  const ids = [...left.values()].flat();
  const more = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : "";
  return `NOT STOPPED FROM HERE: ${counted(left.size, "account")} that these settings do not lead to. Nothing is started there until the release, and what runs there may go on. Keys that callers bring are kept nowhere; those of BATCH_CALL_ORGANIZATIONS_FILE, and of BATCH_CALL_API_KEY, are used where they are set as for the server. A server (http) on this data directory pauses what was agreed to there within seconds, if it has the keys or was given them since it started, else with the next request of that caller; what it cannot pause is in its log. Run this command again with those settings, or look in the portal of the API. Agreed to in the last 30 days, and maybe over: ${ids.slice(0, mostNamed).join(", ")}${more}.`;
}
