import { PGlite, types } from "@electric-sql/pglite";
import type { Sql, SqlSession } from "../../../src/service/store/postgres/sql.ts";

/** PostgreSQL inside this process, for one connection at a time. */
export async function openPglite(): Promise<Sql> {
  const database = await PGlite.create({ parsers: { [types.INT8]: Number } });
  return {
    ...toSession(database),
    transaction: (work) => database.transaction((transaction) => work(toSession(transaction))),
    listen(channel, onNotice) {
      const ending = database.listen(channel, onNotice);
      return async () => (await ending)();
    },
    close: () => database.close(),
  };
}

function toSession(database: Pick<PGlite, "query" | "exec">): SqlSession {
  return {
    query: async (text, values) => {
      const { rows } = await database.query<Record<string, unknown>>(text, values && [...values]);
      return rows;
    },
    async script(text) {
      await database.exec(text);
    },
  };
}
