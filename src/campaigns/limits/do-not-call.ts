import type { BatchCallApi } from "../../client/api.ts";
import type { DoNotCallReading } from "../../contract/do-not-call.ts";
import { present } from "../../contract/fields.ts";
import type { Page, PageRequest } from "../../contract/paging.ts";
import type { DoNotCallEntry, DoNotCallFacts, NewDoNotCallEntry } from "../../contract/records.ts";
import { Problem } from "../../domain/problem.ts";
import type { Clock } from "../../lib/clock.ts";
import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";

/** Numbers that are never called: the upstream's list where it keeps one, else a list beside the ledger. */
export type DoNotCallList = {
  /** Those of the numbers that are on the list. */
  find(numbers: readonly string[]): Promise<ReadonlySet<string>>;
  /** The same with what is known of each. */
  read(numbers: readonly string[]): Promise<readonly DoNotCallReading[]>;
  list(page: PageRequest): Promise<Page<DoNotCallReading>>;
  /** What was said of a number first stays. Returns how many were new. */
  add(entries: readonly NewDoNotCallEntry[]): Promise<number>;
  /** Returns how many were there. */
  remove(numbers: readonly string[]): Promise<number>;
};

type Parts = {
  readonly api: BatchCallApi;
  readonly database: DatabaseSync;
  readonly account: () => Promise<string>;
  readonly clock: Clock;
};

export function buildDoNotCallList({ api, database, account, clock }: Parts): DoNotCallList {
  const upstream = upstreamList(api);
  const own = ownList(database, account, clock);
  let usesOwn = false;

  const ask = async <T>(question: (list: DoNotCallList) => Promise<T>): Promise<T> => {
    if (usesOwn) return question(own);
    try {
      return await question(upstream);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "unsupported") throw error;
      usesOwn = true;
      return question(own);
    }
  };

  return {
    find: (numbers) => ask((list) => list.find(numbers)),
    read: (numbers) => ask((list) => list.read(numbers)),
    list: (page) => ask((list) => list.list(page)),
    add: (entries) => ask((list) => list.add(entries)),
    remove: (numbers) => ask((list) => list.remove(numbers)),
  };
}

/** Whether the number is on the list beside the ledger of any account. */
export function isOnOwnList(database: DatabaseSync, number: string): boolean {
  return database.prepare("SELECT 1 FROM do_not_call WHERE phone_number = ? LIMIT 1").get(number) !== undefined;
}

function upstreamList(api: BatchCallApi): DoNotCallList {
  return {
    find: (numbers) => api.findDoNotCall(numbers),
    read: (numbers) => api.readDoNotCall(numbers),
    list: (page) => api.listDoNotCall(page),
    add: (entries) => api.addDoNotCall(entries),
    remove: (numbers) => api.removeDoNotCall(numbers),
  };
}

function ownList(database: DatabaseSync, account: () => Promise<string>, clock: Clock): DoNotCallList {
  const some = database.prepare(
    "SELECT * FROM do_not_call WHERE account = ? AND phone_number IN (SELECT value FROM json_each(?)) ORDER BY phone_number",
  );
  const count = database.prepare("SELECT count(*) AS total FROM do_not_call WHERE account = ?");
  const page = database.prepare(
    "SELECT * FROM do_not_call WHERE account = ? ORDER BY added_at DESC, phone_number LIMIT ? OFFSET ?",
  );
  const pageAfter = database.prepare(
    `SELECT * FROM do_not_call WHERE account = ? AND (added_at < ? OR (added_at = ? AND phone_number > ?))
     ORDER BY added_at DESC, phone_number LIMIT ?`,
  );
  const add = database.prepare(
    `INSERT INTO do_not_call (account, phone_number, reason, requested_by, requested_at, added_by, added_at)
     VALUES (:account, :number, :reason, :requestedBy, :requestedAt, :addedBy, :addedAt) ON CONFLICT DO NOTHING`,
  );
  const say = database.prepare(
    `UPDATE do_not_call SET reason = :reason, requested_by = :requestedBy, requested_at = :requestedAt
     WHERE account = :account AND phone_number = :number AND reason IS NULL AND requested_by IS NULL AND requested_at IS NULL`,
  );
  const remove = database.prepare("DELETE FROM do_not_call WHERE account = ? AND phone_number = ?");
  const sum = <T>(items: readonly T[], change: (item: T) => number): number =>
    inTransaction(database, () => items.reduce((total, item) => total + change(item), 0));
  const read = async (numbers: readonly string[]): Promise<readonly DoNotCallEntry[]> =>
    some.all(await account(), JSON.stringify(numbers)).map(toEntry);

  return {
    read,
    async find(numbers) {
      return new Set((await read(numbers)).map(({ phoneNumber }) => phoneNumber));
    },
    async list({ page: index, limit, cursor }) {
      const owner = await account();
      const totalCount = Number(count.get(owner)?.["total"]);
      const place = fromCursor(cursor);
      const found = place
        ? pageAfter.all(owner, place.at, place.at, place.number, limit + 1)
        : page.all(owner, limit + 1, index * limit);
      const rows = found.slice(0, limit).map(toEntry);
      const last = rows.at(-1);
      const hasMore = found.length > limit;
      return { rows, totalCount, hasMore, ...(hasMore && last && { nextCursor: toCursor(last) }) };
    },
    async add(entries) {
      const owner = await account();
      const addedAt = clock.now().getTime();
      return sum(entries, (entry) => {
        const said = { account: owner, number: entry.phoneNumber, ...toFactColumns(entry) };
        const isNew = add.run({ ...said, addedBy: entry.addedBy ?? null, addedAt }).changes;
        if (!isNew) say.run(said);
        return Number(isNew);
      });
    },
    async remove(numbers) {
      const owner = await account();
      return sum(numbers, (number) => Number(remove.run(owner, number).changes));
    },
  };
}

/** The place of an entry in the list: nobody is passed over by those who come or go meanwhile. */
function toCursor({ addedAt, phoneNumber }: DoNotCallEntry): string {
  return Buffer.from(`${addedAt.getTime()} ${phoneNumber}`).toString("base64url");
}

/** Undefined for none, and for what is none of ours: then the page is counted. */
function fromCursor(cursor: string | undefined) {
  const [, at, number] = /^(\d{1,16}) (\+\d{1,20})$/.exec(Buffer.from(cursor ?? "", "base64url").toString()) ?? [];
  return at !== undefined && number !== undefined ? { at: Number(at), number } : undefined;
}

function toFactColumns({ reason, requestedBy, requestedAt }: DoNotCallFacts) {
  return { reason: reason ?? null, requestedBy: requestedBy ?? null, requestedAt: requestedAt ?? null };
}

function toEntry(row: Record<string, unknown>): DoNotCallEntry {
  const told = (column: string) => (row[column] === null ? undefined : String(row[column]));
  return {
    phoneNumber: String(row["phone_number"]),
    addedAt: new Date(Number(row["added_at"])),
    ...present({
      reason: told("reason"),
      requestedBy: told("requested_by"),
      requestedAt: told("requested_at"),
      addedBy: told("added_by"),
    }),
  };
}
