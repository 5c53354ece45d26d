import { toFailureBody } from "../contract/envelope.ts";
import type { Environment } from "../domain/batch/batch.ts";
import { Problem } from "../domain/problem.ts";
import type { WebhookSettings } from "../domain/webhooks.ts";
import type { Clock } from "../lib/clock.ts";
import type { InProcess } from "../lib/http-exchange.ts";
import { explainListenError, type HttpListener, listen } from "../lib/http-listen.ts";
import type { Log } from "../lib/log.ts";
import { type AccountSource, type Keyring, simulatedAccount } from "./accounts/index.ts";
import type { Carrier } from "./carriers/index.ts";
import {
  createCallNotices,
  createCallReports,
  createDialer,
  type Dialer,
  type DialGuard,
  noDialGuard,
  type ServiceSettings,
  usualPassRestMs,
  type WakeUps,
} from "./dialing/index.ts";
import {
  countQueue,
  createApp,
  createInProcessDoor,
  createMetrics,
  createMonitorApp,
  type Metrics,
  type RehearsalReporter,
} from "./rest/index.ts";
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
  readonly account?: AccountSource;
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
  /** Answers as the server at `url` does, without a socket. */
  readonly ask: InProcess;
  /** Resolves when there is nothing to do before time moves on or the carrier speaks. */
  idle(): Promise<void>;
  /** Takes no more requests, lets those in hand and the dials on their way finish, and closes the store. */
  stop(): Promise<void>;
};

/** How often a service looks for due calls, in ms, though nothing told it to. */
const lookEveryMs = 60_000;

/**
 * Runs the REST service and its dialer on a store. What a process that died left open is clarified before anything is
 * dialed. Throws a `Problem` for a port that is taken.
 */
export async function serve(parts: ServingParts): Promise<Serving> {
  const {
    keyring,
    carrier,
    account = async () => simulatedAccount,
    clock,
    settings,
    log,
    host,
    port,
    wakeUps,
    guard,
  } = parts;
  const store = logged(parts.store, log);
  const metrics = createMetrics("service");
  const dialer = createDialer({
    store,
    carrier,
    clock,
    settings,
    log,
    observer: metrics,
    passRestMs: usualPassRestMs,
    ...(wakeUps && { wakeUps }),
    ...(guard && { guard }),
  });
  const { environment, cannotAsk, cannotLeaveMessages, reports: callback, notices: noticesOf } = carrier;
  const webhooks = startableWebhooks({ store, clock, log, environment, settings, metrics });
  const { noticed } = metrics;
  const taken = { store, guard: guard ?? noDialGuard, log, clock, dialing: dialer, observer: metrics, noticed };
  const reports = callback && createCallReports({ ...taken, callback });
  const notices = noticesOf && createCallNotices({ ...taken, notices: noticesOf });
  const app = createApp({
    store,
    dialing: dialer,
    account,
    clock,
    keyring,
    environment,
    callLimits: {
      concurrent: settings.maxConcurrent,
      concurrentPerBatch: settings.maxConcurrentPerBatch,
      startsPerSecond: settings.startsPerSecond,
    },
    ...(settings.minHoursBetweenBatches && { minHoursBetweenBatches: settings.minHoursBetweenBatches }),
    ...(settings.testNumbers && { testNumbers: settings.testNumbers }),
    ...(guard?.waitOf && { operatorWaitOf: guard.waitOf }),
    ...(cannotAsk && { cannotAsk }),
    ...(cannotLeaveMessages && { cannotLeaveMessages }),
    answersEnveloped: settings.answersEnveloped ?? false,
    process: "service",
    standing: () => dialer.standing(),
    metrics: metricsPage(metrics, store, dialer, clock),
    ...(reports && { reports }),
    ...(notices && { notices }),
    ...(parts.rehearsal && { rehearsal: parts.rehearsal }),
    log,
  });
  // Should a wake-up be missed, or the clock be set back while one is waited for, whoever is due waits no longer than this.
  const looking = setInterval(() => dialer.wake(), lookEveryMs).unref();
  const door = createInProcessDoor((request, delivery) => app.fetch(request, delivery));
  let server: HttpListener | undefined;
  const stop = async (): Promise<void> => {
    clearInterval(looking);
    await Promise.all([server?.drain(), door.drain()]);
    await dialer.stop();
    await webhooks.stop();
    await store.close();
  };
  try {
    await webhooks.start();
    server = await listenOrExplain((request) => app.fetch(request), { host, port, setting: "BATCH_CALL_SERVICE" });
    await dialer.start();
    return { url: server.origin, ask: door.ask, idle: () => dialer.idle(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export type WorkingParts = Pick<
  ServingParts,
  "store" | "carrier" | "clock" | "settings" | "log" | "wakeUps" | "guard"
> & {
  /** Where `/healthz` and `/metrics` are served, on loopback; nowhere when absent. */
  readonly port?: number;
};

/** Dials for services on the same store. The store and the carrier are closed with it. Throws a `Problem` for a port that is taken. */
export async function work({
  port,
  ...parts
}: WorkingParts): Promise<{ readonly url?: string; stop(): Promise<void> }> {
  const { store, carrier, clock, log, settings } = parts;
  const { environment } = carrier;
  const metrics = createMetrics("worker");
  const webhooks = startableWebhooks({ store, clock, log, environment, settings, metrics });
  const dialer = createDialer({ ...parts, observer: metrics, passRestMs: usualPassRestMs });
  const page = metricsPage(metrics, store, dialer, clock);
  const app = createMonitorApp({
    store,
    standing: () => dialer.standing(),
    environment,
    process: "worker",
    metrics: page,
    log,
  });
  let server: HttpListener | undefined;
  const stop = async (): Promise<void> => {
    await server?.drain();
    await dialer
      .stop()
      .finally(() => webhooks.stop())
      .finally(() => store.close());
  };
  try {
    const where = { host: "127.0.0.1", setting: "BATCH_CALL_WORKER" };
    await webhooks.start();
    if (port !== undefined) server = await listenOrExplain((request) => app.fetch(request), { ...where, port });
    await dialer.start();
    return { ...(server && { url: server.origin }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startableWebhooks({
  settings,
  metrics,
  ...parts
}: Pick<ServingParts, "store" | "clock" | "log" | "settings"> & {
  readonly environment: Environment;
  readonly metrics: Metrics;
}) {
  return createWebhooks({ ...parts, observer: metrics, ...(settings.webhooks && { settings: settings.webhooks }) });
}

function metricsPage(metrics: Metrics, store: Store, dialer: Dialer, clock: Clock) {
  const { contentType } = metrics;
  const figures = async () => {
    const now = clock.now();
    const [queue, events] = [await countQueue(store, now), await store.events.counts()];
    return { inFlight: dialer.standing().inFlight, queue, events, now };
  };
  return { contentType, render: async () => metrics.render(await figures()) };
}

async function listenOrExplain(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port, setting }: { readonly host: string; readonly port: number; readonly setting: string },
): Promise<HttpListener> {
  const badRequest = toFailureBody("Bad request", "This is not a valid HTTP/1.1 request.");
  try {
    return await listen(fetch, { host, port, badRequest });
  } catch (cause) {
    const why = explainListenError(cause, setting);
    throw new Problem(
      "unavailable",
      `The ${setting === "BATCH_CALL_SERVICE" ? "service" : "worker"} cannot listen on ${host}:${port}: ${why}`,
      { cause },
    );
  }
}
