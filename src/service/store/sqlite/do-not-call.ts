import { type DatabaseSync, inTransaction } from "../../../lib/sqlite.ts";
import type { BatchStore } from "../batch-store.ts";
import { text, whole } from "../columns.ts";
import { toDoNotCallEntry } from "../rows.ts";
import { jsonList } from "./json-list.ts";
import { limitOf } from "./pages.ts";

type DoNotCallStore = Pick<BatchStore, "addDoNotCall" | "removeDoNotCall" | "listDoNotCall" | "findDoNotCall">;

export function createDoNotCallStore(database: DatabaseSync): DoNotCallStore {
  const add = database.prepare(
    "INSERT INTO do_not_call (organization_id, phone_number, reason, added_at) VALUES (:organizationId, :number, :reason, :now) ON CONFLICT DO NOTHING",
  );
  const remove = database.prepare(
    "DELETE FROM do_not_call WHERE organization_id = :organizationId AND phone_number IN (SELECT value FROM json_each(:numbers))",
  );
  const page = database.prepare(
    "SELECT * FROM do_not_call WHERE organization_id = :organizationId ORDER BY added_at DESC, phone_number LIMIT :limit OFFSET :offset",
  );
  const count = database.prepare("SELECT COUNT(*) AS n FROM do_not_call WHERE organization_id = :organizationId");
  const find = createDoNotCallFinder(database);

  return {
    async addDoNotCall(organizationId, numbers, reason, now) {
      return inTransaction(database, () =>
        numbers.reduce((added, number) => {
          const { changes } = add.run({ organizationId, number, reason: reason ?? null, now: now.getTime() });
          return added + Number(changes);
        }, 0),
      );
    },
    async removeDoNotCall(organizationId, numbers) {
      return Number(remove.run({ organizationId, numbers: jsonList(numbers) }).changes);
    },
    async listDoNotCall(organizationId, query) {
      const rows = page.all({ organizationId, ...limitOf(query) });
      return { rows: rows.map(toDoNotCallEntry), totalCount: whole(count.get({ organizationId }) ?? {}, "n") };
    },
    async findDoNotCall(organizationId, numbers) {
      return find(organizationId, numbers);
    },
  };
}

/** Finds those of the numbers that are on the list of the organization. */
export function createDoNotCallFinder(
  database: DatabaseSync,
): (organizationId: string, numbers: readonly string[]) => ReadonlySet<string> {
  const find = database.prepare(
    "SELECT phone_number FROM do_not_call WHERE organization_id = :organizationId AND phone_number IN (SELECT value FROM json_each(:numbers))",
  );
  return (organizationId, numbers) => {
    const rows = find.all({ organizationId, numbers: jsonList(numbers) });
    return new Set(rows.map((row) => text(row, "phone_number")));
  };
}
