import type { BatchStore } from "./batch-store.ts";
import type { DialStore } from "./dial-store.ts";
import type { EventOutbox } from "./event-outbox.ts";
import type { SendLedger } from "./send-ledger.ts";

/** The whole store. Two implementations are held to one contract test suite. */
export type Store = BatchStore &
  DialStore & {
    readonly sends: SendLedger;
    readonly events: EventOutbox;
    /** The version of the schema that the database has now. Rejects when it cannot be asked. */
    schemaVersion(): Promise<number>;
    /** The version that this program works with. */
    readonly knownSchemaVersion: number;
    close(): Promise<void>;
  };

/**
 * The database cannot be asked at this moment: it is away, starts, or cut the connection. Whether a change that was under
 * way was made is not known.
 */
export class StoreUnavailable extends Error {
  /** The driver's or the server's short name for it. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "StoreUnavailable";
    this.code = code;
  }
}
