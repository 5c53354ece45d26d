import type { Secret } from "../../../src/domain/secret.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { openPool } from "../../../src/service/store/postgres/pool.ts";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { whole } from "../../../src/service/store/rows.ts";
import { waitUntil } from "../wait-until.ts";
import { urlOf } from "./ask-service.ts";
import { createBatch, waitForEnd } from "./crash-run.ts";
import { type Machine, startMachines } from "./machines.ts";

export type RestartReport = {
  readonly recipients: number;
  readonly stopped: number;
  readonly killed: number;
  /** Recipients whom the carrier had not called when the last machine was up again. */
  readonly leftThen: number;
  readonly lost: number;
  readonly calledTwice: number;
  /** As a service counts them in the end. */
  readonly counts: Readonly<Record<string, number>>;
};

/**
 * Every machine is restarted in turn while all dial one list: first each is stopped in order, then each is killed. The first runs a
 * service, the others workers.
 */
export async function restartRun(setup: {
  readonly machines: readonly Machine[];
  readonly databaseUrl: Secret;
  readonly recipients: number;
}): Promise<RestartReport> {
  const { machines, databaseUrl, recipients } = setup;
  const running = (await startMachines(machines, 1)).map(({ program }) => program);
  const sql = await openPool(databaseUrl, silentLog);
  const called = async (): Promise<number> => {
    const [row = {}] = await sql.query("SELECT count(*) AS n FROM carrier.calls");
    return whole(row, "n");
  };
  const service = () => urlOf(running[0] ?? raise());
  const dataDir = machines[0]?.dataDir ?? raise();
  try {
    const batchId = await createBatch(await service(), dataDir, recipients);
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      for (const [n, machine] of machines.entries()) {
        const before = await called();
        await waitUntil("more calls", async () => (await called()) > before + 5, 60_000);
        await running[n]?.stop(signal);
        const again = machine.start([n === 0 ? "service" : "worker"]);
        running[n] = again;
        await again.answered(/service on|worker dials/);
      }
    }
    const leftThen = recipients - (await called());
    const { counts } = await waitForEnd(await service(), dataDir, batchId);
    const { length } = machines;
    return { recipients, stopped: length, killed: length, leftThen, ...(await judgeByLedger(sql, batchId)), counts };
  } finally {
    await sql.close();
    await Promise.all(running.map((program) => program.stop()));
  }
}

/** The carrier's own table against the list. */
export async function judgeByLedger(
  sql: Sql,
  batchId: string,
): Promise<{ readonly lost: number; readonly calledTwice: number }> {
  const [row = {}] = await sql.query(
    `SELECT count(*) FILTER (WHERE calls IS NULL) AS lost, count(*) FILTER (WHERE calls > 1 OR dials > 1) AS twice
     FROM batch_call.tasks LEFT JOIN (
       SELECT to_number, count(*) AS calls, max(dials) AS dials FROM carrier.calls GROUP BY to_number) AS called USING (to_number)
     WHERE batch_id = $1`,
    [batchId],
  );
  return { lost: whole(row, "lost"), calledTwice: whole(row, "twice") };
}

function raise(): never {
  throw new Error("At least one machine is needed");
}
