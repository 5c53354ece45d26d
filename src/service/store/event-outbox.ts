/** Who events are told to. The URL itself, which can hold a secret, is in no store. */
export type EventEndpoint = {
  /** Of its URL; the same in every process that has it. */
  readonly id: string;
  /** For people: the host. */
  readonly name: string;
};

/** One event for one endpoint. */
export type EventMessage = {
  /** Its place among all; for the store alone. */
  readonly sequence: number;
  /** The same for every endpoint and every try. */
  readonly id: string;
  readonly type: string;
  /** JSON text of what the event tells. */
  readonly data: string;
  readonly recordedAt: Date;
  /** When its tries began: as it was recorded, or when it was put back in line. */
  readonly triedSince: Date;
};

/** The messages of one batch that wait for one endpoint: the first of them, in the order in which they are to be told. */
export type EventStream = {
  readonly endpointId: string;
  readonly batchId: string;
  /** Whoever holds it; another after each claim. */
  readonly claim: string;
  /** Tries of its first message that failed. */
  readonly failures: number;
  readonly messages: readonly EventMessage[];
};

/** What came of the messages of a stream. What is in neither list waits. */
export type StreamResult = {
  readonly delivered: readonly EventMessage[];
  /** The first one that was not; with `givenUp` it is parked, and the next one's turn comes. Nothing of the stream is told before `retryAt`. */
  readonly failed?: { readonly message: EventMessage; readonly retryAt: Date; readonly givenUp: boolean };
};

/** Counts over all endpoints. `parked`: given up, and kept for a while. */
export type EventCounts = {
  readonly waiting: number;
  readonly parked: number;
  /** When the first of those that wait was recorded. */
  readonly oldestWaitingAt?: Date;
};

/** What became of parked events. */
export type ParkedSent = {
  /** How many are in line again, by the id of their endpoint; those of which none was parked are absent. */
  readonly sent: ReadonlyMap<string, number>;
  /** How many stay parked: they are for other endpoints. */
  readonly left: number;
};

/**
 * Events that wait to be told. They are written by the store itself, each in the transaction that makes its fact, for every
 * endpoint that some process has had within `tellWithinMs`. Each method but `sendParked` is one transaction.
 */
export type EventOutbox = {
  /**
   * From here on events are kept for these endpoints. Where one process alone has the store they are the only ones, and what it
   * had in hand before is free.
   */
  serve(endpoints: readonly EventEndpoint[], now: Date): Promise<void>;
  /**
   * Takes at most `limit` streams of an endpoint for `leaseMs`, whose turn it is: nobody else tells of these batches meanwhile.
   * `after` is the batch after which to look, so that each gets its turn.
   */
  claim(request: {
    readonly endpointId: string;
    readonly after: string;
    readonly limit: number;
    readonly now: Date;
  }): Promise<readonly EventStream[]>;
  /** Gives a stream back. Of a stream that was taken over meanwhile only what was delivered is noted. */
  settle(stream: EventStream, result: StreamResult, now: Date): Promise<void>;
  counts(): Promise<EventCounts>;
  /**
   * Puts what is parked for these endpoints back in line, in its order within each batch and before what waits there, to be told at once
   * and tried for `tellWithinMs` from `now` on. One transaction a batch, so that a dial that starts meanwhile does not wait for all of them.
   */
  sendParked(endpointIds: readonly string[], now: Date): Promise<ParkedSent>;
  /**
   * Parks what nobody has told for longer than `tellWithinMs` because no process has its endpoint, and deletes what was delivered or parked
   * long ago, at most 1,000 of each. Returns how many.
   */
  tidy(
    now: Date,
  ): Promise<{ readonly abandoned: number; readonly forgotten: number; readonly parkedForgotten: number }>;
};

/** For how long an event is tried before it is given up. */
export const tellWithinMs = 3 * 24 * 60 * 60 * 1000;
/** Longer than any work on a claimed stream takes. */
export const streamLeaseMs = 60_000;
/** The most messages that a claim has of a stream. */
export const messagesAClaim = 20;
