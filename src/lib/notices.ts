import { AsyncLocalStorage } from "node:async_hooks";

/** How much a notice matters, in the words of RFC 5424. */
export type NoticeLevel = "info" | "notice" | "warning" | "error";

export type TellNotice = (level: NoticeLevel, message: string) => void;

const listener = new AsyncLocalStorage<TellNotice>();

/** Does work for somebody who waits for it and hears, by `tell`, what happens on the way. */
export function whileHeard<T>(tell: TellNotice, work: () => T): T {
  return listener.run(tell, work);
}

/**
 * What tells whoever waits for the work in hand; undefined where nobody listens. What is told is a sentence of ours, with ids at
 * most: no phone number, no secret, no words of others. A timer has to take it along: who sets off a timer is not who waits.
 */
export function noticeTeller(): TellNotice | undefined {
  return listener.getStore();
}
