import { Problem } from "../domain/problem.ts";
import type { Secret } from "../domain/secret.ts";
import type { Log } from "../lib/log.ts";
import {
  openPool,
  readStopped,
  type Sql,
  settleKillSwitch,
  throwKillSwitch,
  untilNoneStarts,
} from "../service/store/index.ts";

/** What became of the switch in the database, in a line for the person who asked. */
export type SwitchedDatabase = { readonly isDone: boolean; readonly line: string };

/**
 * Stops the calls of everybody on that database. Imports little, because phones ring while a program loads. Never rejects. Once it has
 * resolved with `isDone`, no dial starts in any process.
 */
export function stopDatabase(url: Secret, log: Log): Promise<SwitchedDatabase> {
  return onDatabase(url, log, async (sql) => {
    await throwKillSwitch(sql);
    const [held] = await Promise.all([settleKillSwitch(sql, true, why), untilNoneStarts(sql)]);
    const batches =
      held === undefined ? "its batches are held at the release: another version wrote it" : `${held} batch(es) held`;
    return { isDone: true, line: `Stopped in the database, for every machine on it: ${batches}.` };
  });
}

/** `still`: whom a stop holds there that this release does not end. */
export type ReleasedDatabase = SwitchedDatabase & { readonly wasStopped?: boolean; readonly still?: readonly string[] };

/** Takes the switch off again; the batches stay held. Never rejects. */
export function releaseDatabase(url: Secret, log: Log): Promise<ReleasedDatabase> {
  return onDatabase<ReleasedDatabase>(url, log, async (sql) => {
    const before = await readStopped(sql);
    const held = await settleKillSwitch(sql, false, why);
    if (held === undefined) return { isDone: false, line: otherVersion, wasStopped: before.isEverybody };
    const { accounts } = await readStopped(sql);
    const still = accounts.map(
      (account) => `${account} in the database: its calls were stopped at a service, with the keys of that account`,
    );
    const line = before.isEverybody
      ? "Released in the database."
      : "In the database nothing was stopped for everybody.";
    return { isDone: true, line, wasStopped: before.isEverybody, still };
  });
}

async function onDatabase<T extends SwitchedDatabase>(
  url: Secret,
  log: Log,
  work: (sql: Sql) => Promise<T>,
): Promise<T | SwitchedDatabase> {
  let sql: Sql | undefined;
  try {
    sql = await openPool(url, log);
    return await work(sql);
  } catch (error) {
    const reason = error instanceof Problem ? error.message : String(error);
    return { isDone: false, line: `The database could not be told: ${reason} Run this command again.` };
  } finally {
    await sql?.close();
  }
}

const why = "All calls were stopped by the operator (stop-all). Resume the batch to go on after the release.";

const otherVersion =
  "The database was not released: another version of batch-call-mcp wrote it, and calls stay stopped. Release it with the version that runs there.";
