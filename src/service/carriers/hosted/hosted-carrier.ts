import type { HostedApi } from "../../../contract/hosted-wave.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { SendLedger } from "../../store/index.ts";
import { createCallWatch } from "../call-watch.ts";
import type { CallEnd, Carrier, DialAnswer, LookUp } from "../carrier.ts";
import { createLateEnds } from "../late-ends.ts";
import { hold } from "./answers.ts";
import { createGather, type Members } from "./gather.ts";
import { createLeftovers } from "./leftovers.ts";
import { createLookUp } from "./look-up.ts";
import { createRings, ringsWithinMs } from "./rings.ts";
import { createRoom } from "./room.ts";
import { StartedByItself, sendWave } from "./send-wave.ts";
import { createWaveReading } from "./wave-state.ts";

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
  let tell: (token: string, end: CallEnd) => void = () => {};
  /** Set when the API is not to be told anything more. */
  let distrust: DialAnswer | undefined;
  const leftovers = createLeftovers({ api, sends, clock, log });
  const { readWave, trouble } = createWaveReading(api, clock);
  const rings = createRings({ sends, readWave, clock, waveSize });
  const ask = createLookUp({ api, sends, clock, readWave, onLeft: leftovers.wake });
  const late = createLateEnds({ sends, clock, log, ask, onEnded: (token, end) => tell(token, end) });
  const watch = createCallWatch({ clock, log, ...pace, ask, onEnded: over });
  const rooms = createRoom({ rings, trouble, clock });
  const gather = createGather({ clock, waveSize, room: async (batchId) => (await rings.room(batchId)).calls, send });
  leftovers.wake();
  late.wake();

  function over(token: string, end: CallEnd): void {
    if (end === "unknown") late.wake();
    tell(token, end);
  }

  async function send(members: Members): Promise<DialAnswer> {
    if (distrust) return distrust;
    try {
      const answer = await sendWave(members, { api, sends, clock, log, waveSize, onLeft: leftovers.wake });
      if (answer.kind === "taken") for (const { request } of members) watch.start(request.token);
      return answer;
    } catch (error) {
      if (error instanceof StartedByItself) {
        log.error({ err: error }, "Nothing more is sent to the hosted API until this process starts again");
        distrust = hold(`${error.message}.`, "Ask the vendor, and start the service again when drafts are drafts.");
      }
      throw error;
    } finally {
      rooms.changed(members[0].held.batch.id);
    }
  }

  return {
    environment: "live",
    ringsWithinMs,
    cannotAsk: true,
    cannotLeaveMessages: true,
    roomOf: rooms.of,
    dial: (request, held) => gather.add({ request, held }),
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
      const isBack = await sends.move(reference, { from: ["prepared"], to: "not_now", isLeft: true });
      leftovers.wake();
      return isBack;
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
