/** The half of the service that places calls, as the REST half sees it. */
export type Dialing = {
  /** Something may be due now. Returns at once. */
  wake(): void;
  /** Resolves when no dial of this batch that passed its last check is still on its way to the carrier, in whatever process. */
  settled(batchId: string): Promise<void>;
};
