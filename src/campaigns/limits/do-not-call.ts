import type { BatchCallApi } from "../../client/api.ts";
import type { DoNotCallReading } from "../../contract/do-not-call.ts";
import type { Page, PageRequest } from "../../contract/paging.ts";
import type { DoNotCallEntry } from "../../contract/records.ts";
import { Problem } from "../../domain/problem.ts";
import type { Clock } from "../../lib/clock.ts";
import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";

/** Numbers that are never called: the upstream's list where it keeps one, else a list beside the ledger. */
export type DoNotCallList = {
  /** Those of the numbers that are on the list. */
  find(numbers: readonly string[]): Promise<ReadonlySet<string>>;
  list(page: PageRequest): Promise<Page<DoNotCallReading>>;
  /** Returns how many were new. */
  add(numbers: readonly string[], reason: string | undefined): Promise<number>;
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
    list: (page) => ask((list) => list.list(page)),
    add: (numbers, reason) => ask((list) => list.add(numbers, reason)),
    remove: (numbers) => ask((list) => list.remove(numbers)),
  };
}

function upstreamList(api: BatchCallApi): DoNotCallList {
  return {
    find: (numbers) => api.findDoNotCall(numbers),
    list: (page) => api.listDoNotCall(page),
    add: (numbers, reason) => api.addDoNotCall(numbers, reason),
    remove: (numbers) => api.removeDoNotCall(numbers),
  };
}

function ownList(database: DatabaseSync, account: () => Promise<string>, clock: Clock): DoNotCallList {
  const find = database.prepare(
    "SELECT phone_number FROM do_not_call WHERE account = ? AND phone_number IN (SELECT value FROM json_each(?))",
  );
  const count = database.prepare("SELECT count(*) AS total FROM do_not_call WHERE account = ?");
  const page = database.prepare(
    "SELECT phone_number, reason, added_at FROM do_not_call WHERE account = ? ORDER BY added_at DESC, phone_number LIMIT ? OFFSET ?",
  );
  const add = database.prepare(
    "INSERT INTO do_not_call (account, phone_number, reason, added_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const remove = database.prepare("DELETE FROM do_not_call WHERE account = ? AND phone_number = ?");
  const sum = (numbers: readonly string[], change: (number: string) => number): number =>
    inTransaction(database, () => numbers.reduce((total, number) => total + change(number), 0));

  return {
    async find(numbers) {
      const rows = find.all(await account(), JSON.stringify(numbers));
      return new Set(rows.map((row) => String(row["phone_number"])));
    },
    async list({ page: index, limit }) {
      const owner = await account();
      const totalCount = Number(count.get(owner)?.["total"]);
      const rows = page.all(owner, limit, index * limit).map(toEntry);
      return { rows, totalCount, hasMore: (index + 1) * limit < totalCount };
    },
    async add(numbers, reason) {
      const owner = await account();
      const addedAt = clock.now().getTime();
      return sum(numbers, (number) => Number(add.run(owner, number, reason ?? null, addedAt).changes));
    },
    async remove(numbers) {
      const owner = await account();
      return sum(numbers, (number) => Number(remove.run(owner, number).changes));
    },
  };
}

function toEntry(row: Record<string, unknown>): DoNotCallEntry {
  return {
    phoneNumber: String(row["phone_number"]),
    addedAt: new Date(Number(row["added_at"])),
    ...(row["reason"] !== null && { reason: String(row["reason"]) }),
  };
}
