import { AsyncLocalStorage } from "node:async_hooks";

/** How much a notice matters, in the words of RFC 5424. */
export type NoticeLevel = "info" | "notice" | "warning" | "error";

export type TellNotice = (level: NoticeLevel, message: string) => void;

/** Who waits for the work in hand. */
export type Hearer = {
  readonly tell: TellNotice;
  /** Says that the work stands still and goes on, as often as that is so; absent where they did not ask to hear of it. */
  readonly tellWait?: (message: string) => void;
};

const hearers = new AsyncLocalStorage<Hearer>();

/** Does work for somebody who waits for it and hears what happens on the way. */
export function whileHeard<T>(hearer: Hearer, work: () => T): T {
  return hearers.run(hearer, work);
}

/**
 * Who waits for the work in hand; undefined where nobody listens. What is told is a sentence of ours, with ids at most: no phone
 * number, no secret, no words of others. A timer has to take it along: who sets off a timer is not who waits.
 */
export function hearer(): Hearer | undefined {
  return hearers.getStore();
}

/** What tells a notice to whoever waits for the work in hand. */
export function noticeTeller(): TellNotice | undefined {
  return hearer()?.tell;
}
