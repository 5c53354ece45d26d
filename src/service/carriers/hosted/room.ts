import { Problem } from "../../../domain/problem.ts";
import { counted } from "../../../domain/text.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Send } from "../../store/index.ts";
import type { BatchRoom } from "../carrier.ts";
import { holdForKey, wordsOf } from "./answers.ts";
import type { Rings } from "./rings.ts";
import { type ReadTrouble, settleMs } from "./wave-state.ts";

/** Between two looks at a batch without room, the next half as long again each time; and at one with room whose people wait for a place. */
const askAgainMs = { first: 1_000, longest: 3_000, withRoom: 10_000 } as const;
/** Look-ups that fail for so long are no passing trouble any more. */
const passingMs = 3 * 60_000;
/** When they are made again at the latest: see the pace of the watch over calls. */
const lookUpMs = 30_000;

/** How many calls of a batch may be handed over, and what the others wait for. */
export type Room = {
  of(batchId: string): Promise<BatchRoom>;
  /** A wave of the batch was sent, or was not: what was known is no longer so. */
  changed(batchId: string): void;
};

export function createRoom({
  rings,
  trouble,
  clock,
}: {
  readonly rings: Pick<Rings, "room">;
  readonly trouble: () => Promise<ReadTrouble | undefined>;
  readonly clock: Clock;
}): Room {
  type Full = { readonly room: Extract<BatchRoom, { kind: "room" }>; readonly waitMs: number };
  const full = new Map<string, Full>();

  function waitOf(failing: ReadTrouble | undefined, silent: readonly Send[]) {
    const now = clock.now();
    if (failing && now.getTime() - failing.since.getTime() >= passingMs) {
      const since = failing.since.toISOString().slice(0, 16);
      const why = `the hosted API has not said since ${since}Z which calls ring: ${wordsOf(failing.error)} It is asked again`;
      return { why, until: new Date(now.getTime() + lookUpMs) };
    }
    if (silent.length === 0) return undefined;
    const why = counted(
      silent.length,
      "call handed over is not yet shown as placed",
      "calls handed over are not yet shown as placed",
    );
    return { why, until: latestEnd(silent, now) };
  }

  return {
    async of(batchId) {
      const known = full.get(batchId);
      if (known && known.room.askAgainAt > clock.now()) return known.room;
      const { calls, silent } = await rings.room(batchId);
      const failing = await trouble();
      if (failing && failing.error instanceof Problem && failing.error.code === "unauthorized") {
        full.delete(batchId);
        return { kind: "hold", reason: holdForKey(failing.error) };
      }
      const wait = waitOf(failing, silent);
      const waitMs = known ? Math.min(known.waitMs * 1.5, askAgainMs.longest) : askAgainMs.first;
      const askAgainAt = new Date(clock.now().getTime() + (calls > 0 ? askAgainMs.withRoom : waitMs));
      const room = { kind: "room", calls, ...(wait && { wait }), askAgainAt } as const;
      if (calls > 0) full.delete(batchId);
      else full.set(batchId, { room, waitMs });
      return room;
    },
    changed: (batchId) => void full.delete(batchId),
  };
}

/** When the last of them is given up where nothing is heard of it; of one that is shown as waiting, when it is looked at again. */
function latestEnd(silent: readonly Send[], now: Date): Date {
  const ends = silent.map(({ settlesAt, preparedAt }) =>
    (settlesAt ?? new Date(preparedAt.getTime() + settleMs)).getTime(),
  );
  const last = Math.max(...ends);
  return new Date(last > now.getTime() ? last : now.getTime() + lookUpMs);
}
