/** What holds back dials for reasons that no store knows. Asked right before each of them. */
export type DialGuard = {
  /** True while everything is stopped. */
  isStopped(): boolean;
  /** From when on that number may be called: `at`, or a later instant. */
  mayDialAt(toNumber: string, at: Date): Date;
};

export const noDialGuard: DialGuard = { isStopped: () => false, mayDialAt: (_toNumber, at) => at };

/** How soon a release is noticed. */
export const releasePollMs = 250;
