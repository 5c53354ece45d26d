import type { Environment } from "../../domain/batch/batch.ts";
import type { Secret } from "../../domain/secret.ts";
import type { Background } from "../../lib/background.ts";
import type { CancelTimer, Clock } from "../../lib/clock.ts";
import { commandText } from "../../lib/command-text.ts";
import type { Log } from "../../lib/log.ts";
import {
  type EventMessage,
  type EventOutbox,
  type EventStream,
  type StreamResult,
  tellWithinMs,
} from "../store/index.ts";
import { openPoster, type PostAnswer } from "./post.ts";
import { retryWaitMs } from "./retry-wait.ts";
import { signedHeaders } from "./sign.ts";

/** How many batches one URL is told of at a time, by one process. */
const streamsAtOnce = 8;
const lookEveryMs = 1_000;
const longestLookWaitMs = 10_000;
/** A look that takes long is not taken more often than it can be afforded. */
const restPerLook = 20;
/** A stream is given back after so long: what was told of it is told again after a crash. */
const longestTurnMs = 5_000;
/** Until the turn of the next message after one that was given up. */
const afterGivenUpMs = 1_000;

export type TellerParts = {
  readonly outbox: EventOutbox;
  /** By the clock of the store. */
  readonly now: () => Promise<Date>;
  readonly clock: Clock;
  readonly log: Log;
  readonly background: Background;
  readonly environment: Environment;
  readonly secret: Secret;
  readonly observer?: WebhookObserver;
};

/** A URL that events are told to, with a name for it in store and log: the URL itself can hold a secret. */
export type Endpoint = { readonly id: string; readonly name: string; readonly url: Secret };

/** Is notified of each try. */
type WebhookObserver = { told(result: "delivered" | "failed" | "given_up"): void };

/**
 * Builds what tells one URL: batches side by side, the events of one batch one after the other. One that fails makes those of its batch wait
 * and no others.
 */
export function createTeller(parts: TellerParts, { id: endpointId, name, url }: Endpoint) {
  const { outbox, now, clock, log, background, secret, environment, observer } = parts;
  const poster = openPoster(url.reveal(), streamsAtOnce, clock);
  let running = 0;
  let isLooking = false;
  let state: "open" | "gone" | "closed" = "open";
  let after = "";
  let cancelLook: CancelTimer = () => {};

  /** Takes what is due, as far as there is room. Looks again when something of it is done, and every second. */
  function look(): void {
    if (isLooking || state !== "open" || running >= streamsAtOnce) return;
    isLooking = true;
    cancelLook();
    background.start(async () => {
      const startedAt = clock.monotonicMs();
      let waitMs = lookEveryMs;
      try {
        await takeDue();
        const tookMs = clock.monotonicMs() - startedAt;
        waitMs = Math.min(Math.max(lookEveryMs, restPerLook * tookMs), longestLookWaitMs);
      } catch (err) {
        waitMs = longestLookWaitMs;
        log.error(
          { err, endpoint: name, waitMs },
          "Events that wait to be told could not be read; this is tried again",
        );
      }
      isLooking = false;
      cancelLook = background.at(new Date(clock.now().getTime() + waitMs), look);
    });
  }

  async function takeDue(): Promise<void> {
    const limit = streamsAtOnce - running;
    const streams = await outbox.claim({ endpointId, after, limit, now: await now() });
    const isEnd = streams.length < limit;
    const wasWhole = after === "";
    after = isEnd ? "" : (streams.at(-1)?.batchId ?? "");
    for (const stream of streams) {
      running += 1;
      background.start(() => tell(stream));
    }
    if (isEnd && !wasWhole) await takeDue();
  }

  async function tell(stream: EventStream): Promise<void> {
    try {
      const result = await tellAll(stream);
      const about = { endpoint: name, batchId: stream.batchId };
      await background.retryUntilDone(about, async () => outbox.settle(stream, result, await now()));
    } finally {
      running -= 1;
      look();
    }
  }

  async function tellAll(stream: EventStream): Promise<StreamResult> {
    const startedAt = clock.monotonicMs();
    const delivered: EventMessage[] = [];
    for (const message of stream.messages) {
      if (state !== "open" || clock.monotonicMs() - startedAt > longestTurnMs) break;
      const answer = await send(message);
      if (answer.kind === "delivered") {
        observer?.told("delivered");
        delivered.push(message);
      } else if (answer.kind === "failed") {
        const failures = delivered.length === 0 ? stream.failures + 1 : 1;
        return { delivered, failed: await putOff(stream, message, failures, answer) };
      } else if (answer.kind === "gone") {
        close("gone");
        log.error(
          { endpoint: name },
          "A webhook URL answers 410 Gone: nothing more is told to it. Take it out of BATCH_CALL_WEBHOOK_URL, or start this process again to go on",
        );
      }
    }
    return { delivered };
  }

  function send({ id, type, recordedAt, data }: EventMessage): Promise<PostAnswer> {
    const head = JSON.stringify({ type, timestamp: recordedAt.toISOString(), environment });
    const body = `${head.slice(0, -1)},"data":${data}}`;
    return poster.post(signedHeaders(secret, id, clock.now(), body), body);
  }

  async function putOff(
    { batchId }: EventStream,
    message: EventMessage,
    failures: number,
    { why, retryAfterMs }: Extract<PostAnswer, { kind: "failed" }>,
  ): Promise<NonNullable<StreamResult["failed"]>> {
    const failedAt = (await now()).getTime();
    const givenUp = failedAt - message.triedSince.getTime() >= tellWithinMs;
    const waitMs = givenUp ? afterGivenUpMs : retryWaitMs(failures, Math.random(), retryAfterMs);
    const about = { endpoint: name, event: message.id, type: message.type, batchId, why, failures };
    observer?.told(givenUp ? "given_up" : "failed");
    if (givenUp)
      log.error(
        about,
        `An event was given up after three days; it is parked. \`${commandText("send-parked-events")}\` sends it again`,
      );
    else log.warn({ ...about, waitMs }, "An event could not be told and is tried again; those of its batch wait");
    return { message, retryAt: new Date(failedAt + waitMs), givenUp };
  }

  function close(as: "gone" | "closed"): void {
    state = as;
    cancelLook();
    poster.close();
  }

  return { look, isGone: () => state === "gone", close: () => close("closed") };
}
