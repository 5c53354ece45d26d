import { createHash } from "node:crypto";
import type { Secret } from "../../domain/secret.ts";
import type { WebhookSettings } from "../../domain/webhooks.ts";
import { Background } from "../../lib/background.ts";
import type { Store } from "../store/index.ts";
import { createTeller, type Endpoint, type TellerParts } from "./teller.ts";

const tidyEveryMs = 60 * 60 * 1000;

export type WebhookParts = Omit<TellerParts, "outbox" | "now" | "background" | "secret"> & {
  readonly store: Pick<Store, "events" | "now">;
  /** Nothing is told, and no event is kept for this process to tell, without them. */
  readonly settings?: WebhookSettings;
};

/** Tells the operator's URLs of events, beside everything else that this process does. */
export type Webhooks = {
  /** From here on events are kept. To be awaited before anything happens of which they could tell. */
  start(): Promise<void>;
  /** Breaks off what is on its way; it is told again by whoever is next. To be awaited before the store is closed. */
  stop(): Promise<void>;
};

export function createWebhooks({ settings, store, ...parts }: WebhookParts): Webhooks {
  const { clock, log } = parts;
  const outbox = store.events;
  const now = async (): Promise<Date> => (await store.now?.()) ?? clock.now();
  const background = new Background(clock, log);
  const endpoints = (settings?.urls ?? []).map(endpointOf);
  const tellers = settings
    ? endpoints.map((endpoint) =>
        createTeller({ ...parts, outbox, now, background, secret: settings.secret }, endpoint),
      )
    : [];

  /** Says that these URLs are still somebody's, and deletes what is old. */
  async function serve(): Promise<void> {
    await outbox.serve(
      endpoints.filter((_, index) => !tellers[index]?.isGone()),
      await now(),
    );
    await tidy();
  }

  async function serveAgain(): Promise<void> {
    await background.retryUntilDone({}, serve);
    background.after(tidyEveryMs, serveAgain);
  }

  async function tidy(): Promise<void> {
    const { abandoned, forgotten, parkedForgotten } = await outbox.tidy(await now());
    if (abandoned > 0)
      log.error({ events: abandoned }, "Events were given up: no process has had their webhook URL for three days");
    if (parkedForgotten > 0)
      log.warn({ events: parkedForgotten }, "Events that were given up 30 days ago were deleted");
    if (abandoned + forgotten > 0) await tidy();
  }

  return {
    async start() {
      await serve();
      if (endpoints.length > 0) background.after(tidyEveryMs, serveAgain);
      for (const teller of tellers) teller.look();
    },
    async stop() {
      background.stop();
      for (const teller of tellers) teller.close();
      await background.idle();
    },
  };
}

/** How a URL is known in the store. */
export function endpointOf(url: Secret): Endpoint {
  const id = createHash("sha256").update(url.reveal()).digest("hex").slice(0, 32);
  return { id, name: new URL(url.reveal()).host, url };
}
