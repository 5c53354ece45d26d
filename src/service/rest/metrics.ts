import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { outcomes } from "../../domain/batch/batch.ts";
import { nextAttemptAt } from "../../domain/time/recipient-hours.ts";
import { type DialObserver, type NoticeFate, noticeFates } from "../dialing/index.ts";
import type { Claim, EventCounts, Store } from "../store/index.ts";

/** What is counted at the moment of asking. */
export type MetricsFigures = {
  readonly inFlight: number;
  readonly queue: Readonly<Record<QueueState, number>>;
  readonly events: EventCounts;
  readonly now: Date;
};

/** What this process did since it started. Labels are fixed words: no number, name or id is in them. */
export type Metrics = DialObserver & {
  /** A provider sent a notice of a call. */
  noticed(fate: NoticeFate): void;
  /** A webhook URL was told of an event, or was not. */
  told(result: (typeof tellings)[number]): void;
  /** Prometheus text format. */
  render(figures: MetricsFigures): Promise<string>;
  readonly contentType: string;
};

const latenessBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600];

const tellings = ["delivered", "failed", "given_up"] as const;

/** Which of our processes it is, on every series. */
export type ProcessName = "service" | "worker";

export function createMetrics(process: ProcessName): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  const registers = [registry];
  const attempts = new Counter({
    name: "batch_call_attempts_total",
    help: "Attempts that ended, by outcome. unknown: the carrier could not tell; one of which it tells later is counted again.",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of [...outcomes, "unknown"]) attempts.inc({ outcome }, 0);
  const notices = new Counter({
    name: "batch_call_notices_total",
    help: "Notices of calls that a provider sent, and reports of a bridge, by what became of them. Only recorded changed something.",
    labelNames: ["fate"],
    registers,
  });
  for (const fate of noticeFates) notices.inc({ fate }, 0);
  const lateness = new Histogram({
    name: "batch_call_dial_lateness_seconds",
    help: "From the time an attempt was due (and its batch might dial) to its dial. Waiting for a free line is part of it.",
    buckets: latenessBuckets,
    registers,
  });
  const queue = new Gauge({
    name: "batch_call_queue",
    help: "Recipients of batches that run: waiting, scheduled (the batch starts later), paused, calling.",
    labelNames: ["state"],
    registers,
  });
  const inFlight = new Gauge({
    name: "batch_call_in_flight",
    help: "Attempts that this process has in hand, from the claim to the outcome.",
    registers,
  });
  const told = new Counter({
    name: "batch_call_webhook_tries_total",
    help: "Tries to tell a webhook URL of an event. given_up: the last one failed too, after three days.",
    labelNames: ["result"],
    registers,
  });
  for (const result of tellings) told.inc({ result }, 0);
  const events = new Gauge({
    name: "batch_call_webhook_events",
    help: "Events for webhook URLs: waiting, and parked (given up within the last 30 days), whichever process tells them.",
    labelNames: ["state"],
    registers,
  });
  const oldest = new Gauge({
    name: "batch_call_webhook_oldest_waiting_seconds",
    help: "Age of the event that has waited longest to be told; 0 when none waits.",
    registers,
  });
  addProcessMetrics(registers);

  return {
    contentType: registry.contentType,
    started(claim, at) {
      lateness.observe(Math.max(0, at.getTime() - dueAt(claim).getTime()) / 1000);
    },
    ended(outcome) {
      attempts.inc({ outcome });
    },
    noticed(fate) {
      notices.inc({ fate });
    },
    told(result) {
      told.inc({ result });
    },
    async render(figures) {
      for (const [state, recipients] of Object.entries(figures.queue)) queue.set({ state }, recipients);
      inFlight.set(figures.inFlight);
      events.set({ state: "waiting" }, figures.events.waiting);
      events.set({ state: "parked" }, figures.events.parked);
      const { oldestWaitingAt = figures.now } = figures.events;
      oldest.set(Math.max(0, figures.now.getTime() - oldestWaitingAt.getTime()) / 1000);
      return registry.metrics();
    },
  };
}

function dueAt({ attempt, task, batch }: Claim): Date {
  const wantedAt = task.dueAt ?? batch.startedAt ?? attempt.claimedAt;
  const at = nextAttemptAt(
    wantedAt,
    { ...task, toNumber: attempt.toNumber, isSecond: task.fallbackAfter !== undefined },
    batch,
  );
  return at === "never" ? wantedAt : at;
}

function addProcessMetrics(registers: Registry[]): void {
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory size in bytes.",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: "process_cpu_seconds_total",
    help: "User and system CPU time spent, in seconds.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.set((user + system) / 1e6);
    },
  });
}

/** `waiting` for a line, a time or a retry; `scheduled`: the batch starts later; `paused`: a person has to let it go on. */
export type QueueState = "waiting" | "scheduled" | "paused" | "calling";

/** Recipients who are not through yet, of every batch that runs, whichever organization it is of. */
export async function countQueue(store: Store, now: Date): Promise<Record<QueueState, number>> {
  const running = await store.runningBatches();
  const facts = await store.facts(
    running.map(({ id }) => id),
    now,
  );
  const figures: Record<QueueState, number> = { waiting: 0, scheduled: 0, paused: 0, calling: 0 };
  for (const { id, status, isPaused } of running) {
    const { pending = 0, calling = 0 } = facts.get(id)?.counts ?? {};
    figures.calling += calling;
    if (isPaused) figures.paused += pending;
    else figures[status === "scheduled" ? "scheduled" : "waiting"] += pending;
  }
  return figures;
}
