import { Secret } from "../../../src/domain/secret.ts";
import type { Log } from "../../../src/lib/log.ts";
import { createKeyring, simulatedAccount, toHashedKeys } from "../../../src/service/accounts/index.ts";
import { createDialer } from "../../../src/service/dialing/dialer.ts";
import { noDialGuard } from "../../../src/service/dialing/dialing.ts";
import { createApp } from "../../../src/service/rest/app.ts";
import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import { ScriptedCarrier } from "../carriers/scripted-carrier.ts";
import { TestClock } from "../test-clock.ts";

const keys = { organizationId: "org_1", apiKey: new Secret("sk_fuzzed"), apiSecret: new Secret("c4n4ry_fuzzed") };
export const secretOfKeys = keys.apiSecret.reveal();
export const rightKeys = { "X-API-KEY": keys.apiKey.reveal(), "X-API-SECRET": secretOfKeys };

const settings = { maxConcurrent: 4, startsPerSecond: 5 };

/** The REST service with its store in memory, its dialer, a scripted carrier and no socket. */
export async function startRestService(log: Log) {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  const carrier = new ScriptedCarrier(clock);
  const store = openSqliteStore(":memory:");
  const dialer = createDialer({ store, carrier, clock, log, settings, guard: noDialGuard });
  const app = createApp({
    store,
    process: "service",
    standing: () => dialer.standing(),
    dialing: dialer,
    account: async () => simulatedAccount,
    clock,
    keyring: createKeyring([toHashedKeys(keys)]),
    environment: "simulated",
    callLimits: { concurrent: settings.maxConcurrent, startsPerSecond: settings.startsPerSecond },
    answersEnveloped: false,
    metrics: { contentType: "text/plain; version=0.0.4", render: async () => "up 1\n" },
    log,
  });
  clock.settleWith(() => dialer.idle());
  await dialer.start();
  const stop = async (): Promise<void> => {
    await dialer.stop();
    await store.close();
  };
  return { clock, carrier, fetch: async (request: Request): Promise<Response> => app.fetch(request), stop };
}
