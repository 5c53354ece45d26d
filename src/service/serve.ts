import { toFailureBody } from "../contract/envelope.ts";
import { Problem } from "../domain/problem.ts";
import type { WebhookSettings } from "../domain/webhooks.ts";
import type { Clock } from "../lib/clock.ts";
import { explainListenError, type HttpListener, listen } from "../lib/http-listen.ts";
import type { Log } from "../lib/log.ts";
import { type CarrierAccount, type Keyring, simulatedAccount } from "./accounts/index.ts";
import type { Carrier } from "./carriers/index.ts";
import {
  createCallReports,
  createDialer,
  type DialGuard,
  noDialGuard,
  type ServiceSettings,
  type WakeUps,
} from "./dialing/index.ts";
import { countQueue, createApp, createMetrics, type RehearsalReporter } from "./rest/index.ts";
import { logged, type Store } from "./store/index.ts";
import { createWebhooks } from "./webhooks/index.ts";

/** How requests are answered. */
type RestSettings = { readonly answersEnveloped?: boolean };
/** Whom events are told to. */
type EventSettings = { readonly webhooks?: WebhookSettings };

export type ServingOptions = {
  /** Closed with the service. */
  readonly carrier: Carrier;
  /** Agents and caller ids of every organization; the simulated ones when absent. */
  readonly account?: CarrierAccount;
  readonly clock: Clock;
  readonly settings: ServiceSettings & RestSettings & EventSettings;
  /** None unless given. */
  readonly guard?: DialGuard;
  readonly log: Log;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Absent where the clock is real. */
  readonly rehearsal?: RehearsalReporter;
};

export type ServingParts = ServingOptions & {
  /** Closed with the service. */
  readonly store: Store;
  readonly keyring: Keyring;
  /** Where other processes dial on the same store. */
  readonly wakeUps?: WakeUps;
};

export type Serving = {
  readonly url: string;
  /** Resolves when there is nothing to do before time moves on or the carrier speaks. */
  idle(): Promise<void>;
  /** Takes no more requests, lets those in hand and the dials on their way finish, and closes the store. */
  stop(): Promise<void>;
};

/**
 * Runs the REST service and its dialer on a store. What a process that died left open is clarified before anything is
 * dialed. Throws a `Problem` for a port that is taken.
 */
export async function serve(parts: ServingParts): Promise<Serving> {
  const { keyring, carrier, account = simulatedAccount, clock, settings, log, host, port, wakeUps, guard } = parts;
  const store = logged(parts.store, log);
  const metrics = createMetrics();
  const dialer = createDialer({
    store,
    carrier,
    clock,
    settings,
    log,
    observer: metrics,
    ...(wakeUps && { wakeUps }),
    ...(guard && { guard }),
  });
  const { environment, cannotAsk, reports: callback } = carrier;
  const webhooks = createWebhooks({
    store,
    clock,
    log,
    environment,
    observer: metrics,
    ...(settings.webhooks && { settings: settings.webhooks }),
  });
  const taken = { store, guard: guard ?? noDialGuard, log, clock, dialing: dialer, observer: metrics };
  const reports = callback && createCallReports({ ...taken, callback });
  const app = createApp({
    store,
    dialing: dialer,
    account,
    clock,
    keyring,
    environment,
    ...(cannotAsk && { cannotAsk }),
    answersEnveloped: settings.answersEnveloped ?? false,
    metrics: {
      contentType: metrics.contentType,
      async render() {
        const [queue, events] = [await countQueue(store, clock.now()), await store.events.counts()];
        return metrics.render({ inFlight: dialer.inFlight(), queue, events, now: clock.now() });
      },
    },
    ...(reports && { reports }),
    ...(parts.rehearsal && { rehearsal: parts.rehearsal }),
    log,
  });
  let server: HttpListener | undefined;
  const stop = async (): Promise<void> => {
    await server?.drain();
    await dialer.stop();
    await webhooks.stop();
    await store.close();
  };
  try {
    await webhooks.start();
    server = await listenOrExplain((request) => app.fetch(request), host, port);
    await dialer.start();
    return { url: server.origin, idle: () => dialer.idle(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listenOrExplain(
  fetch: (request: Request) => Response | Promise<Response>,
  host: string,
  port: number,
): Promise<HttpListener> {
  const badRequest = toFailureBody("Bad request", "This is not a valid HTTP/1.1 request.");
  try {
    return await listen(fetch, { host, port, badRequest });
  } catch (cause) {
    const why = explainListenError(cause, "BATCH_CALL_SERVICE");
    throw new Problem("unavailable", `The service cannot listen on ${host}:${port}: ${why}`, { cause });
  }
}
