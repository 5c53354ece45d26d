import { type Clock, sleep } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { CarrierAccount } from "./simulated-account.ts";

/** Answers the account as it is now, or was lately. */
export type AccountSource = () => Promise<CarrierAccount>;

const keptForMs = 60_000;
/** Nobody who creates a batch is kept waiting for longer. */
const longestReadMs = 5_000;

/**
 * An account that can change while the service runs: read again once what is known of it is a minute old, by one reader for all who
 * ask. While it cannot be read, or not within 5 s, what is known holds: an agent or caller id that is gone is refused again when it is to call.
 */
export function createCurrentAccount(parts: {
  readonly first: CarrierAccount;
  readonly read: () => Promise<CarrierAccount>;
  readonly clock: Clock;
  readonly log: Log;
}): AccountSource {
  const { first, read, clock, log } = parts;
  let known = first;
  let askedAtMs = clock.monotonicMs();
  let reading: Promise<void> = Promise.resolve();

  async function readAgain(): Promise<void> {
    try {
      known = await read();
    } catch (error) {
      log.warn({ err: error }, "The agents and caller ids of the account could not be read; those known so far hold");
    }
  }

  return async () => {
    if (clock.monotonicMs() - askedAtMs >= keptForMs) {
      askedAtMs = clock.monotonicMs();
      reading = Promise.race([readAgain(), sleep(clock, longestReadMs)]);
    }
    await reading;
    return known;
  };
}
