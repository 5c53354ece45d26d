import type { Clock } from "../../lib/clock.ts";
import type { DialStore } from "../store/index.ts";

/** The one time by which calls are due: the store's where several processes dial on it, otherwise this process's own. */
export function storeNow(store: DialStore, clock: Clock): Promise<Date> {
  return store.now?.() ?? Promise.resolve(clock.now());
}
