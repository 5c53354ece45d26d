/** What the operator can set of the service. */
export type ServiceSettings = {
  /** Calls in progress of one organization at the most. */
  readonly maxConcurrent: number;
  /** Calls in progress of one batch at the most; no limit of its own when absent. */
  readonly maxConcurrentPerBatch?: number;
  /** Calls started from one caller id within any second at the most. */
  readonly startsPerSecond: number;
};
