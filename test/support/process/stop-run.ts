import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import type { Secret } from "../../../src/domain/secret.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { openPool } from "../../../src/service/store/postgres/pool.ts";
import type { Sql } from "../../../src/service/store/postgres/sql.ts";
import { optional, text, whole } from "../../../src/service/store/rows.ts";
import { numberOf } from "../dialing/dialing-world.ts";
import { waitUntil } from "../wait-until.ts";
import { askService } from "./ask-service.ts";
import { type Machine, startMachines } from "./machines.ts";

/** How a stop was given, and what the carrier's ledger says of the calls after it. */
export type StopRound = {
  readonly how: string;
  /** From the command to its answer. */
  readonly answeredAfterMs: number;
  /** From the command to the switch in the database, which a program that has to be loaded sets; absent for a pause. */
  readonly switchedAfterMs?: number;
  /** From the switch to the last dial that began; 0 when none did. */
  readonly lastDialAfterSwitchMs?: number;
  /** From the command to the last dial that began; 0 when none did. */
  readonly lastDialAfterMs: number;
  readonly dialsAfterAnswer: number;
  /** Machines that dialed in the second before it. */
  readonly machinesDialing: number;
  /** Calls per second in the second before it. */
  readonly callsPerSecond: number;
};

export const stopRunSettings = {
  BATCH_CALL_SERVICE_PORT: "0",
  BATCH_CALL_SIMULATED_SPEED: "10",
  BATCH_CALL_MAX_CONCURRENT: "1000",
  BATCH_CALL_STARTS_PER_SECOND: "15",
  BATCH_CALL_LOG_LEVEL: "warn",
};

const callerIds = ["+14155550100", "+12125550142", "+442079460018", "+14157774444"];
const recipientsPerBatch = 90;
/** What would still come after a stop comes within it. */
const watchMs = 2_500;

const created = z.object({ batch_call_id: z.string() });

/**
 * Several machines dial on one database, and somebody says stop on one of them: in turn with `stop-all` on each machine, with
 * `PUT /stop` at each service, and with a pause of every batch at the service that did not create them.
 */
export async function stopRun(setup: {
  readonly machines: readonly Machine[];
  readonly services: number;
  readonly databaseUrl: Secret;
}): Promise<readonly StopRound[]> {
  const { machines, services, databaseUrl } = setup;
  const running = await startMachines(machines, services);
  const sql = await openPool(databaseUrl, silentLog);
  const rounds: StopRound[] = [];
  let nextRecipient = 1;

  function at(n: number): { machine: Machine; url: string } {
    const [machine, program] = [machines[n], running[n]];
    if (!machine || !program?.url) throw new Error(`There is no service on machine ${n}`);
    return { machine, url: program.url };
  }

  async function createBatches(on: number): Promise<readonly string[]> {
    const { machine, url } = at(on);
    const ids: string[] = [];
    for (const fromNumber of callerIds) {
      const tasks = Array.from({ length: recipientsPerBatch }, (_, n) => ({ to_number: numberOf(nextRecipient + n) }));
      nextRecipient += recipientsPerBatch;
      const body = {
        name: "Stop run",
        from_number: fromNumber,
        agent_id: "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21",
        timezone: "America/New_York",
        send_now: true,
        tasks,
      };
      ids.push(created.parse(await askService(url, machine.dataDir, "/batch-call", body)).batch_call_id);
    }
    return ids;
  }

  async function round(how: string, createdOn: number, stop: (batchIds: readonly string[]) => Promise<unknown>) {
    const batchIds = await createBatches(createdOn);
    await waitUntil("dials of these batches", async () => (await dialsOf(sql, batchIds)).count > 20, 30_000);
    await setTimeout(1_000);
    const saidAt = Date.now();
    await stop(batchIds);
    const answeredAt = Date.now();
    const [row] = await sql.query("SELECT min(since) AS since FROM batch_call.kill_switches");
    const since = row && optional(row, "since", whole);
    await setTimeout(watchMs);
    const { last, after, machinesDialing, before } = await dialsOf(sql, batchIds, saidAt, answeredAt);
    rounds.push({
      how,
      answeredAfterMs: answeredAt - saidAt,
      lastDialAfterMs: Math.max(last - saidAt, 0),
      ...(since !== undefined && {
        switchedAfterMs: since - saidAt,
        lastDialAfterSwitchMs: Math.max(last - since, 0),
      }),
      dialsAfterAnswer: after,
      machinesDialing,
      callsPerSecond: before,
    });
  }

  async function command(machine: Machine, args: readonly string[]): Promise<void> {
    const program = machine.start(["stop-all", ...args]);
    const code = await program.exited;
    if (code !== 0)
      throw new Error(`stop-all ${args.join(" ")} ended with ${code}: ${program.stdout()}${program.stderr()}`);
  }

  try {
    for (const machine of machines) {
      await round(`stop-all on ${machine.name}`, 0, () => command(machine, []));
      await command(machine, ["--release"]);
    }
    for (let n = 0; n < services; n += 1) {
      const { machine, url } = at(n);
      const setStop = (stopped: boolean) => askService(url, machine.dataDir, "/stop", { stopped }, "PUT");
      await round(`PUT /stop on ${machine.name}`, (n + 1) % services, () => setStop(true));
      await setStop(false);
      const pauseAll = (ids: readonly string[]) =>
        Promise.all(ids.map((id) => askService(url, machine.dataDir, `/batch-call/${id}/pause`, undefined, "POST")));
      await round(`pause on ${machine.name}`, (n + 1) % services, pauseAll);
    }
    return rounds;
  } finally {
    await sql.close();
    await Promise.all(running.map(({ program }) => program.stop()));
  }
}

async function dialsOf(sql: Sql, batchIds: readonly string[], saidAt = Date.now(), answeredAt = saidAt) {
  const rows = await sql.query(
    `SELECT calls.started_at, attempts.owner FROM carrier.calls JOIN batch_call.attempts USING (token)
     WHERE batch_id = ANY($1::text[])`,
    [batchIds],
  );
  const dials = rows.map((row) => ({ at: whole(row, "started_at"), by: text(row, "owner") }));
  const before = dials.filter(({ at }) => at <= saidAt && at > saidAt - 1_000);
  return {
    count: dials.length,
    last: Math.max(0, ...dials.map(({ at }) => at)),
    after: dials.filter(({ at }) => at > answeredAt).length,
    before: before.length,
    machinesDialing: new Set(before.map(({ by }) => by)).size,
  };
}
