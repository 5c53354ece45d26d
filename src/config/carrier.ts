import { z } from "zod";
import { isSafeUrl, Secret } from "../domain/secret.ts";
import { type SettingRow, wholeNumber } from "./setting-row.ts";

/** What places the calls of the service. */
export type CarrierSettings =
  | { readonly kind: "simulated" }
  | { readonly kind: "http"; readonly url: string; readonly secret: Secret; readonly callbackUrl?: string }
  | {
      readonly kind: "hosted";
      readonly url: string;
      readonly apiKey: Secret;
      readonly apiSecret: Secret;
      /** The most calls of a wave. */
      readonly waveSize: number;
    }
  | PlatformSettings;

/** An account of a voice-agent platform. */
export type PlatformSettings = {
  readonly kind: PlatformName;
  readonly url: string;
  readonly apiKey: Secret;
  /** What it signs its notices with; absent where the operator gave none, and then they are not taken. */
  readonly noticeKey?: Secret;
  /** Where it is to send them, where that is told with each call. */
  readonly noticeUrl?: string;
};

/**
 * The voice-agent platforms, with the pace that is kept where the operator sets none: below the smallest plan of each, since others may call
 * with the same account.
 */
const platforms = {
  // 20 calls at a time on its smallest plan; no page says how many starts a second (docs/providers/retell.md).
  retell: { url: "https://api.retellai.com", maxConcurrent: 15, startsPerSecond: 1 },
  // Calls at a time by plan, which no page of its API tells; above them calls wait in its queue (docs/providers/elevenlabs.md).
  elevenlabs: { url: "https://api.elevenlabs.io", maxConcurrent: 3, startsPerSecond: 1 },
  // 10 calls at a time unless more are paid for (docs/providers/vapi.md).
  vapi: { url: "https://api.vapi.ai", maxConcurrent: 8, startsPerSecond: 1 },
  // 2 calls at a time on a new account and 10 after verification, 30 starts a second (docs/providers/telnyx.md).
  telnyx: { url: "https://api.telnyx.com/v2", maxConcurrent: 2, startsPerSecond: 5 },
  // 2 calls at a time without an approved profile and any number with one, 1 start a second (docs/providers/twilio.md).
  twilio: { url: "https://api.twilio.com", maxConcurrent: 2, startsPerSecond: 1 },
} as const;
export type PlatformName = keyof typeof platforms;

// Safe: the keys of a constant object.
export const platformNames = Object.keys(platforms) as readonly PlatformName[];

const defaultPace = { maxConcurrent: 10, startsPerSecond: 5 } as const;

/** What is kept where the operator sets no pace: calls at once per organization, and starts a second per caller id. */
export function paceOf(kind: CarrierSettings["kind"]): {
  readonly maxConcurrent: number;
  readonly startsPerSecond: number;
} {
  return isPlatformName(kind) ? platforms[kind] : defaultPace;
}

function isPlatformName(kind: CarrierSettings["kind"]): kind is PlatformName {
  return kind in platforms;
}

/** Whether a voice-agent platform places its calls. */
export function isPlatform(carrier: CarrierSettings): carrier is PlatformSettings {
  return isPlatformName(carrier.kind);
}

const kinds = ["simulated", "http", "hosted", "retell", "elevenlabs", "vapi", "telnyx", "twilio"] as const;

const safeUrl = z.string().refine(isSafeUrl, "an https URL, or an http URL of this machine, without a query");
const secret = z.string().transform((text) => new Secret(text));

export const carrierSchemas = {
  BATCH_CALL_CARRIER: z.enum(kinds, { error: `one of ${kinds.join(", ")}` }).default("simulated"),
  BATCH_CALL_CARRIER_URL: safeUrl.optional(),
  BATCH_CALL_CARRIER_KEY: secret.optional(),
  BATCH_CALL_CARRIER_SECRET: secret.optional(),
  BATCH_CALL_CARRIER_CALLBACK_URL: safeUrl.optional(),
  BATCH_CALL_CARRIER_WAVE: wholeNumber(1, 100).optional(),
} as const;

export const carrierRows: readonly SettingRow[] = [
  {
    name: "BATCH_CALL_CARRIER",
    shownDefault: "simulated",
    about:
      "`service`, `worker`: `simulated`, `http` for real calls through a bridge, `hosted` through the hosted API, or `retell`, `elevenlabs`, `vapi`, `telnyx` or `twilio` through an account at that platform (docs/carriers.md). The self-started service is always simulated.",
  },
  {
    name: "BATCH_CALL_CARRIER_URL",
    shownDefault: "none; `hosted`: https://api.zudu.ai; a platform: its API",
    about: "URL of the bridge, of the hosted API, or of the platform; https or on this machine.",
  },
  {
    name: "BATCH_CALL_CARRIER_KEY",
    shownDefault: "none",
    about:
      "`hosted` carrier: key of its account (`X-API-KEY`). A platform: the account's API key, all that it needs; `twilio`: `AC…:<auth token>` or `AC…:SK…:<secret>`.",
  },
  {
    name: "BATCH_CALL_CARRIER_SECRET",
    shownDefault: "none",
    about:
      "`http` carrier: secret shared with the bridge, at least 32 characters. `hosted` carrier: secret of its account (`X-API-SECRET`). `elevenlabs`, `vapi`: secret of the webhook; `telnyx`: the account's public key; `twilio`: its auth token; without it no notices are taken.",
  },
  {
    name: "BATCH_CALL_CARRIER_CALLBACK_URL",
    shownDefault: "none, the bridge or Twilio is asked",
    about:
      "`http` carrier: URL at which the bridge reaches `/carrier/outcomes` of this service. `twilio`: URL at which Twilio reaches `/carrier/notices`.",
  },
  {
    name: "BATCH_CALL_CARRIER_WAVE",
    shownDefault: "10",
    about:
      "`hosted` carrier: calls that are handed over at a time, 1 to 100. A pause takes back none that was handed over, so at most so many ring after it; its answer says how many. With 1 it waits for the call in hand, and none does.",
  },
];

type Values = z.output<z.ZodObject<typeof carrierSchemas>>;
type Name = keyof typeof carrierSchemas;

const shortestBridgeSecret = 32;
const defaultWaveSize = 10;
const hostedUrl = "https://api.zudu.ai";

const needed: Readonly<Record<CarrierSettings["kind"], readonly Name[]>> = {
  simulated: [],
  http: ["BATCH_CALL_CARRIER_URL", "BATCH_CALL_CARRIER_SECRET"],
  hosted: ["BATCH_CALL_CARRIER_KEY", "BATCH_CALL_CARRIER_SECRET"],
  retell: ["BATCH_CALL_CARRIER_KEY"],
  elevenlabs: ["BATCH_CALL_CARRIER_KEY"],
  vapi: ["BATCH_CALL_CARRIER_KEY"],
  telnyx: ["BATCH_CALL_CARRIER_KEY"],
  twilio: ["BATCH_CALL_CARRIER_KEY"],
};
const known: Readonly<Record<CarrierSettings["kind"], readonly Name[]>> = {
  simulated: [],
  http: [...needed.http, "BATCH_CALL_CARRIER_CALLBACK_URL"],
  hosted: [...needed.hosted, "BATCH_CALL_CARRIER_URL", "BATCH_CALL_CARRIER_WAVE"],
  retell: [...needed.retell, "BATCH_CALL_CARRIER_URL"],
  elevenlabs: [...needed.elevenlabs, "BATCH_CALL_CARRIER_URL", "BATCH_CALL_CARRIER_SECRET"],
  vapi: [...needed.vapi, "BATCH_CALL_CARRIER_URL", "BATCH_CALL_CARRIER_SECRET"],
  telnyx: [...needed.telnyx, "BATCH_CALL_CARRIER_URL", "BATCH_CALL_CARRIER_SECRET"],
  twilio: [...needed.twilio, "BATCH_CALL_CARRIER_URL", "BATCH_CALL_CARRIER_SECRET", "BATCH_CALL_CARRIER_CALLBACK_URL"],
};
const realKinds = ["http", "hosted", "retell", "elevenlabs", "vapi", "telnyx", "twilio"] as const;

/** A carrier of real calls needs its settings; and those of one that is not on have no effect, which somebody may not expect. */
export function carrierErrors(values: Values | undefined): string[] {
  const kind = values?.BATCH_CALL_CARRIER ?? "simulated";
  const isGiven = (name: Name): boolean => values?.[name] !== undefined;
  const missing = needed[kind]
    .filter((name) => !isGiven(name))
    .map((name) => `${name} is missing: BATCH_CALL_CARRIER is ${kind}.`);
  const idle = [...new Set(realKinds.flatMap((other) => known[other]))].filter(
    (name) => isGiven(name) && !known[kind].includes(name),
  );
  const secret = values?.BATCH_CALL_CARRIER_SECRET?.reveal() ?? "";
  const isShort = kind === "http" && secret !== "" && secret.length < shortestBridgeSecret;
  return [
    ...missing,
    ...idle.map((name) => idleSetting(name, kind)),
    ...(isShort ? [`BATCH_CALL_CARRIER_SECRET: must be at least ${shortestBridgeSecret} characters long.`] : []),
    ...(kind === "twilio" ? twilioErrors(values) : []),
  ];
}

/** An account and its auth token, or an account and an API key with its secret. */
const twilioKey = /^AC[0-9a-fA-F]{32}:(SK[0-9a-fA-F]{32}:)?[^:\s]+$/;

function twilioErrors({
  BATCH_CALL_CARRIER_KEY: key,
  BATCH_CALL_CARRIER_SECRET: secret,
  BATCH_CALL_CARRIER_CALLBACK_URL: url,
}: Partial<Values> = {}): string[] {
  return [
    ...(key && !twilioKey.test(key.reveal())
      ? [
          "BATCH_CALL_CARRIER_KEY: must be the account's SID and its auth token, AC…:<auth token>, or the SID and an API key with its secret, AC…:SK…:<secret>.",
        ]
      : []),
    ...((secret === undefined) === (url === undefined)
      ? []
      : [
          "BATCH_CALL_CARRIER_SECRET and BATCH_CALL_CARRIER_CALLBACK_URL belong together: Twilio is told the URL with each call, and signs what it sends there with the account's auth token.",
        ]),
  ];
}

/** `a, b or c`. */
const anyOf = new Intl.ListFormat("en-GB", { type: "disjunction" });

function idleSetting(name: Name, kind: CarrierSettings["kind"]): string {
  const of = anyOf.format(realKinds.filter((other) => known[other].includes(name)));
  const effect = kind === "simulated" ? "no real call would be placed" : "it would have no effect";
  return `${name} is set, but BATCH_CALL_CARRIER is not ${of}: ${effect}.`;
}

export function toCarrierSettings(values: Values): CarrierSettings {
  const {
    BATCH_CALL_CARRIER: kind,
    BATCH_CALL_CARRIER_URL: url,
    BATCH_CALL_CARRIER_KEY: apiKey,
    BATCH_CALL_CARRIER_SECRET: secret,
    BATCH_CALL_CARRIER_CALLBACK_URL: callbackUrl,
  } = values;
  if (kind === "hosted" && apiKey && secret) {
    const waveSize = values.BATCH_CALL_CARRIER_WAVE ?? defaultWaveSize;
    return { kind, url: url ?? hostedUrl, apiKey, apiSecret: secret, waveSize };
  }
  if (isPlatformName(kind) && apiKey) {
    // Retell signs with the key itself.
    const noticeKey = kind === "retell" ? apiKey : secret;
    const access = { kind, url: url ?? platforms[kind].url, apiKey };
    return { ...access, ...(noticeKey && { noticeKey }), ...(callbackUrl && { noticeUrl: callbackUrl }) };
  }
  if (kind !== "http" || !url || !secret) return { kind: "simulated" };
  return { kind, url, secret, ...(callbackUrl && { callbackUrl }) };
}

/** Whether its calls reach people's phones. */
export function isLiveCarrier({ kind }: CarrierSettings): boolean {
  return kind !== "simulated";
}
