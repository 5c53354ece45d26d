/**
 * `prepared`: written down, and nothing was sent that could make a phone ring. `sending`: what can is about to leave, or left.
 * `accepted`: the provider has it. `in_doubt`: nobody knows whether it has. `not_now`: it has it not and never will; the
 * attempts may be sent again. `refused`: the same for good.
 */
export const sendStates = ["prepared", "sending", "accepted", "in_doubt", "not_now", "refused"] as const;
export type SendState = (typeof sendStates)[number];

/** With this begins the reference of a send whose calls wait in a queue of the provider's. */
export const wavePrefix = "wave_";

/** One request that makes a provider place calls: one call, or several of a wave. */
export type Send = {
  /** What the provider was told to call it, so that it is found there without its answer; another for each send of a token. */
  readonly reference: string;
  readonly state: SendState;
  /** What the provider calls it. */
  readonly providerId?: string;
  readonly preparedAt: Date;
  readonly sentAt?: Date;
  /** Until then what the provider does not show may still appear. */
  readonly settlesAt?: Date;
  /** Why it was refused, in words for people; of one that is with the provider, that we wanted it back. */
  readonly reason?: string;
};

/** One attempt within a send. */
export type SentCall = {
  readonly token: string;
  readonly fromNumber: string;
  readonly toNumber: string;
  readonly agentId: string;
  /** What the provider calls it, once that is known. */
  readonly providerCallId?: string;
};

export type SendLimit = { readonly batchId: string; readonly most: number };

export type SendStep = {
  readonly from: readonly SendState[];
  readonly to: SendState;
  readonly providerId?: string;
  readonly sentAt?: Date;
  readonly settlesAt?: Date;
  readonly reason?: string;
  /** Whether something of it may lie at the provider that has to be taken away. */
  readonly isLeft?: boolean;
};

/**
 * What is, or may be, with a provider of calls that has no look-up by our token: written before a request leaves and filled
 * after it, in the store that the engine's attempts are in, so that a token without a row was certainly never sent. Each method
 * is one transaction, and on disk when it resolves.
 */
export type SendLedger = {
  /**
   * Writes a send down in state `prepared`. Throws when one of the tokens is with the provider already, or may be. With `limit`,
   * returns false, and writes nothing, when more than so many calls of that batch would be on their way: see `onTheWay`.
   */
  prepare(reference: string, calls: readonly SentCall[], now: Date, limit?: SendLimit): Promise<boolean>;
  /** Returns false, and changes nothing, when the send is in none of the states `from`: whoever moves it first decides. */
  move(reference: string, step: SendStep): Promise<boolean>;
  /** The last send of that token; undefined when there is none. */
  find(token: string): Promise<{ readonly send: Send; readonly call: SentCall } | undefined>;
  /** The sends of calls between two numbers, the last one of each token. */
  between(fromNumber: string, toNumber: string): Promise<readonly Send[]>;
  /** Calls of a batch that are about to be with the provider, or are, and are not known to ring or to be over. */
  onTheWay(batchId: string): Promise<readonly { readonly send: Send; readonly call: SentCall }[]>;
  /** The numbers that were sent with it, in E.164 form. */
  numbersOf(reference: string): Promise<readonly string[]>;
  /** Calls of waves that ended as unknown and are not known to have rung: the provider may place one yet. Of all batches where none is named. */
  givenUp(batchId?: string): Promise<readonly { readonly send: Send; readonly call: SentCall }[]>;
  /**
   * Tokens of calls that a provider has, or may have, and that ended as unknown: those that may ring yet in a queue of its own, and others
   * that rang, or were sent, since then. Those of one send one after another.
   */
  unknownEnds(since: Date): Promise<readonly string[]>;
  /** That call rings, or is over: it cannot begin to ring any more. */
  noteRang(token: string, at: Date): Promise<void>;
  /** Notes what the provider calls that attempt. */
  nameCall(token: string, providerCallId: string): Promise<void>;
  /** Sends that came to nothing of which something may lie at the provider, oldest first. */
  left(): Promise<readonly Send[]>;
  /** Nothing of it lies at the provider any more. */
  removed(reference: string): Promise<void>;
  /**
   * Says who places the calls of this store; the first one decides. Returns who does when that is another, and `somebody` when
   * it is not known and calls are under way that `provider` would know nothing of, unless it `knowsEarlierCalls`.
   */
  bind(provider: string, options: { readonly knowsEarlierCalls: boolean }): Promise<string | undefined>;
};
