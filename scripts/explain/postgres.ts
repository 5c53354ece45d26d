import { z } from "zod";
import type { PgValue, Sql, SqlSession } from "../../src/service/store/postgres/sql.ts";
import { openPostgresStore } from "../../src/service/store/postgres/store.ts";
import { createDatabase } from "../../test/support/process/postgres.ts";
import { dialSome, fill } from "./dialing-path.ts";
import { type SeenStatements, seenAs } from "./seen-statements.ts";

/** A statement is looked at when it comes first, and for this time. */
const lookedAt = 3;

/** The statements that dial on a database with so many tasks. Their cost is the blocks of 8 kB that one reads for each row that it is about. */
export async function explainPostgres(seen: SeenStatements, tasks: number, serverUrl: string): Promise<void> {
  const database = await createDatabase(serverUrl);
  try {
    const sql = await database.connect();
    await fill(await openPostgresStore(sql, "filler"), tasks);
    await sql.script("VACUUM ANALYZE");
    const watched: Watched = { seen: new Map(), looks: new Map() };
    const store = await openPostgresStore(explaining(sql, watched), "explainer");
    // What it takes to open a store is not what it takes to dial.
    Object.assign(watched, { seen, looks: new Map() });
    await dialSome(store);
    await store.close();
  } finally {
    await database.drop();
  }
}

/** How often each statement came, and what was seen of it. */
type Watched = { seen: SeenStatements; looks: Map<string, number> };

/** Each statement is explained within the transaction that it is of, right before it runs, and that run is undone. */
function explaining(sql: Sql, watched: Watched): Sql {
  const inTransaction = (session: SqlSession): SqlSession => ({
    ...session,
    async query(text, values) {
      const { seen, looks } = watched;
      const times = (looks.get(text) ?? 0) + 1;
      looks.set(text, times);
      if (times === 1 || times === lookedAt) note(seen, text, times, await explain(session, text, values));
      else seenAs(seen, text).times += 1;
      return session.query(text, values);
    },
  });
  return {
    ...sql,
    transaction: (work) => sql.transaction((session) => work(inTransaction(session))),
    query: (text, values) => sql.transaction((session) => inTransaction(session).query(text, values)),
  };
}

async function explain(session: SqlSession, text: string, values: readonly PgValue[] | undefined): Promise<Looked> {
  await session.script("SAVEPOINT explained");
  const [row] = await session.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
  await session.script("ROLLBACK TO explained");
  const [{ Plan: plan }] = explanation.parse(row?.["QUERY PLAN"]);
  const nodes = nodesOf(plan);
  // How many are asked for (a list of tokens) or found.
  const asked = nodes.filter((node) => node === plan || node["Node Type"] === "Function Scan");
  const rows = Math.max(1, ...asked.map((node) => node["Actual Rows"]));
  const ways = nodes.flatMap(({ "Node Type": kind, "Index Name": index, "Relation Name": table }) =>
    kind.includes("Scan") && (index ?? table) ? [`${kind} ${index ?? table}`] : [],
  );
  const blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
  return { plan: [...new Set(ways)].join("; "), blocks: blocks / rows };
}

type Looked = { readonly plan: string; readonly blocks: number };

const nodeSchema = z.object({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Index Name": z.string().optional(),
  "Actual Rows": z.number(),
  "Shared Hit Blocks": z.number(),
  "Shared Read Blocks": z.number(),
  get Plans() {
    return z.array(nodeSchema).optional();
  },
});
type PlanNode = z.infer<typeof nodeSchema>;
const explanation = z.tuple([z.object({ Plan: nodeSchema })]);

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function note(seen: SeenStatements, text: string, times: number, { plan, blocks }: Looked): void {
  const statement = seenAs(seen, text);
  statement.plan = plan;
  statement.times += 1;
  if (times === 1) statement.costs.push(blocks);
  // Rows that this run made and changed stay in the indexes until the server tidies them up.
  else statement.costs.push(Math.min(blocks, statement.costs.pop() ?? blocks));
}
