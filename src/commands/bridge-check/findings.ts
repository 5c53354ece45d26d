import { mostDials } from "./probe.ts";

type Words = {
  /** What the bridge is sent, or what it is judged by. */
  readonly tried: string;
  /** What docs/carriers.md asks for. */
  readonly contract: string;
  /** What to do about a bridge that does otherwise. */
  readonly advice: string;
};

/** Every check of a bridge, in the order in which they are made. */
const checks = {
  unknown_token: {
    tried: "a look-up of a token that nobody dialed",
    contract: '404 with the body {"state": "not_placed"}',
    advice:
      "Check the URL, the secret on both sides and what stands in between (a proxy's own 404 or a page in HTML is not the bridge's word).",
  },
  unsigned_look_ups: {
    tried: "look-ups without a signature, with wrong ones, and with time stamps 6 minutes off",
    contract: "401 to each",
    advice:
      "Check the signature over the token, and that its time is at most 5 minutes off, before anything is looked up.",
  },
  not_placed_promise: {
    tried: "a dial signed in the second of the look-up that was answered not_placed",
    contract: "425, and nobody is called",
    advice:
      "Keep the time stamp of each look-up that you answer not_placed, and refuse a dial of that token signed at that second or before: it was held up on its way, and the service may have dialed again or told that nobody is called.",
  },
  malformed_bodies: {
    tried: "dials, rightly signed, that are not JSON, or without a token or a number",
    contract: "400, 413 or 422 to each, and nobody is called",
    advice: "Check the whole body before you write the token down or call anybody, and answer 400.",
  },
  first_dial: {
    tried: "one dial of the test call in three copies, side by side",
    contract: "2xx or 409 to each",
    advice:
      "Write the token down before you dial. Answer 2xx to the first that brings it and 409 to all others, also while that first one is still on its way.",
  },
  known_token: {
    tried: "a look-up of the token right after the dial",
    contract: '200 with "ongoing" or "ended"',
    advice: "Find the call by the token, percent-decoded from the path, from the moment in which you take the dial.",
  },
  repeats: {
    tried: "the same dial twice more, one after the other",
    contract: "409 or 2xx to each, and no second call",
    advice: "A known token is answered 409, whatever became of its call.",
  },
  unsigned_dials: {
    tried: "the same dial without a signature, with wrong ones, and with time stamps 6 minutes off",
    contract: "401 to each",
    advice:
      "Check the signature over the body, byte for byte, and its time before you look at the token. Whoever can skip this calls anybody at your cost.",
  },
  end: {
    tried: "look-ups every 3 s until the call is over",
    contract: '200 with "ended", an outcome and two times, within 5 minutes',
    advice:
      "Keep how the call ended by its token. Without an end the service waits for two hours and then shows the recipient as unknown.",
  },
  report: {
    tried: "a listener for the report; its first answer is 503",
    contract: "the end as a look-up tells it, with the token, signed over the body; to repeat it is optional",
    advice:
      "POST the end to callback_url and sign the very bytes that you send. A bridge that does not report is run without BATCH_CALL_CARRIER_CALLBACK_URL: the service then asks more often.",
  },
  after_the_end: {
    tried: "the same dial and look-up once more, after the end",
    contract: "2xx or 409, no second call, and the end as before",
    advice: "Keep tokens for good. A token that is forgotten is dialed again.",
  },
  after_a_restart: {
    tried: "the same dial and look-up once more, after the bridge was restarted",
    contract: "2xx or 409, no second call, and the end as before",
    advice: "Keep tokens and ends on disk, written before you dial, and read them when the bridge starts.",
  },
  one_end: {
    tried: "every report and look-up of the token",
    contract: "all of them tell one outcome and the same times",
    advice:
      "Two ends of one token are mostly two calls. The service keeps the first that it hears, which then depends on chance.",
  },
  said: {
    tried: "opt_out, wrong_number, message_left and call_back_at in the ends, where there are any",
    contract: "true or false, and a time such as 2026-02-20T13:00:00-05:00; all of it optional",
    advice:
      "Only a clear yes and a readable time are acted upon. Who asked not to be called again is called by the next batch where the bridge does not say so, and a voicemail is left the message again.",
  },
  answers: {
    tried: "answers_wanted in the test call: one question",
    contract: 'optional: "answers" in the end, a list of {"name", "value"} or an object by name',
    advice:
      "Give answers as docs/carriers.md shows them, or leave the field out. What cannot be read is dropped; the end is taken all the same.",
  },
  rings: {
    tried: "how often the phone rang, as the person beside it counted",
    contract: "once",
    advice:
      "One token must never ring twice: this is how people are called again and again. Do not place real calls with this bridge.",
  },
  answer_time: {
    tried: "how long each answer took",
    contract: "less than 10 s",
    advice: "Answer as soon as the token is on disk and your telephony has the call; do not wait for its end.",
  },
} as const satisfies Record<string, Words>;

export type CheckName = keyof typeof checks;

/** `not_tried`: it could not be judged, for the reason that `came` gives; it counts neither way. */
export type Verdict = "pass" | "fail" | "not_tried";

export type Finding = {
  readonly check: CheckName;
  readonly verdict: Verdict;
  readonly tried: string;
  readonly contract: string;
  /** What the bridge did instead or as well; without secrets and phone numbers. */
  readonly came: string;
  /** What to do next; on a failure only. */
  readonly advice?: string;
};

export function toFinding(check: CheckName, verdict: Verdict, came: string): Finding {
  const { tried, contract, advice } = checks[check];
  return { check, verdict, tried, contract, came, ...(verdict === "fail" && { advice }) };
}

/** Those that stand after that one. */
export function checksAfter(check: CheckName): readonly CheckName[] {
  // Safe: the keys of a constant object.
  const names = Object.keys(checks) as CheckName[];
  return names.slice(names.indexOf(check) + 1);
}

/** What somebody agrees to before the first ring. */
export function toAnnouncement(url: string, toNumber: string): string {
  return [
    `The bridge at ${url} is asked to call ${toNumber}, and no other number. That phone WILL RING.`,
    `A bridge that keeps the contract rings it once. One that does not can ring it up to ${mostDials} times.`,
    "Answer or let it ring, hang up soon, and count how often it rings.",
  ].join("\n");
}
