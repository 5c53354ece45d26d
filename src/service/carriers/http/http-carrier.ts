import { toDialBody } from "../../../contract/bridge.ts";
import type { CallResult } from "../../../contract/records.ts";
import type { Secret } from "../../../domain/secret.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import { createCallWatch } from "../call-watch.ts";
import type { CallEnd, DirectCarrier, LookUp } from "../carrier.ts";
import { type BridgeDialAnswer, readDialAnswer, readLookUpAnswer } from "./bridge-answers.ts";
import type { BridgeConnection } from "./bridge-connection.ts";
import { isSigned, signedHeaders, toUnixSeconds } from "./bridge-signature.ts";

export type HttpCarrierParts = {
  readonly connection: BridgeConnection;
  /** Shared with the bridge; signs what goes either way. */
  readonly secret: Secret;
  readonly clock: Clock;
  readonly log: Log;
  /** Where the bridge reaches `/carrier/outcomes` of this service. Without it the bridge is asked more often. */
  readonly callbackUrl?: string;
};

const waits = {
  polled: { firstWaitMs: 3_000, longestWaitMs: 30_000 },
  calledBack: { firstWaitMs: 60_000, longestWaitMs: 300_000 },
} as const;

/** Real calls through a bridge: somebody's own small program that places them with their telephony. */
export function createHttpCarrier({ connection, secret, clock, log, callbackUrl }: HttpCarrierParts): DirectCarrier {
  let tell: (token: string, end: CallEnd) => void = () => {};
  const pace = callbackUrl ? waits.calledBack : waits.polled;
  const watch = createCallWatch({ clock, log, ...pace, ask, onEnded: (token, end) => tell(token, end) });
  /** Time stamp of the latest look-up that was answered `not_placed`. */
  let notPlacedSeconds = 0;

  async function ask(token: string): Promise<LookUp> {
    const seconds = toUnixSeconds(clock.now());
    const headers = signedHeaders(secret, token, seconds);
    const answer = await connection.exchange({ method: "GET", path: `/calls/${encodeURIComponent(token)}`, headers });
    const known = readLookUpAnswer(answer, clock.now());
    if (known.state === "not_placed") notPlacedSeconds = Math.max(notPlacedSeconds, seconds);
    return known;
  }

  // With `not_placed` a bridge promises that no dial stamped until then rings any more. A dial that follows is newer.
  async function send(body: string): Promise<BridgeDialAnswer> {
    const seconds = Math.max(toUnixSeconds(clock.now()), notPlacedSeconds + 1);
    const headers = signedHeaders(secret, body, seconds);
    return readDialAnswer(await connection.exchange({ method: "POST", path: "", headers, body }));
  }

  return {
    environment: "live",
    async dial(request) {
      // Before the request leaves, because the bridge's report can overtake its answer.
      watch.start(request.token);
      try {
        const answer = await send(JSON.stringify(toDialBody(request, callbackUrl)));
        if (answer.kind === "not_now") {
          watch.stop(request.token);
          return answer;
        }
        if (answer.kind === "refused" && watch.stop(request.token)) tell(request.token, refused(answer, clock.now()));
        return { kind: "taken" };
      } catch (error) {
        watch.stop(request.token);
        throw error;
      }
    },
    async lookUp(token) {
      const known = await ask(token);
      if (known.state === "ongoing") watch.start(token);
      return known;
    },
    onEnded(listener) {
      tell = listener;
    },
    reports: {
      isGenuine: ({ bodyText, header }) => isSigned(secret, bodyText, header, clock.now()),
      recorded(token, result) {
        if (watch.stop(token)) tell(token, result);
      },
    },
    close() {
      watch.close();
      connection.close();
    },
  };
}

function refused({ reason }: { readonly reason?: string }, now: Date): CallResult {
  return { outcome: "failed", startedAt: now, endedAt: now, ringMs: 0, talkMs: 0, ...(reason && { reason }) };
}
