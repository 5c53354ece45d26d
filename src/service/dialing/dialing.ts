import type { Outcome } from "../../domain/batch/batch.ts";
import type { OperatorWait } from "../../domain/time/operator-hours.ts";
import type { Claim, Listed } from "../store/index.ts";

/** The half of the service that places calls, as the REST half sees it. */
export type Dialing = {
  /** Something may be due now. Returns at once. */
  wake(): void;
  /** Resolves when no dial of this batch that passed its last check is still on its way to the carrier, in whatever process. */
  settled(batchId: string): Promise<void>;
  /**
   * Resolves when no dial of this batch starts any more, in whatever process: what is on its way to a carrier that writes that down is counted as what may still ring, and not waited for.
   */
  stopped(batchId: string): Promise<void>;
  /** Until when nothing is handed to the carrier, as far as this process knows; undefined while it may be tried. */
  carrierRest(): CarrierRest | undefined;
  /** What those of a batch wait for whom the carrier has no room for; undefined where it has, as far as this process knows. */
  lineWaitOf(batchId: string): CarrierRest | undefined;
};

/** `why` is in words for people: the limit that the provider named, or that it could not be reached. `isLatest`: it may be over sooner. */
export type CarrierRest = { readonly until: Date; readonly why: string; readonly isLatest?: boolean };

/** How a dialing process stands. */
export type DialerStanding = {
  /** Attempts in hand, from the claim to the outcome. */
  readonly inFlight: number;
  /** When it last looked for what is due, and when it last found somebody to call. */
  readonly lastPassAt?: Date;
  readonly lastClaimAt?: Date;
  /** Until when others take it for alive without another sign; absent where nobody else dials on the store. */
  readonly leaseUntil?: Date;
  /** Until when the carrier is left alone; absent while it may be tried. */
  readonly carrierRestsUntil?: Date;
  /** The most starts of a caller id within a second: fewer than are set after a carrier had no room. */
  readonly startsPerSecond: number;
};

/** What the operator can set of the service. */
export type ServiceSettings = {
  /** The most calls in progress of one organization. */
  readonly maxConcurrent: number;
  /** The most calls in progress of one batch; no limit of its own when absent. */
  readonly maxConcurrentPerBatch?: number;
  /** The most calls started from one caller id within any second. */
  readonly startsPerSecond: number;
  /** The fewest hours between a call in which one batch reached somebody and another batch's call to that number; none when absent or 0. */
  readonly minHoursBetweenBatches?: number;
  /** Numbers for which these hours do not hold. */
  readonly testNumbers?: readonly string[];
};

/** Is notified of the course of attempts, as it happens. */
export type DialObserver = {
  /** An attempt is being handed to the carrier. */
  started(claim: Claim, at: Date): void;
  /** An attempt got its outcome, for the first time. */
  ended(outcome: Outcome | "unknown"): void;
};

export const nobody: DialObserver = { started() {}, ended() {} };

/** What the operator holds dials back by, for reasons that no store knows; asked right before each of them. */
export type DialGuard = {
  /** True while everything is stopped. */
  isStopped(): boolean;
  /**
   * From when on that number may be called: `at`, a later instant, or never, whatever time it is. `timezone` is the IANA zone that
   * the list gives for the recipient.
   */
  mayDialAt(toNumber: string, at: Date, timezone?: string): Date | "never";
  /** Which hours of the operator's hold that number back at an instant, and until when; for whoever asks what a call waits for. */
  waitOf?(toNumber: string, at: Date, timezone?: string): OperatorWait | undefined;
  /** Keeps in the operator's record that a person asked on the phone not to be called any more. */
  noteOptOut?(optOut: Listed & { readonly at: Date; readonly batchId: string; readonly callId: string }): void;
};

export const noDialGuard: DialGuard = { isStopped: () => false, mayDialAt: (_toNumber, at) => at };
