import type { BatchStore } from "./batch-store.ts";
import type { DialStore } from "./dial-store.ts";

/** The whole store. Two implementations are held to one contract test suite. */
export type Store = BatchStore & DialStore & { close(): Promise<void> };
