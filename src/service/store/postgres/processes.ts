import { z } from "zod";
import { instant, optional, text } from "../rows.ts";
import { leaseMs } from "../shared/dialect.ts";
import { serverClock } from "./dialing/moment.ts";
import type { SqlSession } from "./sql.ts";

const aboutSchema = z.object({
  version: z.string(),
  command: z.enum(["service", "worker"]),
  /** Settings that have to be the same everywhere, by their names. */
  limits: z.record(z.string(), z.string()),
  /** Of a service that reads its agents and caller ids from account.json. */
  account: z.object({ digest: z.string(), agents: z.array(z.string()), callerIds: z.number() }).optional(),
});

/** What a process on a shared store says of itself. */
export type AboutProcess = z.infer<typeof aboutSchema>;

/** A process whose lease lasts. */
export type LivingProcess = {
  /** Host, process and a number of its own. */
  readonly id: string;
  /** When it last renewed its lease. */
  readonly lastSignAt: Date;
  readonly startedAt?: Date;
  /** Absent for one of a version that says nothing of itself. */
  readonly about?: AboutProcess;
};

const forgottenAfterMs = 24 * 60 * 60 * 1000;

/** Notes what the process says of itself, for as long as its lease lasts, and forgets those that are long gone. */
export async function introduceProcess(session: SqlSession, id: string, about: AboutProcess): Promise<void> {
  const now = (await serverClock(session, new Date(0))).getTime();
  await session.query("INSERT INTO batch_call.processes (id, about_json, started_at) VALUES ($1, $2, $3)", [
    id,
    JSON.stringify(about),
    now,
  ]);
  await session.query(
    `DELETE FROM batch_call.processes WHERE started_at < $1
       AND NOT EXISTS (SELECT 1 FROM batch_call.workers WHERE workers.id = processes.id AND lease_until > $2)`,
    [now - forgottenAfterMs, now],
  );
  await session.query(
    `DELETE FROM batch_call.workers WHERE lease_until < $1
       AND NOT EXISTS (SELECT 1 FROM batch_call.attempts WHERE owner = workers.id AND state <> 'ended')`,
    [now - forgottenAfterMs],
  );
}

/** The processes that dial on this store now, by their start. `hasWord` is false where the schema is older than what they say of themselves. */
export async function livingProcesses(session: SqlSession, hasWord = true): Promise<readonly LivingProcess[]> {
  const now = await serverClock(session, new Date(0));
  const rows = await session.query(
    hasWord
      ? `SELECT workers.id, lease_until, about_json, started_at FROM batch_call.workers
         LEFT JOIN batch_call.processes ON processes.id = workers.id WHERE lease_until > $1 ORDER BY started_at, workers.id`
      : "SELECT id, lease_until, NULL AS about_json, NULL AS started_at FROM batch_call.workers WHERE lease_until > $1 ORDER BY id",
    [now.getTime()],
  );
  return rows.map((row) => {
    const about = optional(row, "about_json", text);
    const read = about === undefined ? undefined : aboutSchema.safeParse(JSON.parse(about));
    const startedAt = optional(row, "started_at", instant);
    return {
      id: text(row, "id"),
      lastSignAt: new Date(instant(row, "lease_until").getTime() - leaseMs),
      ...(startedAt && { startedAt }),
      ...(read?.success && { about: read.data }),
    };
  });
}

/** What of this process is not as it is in another: a sentence each. */
export function differencesFrom(about: AboutProcess, others: readonly LivingProcess[]): readonly string[] {
  return others.flatMap(({ id, about: other }) =>
    other ? [...limitsThatDiffer(about, id, other), ...accountsThatDiffer(about, id, other)] : [],
  );
}

function limitsThatDiffer({ limits }: AboutProcess, id: string, other: AboutProcess): readonly string[] {
  return Object.entries(limits).flatMap(([name, value]) => {
    const theirs = other.limits[name];
    return theirs === undefined || theirs === value ? [] : [`${name} is ${value} here, and ${theirs} in ${id}.`];
  });
}

function accountsThatDiffer(
  { account }: AboutProcess,
  id: string,
  { account: theirs }: AboutProcess,
): readonly string[] {
  if (!account || !theirs || account.digest === theirs.digest) return [];
  const only = (ones: readonly string[], others: readonly string[]): string =>
    ones.filter((one) => !others.includes(one)).join(", ") || "none";
  return [
    `account.json here is not that of ${id}: agents only here: ${only(account.agents, theirs.agents)}; only there: ${only(theirs.agents, account.agents)}; caller ids: ${account.callerIds} here, ${theirs.callerIds} there.`,
  ];
}
