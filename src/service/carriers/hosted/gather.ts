import type { DialRequest } from "../../../contract/records.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";
import type { DialAnswer, HeldAttempt } from "../carrier.ts";

export type Member = { readonly request: DialRequest; readonly held: HeldAttempt };
export type Members = readonly [Member, ...Member[]];

/** Those that are cleared at about the same time arrive within this. */
const gatherMs = 250;
/** Whom pace holds back is waited for as long as the wave before kept its batch waiting, and so long at most: who waits takes a place. */
const longestGatherMs = 10_000;
/** Between two looks whether the wave before rings. */
const pollMs = { first: 1_000, longest: 3_000 } as const;
/** Who waits longer for the wave before goes back, and is claimed again when it is their turn. */
const longestWaitMs = 30_000;

/** More calls of a batch would be with the provider that do not ring yet than a wave has. Nothing was done. */
export class NoRoom extends Error {
  constructor(batchId: string) {
    super(`Another wave of ${batchId} is on its way`);
    this.name = "NoRoom";
  }
}

type Waiting = Member & { readonly sinceMs: number; readonly answer: (answer: Promise<DialAnswer>) => void };
type Line = { waiting: Waiting[]; readonly isFull: AbortController; readonly sinceMs: number; leavesAtMs: number };

/**
 * Puts attempts together into waves of one batch, caller id and agent each, in which no number stands twice, and lets one leave
 * when the wave of the batch before it rings.
 */
export type Gather = {
  /** Resolves as the wave of it does. */
  add(member: Member): Promise<DialAnswer>;
  /** Returns false when the attempt does not wait here (any more). */
  withdraw(token: string): boolean;
};

export function createGather(parts: {
  readonly clock: Clock;
  readonly waveSize: number;
  /** How many calls of the batch may leave now. */
  readonly room: (batchId: string) => Promise<number>;
  /** One answer for all of them. Throws `NoRoom` when another process was first. */
  readonly send: (members: Members) => Promise<DialAnswer>;
}): Gather {
  const { clock, waveSize, room, send } = parts;
  const lines = new Map<string, Line>();
  /** By batch: when its last wave was sent. */
  const lastSentMs = new Map<string, number>();
  const nowMs = (): number => clock.now().getTime();

  async function drain(batchId: string, key: string, line: Line): Promise<void> {
    for (let leftMs = gatherMs; leftMs > 0 && !line.isFull.signal.aborted; leftMs = line.leavesAtMs - nowMs())
      await sleep(clock, leftMs, line.isFull.signal);
    let waitMs: number = pollMs.first;
    while (line.waiting.length > 0) {
      if (await sendNext(batchId, line)) {
        waitMs = pollMs.first;
        continue;
      }
      await sleep(clock, waitMs);
      waitMs = Math.min(waitMs * 1.5, pollMs.longest);
      await letGo(line);
    }
    lines.delete(key);
  }

  /** Returns false when there is no room. */
  async function sendNext(batchId: string, line: Line): Promise<boolean> {
    const most = await room(batchId).catch(() => 0);
    const [first, ...others] = take(line, Math.min(most, waveSize));
    if (!first) return line.waiting.length === 0;
    const wave = [first, ...others] as const;
    lastSentMs.set(batchId, nowMs());
    const sent = send(wave);
    const hadRoom = await sent.then(
      () => true,
      (error: unknown) => !(error instanceof NoRoom),
    );
    if (hadRoom) for (const { answer } of wave) answer(sent);
    else line.waiting = [...wave, ...line.waiting];
    return hadRoom;
  }

  /** The first ones of the line, no number twice. */
  function take(line: Line, most: number): readonly Waiting[] {
    const numbers = new Set<string>();
    const taken = line.waiting.filter(({ request: { toNumber } }) => {
      if (numbers.size >= most || numbers.has(toNumber)) return false;
      numbers.add(toNumber);
      return true;
    });
    line.waiting = line.waiting.filter((one) => !taken.includes(one));
    return taken;
  }

  /** Those at the head of the line who may not be dialed any more, or waited too long. */
  async function letGo(line: Line): Promise<void> {
    for (let [first] = line.waiting; first; [first] = line.waiting) {
      const isLate = nowMs() - first.sinceMs >= longestWaitMs;
      if (!isLate && (await first.held.check())) return;
      withdraw(line, first);
    }
  }

  function withdraw(line: Line, member: Waiting): boolean {
    if (!line.waiting.includes(member)) return false;
    line.waiting = line.waiting.filter((one) => one !== member);
    member.answer(Promise.resolve({ kind: "withdrawn" }));
    return true;
  }

  function lineOf(batchId: string, key: string): Line {
    const known = lines.get(key);
    if (known) return known;
    const sinceMs = nowMs();
    const line: Line = { waiting: [], isFull: new AbortController(), sinceMs, leavesAtMs: sinceMs + gatherMs };
    lines.set(key, line);
    void drain(batchId, key, line);
    return line;
  }

  /** Waits for those of whom only pace holds back that they are claimed then. */
  function awaitOthers(line: Line, batchId: string, othersFollowAt: Date): void {
    const waitedMs = line.sinceMs - (lastSentMs.get(batchId) ?? line.sinceMs);
    const latestMs = line.sinceMs + Math.min(waitedMs, longestGatherMs);
    line.leavesAtMs = Math.max(line.leavesAtMs, Math.min(othersFollowAt.getTime() + gatherMs, latestMs));
  }

  return {
    add({ request, held }) {
      const key = JSON.stringify([held.batch.id, request.fromNumber, request.agentId]);
      return new Promise((answer) => {
        const line = lineOf(held.batch.id, key);
        line.waiting.push({ request, held, sinceMs: nowMs(), answer });
        if (held.othersFollowAt) awaitOthers(line, held.batch.id, held.othersFollowAt);
        if (line.waiting.length >= waveSize) line.isFull.abort();
      });
    },
    withdraw(token) {
      for (const line of lines.values())
        for (const member of line.waiting) if (member.request.token === token) return withdraw(line, member);
      return false;
    },
  };
}
