import { openConnections } from "../client/connection.ts";
import type { PlatformName, PlatformSettings } from "../config/carrier.ts";
import { present } from "../contract/fields.ts";
import { Problem } from "../domain/problem.ts";
import { systemClock } from "../lib/clock.ts";
import type { Connections } from "../lib/http-exchange.ts";
import type { Log } from "../lib/log.ts";
import type { CarrierAccount } from "../service/accounts/index.ts";
import {
  type Carrier,
  createPlatformCarrier,
  elevenlabs,
  openPlatformHttp,
  type Platform,
  PlatformRefusal,
  retell,
  telnyx,
  twilio,
  vapi,
} from "../service/carriers/index.ts";
import type { SendLedger } from "../service/store/index.ts";

const platforms: Readonly<Record<PlatformName, Platform>> = { retell, elevenlabs, vapi, telnyx, twilio };

/** Of a request from its beginning to the end of its answer. */
const answerDeadlineMs = 25_000;

/** As the carrier of a platform has them. */
export function openPlatformConnections(): Connections {
  return openConnections(systemClock, { answerDeadlineMs });
}

/** The carrier that creates calls at a platform, which closes the connections. */
export function openPlatformCarrier(
  settings: PlatformSettings,
  sends: SendLedger,
  log: Log,
  connections: Connections = openPlatformConnections(),
): Carrier {
  const platform = platforms[settings.kind];
  const { url: baseUrl, apiKey: key, noticeKey, noticeUrl } = settings;
  const access = { platform, baseUrl, key, connections, ...present({ noticeKey, noticeUrl }) };
  return createPlatformCarrier({ ...access, sends, clock: systemClock, log });
}

export function platformOf(kind: PlatformName): Platform {
  return platforms[kind];
}

/** As people write it. */
export function nameOf(kind: PlatformName): string {
  return platforms[kind].name;
}

/** The account at a platform, and how many calls it may have at a time where the platform tells. */
export type PlatformAccount = CarrierAccount & { readonly lines?: number };

/**
 * Reads the agents and caller ids that batches may name, and dials nobody. Throws a `Problem` that says what to correct for a wrong key,
 * another address and an account with which nobody can call.
 */
export async function readPlatformAccount({ kind, url, apiKey }: PlatformSettings): Promise<PlatformAccount> {
  const platform = platforms[kind];
  const connections = openPlatformConnections();
  const { ask } = openPlatformHttp({ platform, baseUrl: url, key: apiKey, connections });
  try {
    const numbers = await platform.numbers(ask);
    const agents = await platform.agents(ask);
    const lines = await platform.lines?.(ask);
    const missing = agents.length === 0 ? "voice agent" : numbers.length === 0 ? "phone number" : undefined;
    if (missing)
      throw new Problem(
        "unavailable",
        `The ${platform.name} account of BATCH_CALL_CARRIER_KEY has no ${missing}. Add one there.`,
      );
    const createdAt = systemClock.now();
    return {
      agents: agents.map(({ callFields: _, language = "und", ...agent }) => ({ ...agent, language, createdAt })),
      phoneNumbers: numbers.map(({ phoneNumber, nickname = "" }) => ({ phoneNumber, nickname })),
      ...(lines && { lines: lines.limit }),
    };
  } catch (cause) {
    throw cause instanceof Problem ? cause : unusable(platform.name, url, cause);
  } finally {
    await connections.close();
  }
}

function unusable(name: string, url: string, cause: unknown): Problem {
  if (cause instanceof PlatformRefusal && (cause.status === 401 || cause.status === 403)) {
    const advice = `Correct BATCH_CALL_CARRIER_KEY to a key of the ${name} account.`;
    return new Problem("unauthorized", `${name} at ${url} does not take the key: ${cause.message}. ${advice}`, {
      cause,
    });
  }
  const why =
    cause instanceof Error && cause.name !== "ZodError" ? cause.message : `it answers otherwise than ${name} documents`;
  return new Problem("unavailable", `${name} at ${url} cannot be used: ${why}. Check BATCH_CALL_CARRIER_URL.`, {
    cause,
  });
}
