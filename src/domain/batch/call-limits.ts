/** What a service holds itself to when it calls. */
export type CallLimits = {
  /** Calls in progress at once, of all batches of an account. */
  readonly concurrent: number;
  /** Of one batch; absent where it may have all of them. */
  readonly concurrentPerBatch?: number | undefined;
  /** Calls started in a second, of one caller id. */
  readonly startsPerSecond: number;
};
