import type { RehearsalReport } from "../../contract/rehearsal.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { type AccountSource, createKeyring, type Organizations, toHashedKeys } from "../accounts/index.ts";
import { createSimulatedCarrier, openSimulatedLedger } from "../carriers/index.ts";
import type { ServiceSettings } from "../dialing/index.ts";
import { serve } from "../index.ts";
import { openSqliteStore, type Store } from "../store/index.ts";
import { goesOn, reportRehearsal } from "./rehearsal-report.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

export type RehearsalOptions = {
  readonly organizations: Organizations;
  /** Agents and caller ids; the simulated ones when absent. */
  readonly account?: AccountSource;
  /** Of the machine: the rehearsal begins at its time, and waits for people on it. */
  readonly clock: Clock;
  readonly settings: ServiceSettings;
  readonly seed: number;
  readonly log: Log;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Called whenever nobody is left to call, with the outcome of the first organization's batches. */
  readonly onOver: (report: RehearsalReport) => void;
  /** How long the virtual clock stands still when a batch joined, so that others can join it at the same time. */
  readonly joinMs?: number;
};

export type Rehearsal = {
  readonly url: string;
  /** Of the first organization. */
  report(): Promise<RehearsalReport>;
  stop(): Promise<void>;
};

/**
 * The service as it is, in memory, on a clock that jumps to the next thing that happens whenever there is nothing left to
 * do at this instant. It stands still while no batch runs. Calls are simulated, at the speed of life.
 */
export async function startRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const { organizations, settings, seed, log, host, port } = options;
  const startedAt = options.clock.now();
  const clock = createVirtualClock(startedAt);
  const store = openSqliteStore(":memory:");
  const carrier = createSimulatedCarrier({ ledger: openSimulatedLedger(":memory:"), clock, seed, speed: 1 });
  const reportTo = (organizationId: string) => reportRehearsal(store, organizationId, startedAt, clock.now());
  const keyring = createKeyring(organizations.map(toHashedKeys));
  const account = options.account && { account: options.account };
  const rehearsal = { reportTo };
  const service = await serve({ store, carrier, keyring, clock, settings, log, host, port, rehearsal, ...account });
  const report = () => reportTo(organizations[0].organizationId);
  const stopped = new AbortController();
  const driven = drive({ ...options, clock, realClock: options.clock, store, service, report, signal: stopped.signal });

  return {
    url: service.url,
    report,
    async stop() {
      stopped.abort();
      await driven;
      await service.stop();
    },
  };
}

type Driving = Pick<RehearsalOptions, "onOver" | "joinMs"> & {
  readonly clock: VirtualClock;
  readonly realClock: Clock;
  readonly store: Store;
  readonly service: { idle(): Promise<void> };
  report(): Promise<RehearsalReport>;
  readonly signal: AbortSignal;
};

const lookMs = 50;

async function drive(driving: Driving): Promise<void> {
  const { clock, realClock, store, service, report, signal, onOver, joinMs = 1000 } = driving;
  let known: ReadonlySet<string> = new Set();
  while (!signal.aborted) {
    await service.idle();
    const running = (await store.runningBatches()).filter(goesOn).map(({ id }) => id);
    const hasJoined = running.some((id) => !known.has(id));
    if (running.length === 0 && known.size > 0) onOver(await report());
    known = new Set(running);
    if (hasJoined) await sleep(realClock, joinMs, signal);
    else if (running.length === 0 || !clock.jump()) await sleep(realClock, lookMs, signal);
  }
}
