import { openDatabase } from "../../lib/sqlite.ts";
import type { EventCounts } from "./event-outbox.ts";
import { sqlite } from "./shared/dialect.ts";
import { createEventCounts } from "./shared/outbox.ts";
import { createSqliteRunner } from "./sqlite/run-work.ts";

/** Counts the events in the file of a store, beside the process that uses it; undefined where it is older than there are events. */
export async function lookAtEvents(path: string): Promise<EventCounts | undefined> {
  const database = openDatabase(path);
  try {
    const isThere = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'event_messages'").get() !== undefined;
    return isThere ? await createEventCounts(createSqliteRunner(database), sqlite)() : undefined;
  } finally {
    database.close();
  }
}
