import { mayBeShown } from "../../domain/phone/shown-number.ts";
import type { SentCall } from "../store/index.ts";

/** The numbers of a call, as far as the provider tells them. */
export type CallNumbers = { readonly toNumber?: string; readonly fromNumber?: string };

/** Whether a call that a provider answered with is another than the one that was sent, by the numbers that it tells. */
export function isAnothersCall(told: CallNumbers | undefined, sent: SentCall): boolean {
  const { toNumber, fromNumber } = told ?? {};
  return differs(toNumber, sent.toNumber) || differs(fromNumber, sent.fromNumber);
}

function differs(told: string | undefined, sent: string): boolean {
  return told !== undefined && !mayBeShown(sent, told);
}

/** Why nobody can tell how an attempt ended, in words for people. */
export function anothersCallOf(provider: string): string {
  return `${provider} answered with the call of somebody else, of which nothing is taken`;
}
