import type { CallResult, DialRequest } from "../../../contract/records.ts";
import type { Said } from "../../../domain/said.ts";
import type { CancelTimer, Clock } from "../../../lib/clock.ts";
import type { DirectCarrier, LookUp } from "../carrier.ts";
import { converse } from "./conversation.ts";
import type { SimulatedLedger } from "./ledger.ts";
import { drawAnswer, drawCourse, type SimulatedCourse } from "./outcome.ts";

export type SimulatedCarrierParts = {
  /** Closed with the carrier. */
  readonly ledger: SimulatedLedger;
  readonly clock: Clock;
  readonly seed: number;
  /** Divides ring and talk times. */
  readonly speed: number;
};

/** A carrier that calls nobody. It keeps its own books, so that it can answer for its calls after a restart. */
export function createSimulatedCarrier({ ledger, clock, seed, speed }: SimulatedCarrierParts): DirectCarrier {
  const endings = new Map<string, CancelTimer>();
  let isClosed = false;
  let tell: (token: string, result: CallResult) => void = () => {};

  function planCall(
    { toNumber, variables, answersWanted: wanted = [], voicemailMessage: message }: DialRequest,
    earlierCalls: number,
  ): CallResult {
    const course = drawCourse({ seed, toNumber, nth: earlierCalls + 1, speed });
    const startedAt = clock.now();
    const endedAt = new Date(startedAt.getTime() + course.ringMs + course.talkMs);
    const { wish, ...told } = course;
    const said = wish && toSaid(wish, endedAt);
    const nth = earlierCalls + 1;
    const questions = { wanted, draw: (name: string) => drawAnswer({ seed, toNumber, nth, name }) };
    if (course.outcome === "voicemail" && message !== undefined)
      return { ...told, startedAt, endedAt, ...leaveMessage(message) };
    const words = course.outcome === "answered" ? converse(variables, said, questions) : {};
    return { ...told, startedAt, endedAt, ...words, ...(said && { said }) };
  }

  function tellAtEnd(token: string, result: CallResult): void {
    if (isClosed || endings.has(token)) return;
    const end = (): void => {
      endings.delete(token);
      tell(token, result);
    };
    endings.set(token, clock.at(result.endedAt, end));
  }

  return {
    environment: "simulated",
    async dial(request) {
      const result = await ledger.place(request, (earlierCalls) => planCall(request, earlierCalls));
      tellAtEnd(request.token, result);
      return { kind: "taken" };
    },
    async lookUp(token): Promise<LookUp> {
      const result = await ledger.find(token);
      if (!result) return { state: "not_placed" };
      if (result.endedAt <= clock.now()) return { state: "ended", result };
      tellAtEnd(token, result);
      return { state: "ongoing" };
    },
    onEnded(listener) {
      tell = listener;
    },
    close() {
      isClosed = true;
      for (const cancel of endings.values()) cancel();
      endings.clear();
      ledger.close();
    },
  };
}

function leaveMessage(message: string): Pick<CallResult, "transcript" | "summary" | "details"> {
  return {
    transcript: `Agent, to a voicemail: ${message}`,
    summary: "Simulated call: a message was left on the voicemail.",
    details: { messageLeft: true },
  };
}

const callBackAfterMs = 2 * 60 * 60_000;
const nextMinuteMs = (ms: number): number => Math.ceil(ms / 60_000) * 60_000;

function toSaid(wish: NonNullable<SimulatedCourse["wish"]>, endedAt: Date): Said {
  switch (wish) {
    case "opt_out":
      return { optOut: true };
    case "wrong_number":
      return { wrongNumber: true };
    case "call_back":
      return {
        callBackAt: `${new Date(nextMinuteMs(endedAt.getTime() + callBackAfterMs)).toISOString().slice(0, 16)}Z`,
      };
  }
}
