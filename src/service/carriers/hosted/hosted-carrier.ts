import type { HostedApi } from "../../../contract/hosted-wave.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { SendLedger } from "../../store/index.ts";
import { createCallWatch } from "../call-watch.ts";
import type { Carrier, DialAnswer, EndListener, LookUp } from "../carrier.ts";
import { createLateEnds } from "../late-ends.ts";
import { holdAfterStart } from "./answers.ts";
import { createGather, type Members } from "./gather.ts";
import { createLeftovers } from "./leftovers.ts";
import { createLookUp } from "./look-up.ts";
import { createRings, ringsWithinMs } from "./rings.ts";
import { createRoom } from "./room.ts";
import { sendWave } from "./send-wave.ts";
import { createWaveReading, settleMs } from "./wave-state.ts";

export type HostedCarrierParts = {
  /** Closed with the carrier. */
  readonly api: HostedApi;
  readonly sends: SendLedger;
  readonly clock: Clock;
  readonly log: Log;
  /** The most calls of a wave, and of each batch the most that are with the provider and do not ring yet, beyond recall. */
  readonly waveSize: number;
};

const pace = { firstWaitMs: 3_000, longestWaitMs: 30_000 } as const;

/** Real calls through the batches of the hosted API, a small one of those due now at a time. Each is executed once. */
export function createHostedCarrier({ api, sends, clock, log, waveSize }: HostedCarrierParts): Carrier {
  let tell: EndListener = () => {};
  /** Set when the API is not to be told anything more. */
  let distrust: typeof holdAfterStart | undefined;
  const leftovers = createLeftovers({ api, sends, clock, log });
  const { readWave, findWave, trouble } = createWaveReading(api, clock);
  const rings = createRings({ sends, readWave, clock, waveSize });
  const ask = createLookUp({
    api,
    sends,
    clock,
    log,
    readWave,
    findWave,
    onStarted: stopSending,
    onLeft: leftovers.wake,
  });
  const late = createLateEnds({ sends, clock, log, ask, onEnded: (token, end) => tell(token, end) });
  const watch = createCallWatch({ clock, log, ...pace, ask: askAgain, onEnded: over });
  const rooms = createRoom({ rings, trouble, clock });
  const gather = createGather({ clock, waveSize, room: async (batchId) => (await rings.room(batchId)).calls, send });
  leftovers.wake();
  late.wake();

  /** Of one that is followed, that its draft is gone is its end: it is handed over again. */
  async function askAgain(token: string): Promise<LookUp> {
    const known = await ask(token);
    return known.state === "not_placed" ? { state: "not_now", why: "its draft was not started" } : known;
  }

  /** `shown`: how it shows that it started a wave by itself. */
  function stopSending(shown: string): void {
    log.error({ shown }, "Nothing more is sent to the hosted API until this process starts again");
    distrust = holdAfterStart;
  }

  function over(...[token, end, why]: Parameters<EndListener>): void {
    if (end === "unknown") late.wake();
    tell(token, end, why);
  }

  async function send(members: Members): Promise<DialAnswer> {
    if (distrust) return distrust;
    try {
      const answer = await sendWave(members, {
        api,
        sends,
        clock,
        log,
        waveSize,
        onLeft: leftovers.wake,
        onStarted: stopSending,
      });
      if (answer.kind === "taken") for (const { request } of members) watch.start(request.token);
      return answer;
    } finally {
      rooms.changed(members[0].held.batch.id);
    }
  }

  return {
    environment: "live",
    ringsWithinMs,
    cannotAsk: true,
    countsOnTheirWay: true,
    cannotLeaveMessages: true,
    roomOf: async (batchId) => distrust ?? rooms.of(batchId),
    dial: async (request, held) => distrust ?? gather.add({ request, held }),
    async lookUp(token): Promise<LookUp> {
      const known = await ask(token);
      if (known.state === "ongoing") watch.start(token);
      if (known.state === "cannot_tell") late.wake();
      return known;
    },
    async takeBack(token) {
      if (gather.withdraw(token)) return true;
      const found = await sends.find(token);
      if (!found) return false;
      const { reference, state } = found.send;
      if (state !== "prepared") return state === "not_now";
      // Whoever has it in hand deletes the draft, or whoever finds it left behind.
      const settlesAt = new Date(clock.now().getTime() + settleMs);
      await sends.move(reference, { from: ["prepared"], to: "in_doubt", settlesAt });
      return false;
    },
    noteRings: rings.note,
    onEnded(listener) {
      tell = listener;
    },
    close() {
      watch.close();
      void Promise.all([leftovers.close(), late.close()]).finally(() => api.close());
    },
  };
}
