import type { CallerId, VoiceAgent } from "../../../contract/account.ts";
import type { CallDetails, DialRequest } from "../../../contract/records.ts";
import type { Answer } from "../../../domain/batch/answers.ts";
import type { Outcome } from "../../../domain/batch/batch.ts";
import type { Secret } from "../../../domain/secret.ts";
import type { CallNumbers } from "../whose-call.ts";

/**
 * A request to a platform's API. `path` begins with a slash and has the query; `body` is sent as JSON, `form` as the fields of a form, a
 * name more than once where it has more than one value.
 */
export type PlatformRequest = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly form?: readonly (readonly [name: string, value: string])[];
};

/** What a platform answered, whatever the status. `body` is the JSON of it, undefined where there is none. */
export type PlatformAnswer = {
  readonly status: number;
  readonly body: unknown;
  /** From `Retry-After`. */
  readonly retryAfterSeconds?: number;
};

/** Asks something that makes no phone ring. Throws where there is no answer. */
export type Ask = (request: PlatformRequest) => Promise<PlatformAnswer>;

/** A platform answered that it does not give what was asked for. */
export class PlatformRefusal extends Error {
  readonly status: number;

  /** `words`: its own, where it said any. The message has no full stop at its end. */
  constructor(name: string, status: number, words: string | undefined) {
    super(`${name} answered ${status}${words === undefined ? "" : `: ${words.replace(/[.\s]+$/, "")}`}`);
    this.name = "PlatformRefusal";
    this.status = status;
  }
}

/** How many calls an account may have at a time, and has, those of others counted. */
export type Lines = { readonly limit: number; readonly inUse: number };

/** What an answer to the one request that makes a phone ring means. */
export type CreateAnswer =
  /** `queueMs`: how long it waits at the platform before it rings, where the platform tells. */
  | { readonly kind: "accepted"; readonly callId: string; readonly lines?: Lines; readonly queueMs?: number }
  /** Of this call for good: to send it again would be answered the same way. `reason` is shown to people. */
  | { readonly kind: "refused"; readonly reason: string }
  /** No phone rings for this request and none will; the same may be sent again, after so long where it says so. */
  | { readonly kind: "not_now"; readonly why: string; readonly retryAfterMs?: number }
  /** No phone rings for it, and none would for any other of the batch until a person has done what `advice` says. */
  | { readonly kind: "hold"; readonly reason: string; readonly advice: string }
  /** It leaves open whether a phone rings. */
  | { readonly kind: "unclear"; readonly why: string };

/** How a call stands at a platform. */
export type PlatformCall =
  /** `isQueued`: it waits at the platform, and its phone has not begun to ring. */
  | { readonly state: "alive"; readonly isQueued?: true }
  /** Over, and no phone rang for it: the platform had no room. */
  | { readonly state: "no_room"; readonly why: string }
  /** Over, and no phone rang for it: it was taken out of the platform's queue, by us or by somebody else. */
  | { readonly state: "taken_back"; readonly reason: string }
  /** Over, and how is not told: it may be later, and else nobody knows. */
  | { readonly state: "untold"; readonly endedAt: Date }
  | {
      readonly state: "ended";
      readonly outcome: Outcome;
      readonly startedAt?: Date;
      readonly endedAt?: Date;
      readonly talkMs?: number;
      readonly transcript?: string;
      readonly summary?: string;
      readonly answers?: readonly Answer[];
      readonly details?: CallDetails;
      /** Of a call that failed, in the platform's words. */
      readonly reason?: string;
      /** False while what is said on the phone may still be analysed: the outcome is waited for up to a minute longer. */
      readonly isAnalyzed: boolean;
    };

/** With its numbers, as far as the platform tells them. */
export type ShownCall = PlatformCall & { readonly numbers?: CallNumbers };

/** A number of the account, with what the platform calls it and who carries its calls, where that is needed to call from it. */
export type PlatformNumber = CallerId & { readonly id?: string; readonly provider?: string };

/** A call that was sent and whose id is not known. */
export type SoughtCall = {
  readonly reference: string;
  readonly token: string;
  readonly fromNumber: string;
  readonly toNumber: string;
  readonly sentAt?: Date;
  /** What the platform calls the number that it was made from, where that is known. */
  readonly numberId?: string;
};

export type PlatformAgent = VoiceAgent & {
  readonly language?: string;
  /** What a call by this agent has to say of it besides its id, by the platform's names. */
  readonly callFields?: Readonly<Record<string, string>>;
};

/** By whom a call is made. `agent` is there where the platform `readsAgentFirst`, `noticeUrl` where the operator set one. */
export type CallMeans = { readonly agent?: PlatformAgent; readonly noticeUrl?: string };

/**
 * A notice as it came in. Header names are in lower case. `url` is the one that the platform called, with its query, as far as the
 * operator said by which URL this service is reached.
 */
export type Notice = { readonly bodyText: string; readonly url?: string; header(name: string): string | undefined };

/**
 * A voice-agent platform, as far as they differ: what its requests and answers look like. Written down, sent once, looked up and
 * watched by the common part (`platform-carrier.ts`), which alone decides what may ring.
 */
export type Platform = {
  /** As people write it. */
  readonly name: string;
  /** How long, in ms, after it was created a call may begin to ring. */
  readonly ringsWithinMs: number;
  /** Whether `toCreate` can have a message spoken to a voicemail that picks up, for one call. */
  readonly leavesMessages: boolean;
  /** The headers that carry the key. */
  keyHeaders(key: Secret): Readonly<Record<string, string>>;
  /** What stands before every path, where that names the account. */
  accountPath?(key: Secret): string;
  /** True where calls are made from the id of a number. */
  readonly namesNumbersById?: true;
  /** True where a call says more of its agent than the id. */
  readonly readsAgentFirst?: true;
  /** The request that creates one call. It carries the token and `reference`, and lets the platform repeat nothing by itself. */
  toCreate(dial: DialRequest, reference: string, from: PlatformNumber, means?: CallMeans): PlatformRequest;
  readCreated(answer: PlatformAnswer): CreateAnswer;
  /** True where a call shows no mark of ours: `find` gives those that it may be, by numbers and time. */
  readonly showsNoMarks?: true;
  /** Ids of the calls that carry that reference. Throws where the platform does not say. */
  find(sought: SoughtCall, ask: Ask): Promise<readonly string[]>;
  /** Present where a call that waits in the platform's queue can be taken out of it. */
  toTakeBack?(callId: string): PlatformRequest;
  /** Undefined where the platform has no such call. Throws where it does not say. */
  read(callId: string, ask: Ask): Promise<ShownCall | undefined>;
  /** True where the answer to a call that was made tells the lines, and nothing else does. */
  readonly tellsLinesWhenCalled?: true;
  /** Absent where the platform cannot be asked. */
  lines?(ask: Ask): Promise<Lines>;
  agents(ask: Ask): Promise<readonly PlatformAgent[]>;
  numbers(ask: Ask): Promise<readonly PlatformNumber[]>;
  /** Whether the platform signed that notice with that key: the body and, where it signs a time, at most five minutes ago. */
  isGenuine(notice: Notice, key: Secret, now: Date): boolean;
  /** The token of the call that a notice is about; undefined where it is about none of ours. */
  tokenOf(notice: Pick<Notice, "bodyText" | "url">): string | undefined;
  /** Present where a genuine notice proves what the platform calls the call that was sent under a reference. */
  callOf?(
    notice: Pick<Notice, "bodyText" | "url">,
  ): { readonly reference: string; readonly callId: string } | undefined;
};
