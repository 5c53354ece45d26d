import type { Clock } from "../../../lib/clock.ts";

/** How long what was read holds. */
const freshMs = 60_000;

/** Rows of the account, by what they are called here. */
export type KnownRows<Row> = {
  /** Undefined where the account has no such row. Throws where the platform was never asked with success. */
  find(name: string): Promise<Row | undefined>;
};

/** Read again each minute in which somebody asks, by one reader for all. */
export function createKnownRows<Row>(
  read: () => Promise<readonly Row[]>,
  nameOf: (row: Row) => string,
  clock: Clock,
): KnownRows<Row> {
  let known: ReadonlyMap<string, Row> | undefined;
  let readAt: Date | undefined;
  let reading: Promise<void> | undefined;

  async function readAll(): Promise<void> {
    known = new Map((await read()).map((row) => [nameOf(row), row]));
    readAt = clock.now();
  }

  function isFresh(): boolean {
    return readAt !== undefined && clock.now().getTime() - readAt.getTime() < freshMs;
  }

  return {
    async find(name) {
      if (!isFresh()) {
        reading ??= readAll().finally(() => {
          reading = undefined;
        });
        // What it was last holds on: the platform itself refuses what it does not have.
        await reading.catch((error: unknown) => {
          if (!known) throw error;
        });
      }
      return known?.get(name);
    },
  };
}
