/** Carries "something may be due" to another process on the same store. One that is lost or doubled does no harm. */
export type WakeUps = {
  /** Returns at once. */
  announce(): void;
  start(onWake: () => void): Promise<void>;
  stop(): Promise<void>;
};
