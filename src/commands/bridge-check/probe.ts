import { toDialBody, toReason } from "../../contract/bridge.ts";
import { Secret } from "../../domain/secret.ts";
import type { Clock } from "../../lib/clock.ts";
import {
  type BridgeAnswer,
  type BridgeConnection,
  signedHeaders,
  toUnixSeconds,
} from "../../service/carriers/index.ts";

/** The one call that a check places. No other number stands in anything that is sent to the bridge. */
export type TestCall = {
  readonly toNumber: string;
  readonly fromNumber: string;
  readonly agentId: string;
  /** Where the bridge reports; absent where it can reach no listener of this machine. */
  readonly callbackUrl?: string;
};

/** What came back: an answer, or why there was none. */
export type Heard =
  | { readonly kind: "answer"; readonly answer: BridgeAnswer }
  | { readonly kind: "silence"; readonly why: string };

/** How a request is signed. Anything but `right` and `older` must be answered 401. */
export type Signing = "right" | "older" | (typeof wrongSignings)[number];

export const wrongSignings = [
  "no signature",
  "another secret",
  "the signature of another text",
  "a time stamp of 6 minutes ago",
  "a time stamp 6 minutes ahead",
] as const;

/** Sends a bridge what the service sends it, and what it must refuse. */
export type Probe = {
  /** The body of the test call under that token, with some of its fields changed; undefined leaves a field out. */
  body(token: string, changes?: object): string;
  dial(body: string, signing?: Signing): Promise<Heard>;
  lookUp(token: string, signing?: Signing): Promise<Heard>;
  /** Of all answers so far, in ms. */
  slowestMs(): number;
};

/** The most dials that one check sends: so often a bridge that keeps nothing of the contract can ring the phone. */
export const mostDials = 20;

const answersWanted = [{ name: "heard", meaning: "Did they hear the agent?", choices: ["yes", "no"] }];

/** Left where a voicemail picks up the test call. */
const voicemailMessage = "This is a test of the phone calls of this number.";

const wrongSecret = new Secret("not the secret of this bridge, 0123456789");

export function createProbe(parts: {
  readonly connection: BridgeConnection;
  readonly secret: Secret;
  readonly clock: Clock;
  readonly call: TestCall;
}): Probe {
  const { connection, secret, clock, call } = parts;
  let dials = 0;
  let slowestMs = 0;
  /** Time stamp of the latest look-up: it may have been answered `not_placed`, and later dials must be newer. */
  let lookedUpSeconds = 0;

  function headersFor(content: string, signing: Signing, seconds: number): Record<string, string> {
    switch (signing) {
      case "right":
        return signedHeaders(secret, content, seconds);
      case "older":
        return signedHeaders(secret, content, lookedUpSeconds);
      case "no signature":
        return {};
      case "another secret":
        return signedHeaders(wrongSecret, content, seconds);
      case "the signature of another text":
        return signedHeaders(secret, `${content} `, seconds);
      case "a time stamp of 6 minutes ago":
        return signedHeaders(secret, content, seconds - 360);
      case "a time stamp 6 minutes ahead":
        return signedHeaders(secret, content, seconds + 360);
    }
  }

  async function heard(exchange: Promise<BridgeAnswer>): Promise<Heard> {
    const startedMs = clock.monotonicMs();
    try {
      return { kind: "answer", answer: await exchange };
    } catch (error) {
      return { kind: "silence", why: error instanceof Error ? error.message : String(error) };
    } finally {
      slowestMs = Math.max(slowestMs, Math.round(clock.monotonicMs() - startedMs));
    }
  }

  return {
    body: (token, changes = {}) =>
      JSON.stringify({
        ...toDialBody(
          { ...call, token, callId: "check", variables: {}, answersWanted, voicemailMessage },
          call.callbackUrl,
        ),
        ...changes,
      }),
    dial(body, signing = "right") {
      dials += 1;
      if (dials > mostDials) throw new Error(`A check of a bridge sends at most ${mostDials} dials`);
      const seconds = Math.max(toUnixSeconds(clock.now()), lookedUpSeconds + 1);
      return heard(
        connection.exchange({ method: "POST", path: "", headers: headersFor(body, signing, seconds), body }),
      );
    },
    lookUp(token, signing = "right") {
      const seconds = toUnixSeconds(clock.now());
      if (signing === "right") lookedUpSeconds = Math.max(lookedUpSeconds, seconds);
      const path = `/calls/${encodeURIComponent(token)}`;
      return heard(connection.exchange({ method: "GET", path, headers: headersFor(token, signing, seconds) }));
    },
    slowestMs: () => slowestMs,
  };
}

/** For people: the status and the beginning of the body, without phone numbers. */
export function describeHeard(heard: Heard): string {
  if (heard.kind === "silence") return `no answer (${heard.why})`;
  const { status, text } = heard.answer;
  return [`${status}`, toReason(text.slice(0, 80))].filter(Boolean).join(" ");
}
