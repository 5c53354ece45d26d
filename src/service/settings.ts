/** What the operator can set of the service. */
export type ServiceSettings = {
  /** Calls in progress of one organization at the most. */
  readonly maxConcurrent: number;
  /** Calls started from one caller id within any second at the most. */
  readonly startsPerSecond: number;
};
