import type { BatchRecord, CallResult, DialRequest } from "../../contract/records.ts";

/** What a carrier knows of a token. Only `not_placed` and `not_now` allow the attempt to be dialed. */
export type LookUp =
  | { readonly state: "not_placed" }
  /** It took it, and no phone rang for it and none will: it had no room after all. */
  | { readonly state: "not_now"; readonly why: string }
  | { readonly state: "ongoing" }
  | { readonly state: "ended"; readonly result: CallResult }
  /** `why`: in words for people, where there is more to say than that. */
  | { readonly state: "cannot_tell"; readonly why?: string };

/** How a call that was taken ended: with a result, as `unknown`, or without having rung because there was no room. */
export type CallEnd = CallResult | "unknown" | "not_now";

/** `why`: of an end that is unknown, as in `LookUp`. */
export type EndListener = (token: string, end: CallEnd, why?: string) => void;

/**
 * What of a batch a carrier takes at this moment: so many `calls` more, and what those wait for who are not among them, in words for
 * people, with the instant until which that lasts at most or until it is tried again. `hold`: none until a person has put right what `reason` says.
 */
export type BatchRoom =
  | {
      readonly kind: "room";
      readonly calls: number;
      readonly wait?: { readonly why: string; readonly until: Date };
      /** When to ask again. */
      readonly askAgainAt: Date;
    }
  | { readonly kind: "hold"; readonly reason: string };

/** What a carrier says of an attempt that it was handed. Only `taken`, and a `hold` that says so, can make a phone ring. */
export type DialAnswer =
  | { readonly kind: "taken" }
  /** It has no room for it: the attempt may be handed in again, after so many ms where it says how many. */
  | { readonly kind: "not_now"; readonly why: string; readonly retryAfterMs?: number }
  /** It was not handed over, because of `HeldAttempt.check` or `Carrier.takeBack`. */
  | { readonly kind: "withdrawn" }
  /**
   * It takes none of this batch until a person has put right what `reason` says, which they read. `mayRing`: the provider may call
   * this one all the same, so it is looked up. `hasNoCallerId`: none from this caller id, which its account does not have; no phone rings.
   */
  | { readonly kind: "hold"; readonly reason: string; readonly mayRing?: true }
  | { readonly kind: "hold"; readonly reason: string; readonly mayRing?: never; readonly hasNoCallerId: true };

/** What a carrier that lets time pass before it hands an attempt over knows of it besides. */
export type HeldAttempt = {
  readonly batch: Pick<BatchRecord, "id" | "name" | "timezone">;
  /** When others follow, probably of the same batch, whom only pace held back beside it. */
  readonly othersFollowAt?: Date;
  /**
   * The last check before a phone can ring, again: undefined when it may not. What it allowed may be handed over as long as
   * `isFresh`.
   */
  check(): Promise<{ isFresh(): boolean } | undefined>;
};

/** Places attempts. The service knows nothing else of telephony. */
export type Carrier = {
  readonly environment: "simulated" | "live";
  /**
   * Resolves when the carrier has taken the attempt on, or has not and never will under this request, within at most a
   * minute. One that does not hand it over at once asks `held.check` right before it does. A carrier that refuses an attempt for good takes it on and ends it as `failed`. A rejection leaves open
   * whether it was taken: look it up.
   */
  dial(request: DialRequest, held: HeldAttempt): Promise<DialAnswer>;
  lookUp(token: string): Promise<LookUp>;
  /** Present on a carrier that takes no more calls of a batch than it can have rung shortly: asked before anybody of it is claimed. */
  roomOf?(batchId: string): Promise<BatchRoom>;
  /**
   * Present on a carrier that can hold attempts, itself or in a queue of the provider's: takes one back whose phone has not
   * begun to ring. Returns true when it never will, and false when it may ring or may have.
   */
  takeBack?(token: string): Promise<boolean>;
  /**
   * True of a carrier that writes down what it sends before it does, asks `HeldAttempt.check` after that, and counts what is on its way as what
   * may still ring: a pause need not wait for the provider's answer.
   */
  readonly countsOnTheirWay?: true;
  /**
   * Present on a carrier whose provider may let a call wait before it rings. After `takeBack`: notes in the store which calls of
   * that batch ring by now, and, where one is handed over at a time, waits for it, 20 s at most; else it takes half a second at most.
   */
  noteRings?(batchId: string): Promise<void>;
  /**
   * How long, in ms, after it was handed over a phone may begin to ring. Nobody is handed over so shortly before the hours in
   * which they may not be called. 0 when absent.
   */
  readonly ringsWithinMs?: number;
  /** True where nobody can be told what is to be found out in calls: batches that want answers are refused. */
  readonly cannotAsk?: boolean;
  /** True where it speaks no message to a voicemail that picks up: batches that want one left are refused. */
  readonly cannotLeaveMessages?: boolean;
  /**
   * Told once for each attempt that was dialed by, or found `ongoing` by, this process: how it ended, or that the carrier
   * does not know an end of it any more; and how one ended that was given up as unknown, once that is known. Set before the first dial.
   */
  onEnded(listener: EndListener): void;
  /** Present on a carrier that also sends the ends of its calls to the service, over HTTP. */
  readonly reports?: CarrierCallback;
  /** Present on a carrier whose provider sends notices of its calls, which say that it is to be asked and nothing else. */
  readonly notices?: CarrierNotices;
  /** Stops telling; calls in progress go on at the carrier. */
  close(): void;
};

/** What the service needs to take a carrier's reports, which can reach another process than the one that dialed. */
export type CarrierCallback = {
  /** Whether the carrier sent this, and lately. */
  isGenuine(request: { readonly bodyText: string; header(name: string): string | undefined }): boolean;
  /** The end of that attempt is in the store: the carrier need not be asked for it any more. */
  recorded(token: string, result: CallResult): void;
};

/** A provider's notice as it came in. `search` is the query of the request, as it was sent, with its question mark. */
export type SentNotice = Parameters<CarrierCallback["isGenuine"]>[0] & { readonly search?: string };

/** What the service needs to take the notices of a provider: of a genuine one it asks the provider itself. */
export type CarrierNotices = Pick<CarrierCallback, "recorded"> & {
  /** Whether the provider sent this, and lately, where it says when. */
  isGenuine(notice: SentNotice): boolean;
  /** The token of the call that a genuine notice is about; undefined where it is about none that can be ours. */
  subjectOf(notice: SentNotice): Promise<string | undefined>;
  /** As `lookUp`, without following the call any further: another process may have it in hand. */
  ask(token: string): Promise<LookUp>;
};

/** A carrier that hands every attempt over at once. */
export type DirectCarrier = Omit<Carrier, "dial"> & { dial(request: DialRequest): Promise<DialAnswer> };
