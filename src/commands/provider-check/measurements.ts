type Words = {
  /** What is measured, and by what. */
  readonly measured: string;
  /** What the service goes by until it is told otherwise (docs/providers). */
  readonly expected: string;
  /** What to set or look at where it came otherwise. */
  readonly advice: string;
};

/** Everything that is measured, in the order in which it is told. */
const checks = {
  account: {
    measured: "agents, numbers and lines of the account, read before anybody is called",
    expected: "the agent and the caller id of this call are in it",
    advice: "Name an agent and a number of the account.",
  },
  created: {
    measured: "the one request that makes the call: its status, and how long its answer took",
    expected: "a success with the id of the call, within 25 s",
    advice:
      "Do what the platform says. An answer that leaves open whether a phone rings makes its recipient `unknown` unless the call is found.",
  },
  found: {
    measured:
      "how long after that answer the call is found by our own reference, which is all there is after a lost answer",
    expected: "within 10 minutes, and while it is in progress",
    advice:
      "Do not place many calls: after a lost answer recipients would be `unknown`, which is never redialed by itself. Tell the maintainers what the platform's list shows.",
  },
  course: {
    measured: "the platform's own words for the call as it went on, each with the seconds since it was sent",
    expected: "one word after the other, the last one for an end",
    advice: "Tell the maintainers which words came.",
  },
  ring: {
    measured: "the seconds from the request until the phone rang, by the person beside it",
    expected: "within 60 s: nobody is handed over so shortly before their hours end",
    advice: "End BATCH_CALL_CALLING_HOURS and quiet hours earlier by the difference.",
  },
  stop: {
    measured: "the platform's own request that ends a call, sent when the phone rang",
    expected: "nothing: pausing a batch does not rely on it",
    advice: "",
  },
  notice: {
    measured: "the platform's notices of this call, taken where the service takes them, and their signatures",
    expected: "optional; signed with the secret that is set, at most 5 minutes old, about this call",
    advice:
      "Correct BATCH_CALL_CARRIER_SECRET (Retell: the key that it signs webhooks with) and the clock of this machine. Until then outcomes come by asking, some seconds later.",
  },
  end: {
    measured: "how the call ended, when that was told, and what came with it",
    expected: "an outcome within 5 minutes after the phone was hung up",
    advice: "Compare the outcome with what happened at the phone; tell the maintainers where they differ.",
  },
  once: {
    measured: "calls that the platform shows under our reference, and rings that were counted at the phone",
    expected: "one request, one call, one ring",
    advice:
      "Do not place real calls: one request must never ring twice. Look for a proxy in between that repeats requests.",
  },
  limits: {
    measured: "headers and fields of the answers that tell of limits",
    expected: "none is needed",
    advice: "",
  },
  answers: {
    measured: "answers that were read as documented, and the fields of the call",
    expected: "every answer is JSON in the documented form",
    advice: "Check BATCH_CALL_CARRIER_URL and what stands in between; else tell the maintainers the fields.",
  },
  fields: {
    measured:
      "fields and lists that docs/providers asks about: the seconds from the request until each first came, and its place",
    expected: "none is relied upon: what comes late or never is taken as absent",
    advice: "",
  },
  repeat: {
    measured: "what the same request a second time is answered",
    expected: "nothing: it is never sent twice",
    advice: "",
  },
  full: {
    measured: "what a call above the account's lines is answered",
    expected: "a refusal, or a call that ends without having rung",
    advice: "",
  },
  refusals: {
    measured: "how a wrong number, a country that is not allowed and another account's agent or caller id are refused",
    expected: "in the platform's own form, with nobody called",
    advice: "",
  },
} as const satisfies Record<string, Words>;

export type MeasuredName = keyof typeof checks;

/** `not_measured`: for the reason that `came` gives; it counts neither way. */
export type Verdict = "pass" | "fail" | "not_measured";

export type Measurement = {
  readonly check: MeasuredName;
  readonly verdict: Verdict;
  readonly measured: string;
  readonly expected: string;
  /** What came; without secrets and phone numbers. */
  readonly came: string;
  /** On a failure only. */
  readonly advice?: string;
};

export function toMeasurement(check: MeasuredName, verdict: Verdict, came: string): Measurement {
  const { measured, expected, advice } = checks[check];
  return { check, verdict, measured, expected, came, ...(verdict === "fail" && { advice }) };
}

/** Those that stand after that one. */
export function measuredAfter(check: MeasuredName): readonly MeasuredName[] {
  // Safe: the keys of a constant object.
  const names = Object.keys(checks) as MeasuredName[];
  return names.slice(names.indexOf(check) + 1);
}

/** What one call cannot show. */
export const notMeasured: readonly (readonly [MeasuredName, string])[] = [
  ["repeat", "it could ring the phone a second time"],
  ["full", "it takes more calls than the account has lines"],
  ["refusals", "it takes requests that are meant to be refused, each of which might ring a phone instead"],
];
