import type { CallResult, DialRequest } from "../../contract/records.ts";

/** What a carrier knows of a token. Only `not_placed` allows the attempt to be dialed. */
export type LookUp =
  | { readonly state: "not_placed" }
  | { readonly state: "ongoing" }
  | { readonly state: "ended"; readonly result: CallResult }
  | { readonly state: "cannot_tell" };

/** What a carrier says of an attempt that it was handed. Only `taken` can make a phone ring. */
export type DialAnswer =
  | { readonly kind: "taken" }
  /** It has no room for it: the attempt may be handed in again, after so many ms where it says how many. */
  | { readonly kind: "not_now"; readonly why: string; readonly retryAfterMs?: number }
  /** It takes none of this batch until a person has put right what `reason` says, which they read. */
  | { readonly kind: "hold"; readonly reason: string };

/** Places attempts. The service knows nothing else of telephony. */
export type Carrier = {
  readonly environment: "simulated" | "live";
  /**
   * Resolves when the carrier has taken the attempt on, or has not and never will under this request, within at most a
   * minute. A carrier that refuses an attempt for good takes it on and ends it as `failed`. A rejection leaves open
   * whether it was taken: look it up.
   */
  dial(request: DialRequest): Promise<DialAnswer>;
  lookUp(token: string): Promise<LookUp>;
  /**
   * Told once for each attempt that was dialed by, or found `ongoing` by, this process: how it ended, or that the carrier
   * does not know an end of it any more. Set before the first dial.
   */
  onEnded(listener: (token: string, result: CallResult | "unknown") => void): void;
  /** Present on a carrier that also sends the ends of its calls to the service, over HTTP. */
  readonly reports?: CarrierCallback;
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
