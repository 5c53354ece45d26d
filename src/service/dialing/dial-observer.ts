import type { Outcome } from "../../domain/batch/batch.ts";
import type { Claim } from "../store/index.ts";

/** Is told what becomes of attempts, as it happens. */
export type DialObserver = {
  /** An attempt is being handed to the carrier. */
  started(claim: Claim, at: Date): void;
  /** An attempt got its outcome, for the first time. */
  ended(outcome: Outcome | "unknown"): void;
};

export const nobody: DialObserver = { started() {}, ended() {} };
