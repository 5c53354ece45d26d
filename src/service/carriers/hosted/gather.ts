import type { DialRequest } from "../../../contract/records.ts";
import type { CancelTimer, Clock } from "../../../lib/clock.ts";
import type { DialAnswer, HeldAttempt } from "../carrier.ts";

export type Member = { readonly request: DialRequest; readonly held: HeldAttempt };

/** Those that are cleared at about the same time arrive within this. */
const gatherMs = 250;

type Waiting = Member & { readonly answer: (answer: Promise<DialAnswer>) => void };
type Group = { readonly waiting: Waiting[]; readonly cancel: CancelTimer };

/** Puts attempts together into waves of one batch, caller id and agent each, in which no number stands twice. */
export type Gather = {
  /** Resolves as the wave of it does. */
  add(member: Member): Promise<DialAnswer>;
  /** Returns false when the attempt does not wait here (any more). */
  withdraw(token: string): boolean;
};

export function createGather(parts: {
  readonly clock: Clock;
  readonly waveSize: number;
  /** One answer for all of them. */
  readonly send: (members: readonly [Member, ...Member[]]) => Promise<DialAnswer>;
}): Gather {
  const { clock, waveSize, send } = parts;
  const groups = new Map<string, Group>();

  function flush(key: string): void {
    const group = groups.get(key);
    groups.delete(key);
    group?.cancel();
    const [first, ...others] = group?.waiting ?? [];
    if (!first) return;
    const answer = send([first, ...others]);
    for (const { answer: tell } of [first, ...others]) tell(answer);
  }

  function groupOf(key: string): Group {
    const known = groups.get(key);
    if (known) return known;
    const cancel = clock.at(new Date(clock.now().getTime() + gatherMs), () => flush(key));
    const group = { waiting: [], cancel };
    groups.set(key, group);
    return group;
  }

  return {
    add(member) {
      const { fromNumber, agentId, toNumber } = member.request;
      const key = JSON.stringify([member.held.batch.id, fromNumber, agentId]);
      if (groups.get(key)?.waiting.some(({ request }) => request.toNumber === toNumber)) flush(key);
      return new Promise((answer) => {
        const { waiting } = groupOf(key);
        waiting.push({ ...member, answer });
        if (waiting.length >= waveSize) flush(key);
      });
    },
    withdraw(token) {
      for (const { waiting } of groups.values()) {
        const place = waiting.findIndex(({ request }) => request.token === token);
        const [member] = place < 0 ? [] : waiting.splice(place, 1);
        member?.answer(Promise.resolve({ kind: "withdrawn" }));
        if (member) return true;
      }
      return false;
    },
  };
}
