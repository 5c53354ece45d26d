import type { Clock } from "../../../lib/clock.ts";
import type { Ask, Platform, PlatformNumber } from "./platform.ts";

/** How long what the account's numbers were called holds. */
const freshMs = 60_000;

/** What the platform calls the account's numbers. */
export type CallerIds = {
  /** Undefined where the account has no such number. Throws where the platform was never asked with success. */
  find(phoneNumber: string): Promise<PlatformNumber | undefined>;
};

export function createCallerIds(platform: Platform, ask: Ask, clock: Clock): CallerIds {
  if (!platform.namesNumbersById) return { find: async (phoneNumber) => ({ phoneNumber }) };
  let known: ReadonlyMap<string, PlatformNumber> | undefined;
  let readAt: Date | undefined;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const numbers = await platform.numbers(ask);
    known = new Map(numbers.map((number) => [number.phoneNumber, number]));
    readAt = clock.now();
  }

  function isFresh(): boolean {
    return readAt !== undefined && clock.now().getTime() - readAt.getTime() < freshMs;
  }

  return {
    async find(phoneNumber) {
      if (!isFresh()) {
        reading ??= read().finally(() => {
          reading = undefined;
        });
        // What it was called last holds on: the platform itself refuses what it does not have.
        await reading.catch((error: unknown) => {
          if (!known) throw error;
        });
      }
      return known?.get(phoneNumber);
    },
  };
}
